//! Names of secrets, and values that are not secrets whatever their names are.

use std::ops::Range;

use memchr::{memchr, memchr_iter};

use super::endings::Endings;
use super::uri::hidden_part;

mod middle;

use middle::goes_on;

/// Ends of the names of secrets, in capitals; `_` matches any separator, or none.
const NAMES: [&str; 20] = [
    "PASSWORD",
    "PASSWD",
    "PASS_PHRASE",
    "PASS",
    "PWD",
    "BIND_PW",
    "ROOT_PW",
    "ADMIN_PW",
    "DB_PW",
    "SECRET",
    "TOKEN",
    "APIKEY",
    "API_KEY",
    "SECRET_KEY",
    "SECRET_ACCESS_KEY",
    "PRIVATE_KEY",
    "ENCRYPTION_KEY",
    "ACCOUNT_KEY",
    "SIGNING_KEY",
    "CREDENTIALS",
];
/// As [`NAMES`], but only as a whole word: `DB_PW`, `dbPw`.
const WORDS: [&str; 4] = ["PW", "CREDS", "SALT", "AUTH"];
/// Names with such an end that are not secrets: tokens of Cassandra and etcd, directories of a shell, other words.
const OTHERS: [&str; 12] = [
    "INITIAL_TOKEN",
    "CLUSTER_TOKEN",
    "OLDPWD",
    "INIT_PWD",
    "COMPASS",
    "BYPASS",
    "SURPASS",
    "OVERPASS",
    "UNDERPASS",
    "HIGHPASS",
    "LOWPASS",
    "BANDPASS",
];
/// Names of users with their passwords, or of the hashes of these: labels of Traefik and `HAProxy`.
const USERS: [&str; 3] = ["AUTH_USERS", "AUTH_BASIC", "AUTH_DIGEST"];

/// A name without the number at its end.
pub(super) fn unnumbered(name: &str) -> &[u8] {
    let name = name.as_bytes();
    let last = name.iter().rposition(|byte| !byte.is_ascii_digit() && *byte != b'_');
    &name[..last.map_or(0, |last| last + 1)]
}

pub(super) fn is_secret_name(name: &str) -> bool {
    // Of a shell it is a directory; with a number it is none.
    let is_of_a_shell = name == "PWD";
    let name = unnumbered(name);
    if is_of_a_shell || !has_ending(name) {
        return false;
    }
    let is_name = NAMES.iter().any(|word| ends_with(name, word.as_bytes()).is_some())
        || WORDS.iter().any(|word| ends_in_word(name, word));
    is_name && !OTHERS.iter().any(|word| ends_with(name, word.as_bytes()).is_some())
}

/// Whether a name ends in this word, and not in a longer one.
fn ends_in_word(name: &[u8], word: &str) -> bool {
    ends_with(name, word.as_bytes()).is_some_and(|rest| match rest.last() {
        // `dbPw` has two words, `OAUTH` and `DBPW` have one.
        Some(last) => {
            let first = name[rest.len()];
            !last.is_ascii_alphanumeric() || (last.is_ascii_lowercase() && first.is_ascii_uppercase())
        }
        None => true,
    })
}

/// The part of a name before `word` at its end.
pub(super) fn ends_with<'a>(name: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    let mut rest = name;
    for &expected in word.iter().rev() {
        if expected == b'_' {
            if let Some((b'_' | b'-' | b'.', before)) = rest.split_last() {
                rest = before;
            }
            continue;
        }
        let (last, before) = rest.split_last()?;
        if last.to_ascii_uppercase() != expected {
            return None;
        }
        rest = before;
    }
    Some(rest)
}

/// What `…_AUTH` may be beside a secret: a method of authentication.
const METHODS: &[&str] = &[
    "basic",
    "digest",
    "bearer",
    "token",
    "jwt",
    "htpasswd",
    "silly",
    "ldap",
    "ldaps",
    "oauth",
    "oauth2",
    "oidc",
    "saml",
    "kerberos",
    "gssapi",
    "ntlm",
    "plain",
    "login",
    "md5",
    "cram-md5",
    "x509",
    "cert",
    "tls",
    "ssl",
    "mtls",
    "pam",
    "trust",
    "peer",
    "password",
    "internal",
    "external",
    "local",
    "anonymous",
    "default",
    "required",
    "noauth",
    "want",
    "need",
    "request",
    "requested",
];

