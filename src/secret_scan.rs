//! Recognises what looks like a secret, by its name and by its form. Depends on no rule: `diff` and every output mask secrets
//! whether or not lint reports them.

use std::ops::Range;

use memchr::memchr;

/// Why a text looks like a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// Its name says so.
    Name,
    /// It has a well-known form: `a GitHub token`.
    Kind(&'static str),
    /// It contains a URI with a password.
    Uri,
    /// It is long, and looks random.
    Random,
}

/// Why a variable looks like a secret in plain text, if it does.
pub(crate) fn sign(name: &str, value: &str) -> Option<Sign> {
    if value.len() < 2 {
        return None;
    }
    if has_password(value) {
        return Some(Sign::Uri);
    }
    if is_secret_name(name) && !is_harmless(name, value) {
        return Some(Sign::Name);
    }
    if value.len() < SHORTEST {
        return None;
    }
    kind(value).map(Sign::Kind).or_else(|| is_random(value).then_some(Sign::Random))
}

/// Ends of the names of secrets, in capitals; `_` matches any separator, or none.
const NAMES: [&str; 14] = [
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
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
/// As [`NAMES`], but only as a whole word.
const WORDS: [&str; 3] = ["PASS", "PWD", "CREDS"];
/// Names with such an end that are not secrets: tokens of Cassandra and etcd, directories of a shell.
const OTHERS: [&str; 4] = ["INITIAL_TOKEN", "CLUSTER_TOKEN", "OLDPWD", "INIT_PWD"];

/// A name without the number at its end.
fn unnumbered(name: &str) -> &[u8] {
    let name = name.as_bytes();
    let last = name.iter().rposition(|byte| !byte.is_ascii_digit() && *byte != b'_');
    &name[..last.map_or(0, |last| last + 1)]
}

fn is_secret_name(name: &str) -> bool {
    let name = unnumbered(name);
    // Most names do not end in the last two letters of a word above.
    let [.., last_but_one, last] = name else { return false };
    let end = [last_but_one.to_ascii_uppercase(), last.to_ascii_uppercase()];
    if !matches!(&end, b"RD" | b"WD" | b"SE" | b"ET" | b"EN" | b"EY" | b"LS" | b"SS" | b"DS") {
        return false;
    }
    let ends = |word: &str| ends_with(name, word.as_bytes());
    let is_word = |word: &str| {
        ends(word).is_some_and(|rest| {
            rest.last().is_some_and(|last| !last.is_ascii_alphanumeric()) || rest.is_empty()
        })
    };
    let is_name = NAMES.iter().any(|word| ends(word).is_some()) || WORDS.iter().any(|word| is_word(word));
    is_name && name != b"PWD" && !OTHERS.iter().any(|word| ends(word).is_some())
}

/// The part of a name before `word` at its end.
fn ends_with<'a>(name: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
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

/// Whether the value of a variable with a secret's name is not a secret: a switch, a number, a path, a reference.
fn is_harmless(name: &str, value: &str) -> bool {
    const SWITCHES: [&str; 11] =
        ["true", "false", "yes", "no", "on", "off", "none", "null", "enabled", "disabled", "optional"];
    let value = value.trim();
    if value.is_empty() || SWITCHES.iter().any(|word| value.eq_ignore_ascii_case(word)) {
        return true;
    }
    // A number is a limit or a lifetime; only a password may be one.
    let is_number = value.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'-' | b' '));
    let is_password = ["PASSWORD", "PASSWD", "PASSPHRASE"]
        .iter()
        .any(|word| ends_with(unnumbered(name), word.as_bytes()).is_some());
    if is_number && !(is_password && value.len() >= 4) {
        return true;
    }
    let first = value.as_bytes().first().copied().unwrap_or_default();
    let is_masked =
        value.bytes().all(|b| b == first) && matches!(first, b'*' | b'x' | b'X' | b'.' | b'-' | b'#');
    is_masked || is_placeholder(value) || is_location(value)
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

/// Whether a text has a URI with a password: `scheme://user:password@host`.
pub(crate) fn has_password(text: &str) -> bool {
    // Hardly any text has an `@`.
    memchr(b'@', text.as_bytes()).is_some() && passwords(text).next().is_some()
}

