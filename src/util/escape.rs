//! Text from outside (files, names, ids, answers of servers), made safe for a terminal and for the log of a CI server.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

/// The text without characters that command terminals or that XML cannot hold: control characters other than tabs and
/// line breaks, and characters that turn the direction of writing, are shown by their number (`\u{1b}`).
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    escape(text, |c| is_bad(c) && !matches!(c, '\t' | '\n' | '\r'))
}

/// As [`visible`], without line breaks and tabs too: a line of its own could be taken for something else, such as a
/// command in the log of a CI server.
pub(crate) fn on_one_line(text: &str) -> Cow<'_, str> {
    escape(text, is_bad)
}

/// A JSON text in which no character is one that a terminal acts on: in its strings, where alone they can stand, they are
/// escaped, and the data stays the same.
pub(crate) fn json(text: &str) -> Cow<'_, str> {
    let is_bad = |c: char| is_bad(c) && !matches!(c, '\t' | '\n' | '\r');
    if is_printable_ascii(text) || !text.contains(is_bad) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_bad(c) {
            // All of them are in the basic plane. Writing to a string cannot fail.
            let _ = write!(shown, "\\u{:04x}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Whether a terminal or a log acts on a character instead of showing it.
pub(crate) fn is_bad(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether every byte is a character of ASCII that is shown. All are looked at, many together: a loop that ends at the
/// first other one would take them one by one.
pub(crate) fn is_printable_ascii(text: &str) -> bool {
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

/// A path as it is shown in messages.
pub(crate) fn shown_path(path: &(impl AsRef<Path> + ?Sized)) -> String {
    on_one_line(&path.as_ref().to_string_lossy()).into_owned()
}

/// A path as a URI reference (RFC 3986): all but unreserved characters and `/` is percent-encoded, colons too: the part
/// before a colon would be read as a scheme.
pub(crate) fn uri(path: &str) -> String {
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

/// The longest text that is quoted from outside, in bytes.
const LONGEST: usize = 500;

/// A text from outside as a message quotes it: on one line, and cut where it is long.
pub(crate) fn quoted(text: &str) -> Cow<'_, str> {
    match cut(text, LONGEST) {
        Cow::Borrowed(text) => on_one_line(text),
        Cow::Owned(text) => Cow::Owned(on_one_line(&text).into_owned()),
    }
}

/// A text as one word for a shell, quoted where it has to be.
pub(crate) fn shell_word(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(shell_quoted(text))
}

/// A text as one word for a shell, always quoted.
pub(crate) fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// At most this many bytes of a text; what is cut off is marked.
pub(crate) fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    if text.len() <= longest {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…", &text[..text.floor_char_boundary(longest)]))
}

/// The longest line of a message, in bytes: more than every sentence of the program's own needs.
const LONGEST_LINE: usize = 4000;

/// A whole message, which may have lines of its own: no line begins as a command of a CI server does, and what is quoted
/// at great length is cut.
pub(crate) fn message(text: &str) -> Cow<'_, str> {
    let mut shown = escape(text, |c| is_bad(c) && !matches!(c, '\t' | '\n'));
    if shown.len() > LONGEST_LINE && shown.lines().any(|line| line.len() > LONGEST_LINE) {
        let cut = |line: &str| match line.get(LONGEST_LINE..) {
            Some("" | "\n") => line.to_owned(),
            None if line.len() <= LONGEST_LINE => line.to_owned(),
            _ => {
                let end = if line.ends_with('\n') { "…\n" } else { "…" };
                format!("{}{end}", &line[..line.floor_char_boundary(LONGEST_LINE)])
            }
        };
        shown = Cow::Owned(shown.split_inclusive('\n').map(cut).collect());
    }
    without_commands(shown)
}

/// The text with no line that begins as a command of a CI server does.
pub(crate) fn without_commands(shown: Cow<'_, str>) -> Cow<'_, str> {
    if !shown.contains("::") && !shown.contains("##") {
        return shown;
    }
    let is_command =
        |line: &str| ["::", "##[", "##vso["].iter().any(|start| line.trim_start().starts_with(start));
    if !shown.lines().any(is_command) {
        return shown;
    }
    let mut safe = String::with_capacity(shown.len() + 16);
    for line in shown.split_inclusive('\n') {
        if is_command(line) {
            let start = line.len() - line.trim_start().len();
            let first = line.as_bytes()[start];
            // Writing to a string cannot fail.
            let _ = write!(safe, "{}\\u{{{first:x}}}{}", &line[..start], &line[start + 1..]);
        } else {
            safe.push_str(line);
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hostile_is_left() {
        assert_eq!(visible("a\u{1b}[31m\u{9b}b\u{202e}\t\n"), "a\\u{1b}[31m\\u{9b}b\\u{202e}\t\n");
        assert_eq!(on_one_line("a\r\n\t::error::\u{85}"), "a\\r\\n\\t::error::\\u{85}");
        assert_eq!(message("a::b\n ::error::x\r\n##[x\n"), "a::b\n \\u{3a}:error::x\\r\n\\u{23}#[x\n");
        assert_eq!(shown_path(Path::new("a\n::b")), "a\\n::b");
        #[cfg(feature = "net")]
        assert_eq!(json("{\n\t\"a\u{202e}\": \"\u{9b}ä\u{7f}\"}"), "{\n\t\"a\\u202e\": \"\\u009bä\\u007f\"}");
        assert_eq!(quoted(&"ä".repeat(300)), format!("{}…", "ä".repeat(250)));
    }
}