/// Whether the value says how clients are authenticated.
fn is_method(name: &str, value: &str) -> bool {
    let is_known = |word: &str| {
        METHODS.iter().any(|method| word.eq_ignore_ascii_case(method))
            || word.get(..3).is_some_and(|start| ["sha", "scr"].iter().any(|s| start.eq_ignore_ascii_case(s)))
                && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    is_auth(name) && value.split([',', ' ', ';']).filter(|word| !word.is_empty()).all(is_known)
}

/// Whether the name is that of credentials for authentication: `REDIS_AUTH`.
fn is_auth(name: &str) -> bool {
    ends_in_word(unnumbered(name), "AUTH")
}

/// Whether the value of a variable with a secret's name is not a secret: a switch, a number, a path, a reference.
pub(super) fn is_harmless(name: &str, value: &str) -> bool {
    const SWITCHES: [&str; 11] =
        ["true", "false", "yes", "no", "on", "off", "none", "null", "enabled", "disabled", "optional"];
    let value = value.trim();
    if value.is_empty()
        || SWITCHES.iter().any(|word| value.eq_ignore_ascii_case(word))
        || is_method(name, value)
    {
        return true;
    }
    // A number is a limit or a lifetime; only a password may be one.
    let is_number = value.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'-' | b' '));
    if is_number && !(is_of_a_password(name) && value.len() >= 4) {
        return true;
    }
    let first = value.as_bytes().first().copied().unwrap_or_default();
    let is_masked =
        value.bytes().all(|b| b == first) && matches!(first, b'*' | b'x' | b'X' | b'.' | b'-' | b'#');
    // `NEO4J_AUTH` is `user/password`.
    let is_user = is_auth(name) && value.matches('/').count() == 1 && !value.starts_with(['/', '.', '~']);
    is_masked || is_placeholder(value) || (!is_user && is_location(value))
}

/// Whether the name is that of a password, which may be a number.
fn is_of_a_password(name: &str) -> bool {
    ends_with(unnumbered(name), b"PW").is_some()
        || ["PASS", "PWD"].iter().any(|word| {
            name.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
        })
}

/// Whether the value is a placeholder: `${X}`, `{{ x }}`, `%{x}`, `$X`, `<secret>`.
fn is_placeholder(value: &str) -> bool {
    value.starts_with('$')
        || value.contains("${")
        || value.contains("{{")
        || value.contains("%{")
        || (value.starts_with('<') && value.ends_with('>'))
}

/// Whether the value is where the secret is: a path, a URI, the path of a secret in a store.
fn is_location(value: &str) -> bool {
    let is_path = |b: u8| b.is_ascii_lowercase() || matches!(b, b'/' | b'_' | b'-' | b'.');
    // Variables also hold options of a program: `-Xmx512m -Dtoken=…`.
    value.starts_with(['/', '.', '~', '-'])
        || value.contains("://")
        || ["arn:", "vault:", "file:", "__dcos_base64__"].iter().any(|scheme| value.starts_with(scheme))
        || (value.contains('/') && value.bytes().all(is_path))
}

/// Further ends of names whose values are masked, though lint does not warn of them: they have other meanings, too.
const MASKED: [&str; 34] = [
    "ACCESS_KEY",
    "ACCESS_TOKENS",
    "API_KEYS",
    "APP_KEY",
    "AUTHORIZATION",
    "AUTH_HEADER",
    "AUTH_KEY",
    "AUTH_TOKENS",
    "COOKIE",
    "CREDENTIAL",
    "HMAC_KEY",
    "JWT_KEY",
    "KENNWORT",
    "LICENSE_KEY",
    "MASTER_KEY",
    "OAUTH2_BEARER",
    "PASSCODE",
    "PASSIN",
    "PASSKEY",
    "PASSOUT",
    "PASSWORDS",
    "PASSWORT",
    "PASSWRD",
    "PRIVATEKEY",
    "PSK",
    "PSWD",
    "SESSION_KEY",
    "SECRET_KEY_BASE",
    "SHARED_KEY",
    "SIGNATURE",
    "SSH_KEY",
    "STORAGE_KEY",
    "WEBHOOK_KEY",
    "X_REGISTRY_AUTH",
];
/// As these, but only as a whole word: tokens.
const MASKED_WORDS: [&str; 4] = ["BEARER", "JWT", "PAT", "PIN"];
/// Names that are secrets only as a whole.
const WHOLE: [&str; 1] = ["SIG"];
/// Whole words at the end of names of users with their passwords.
const LOGINS: [&str; 2] = ["LOGIN", "LOGON"];

