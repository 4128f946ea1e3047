//! Passwords in URIs.

use std::ops::Range;

use memchr::memchr;

use super::name::is_only_placeholder;

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

/// Where secrets are in the user information of URIs: every password that is not a placeholder, and a user that is a
/// token. Takes more for a password than [`passwords`]: one with `/`, `$` or `%`.
pub(super) fn user_information(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let looked_at = if memchr(b'@', text.as_bytes()).is_some() { text } else { "" };
    looked_at.match_indices("://").filter_map(|(at, _)| {
        let start = at + 3;
        let (name_len, user) = user_of(&text[start..])?;
        let Some(name_len) = name_len else {
            return is_token(user).then_some(start..start + user.len());
        };
        let password = &user[name_len + 1..];
        let start = start + name_len + 1;
        (!is_masked(password) && !is_only_placeholder(password)).then_some(start..start + password.len())
    })
}

/// The user information at the start of a text, and the length of the user's name where a password follows it.
fn user_of(rest: &str) -> Option<(Option<usize>, &str)> {
    // Beyond this nothing is a password; the limit keeps a text of many `://` linear.
    const LONGEST: usize = 4096;
    let rest = &rest[..rest.floor_char_boundary(LONGEST)];
    let end = rest.find(|c: char| matches!(c, '"' | '`' | '\\') || c.is_whitespace()).unwrap_or(rest.len());
    let rest = &rest[..end];
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    if let Some((user, _)) = authority.rsplit_once('@') {
        return Some((user.find(':'), user));
    }
    // A password with a slash; a number is a port.
    let (name, port) = authority.split_once(':')?;
    if port.is_empty() || port.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (user, _) = rest.rsplit_once('@')?;
    Some((Some(name.len()), user))
}

fn is_masked(password: &str) -> bool {
    let first = password.as_bytes().first().copied().unwrap_or(b'*');
    password.bytes().all(|b| b == first) && matches!(first, b'*' | b'x' | b'X' | b'.')
}

fn is_token(user: &str) -> bool {
    let has = |is: fn(&u8) -> bool| user.as_bytes().iter().any(is);
    user.len() >= 16
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && !user.contains(['$', '{', '.'])
}
