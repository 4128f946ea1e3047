//! Text from outside, escaped for XML; `crate::util::escape` has the other escapes.

use std::io;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::util::escape::is_bad;
pub(super) use crate::util::escape::{is_printable_ascii, on_one_line, uri, visible};

/// The text as XML holds it, in an element or between double quotes (XML 1.0, section 2.2 and 2.4).
pub(super) fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            // A text must not contain `]]>`.
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

/// Writes a value as JSON on one line. Characters that a terminal acts on are escaped; programs read the same document.
pub(super) fn json(out: &mut (impl io::Write + ?Sized), value: &impl Serialize) -> io::Result<()> {
    Ok(value.serialize(&mut Serializer::with_formatter(out, Visible))?)
}

/// Compact JSON in which no character is one that a terminal acts on.
struct Visible;

impl Formatter for Visible {
    fn write_string_fragment<W: io::Write + ?Sized>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if is_printable_ascii(fragment) {
            return out.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some((at, bad)) = rest.char_indices().find(|(_, c)| is_bad(*c)) {
            out.write_all(&rest.as_bytes()[..at])?;
            // All of them are in the basic plane.
            write!(out, "\\u{:04x}", u32::from(bad))?;
            rest = &rest[at + bad.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hostile_is_left() {
        assert_eq!(xml("]]>\"&<\0\r\n\u{ffff}"), "]]&gt;&quot;&amp;&lt;\\u{0}&#13;&#10;\\u{ffff}");
        let mut written = Vec::new();
        json(&mut written, &["a\u{9b}\u{202e}\u{7f}ä\u{1b}\""]).expect("written");
        assert_eq!(String::from_utf8_lossy(&written), "[\"a\\u009b\\u202e\\u007fä\\u001b\\\"\"]");
        assert_eq!(uri("a b/ö:%.json"), "a%20b/%C3%B6%3A%25.json");
    }
}