/// Words of which each secret's name has one, wherever it is in the name; `_` as above.
pub(super) const PARTS: [&[&str]; 5] = [&NAMES, &MASKED, &USERS, &middle::WORDS, &["WEBHOOK", "DSN"]];
/// Or one of these as the whole word that it ends in.
pub(super) const LAST_WORDS: [&[&str]; 4] = [&WORDS, &MASKED_WORDS, &WHOLE, &LOGINS];

/// Whether the value of this name is masked, unless it [may be shown](is_open). Takes options as well: `--password`,
/// `-Dpassword`.
pub(crate) fn is_masked_name(name: &str) -> bool {
    let plain = name.trim_start_matches('-');
    let is_option = plain.len() < name.len();
    let plain = if is_option { plain.strip_prefix(['D', 'P']).unwrap_or(plain) } else { plain };
    // In Marathon's API `secret` names a secret of the store.
    if (plain == "secret" && !is_option) || plain.is_empty() {
        return false;
    }
    // Of a shell it is a directory, which is shown.
    if plain == "PWD" && !is_option {
        return true;
    }
    if !has_ending(unnumbered(plain)) {
        return goes_on(plain);
    }
    if is_secret_name(plain) || WHOLE.iter().any(|word| plain.eq_ignore_ascii_case(word)) {
        return true;
    }
    let bytes = unnumbered(plain);
    MASKED.iter().chain(&USERS).any(|word| ends_with(bytes, word.as_bytes()).is_some())
        || MASKED_WORDS.iter().any(|word| ends_in_word(bytes, word))
        || goes_on(plain)
}

/// The part of a value that its name makes a secret.
pub(super) fn secret_part(name: &str, value: &str) -> Option<Range<usize>> {
    if let Some(kind) = uri_name(name) {
        let is_token = || is_webhook_uri(name) && !is_address(value) && !is_open("TOKEN", value);
        return hidden_part(kind, value).or_else(|| is_token().then_some(0..value.len()));
    }
    (is_masked_name(name) && !is_open(name, value)).then_some(0..value.len())
}

/// Names of the whole URI of a webhook, not of something about one: `SLACK_WEBHOOK_CHANNEL`.
const WEBHOOK_URIS: [&str; 2] = ["WEBHOOK_URL", "WEBHOOK_URI"];

fn is_webhook_uri(name: &str) -> bool {
    WEBHOOK_URIS.iter().any(|word| ends_with(unnumbered(name), word.as_bytes()).is_some())
}

/// Whether a value is a URI, or names a host or a service: `hooks.example.com:8080`, `alerts`.
fn is_address(value: &str) -> bool {
    let (host, port) = value.split_once(':').unwrap_or((value, "80"));
    let is_part = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_');
    let is_name = host.contains('.') || !host.bytes().any(|b| b.is_ascii_digit());
    value.contains("://") || is_name && host.bytes().all(is_part) && port.bytes().all(|b| b.is_ascii_digit())
}

/// What a URI, or a user with a password, hides under some names that it hides nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UriName {
    /// `SLACK_WEBHOOK`: whoever knows the path can send messages.
    Webhook,
    /// `SENTRY_DSN`: the user is a key.
    Dsn,
    /// `ADMIN_LOGIN`: a user and a password, with a colon between them.
    Login,
}

