//! Strings as YAML scalars that every YAML reader, also of version 1.1, reads as that string.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Words that some reader takes for a boolean, null, or a merge key.
const WORDS: [&str; 12] = ["null", "~", "true", "false", "yes", "no", "on", "off", "y", "n", "<<", "="];

/// A string on one line: plain where that is safe, otherwise in double quotes.
pub(crate) fn line(text: &str, in_flow: bool) -> Cow<'_, str> {
    if is_plain(text, in_flow) { Cow::Borrowed(text) } else { Cow::Owned(quoted(text)) }
}

fn is_plain(text: &str, in_flow: bool) -> bool {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return false };
    let second_is_word = chars.next().is_some_and(|c| !c.is_whitespace());
    let starts_well = match first {
        '-' | '?' | ':' => second_is_word && !text.starts_with("---") && !in_flow,
        ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => {
            false
        }
        _ => !text.starts_with("..."),
    };
    starts_well
        && text.trim() == text
        && text.chars().all(|c| c == ' ' || !c.is_whitespace() && is_printable(c))
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':')
        && !(in_flow && text.contains([',', '[', ']', '{', '}']))
        && !is_ambiguous(text)
}

/// Whether some reader takes a plain scalar for another type than a string.
fn is_ambiguous(text: &str) -> bool {
    let is_word = WORDS.iter().any(|word| word.eq_ignore_ascii_case(text));
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_special = [".inf", ".nan"].iter().any(|word| word.eq_ignore_ascii_case(unsigned));
    let digits = unsigned.strip_prefix('.').unwrap_or(unsigned);
    // Numbers of any base, with underscores, in base 60 (`12:30:00`); dates and times; versions, to be safe.
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit() || b"xXoO_.:+-TtZz ".contains(&byte));
    is_word || is_special || is_number
}

/// Whether YAML allows a character unescaped.
fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// A string in double quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            c => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

/// The header of a literal block for exactly this string; `None` for a string of one line, or with white space that a
/// reader cannot see.
pub(crate) fn block_header(text: &str) -> Option<&'static str> {
    let body = text.trim_end_matches('\n');
    let is_fine = |line: &str| {
        !line.starts_with('\t')
            && !line.ends_with([' ', '\t'])
            && line.chars().all(|c| c == '\t' || is_printable(c))
    };
    let is_block = text.contains('\n')
        && !body.starts_with(['\n', ' '])
        && !body.is_empty()
        && body.split('\n').all(is_fine);
    is_block.then(|| match text.len() - body.len() {
        0 => "|-",
        1 => "|",
        _ => "|+",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ambiguous_strings_are_quoted() {
        for text in [
            "",
            "yes",
            "No",
            "on",
            "OFF",
            "y",
            "null",
            "~",
            "True",
            "1",
            "1.0",
            "-1",
            "+.5",
            "0x1f",
            "0o17",
            "1_000",
            "12:30:00",
            "2020-01-01",
            "2020-01-01T00:00:00Z",
            "1e3",
            ".inf",
            "-.INF",
            ".nan",
            "1.2.3",
            " a",
            "a ",
            "a: b",
            "a #b",
            "a:",
            "- a",
            "-",
            "?",
            "#a",
            "*a",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a",
            "'a'",
            "[a",
            "{a",
            "|",
            ">",
            "---",
            "--- a",
            "...",
            "<<",
            "=",
            "a\tb",
            "\u{85}",
            "a\u{feff}",
            ",a",
        ] {
            assert!(line(text, false).starts_with('"'), "{text}");
        }
        for text in [
            "a",
            "/web",
            "--flag",
            "-c",
            "nginx:1.27.3",
            "http://x/y?z=1#a",
            "a, b",
            "10MB",
            "*.json".trim_start_matches('*'),
            "a'b",
        ] {
            assert_eq!(line(text, false), text);
        }
        assert_eq!(line("a, b", true), "\"a, b\"");
    }

    #[test]
    fn blocks_are_exact() {
        let cases =
            [("a\nb", Some("|-")), ("a\nb\n", Some("|")), ("a\n\n", Some("|+")), ("a", None), ("\na", None)];
        for (text, header) in cases {
            assert_eq!(block_header(text), header, "{text:?}");
        }
        for text in [" a\nb", "a \nb", "a\n\tb", "\n", "a\r\nb"] {
            assert_eq!(block_header(text), None, "{text:?}");
        }
    }
}
