//! Names that begin with a secret's word, or have one in the middle: `PASS_FOR_DB`, `DB_PW_OLD`, `PASSWORD_OF_THE_DB`.

use memchr::memchr2_iter;

use super::{NAMES, ends_in_word, ends_with, has_ending, unnumbered};

/// Longer names are not read part by part.
const LONGEST: usize = 128;

/// Whole words of [`super::WORDS`] and ends of [`super::MASKED`] that a name may go on after. The others mostly stand before a
/// setting: `AUTH_MODE`, `COOKIE_DOMAIN`.
pub(super) const WORDS: [&str; 2] = ["PW", "CREDS"];
const ENDS: [&str; 10] = [
    "ACCESS_KEY",
    "KENNWORT",
    "LICENSE_KEY",
    "MASTER_KEY",
    "PASSCODE",
    "PASSWORT",
    "PASSWRD",
    "PSWD",
    "SESSION_KEY",
    "SHARED_KEY",
];

/// Words after which a name is that of something about a secret: `TOKEN_URL`, `SECRET_KEY_ID`.
const ABOUT: [&str; 129] = [
    "ACCESSOR",
    "ADDR",
    "ADDRESS",
    "AGE",
    "ALG",
    "ALGORITHM",
    "ALIAS",
    "ATTEMPTS",
    "AUDIENCE",
    "BACKEND",
    "BITS",
    "BUCKET",
    "BURST",
    "CACHE",
    "CHAR",
    "CHARS",
    "CHECK",
    "CLASS",
    "CLEANUP",
    "CONTEXT",
    "COST",
    "COUNT",
    "DIR",
    "DIRECTORY",
    "DISABLED",
    "DOMAIN",
    "EMAIL",
    "ENABLE",
    "ENABLED",
    "ENCODER",
    "ENCODING",
    "ENDPOINT",
    "ENGINE",
    "ENV",
    "EVENTS",
    "EXPIRATION",
    "EXPIRE",
    "EXPIRED",
    "EXPIRES",
    "EXPIRY",
    "FIELD",
    "FILE",
    "FILENAME",
    "FORMAT",
    "GRANT",
    "GROUP",
    "HEADER",
    "HISTORY",
    "HOST",
    "HOSTS",
    "ID",
    "INTERVAL",
    "ISSUER",
    "ITERATIONS",
    "KEYS",
    "KEYSTORE",
    "KIND",
    "LABEL",
    "LEN",
    "LENGTH",
    "LIFETIME",
    "LIMIT",
    "LOCATION",
    "MANAGER",
    "MAX",
    "METHOD",
    "MIN",
    "MODE",
    "MOUNT",
    "NAME",
    "NAMESPACE",
    "PARAM",
    "PATH",
    "PATTERN",
    "PERIOD",
    "PLUGIN",
    "POLICY",
    "PORT",
    "PREFIX",
    "PROPERTIES",
    "PROPERTY",
    "PROVIDER",
    "RATE",
    "REALM",
    "REF",
    "REFERENCE",
    "REGEX",
    "REGION",
    "REQUIRE",
    "REQUIRED",
    "REQUIREMENTS",
    "RESET",
    "RETRIES",
    "REVIEW",
    "REVIEWER",
    "RING",
    "ROLE",
    "ROLES",
    "ROTATION",
    "ROUNDS",
    "RULE",
    "SCOPE",
    "SECONDS",
    "SERVER",
    "SERVICE",
    "SERVLET",
    "SIZE",
    "SOURCE",
    "STATUS",
    "STDIN",
    "STORE",
    "STRENGTH",
    "SUFFIX",
    "TABLE",
    "THROUGH",
    "TIMEOUT",
    "TRUSTSTORE",
    "TTL",
    "TYPE",
    "URI",
    "URL",
    "URLS",
    "USER",
    "USERNAME",
    "VALIDATION",
    "VALIDATOR",
    "VALIDITY",
    "VAR",
    "VERSION",
];

/// Whether a secret's word is in the name before its end, and the rest does not say that it is about a secret.
pub(super) fn goes_on(name: &str) -> bool {
    if name.len() > LONGEST || name.len() < 4 {
        return false;
    }
    if has_password(name) {
        return true;
    }
    let bytes = name.as_bytes();
    (1..bytes.len()).filter(|at| is_boundary(bytes, *at)).any(|at| {
        let head = unnumbered(&name[..at]);
        names_secret(head) && !is_about(&name[at..])
    })
}

/// Whether a part of a name ends before this byte: at a separator, or at a capital after a small letter.
fn is_boundary(name: &[u8], at: usize) -> bool {
    let (last, next) = (name[at - 1], name[at]);
    last.is_ascii_alphanumeric()
        && (matches!(next, b'_' | b'-' | b'.') || (last.is_ascii_lowercase() && next.is_ascii_uppercase()))
}

fn names_secret(head: &[u8]) -> bool {
    has_ending(head)
        && (NAMES.iter().chain(&ENDS).any(|word| ends_with(head, word.as_bytes()).is_some())
            || WORDS.iter().any(|word| ends_in_word(head, word)))
        && !super::OTHERS.iter().any(|word| ends_with(head, word.as_bytes()).is_some())
}

/// Whether what follows the word says that the value is something about a secret. `PASS_FOR_HOST` is the secret itself.
fn is_about(rest: &str) -> bool {
    const FOR: [&str; 2] = ["FOR", "OF"];
    let mut parts = rest.split(['_', '-', '.']).filter(|part| !part.is_empty());
    let is = |part: &str, words: &[&str]| words.iter().any(|word| part.eq_ignore_ascii_case(word));
    let last_word = |part: &str| {
        // `tokenEndpointUrl`: the words of a part begin with capitals.
        part.rfind(|c: char| c.is_ascii_uppercase()).unwrap_or(0)
    };
    let first = parts.clone().next().unwrap_or_default();
    !is(first, &FOR)
        && parts.any(|part| {
            let whole = part.trim_end_matches(|c: char| c.is_ascii_digit());
            is(whole, &ABOUT) || is(&whole[last_word(whole)..], &ABOUT)
        })
}

/// Whether the name has a word for a password, whole or not: `DBPASSWORDS_OLD`. Only the end tells that it is about one.
fn has_password(name: &str) -> bool {
    // All of these words begin so, and few names have it.
    let bytes = name.as_bytes();
    let has_pass = |at: usize| bytes.get(at..at + 4).is_some_and(|part| part.eq_ignore_ascii_case(b"PASS"));
    if name.len() < 8 || !memchr2_iter(b'P', b'p', bytes).any(has_pass) {
        return false;
    }
    let name = name.to_ascii_uppercase();
    let has_word = ["PASSWORD", "PASSWD", "PASSPHRASE"].iter().any(|word| name.contains(word));
    let is_about = |word: &&str| ends_with(name.as_bytes(), word.as_bytes()).is_some();
    has_word && !name.starts_with("OLDPWD") && !ABOUT.iter().any(is_about)
}
