//! Text from hostile files, made safe for the place it is put in.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text without characters that command terminals or that XML cannot hold: control characters other than tabs and
/// line breaks, and characters that turn the direction of writing, are shown by their number (`\u{1b}`).
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    escape(text, |c| is_bad(c) && !matches!(c, '\t' | '\n' | '\r'))
}

/// As [`visible`], without line breaks and tabs too: a line of its own could be taken for something else, such as a
/// command in the log of a CI server.
pub(super) fn on_one_line(text: &str) -> Cow<'_, str> {
    escape(text, is_bad)
}

fn is_bad(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether every byte is a character of ASCII that is shown. All are looked at, many together: a loop that ends at the
/// first other one would take them one by one.
pub(super) fn is_printable_ascii(text: &str) -> bool {
    text.bytes().fold(true, |all, byte| all & matches!(byte, b' '..=b'~'))
}

fn escape(text: &str, is_bad: impl Fn(char) -> bool) -> Cow<'_, str> {
    // Most text is plain, and this is asked of all that is said.
    if is_printable_ascii(text) || !text.contains(&is_bad) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_bad(c) && matches!(c, '\t' | '\n' | '\r') {
            shown.extend(c.escape_default());
        } else if is_bad(c) {
            // Writing to a string cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

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
        assert_eq!(visible("a\u{1b}[31m\u{9b}b\u{202e}\t\n"), "a\\u{1b}[31m\\u{9b}b\\u{202e}\t\n");
        assert_eq!(on_one_line("a\r\n\t::error::\u{85}"), "a\\r\\n\\t::error::\\u{85}");
        assert_eq!(xml("]]>\"&<\0\r\n\u{ffff}"), "]]&gt;&quot;&amp;&lt;\\u{0}&#13;&#10;\\u{ffff}");
        assert_eq!(uri("a b/ö:%.json"), "a%20b/%C3%B6%3A%25.json");
    }
}
