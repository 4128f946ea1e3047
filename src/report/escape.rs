//! Text from outside, escaped for XML and for URIs; `crate::util::escape` has the other escapes.

use std::fmt::Write as _;

pub(super) use crate::util::escape::{is_printable_ascii, on_one_line, visible};

/// The text as XML holds it, in an element or between double quotes (XML 1.0, section 2.2 and 2.4).
pub(super) fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            // `]]>` must not stand in a text.
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // In an attribute they would become spaces, and a `\r` a `\n` anywhere.
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            '\t' => escaped.push_str("&#9;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A path as a URI reference (RFC 3986): everything but unreserved characters and `/` in percent. A colon too, lest
/// what stands before it be taken for a scheme.
pub(super) fn uri(path: &str) -> String {
    let mut escaped = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                escaped.push(char::from(byte));
            }
            // Writing to a string cannot fail.
            byte => drop(write!(escaped, "%{byte:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hostile_is_left() {
        assert_eq!(xml("]]>\"&<\0\r\n\u{ffff}"), "]]&gt;&quot;&amp;&lt;\\u{0}&#13;&#10;\\u{ffff}");
        assert_eq!(uri("a b/ö:%.json"), "a%20b/%C3%B6%3A%25.json");
    }
}
