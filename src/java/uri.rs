//! `java.net.URI`: RFC 2396 with the JDK's deviations.

/// Whether `new java.net.URI(text)` succeeds on JDK 17.
///
/// The deviations from RFC 2396 that users meet:
/// - every part may be empty except an authority at the end (`//`, `http://`) and what follows a scheme (`file:`), so `""`
///   and `http:///x` are URIs;
/// - characters beyond ASCII are allowed, except blanks and control characters;
/// - `[` and `]` are allowed around an IPv6 address in the host, and anywhere in a query, a fragment and an opaque part
///   (`urn:[x]`), but not in a path;
/// - an authority that is not `user@host:port` is a registry-based name, so `http://ho_st:port/` passes.
#[must_use]
pub(crate) fn is_uri(text: &str) -> bool {
    let stop = text.find([':', '/', '?', '#']);
    match stop.and_then(|stop| text[stop..].strip_prefix(':').map(|rest| (&text[..stop], rest))) {
        None => is_hierarchical(text),
        Some((scheme, rest)) if is_scheme(scheme) => {
            if rest.starts_with('/') {
                is_hierarchical(rest)
            } else {
                is_opaque(rest)
            }
        }
        Some(_) => false,
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// The part after a scheme that is not a path: `isbn:123` of `urn:isbn:123`.
fn is_opaque(text: &str) -> bool {
    let (part, fragment) = split(text, '#');
    !part.is_empty() && URIC.allows(part) && fragment.is_none_or(|fragment| URIC.allows(fragment))
}

fn is_hierarchical(text: &str) -> bool {
    let (text, fragment) = split(text, '#');
    let (text, query) = split(text, '?');
    let path = match text.strip_prefix("//") {
        None => text,
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let is_last = path.is_empty() && query.is_none() && fragment.is_none();
            let fine = if authority.is_empty() { !is_last } else { is_authority(authority) };
            if !fine {
                return false;
            }
            path
        }
    };
    PATH.allows(path)
        && query.is_none_or(|query| URIC.allows(query))
        && fragment.is_none_or(|fragment| URIC.allows(fragment))
}

/// A registry-based name can be any authority except one with an IPv6 address, which only a server has.
fn is_authority(text: &str) -> bool {
    REGISTRY.allows(text) || is_ipv6_server(text)
}

/// `user@[address%scope]:port`, of which only `[address]` is required.
fn is_ipv6_server(text: &str) -> bool {
    let (user, server) = text.split_once('@').unwrap_or(("", text));
    let Some((host, port)) = server.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
        return false;
    };
    let (address, scope) = split(host, '%');
    let port_is_fine = match port.strip_prefix(':') {
        None => port.is_empty(),
        Some("") => true,
        Some(digits) => digits.bytes().all(|digit| digit.is_ascii_digit()) && digits.parse::<i32>().is_ok(),
    };
    port_is_fine
        && USER.allows(user)
        && scope.is_none_or(|scope| !scope.is_empty() && SCOPE.allows(scope))
        && is_ipv6(address)
}

/// An IPv6 address of RFC 2373 as the JDK scans it: groups of up to four hexadecimal digits, at most one `::`, an
/// IPv4 address for the last four bytes. `::` replaces at least one group.
fn is_ipv6(text: &str) -> bool {
    match text.split_once("::") {
        None => ipv6_bytes(text) == Some(16),
        Some((before, after)) => {
            // An IPv4 address has to come last.
            let before = if before.contains('.') { None } else { optional_ipv6_bytes(before) };
            before.zip(optional_ipv6_bytes(after)).is_some_and(|(before, after)| before + after < 16)
        }
    }
}

fn optional_ipv6_bytes(text: &str) -> Option<usize> {
    if text.is_empty() { Some(0) } else { ipv6_bytes(text) }
}

/// The number of bytes that `text` denotes; `None` if it is not groups between colons.
fn ipv6_bytes(text: &str) -> Option<usize> {
    let (groups, ipv4) = match text.rsplit_once(':') {
        Some((groups, last)) if last.contains('.') => (Some(groups), Some(last)),
        None if text.contains('.') => (None, Some(text)),
        _ => (Some(text), None),
    };
    let mut bytes = 0;
    for group in groups.iter().flat_map(|groups| groups.split(':')) {
        if !(1..=4).contains(&group.len()) || !group.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        bytes += 2;
    }
    match ipv4 {
        Some(ipv4) if !is_ipv4(ipv4) => None,
        Some(_) => Some(bytes + 4),
        None => Some(bytes),
    }
}

/// Four numbers up to 255, with any number of leading zeros.
fn is_ipv4(text: &str) -> bool {
    let is_byte = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && part.parse::<i32>().is_ok_and(|number| number <= 255)
    };
    text.split('.').count() == 4 && text.split('.').all(is_byte)
}

/// The text before the first `mark`, and the text after it if there is one.
fn split(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

const ALPHANUMERIC: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const MARKS: &str = "-_.!~*'()";

/// The characters that a part of a URI can have.
struct Characters {
    /// The ASCII characters, one bit each.
    ascii: u128,
    /// Whether `%` and two hexadecimal digits, and characters beyond ASCII, are allowed too.
    others: bool,
}

static URIC: Characters =
    Characters { ascii: bits(ALPHANUMERIC) | bits(MARKS) | bits(";/?:@&=+$,[]"), others: true };
static PATH: Characters =
    Characters { ascii: bits(ALPHANUMERIC) | bits(MARKS) | bits(":@&=+$,;/"), others: true };
static REGISTRY: Characters =
    Characters { ascii: bits(ALPHANUMERIC) | bits(MARKS) | bits("$,;:@&=+"), others: true };
static USER: Characters =
    Characters { ascii: bits(ALPHANUMERIC) | bits(MARKS) | bits(";:&=+$,"), others: true };
static SCOPE: Characters = Characters { ascii: bits(ALPHANUMERIC) | bits("_."), others: false };

const fn bits(characters: &str) -> u128 {
    let bytes = characters.as_bytes();
    let mut bits = 0;
    let mut index = 0;
    while index < bytes.len() {
        bits |= 1 << bytes[index];
        index += 1;
    }
    bits
}

impl Characters {
    fn allows(&self, text: &str) -> bool {
        let mut rest = text.chars();
        while let Some(next) = rest.next() {
            let fine = match next {
                '\0'..='\x7f' if self.ascii >> u32::from(next) & 1 == 1 => true,
                '%' if self.others => {
                    let is_digit = |digit: Option<char>| digit.is_some_and(|digit| digit.is_ascii_hexdigit());
                    is_digit(rest.next()) && is_digit(rest.next())
                }
                '\0'..='\x7f' => false,
                _ => self.others && !is_control(next) && !is_blank(next),
            };
            if !fine {
                return false;
            }
        }
        true
    }
}

/// `java.lang.Character.isISOControl` beyond ASCII.
fn is_control(character: char) -> bool {
    matches!(character, '\u{80}'..='\u{9f}')
}

/// `java.lang.Character.isSpaceChar` beyond ASCII: the categories Zs, Zl and Zp.
fn is_blank(character: char) -> bool {
    matches!(
        character,
        '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

#[cfg(test)]
mod tests;