/// Where the passwords of URIs are in a text.
pub(crate) fn passwords(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    // Hardly any text has an `@`.
    let looked_at = if memchr(b'@', text.as_bytes()).is_some() { text } else { "" };
    looked_at.match_indices("://").filter_map(|(at, _)| {
        let start = at + 3;
        let rest = &text[start..];
        let end = rest
            .find(|c: char| matches!(c, '/' | '?' | '#' | '"' | '\'' | ',' | '`') || c.is_whitespace())
            .unwrap_or(rest.len());
        let (user, _) = rest[..end].rsplit_once('@')?;
        let (name, password) = user.split_once(':')?;
        let first = password.as_bytes().first().copied().unwrap_or(b'*');
        let is_masked = password.bytes().all(|b| b == first) && matches!(first, b'*' | b'x' | b'X' | b'.');
        // A variable of a shell or a template is not a password.
        let is_plain = !is_masked && !password.contains(['$', '{', '<', '%'].as_slice());
        let start = start + name.len() + 1;
        (is_plain || is_percent_encoded(password)).then_some(start..start + password.len())
    })
}

fn is_percent_encoded(password: &str) -> bool {
    let mut parts = password.split('%').skip(1).peekable();
    parts.peek().is_some()
        && !password.contains(['$', '{', '<'].as_slice())
        && parts.all(|part| part.len() >= 2 && part.bytes().take(2).all(|b| b.is_ascii_hexdigit()))
}

/// The shortest value, in bytes, that can be told from a name.
const SHORTEST: usize = 20;
/// The longest key, in bytes: keyfiles of `MongoDB` have 1,024 characters. Longer values are files.
const LONGEST: usize = 1024;

/// The kind of a credential with a well-known form.
fn kind(value: &str) -> Option<&'static str> {
    const PREFIXES: [(&str, &str); 9] = [
        ("ghp_", "a GitHub token"),
        ("gho_", "a GitHub token"),
        ("ghs_", "a GitHub token"),
        ("github_pat_", "a GitHub token"),
        ("glpat-", "a GitLab token"),
        ("xoxb-", "a Slack token"),
        ("xoxp-", "a Slack token"),
        ("sk_live_", "a Stripe key"),
        ("AIza", "a Google API key"),
    ];
    let first = value.as_bytes().first().copied().unwrap_or_default();
    match first {
        b'-' if value.contains("PRIVATE KEY-----") => Some("a private key"),
        b'e' if value.starts_with("eyJ") && value.bytes().filter(|b| *b == b'.').count() == 2 => {
            Some("a JSON web token")
        }
        b'g' | b'x' | b's' | b'A' => PREFIXES
            .iter()
            .find(|(prefix, _)| {
                value.strip_prefix(prefix).is_some_and(|rest| {
                    rest.len() >= 16
                        && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
                })
            })
            .map(|(_, kind)| *kind),
        _ => None,
    }
}

/// Whether a text is one long run of letters of both cases and digits that looks random. Hexadecimal texts (hashes of commits
/// and images, UUIDs) and base64 of readable text do not count.
fn is_random(value: &str) -> bool {
    // Certificates and compressed files in base64 look random, too.
    if value.len() > LONGEST || ["MII", "H4sI"].iter().any(|start| value.starts_with(start)) {
        return false;
    }
    let is_allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-');
    if !value.bytes().all(is_allowed) {
        return false;
    }
    let (mut upper, mut lower, mut digits, mut changes) = (0_u32, 0_u32, 0_u32, 0_u32);
    let mut is_hex = true;
    let (mut last, mut run, mut in_words) = (0, 0_u32, 0_u32);
    for byte in value.bytes() {
        let class = match byte {
            b'A'..=b'Z' => {
                upper += 1;
                1
            }
            b'a'..=b'z' => {
                lower += 1;
                2
            }
            b'0'..=b'9' => {
                digits += 1;
                3
            }
            _ => 4,
        };
        is_hex &= byte.is_ascii_hexdigit() || byte == b'-';
        changes += u32::from(class != last);
        run = if class == 2 && last == 2 { run + 1 } else { u32::from(class == 2) };
        in_words += match run {
            0..3 => 0,
            3 => 3,
            _ => 1,
        };
        last = class;
    }
    // In n random characters of base64, 0.6 n differ in class from the one before, and 0.15 n are in runs of three or more
    // small letters. In words most characters are in such runs.
    let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
    let is_worded = changes * 5 < length * 2 || in_words * 5 > length * 2;
    if is_hex || upper < 3 || lower < 3 || digits < 2 || is_worded {
        return false;
    }
    entropy(value) >= 3.7 && !is_readable_base64(value)
}

