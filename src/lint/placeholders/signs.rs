//! Whether a file may have placeholders at all, before each of its strings is looked at.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use memchr::{memchr2_iter, memchr3_iter};

use crate::source::placeholder;

/// Whether a text has what may be a placeholder once its strings are read. Most definitions have none, and then nothing
/// else of this room runs (`whole`, set of fine files).
pub(super) fn may_be_in(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_sign = |at: usize| is_sign(text, at);
    memchr3_iter(b'$', b'<', b'@', bytes).any(is_sign)
        || memchr3_iter(b'#', b'%', b'\\', bytes).any(is_sign)
        || memchr2_iter(b'{', b'_', bytes).any(is_sign)
        || LAST.find_iter(bytes).any(|last| ends_word_of_one(text, last))
}

/// What words that stand for a missing value end with: their first letters are too common to be looked for.
static LAST: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("ME"));

/// Whether such a word ends with the letters at this byte.
fn ends_word_of_one(text: &str, last: usize) -> bool {
    const LONGEST_BEFORE: usize = "REPLACE_".len();
    let bytes = text.as_bytes();
    let is_word = |at: usize| {
        matches!(bytes[at], b'R' | b'C') && begins_word(bytes, at) && placeholder::is_word_of_one(&text[at..])
    };
    (last.saturating_sub(LONGEST_BEFORE)..last).any(is_word)
}

fn is_sign(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let next = bytes.get(at + 1).copied().unwrap_or_default();
    match bytes[at] {
        b'{' => matches!(next, b'{' | b'%' | b'#'),
        b'<' => next == b'%' || next.is_ascii_alphabetic(),
        b'@' => next == b'@' || placeholder::name_up_to(&text[at..], b'@').is_some(),
        b'#' | b'%' => next == b'{',
        b'$' => next == b'{' || is_name_start(next) && !is_in_a_command(text, at),
        b'_' => next == b'_' && begins_word(bytes, at),
        // A character by its number, or a line that goes on.
        b'\\' => matches!(next, b'u' | b'U' | b'x' | b'\n' | b'\r'),
        _ => false,
    }
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// Whether a variable is one of the task's, within a longer text: `serve --port $PORT0`. By itself it is a placeholder in
/// some fields.
fn is_in_a_command(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches([' ', '\t']);
    let is_start =
        before.is_empty() || before.ends_with(['"', '\'', ':', '-', ',', '[', '{', '?', '\n', '\r']);
    !is_start && placeholder::is_of_the_task(&text[at + 1..])
}

/// Whether a word begins at a byte; the letter before may be that of an escape.
fn begins_word(bytes: &[u8], at: usize) -> bool {
    at == 0 || !placeholder::is_of_a_word(bytes[at - 1]) || at > 1 && bytes[at - 2] == b'\\'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lint::placeholders::unfilled;
    use crate::source::{Document, Format};

    #[test]
    fn most_texts_have_no_sign_of_one() {
        for text in [
            r##"{"id": "/web", "cmd": "serve --port $PORT0", "env": {"A": "me@example.com", "B": "100%", "C": "#1"}}"##,
            r#"{"id": "/a__b", "labels": {"C": "a < b", "R": "RELEASE", "X": "line\nRELEASE"}}"#,
            "id: /web\ncmd: serve --port $PORT0\n",
        ] {
            assert!(!may_be_in(text), "{text}");
        }
    }

    const PARTS: &[&str] = &[
        "{{ a }}",
        "{% b %}",
        "${",
        "HOST",
        "PORT0",
        "}",
        "$",
        "$NAME",
        "@TAG@",
        "@@",
        "__NAME__",
        "__",
        "<N>",
        "<% c %>",
        "#{d}",
        "%{e}",
        "REPLACE_ME",
        "CHANGEME",
        "a",
        " ",
        "\n",
        "\t",
        ":",
        "-",
        "\"",
        "'",
        "\u{e9}",
        ".",
        "/",
        ",",
    ];

    proptest! {
        #[test]
        fn a_text_with_a_placeholder_has_a_sign_of_one(
            name in proptest::collection::vec(0..PARTS.len(), 0..4),
            value in proptest::collection::vec(0..PARTS.len(), 0..6),
            field in 0..4_usize,
        ) {
            let text = |parts: &[usize]| parts.iter().map(|part| PARTS[*part]).collect::<String>();
            let field = ["id", "cmd", "env", "labels"][field];
            let definition = serde_json::json!({field: {text(&name): text(&value)}, "x": [text(&value)]});
            let json = definition.to_string();
            let document = Document::parse(json.as_str(), Format::Json).expect("valid JSON");
            let yaml = crate::format::convert(&document, Format::Yaml).map(|converted| converted.text);
            let yaml = yaml.unwrap_or_else(|_| json.clone());
            for (text, format) in [(json, Format::Json), (yaml, Format::Yaml)] {
                let document = Document::parse(text.as_str(), format).expect("it parses");
                prop_assert!(unfilled(document.root()).is_empty() || may_be_in(&text), "{}", text);
            }
        }
    }
}
