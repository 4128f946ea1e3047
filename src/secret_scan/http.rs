//! Credentials in headers of HTTP, and hashes of passwords as `htpasswd` makes them.

use std::ops::Range;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use memchr::memmem::Finder;
use memchr::{memchr_iter, memchr2_iter};

use super::endings::Endings;
use super::name::is_only_placeholder;

/// Made once: every message is looked at.
static BASIC: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("asic "));
static BEARER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("earer "));
static AUTHORIZATION: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("uthorization"));
static SHA: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("SHA}"));

/// The schemes of `Authorization`.
const SCHEMES: [&str; 7] = ["Basic", "Bearer", "Token", "ApiKey", "Digest", "Negotiate", "NTLM"];

/// Whether a short text has the end of a scheme's name before a blank, as all credentials have. Most values have none, and are
/// not looked through for each scheme (`whole`, set of fine files).
pub(super) fn may_have_credentials(text: &str) -> bool {
    static ENDINGS: Endings = Endings::of(&[&SCHEMES]);
    let bytes = text.as_bytes();
    memchr2_iter(b' ', b'+', bytes).any(|at| ENDINGS.has(&bytes[..at]))
}

/// Where the credentials of `Basic …` and `Bearer …` are in a text.
pub(super) fn credentials(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    // Without the first letter, which has two spellings.
    let of = move |scheme: &'static Finder<'static>, is_credential: fn(&str) -> bool| {
        scheme.find_iter(text.as_bytes()).filter_map(move |at| {
            let scheme = scheme.needle();
            let blanks =
                text.as_bytes()[at + scheme.len()..].iter().take_while(|byte| **byte == b' ').count();
            let start = at + scheme.len() + blanks;
            let len = text.as_bytes()[start..].iter().take_while(|byte| is_part(**byte)).count();
            is_credential(&text[start..start + len]).then_some(start..start + len)
        })
    };
    of(&BASIC, is_basic).chain(of(&BEARER, is_bearer)).chain(after_header(text))
}

/// What follows the scheme in `Authorization: Basic …`, whatever it looks like.
fn after_header(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    const MOST_MARKS: usize = 16;
    AUTHORIZATION.find_iter(text.as_bytes()).filter_map(|at| {
        let after = &text[at + "uthorization".len()..];
        let marks = after.bytes().take(MOST_MARKS).take_while(|byte| b" :=\"'\\,>".contains(byte)).count();
        let scheme = SCHEMES.iter().find(|scheme| {
            after[marks..].get(..scheme.len()).is_some_and(|word| word.eq_ignore_ascii_case(scheme))
        })?;
        let after_scheme = &after[marks + scheme.len()..];
        let value = after_scheme.trim_start_matches([' ', '+']);
        let is_separated = marks > 0 && value.len() < after_scheme.len();
        let end = value.find(|c: char| c.is_whitespace() || "\"'\\`;|&".contains(c)).unwrap_or(value.len());
        let start = text.len() - value.len();
        (is_separated && !is_only_placeholder(&value[..end])).then_some(start..start + end)
    })
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=_-.~".contains(&byte)
}

/// Base64 of `user:password`.
fn is_basic(value: &str) -> bool {
    STANDARD_NO_PAD.decode(value.trim_end_matches('=')).is_ok_and(|decoded| {
        std::str::from_utf8(&decoded)
            .is_ok_and(|plain| plain.contains(':') && !plain.contains(char::is_control))
    })
}

fn is_bearer(value: &str) -> bool {
    value.len() >= 8
        && value.bytes().any(|b| b.is_ascii_digit())
        && value.bytes().any(|b| b.is_ascii_alphabetic())
}

/// Where hashes of passwords are in a text: `$apr1$…`, `$2y$05$…`, `{SHA}…`. In some files each `$` is doubled.
pub(super) fn hashes(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let crypt = memchr_iter(b'$', text.as_bytes()).filter_map(|at| crypt(text, at));
    crypt.chain(SHA.find_iter(text.as_bytes()).filter_map(|at| {
        let start = at + "SHA}".len();
        let len = text.as_bytes()[start..].iter().take_while(|byte| is_part(**byte)).count();
        (len >= 16).then_some(start..start + len)
    }))
}

/// A hash of `crypt` that begins at a `$`.
fn crypt(text: &str, at: usize) -> Option<Range<usize>> {
    /// Their name, and whether a salt follows that is told from a variable of a shell only by the hash after it.
    const KINDS: [(&str, bool); 13] = [
        ("apr1", false),
        ("2a", false),
        ("2b", false),
        ("2x", false),
        ("2y", false),
        ("y", true),
        ("1", true),
        ("5", true),
        ("6", true),
        ("argon2i", false),
        ("argon2d", false),
        ("argon2id", false),
        ("scrypt", false),
    ];
    let rest = text[at..].trim_start_matches('$');
    let dollars = text.len() - at - rest.len();
    if dollars > 2 || text[..at].ends_with('$') {
        return None;
    }
    let name_len = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let (_, has_salt) = KINDS.iter().find(|(name, _)| *name == &rest[..name_len])?;
    let salt = rest[name_len..].strip_prefix(&"$$"[..dollars])?;
    let is_hash = |byte: u8| byte.is_ascii_alphanumeric() || b"./$+=-".contains(&byte);
    let has_parameters = rest.starts_with("argon2");
    let len = salt.bytes().take_while(|byte| is_hash(*byte) || (has_parameters && *byte == b',')).count();
    let hash = salt[..len].rsplit('$').next().unwrap_or_default();
    let is_long = if *has_salt { hash.len() < len && hash.len() >= 16 } else { len >= 4 };
    let start = text.len() - salt.len();
    is_long.then_some(at..start + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_credentials_may_have_them() {
        let basic = "d2ViOmxldG1laW4x";
        for scheme in SCHEMES.map(str::to_owned).into_iter().chain(SCHEMES.map(str::to_uppercase)) {
            for text in [
                format!("Authorization: {scheme} {basic}"),
                format!("curl -H 'authorization:{scheme}+{basic}' example.com"),
            ] {
                assert!(credentials(&text).next().is_some() && may_have_credentials(&text), "{text}");
            }
        }
        for text in [format!("Basic {basic}"), format!("x bearer  {basic}")] {
            assert!(credentials(&text).next().is_some() && may_have_credentials(&text), "{text}");
        }
        assert!(!may_have_credentials("-Xms64m -Xmx512m -XX:+UseG1GC"));
    }
}