/// Shannon's entropy, in bits per character.
fn entropy(value: &str) -> f64 {
    let mut counts = [0_u16; 128];
    for byte in value.bytes() {
        let count = &mut counts[usize::from(byte & 0x7f)];
        *count = count.saturating_add(1);
    }
    #[expect(clippy::cast_precision_loss, reason = "at most 1,024 characters")]
    let length = value.len() as f64;
    let share = |count: &u16| {
        let share = f64::from(*count) / length;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(share).sum()
}

/// Whether a text is base64 of readable text.
fn is_readable_base64(value: &str) -> bool {
    let value = value.trim_end_matches('=').as_bytes();
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    value.chunks_exact(4).all(|chunk| {
        let Some(number) =
            chunk.iter().try_fold(0_u32, |number, byte| Some(number << 6 | u32::from(digit(*byte)?)))
        else {
            return false;
        };
        number.to_be_bytes()[1..].iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_name() {
        for (name, value) in [
            ("DB_PASSWORD", "letmein"),
            ("dbPassword", "letmein"),
            ("MYSQL_PASSWORD_1", "1234"),
            ("REGISTRY_HTTP_SECRET", "248345asecret"),
            ("AWS_SECRET_ACCESS_KEY", "minio123"),
            ("STRIPE_APIKEY", "abc"),
            ("stripe.api-key", "abc"),
            ("MONGODB_PASS", "password"),
            ("SLACK_TOKEN", "abc"),
        ] {
            assert_eq!(sign(name, value), Some(Sign::Name), "{name}={value}");
        }
        for (name, value) in [
            ("DB_PASSWORD", ""),
            ("DB_PASSWORD_FILE", "/run/secrets/db"),
            ("DB_PASSWORD", "/run/secrets/db"),
            ("TOKEN_URL", "https://example.com/token"),
            ("TOKEN", "https://example.com/token"),
            ("TOKEN_TTL", "3600"),
            ("NUM_TOKENS", "256"),
            ("MAX_TOKEN", "4096"),
            ("ALLOW_EMPTY_PASSWORD", "yes"),
            ("DB_PASSWORD", "${DB_PASSWORD}"),
            ("DB_PASSWORD", "$OTHER"),
            ("DB_PASSWORD", "<password>"),
            ("DB_PASSWORD", "********"),
            ("SECRETS_DCOS_PASSWORD", "portworx/dcos_password"),
            ("ETCD_INITIAL_CLUSTER_TOKEN", "dcos"),
            ("JVM_TOKEN", "-Xms64m -Xmx512m"),
            ("KEYTAB_SECRET", "__dcos_base64___keytab"),
            ("COMPASS", "north"),
            ("PWD", "somewhere"),
            ("PUBLIC_KEY", "abc"),
            ("KEY", "a.b"),
        ] {
            assert_eq!(sign(name, value), None, "{name}={value}");
        }
    }

    #[test]
    fn secrets_are_known_by_their_form() {
        // Concatenated, so that nothing in the source looks like a secret.
        let github = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0");
        assert_eq!(sign("X", &github), Some(Sign::Kind("a GitHub token")));
        let key = format!("-----BEGIN {}-----\nMIIE", "RSA PRIVATE KEY");
        assert_eq!(sign("X", &key), Some(Sign::Kind("a private key")));
        for random in [
            "q7Zr2LxP0vKf9TbW4mYc8Jd",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCY3XAMPL3",
            "3Fq9+Zk2/Xw8Lm5Pv7Rt1Yb4Nc6Hd0Js==",
        ] {
            assert_eq!(sign("X", random), Some(Sign::Random), "{random}");
        }
        for plain in [
            "641ce8912e68a4b73f5e4fc85cad54d451ed945eb10529106a9d8938e139",
            "6F9619FF-8B86-D011-B42D-00CF4FC964FF",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "com.example.service.MainApplication2",
            "ThisIsALongCamelCaseName2WithNumbers11",
            "registry.example.com/team/Web-Frontend:1.4.2",
            "-Xmx512m -XX:+UseG1GC -Dfile.encoding=UTF-8",
            "us-east-1a,us-east-1b,us-east-1c",
            "UlVMRTpbMjokMUAkMF0oLiopcy8uKi9ub2JvZHkvClJVTEU6",
        ] {
            assert_eq!(sign("X", plain), None, "{plain}");
        }
    }

    #[test]
    fn passwords_in_uris() {
        for text in [
            "postgres://web:letmein@db:5432/web",
            "curl -s https://user:pa%24s@example.com/x",
            "a,amqp://guest:guest@mq",
        ] {
            assert!(has_password(text), "{text}");
        }
        for text in [
            "https://example.com/@user",
            "https://user@example.com",
            "postgres://web:$PASSWORD@db",
            "postgres://web:${PASSWORD}@db",
            "postgres://web:***@db",
            "postgres://web:@db",
            "mail me@example.com: https://example.com:8080/",
            "http://a:80 x@y",
        ] {
            assert!(!has_password(text), "{text}");
        }
    }
}