/// What a name says about the URI, or the user with a password, that is its value.
pub(super) fn uri_name(name: &str) -> Option<UriName> {
    const WEBHOOKS: [&str; 4] = ["WEBHOOK", "WEBHOOK_URL", "WEBHOOK_URI", "WEBHOOK_ENDPOINT"];
    let name = unnumbered(name);
    let ends = |word: &str| ends_with(name, word.as_bytes()).is_some();
    let kind = match name.last()?.to_ascii_uppercase() {
        b'N' if ends("DSN") => Some(UriName::Dsn),
        b'N' => LOGINS.iter().any(|word| ends_in_word(name, word)).then_some(UriName::Login),
        b'K' | b'L' | b'I' | b'T' => WEBHOOKS.iter().any(|word| ends(word)).then_some(UriName::Webhook),
        _ => None,
    };
    // `SLACK_WEBHOOK_ALERTS`; most names have no such mark.
    let has = |word: &str| {
        memchr_iter(b'_', name).any(|at| {
            let start = at.checked_sub(word.len());
            start.is_some_and(|start| name[start..at].eq_ignore_ascii_case(word.as_bytes()))
        })
    };
    kind.or_else(|| {
        memchr(b'_', name)?;
        let kinds = [("WEBHOOK", UriName::Webhook), ("_DSN", UriName::Dsn)];
        kinds.into_iter().find_map(|(word, kind)| has(word).then_some(kind))
    })
}

/// How the words in the lists above end.
static ENDINGS: Endings = Endings::of(&[&NAMES, &WORDS, &MASKED, &MASKED_WORDS, &USERS, &WHOLE]);

/// Whether a name ends as a word in the lists above does, which most names do not.
fn has_ending(name: &[u8]) -> bool {
    ENDINGS.has(name)
}

/// Whether the value of a name of a secret may be shown: it is a switch, a number, a placeholder, a path or a masked value.
/// Stricter than [`is_harmless`]: what only begins like a placeholder or an option may be a password.
pub(super) fn is_open(name: &str, value: &str) -> bool {
    let value = value.trim();
    if name == "PWD" && value.starts_with(['/', '$', '.', '~']) {
        return true;
    }
    let is_number =
        !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    if value.len() < 2 || (is_number && value.len() >= 9) {
        return value.len() < 2;
    }
    // A number below 0, which is a mistake as a rule.
    let is_below_zero = value.strip_prefix('-').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    if is_below_zero && !is_of_a_password(name) {
        return true;
    }
    if value.starts_with(['$', '<', '-', '.', '~']) || value.contains(['{', '%']) {
        return is_only_placeholder(value) || is_path(value);
    }
    let is_uri =
        value.split_once("://").is_some_and(|(scheme, _)| scheme.bytes().all(|b| b.is_ascii_alphanumeric()));
    if value.starts_with('/') && !is_path(value) {
        return false;
    }
    // Passwords in URIs are found as such.
    is_uri || (!value.contains("://") && is_harmless(name, value)) || is_only_placeholder(value)
}

fn is_path(value: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'.');
    let rest = value.trim_start_matches(['.', '~']);
    rest.starts_with('/') && rest.bytes().all(is_part)
}

/// Whether the value is a placeholder and nothing else.
pub(super) fn is_only_placeholder(value: &str) -> bool {
    // A longer text holds more than a placeholder.
    const LONGEST: usize = 200;
    const PAIRS: [(&str, &str); 8] = [
        ("${", "}"),
        ("$(", ")"),
        ("{{", "}}"),
        ("{%", "%}"),
        ("%{", "}"),
        ("<", ">"),
        ("@@", "@@"),
        ("__", "__"),
    ];
    let is_word =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    // In a file for Docker Compose `$$X` is the variable of a shell.
    let value = value.strip_prefix('$').filter(|rest| rest.starts_with('$')).unwrap_or(value);
    if value.strip_prefix('$').is_some_and(is_word) {
        // `$ecret1` may be either; variables are written in capitals.
        return !value.bytes().any(|b| b.is_ascii_lowercase());
    }
    value.len() <= LONGEST
        && PAIRS.iter().any(|(open, close)| {
            let inner = value.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
            inner.is_some_and(|inner| !inner.is_empty() && !inner.contains(close))
        })
}
