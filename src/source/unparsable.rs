//! Why a text cannot be parsed, where the parser's own words would mislead: it is a template, holds an unresolved merge
//! conflict, or was edited by a word processor.

use std::ops::Range;

use super::edit::Edit;
use super::placeholder;
use super::syntax::{SyntaxError, SyntaxProblem};

/// What is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cause {
    /// Where, if it is not where the parser stopped.
    pub range: Option<Range<usize>>,
    /// What is wrong.
    pub message: String,
    /// What to do; nothing for a template, where that depends on the placeholder.
    pub help: Option<&'static str>,
    /// The placeholder that stops the parser.
    pub placeholder: Option<String>,
}

/// The cause of an error in a text, where it is one of these.
#[must_use]
pub(crate) fn cause(text: &str, error: &SyntaxError) -> Option<Cause> {
    if error.problem == SyntaxProblem::Empty {
        return None;
    }
    let at = error.range.start.min(text.len());
    let notation = if matches!(error.problem, SyntaxProblem::Yaml(_)) { "YAML" } else { "JSON" };
    let found = text.get(at..).and_then(|rest| rest.chars().next());
    conflict(text, at)
        .or_else(|| found.and_then(|found| typography(found, notation)))
        .or_else(|| template(text, at))
        .or_else(|| closing_quote(text, at, notation))
        .or_else(|| (notation == "YAML").then(|| blank(text, at)).flatten())
}

/// The line of the error, or the one before it, is a mark of a merge.
fn conflict(text: &str, at: usize) -> Option<Cause> {
    let before = text.get(..at)?;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    let is_mark = |line: &str| {
        let mark = line.get(..7).unwrap_or_default();
        ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].contains(&mark)
    };
    is_mark(line).then(|| Cause {
        range: None,
        message: "an unresolved merge conflict".to_owned(),
        help: Some("choose one of the two sides, and remove the lines with <<<<<<<, ======= and >>>>>>>"),
        placeholder: None,
    })
}

/// Whether word processors write this in place of a quote.
#[must_use]
pub(crate) fn is_odd_quote(found: char) -> bool {
    matches!(
        found,
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' | '\u{2018}' | '\u{2019}' | '\u{201a}'
    )
}

/// What a character is that looks like a space, or like nothing.
#[must_use]
pub(crate) fn odd_space(found: char) -> Option<&'static str> {
    Some(match found {
        '\u{a0}' | '\u{2007}' | '\u{202f}' => "a no-break space",
        '\u{200b}' => "an invisible space",
        '\u{3000}' => "a wide space",
        '\u{feff}' => "a byte-order mark inside of the text",
        '\u{2028}' | '\u{2029}' => "a line separator",
        _ => return None,
    })
}

/// The character is one that word processors write.
fn typography(found: char, notation: &str) -> Option<Cause> {
    let code = u32::from(found);
    if is_odd_quote(found) || found == '`' {
        return Some(Cause {
            range: None,
            message: format!(
                "`{found}` (U+{code:04X}) is a typographic quote, which {notation} does not know"
            ),
            help: Some("write \" instead"),
            placeholder: None,
        });
    }
    let space = odd_space(found)?;
    Some(Cause {
        range: None,
        message: format!("{space} (U+{code:04X}), which {notation} does not take for white space"),
        help: Some("write a plain space, or nothing, instead"),
        placeholder: None,
    })
}

/// The most of the text before an error that is looked at for its cause, in bytes.
const MOST_BEFORE: usize = 4_000;

/// A string before the error begins with a plain quote, and ends with a typographic one: the parser has read on.
fn closing_quote(text: &str, at: usize, notation: &str) -> Option<Cause> {
    let at = text[at..].find('\n').map_or(text.len(), |length| at + length);
    let first = placeholder::ceiling(text, at.saturating_sub(MOST_BEFORE));
    let mut end = at;
    for line in text[first..at].rsplit('\n') {
        let start = end - line.len();
        end = start.saturating_sub(1);
        let is_open = line.replace("\\\"", "").matches('"').count() % 2 == 1;
        if !is_open {
            continue;
        }
        if let Some((place, found)) = line.char_indices().find(|(_, found)| is_odd_quote(*found)) {
            let range = start + place..start + place + found.len_utf8();
            return typography(found, notation).map(|cause| Cause { range: Some(range), ..cause });
        }
    }
    None
}

/// A line of YAML at the error has a space that is none.
fn blank(text: &str, at: usize) -> Option<Cause> {
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    let first = placeholder::ceiling(text, at.saturating_sub(MOST_BEFORE));
    // The line of the error, and the two before it.
    let start = text[first..at].rmatch_indices('\n').nth(2).map_or(first, |(line, _)| first + line + 1);
    let (place, found) = text[start..end].char_indices().find(|(_, found)| odd_space(*found).is_some())?;
    let range = start + place..start + place + found.len_utf8();
    typography(found, "YAML").map(|cause| Cause { range: Some(range), ..cause })
}

/// There is a placeholder at the error.
fn template(text: &str, at: usize) -> Option<Cause> {
    let placeholder = placeholder::near(text, at)?;
    let shown: String = placeholder.chars().take(60).collect();
    Some(Cause {
        range: None,
        message: format!("this is a template: nothing has filled in `{shown}`"),
        help: None,
        placeholder: Some(shown),
    })
}

/// How a string was opened.
#[derive(Clone, Copy, PartialEq)]
enum OpenedBy {
    Plain,
    /// A typographic quote, double or single.
    Odd {
        is_double: bool,
    },
}

/// The edits that put plain quotes and spaces where a text like JSON has those of word processors, except within strings;
/// nothing where it cannot be told which of them end a string.
#[must_use]
pub(crate) fn respelling(text: &str) -> Option<Vec<Edit>> {
    let is_double = |c: char| !matches!(c, '\u{2018}' | '\u{2019}' | '\u{201a}');
    let (mut edits, mut open, mut last_odd, mut at) = (Vec::new(), None, None, 0);
    while let Some(found) = text[at..].chars().next() {
        let range = at..at + found.len_utf8();
        at = range.end;
        let mut write =
            |range: Range<usize>, plain: &str| edits.push(Edit { range, replacement: plain.to_owned() });
        match open {
            None if found == '"' => (open, last_odd) = (Some(OpenedBy::Plain), None),
            None if is_odd_quote(found) => {
                open = Some(OpenedBy::Odd { is_double: is_double(found) });
                write(range, "\"");
            }
            None if odd_space(found).is_some() => write(range, " "),
            None if text[range.start..].starts_with("//") => {
                at += text[at..].find('\n').unwrap_or(text.len() - at);
            }
            None if text[range.start..].starts_with("/*") => {
                at += text[at..].find("*/").map_or(text.len() - at, |length| length + 2);
            }
            Some(_) if found == '\\' => at += text[at..].chars().next().map_or(0, char::len_utf8),
            Some(OpenedBy::Plain | OpenedBy::Odd { is_double: true }) if found == '"' => open = None,
            // The string was closed by a typographic quote: the last one of the line.
            Some(OpenedBy::Plain) if found == '\n' => {
                let closing: Range<usize> = last_odd.take()?;
                at = closing.end;
                write(closing, "\"");
                open = None;
            }
            Some(OpenedBy::Plain) if is_odd_quote(found) && is_double(found) => last_odd = Some(range),
            Some(OpenedBy::Odd { is_double: double })
                if is_odd_quote(found) && is_double(found) == double =>
            {
                write(range, "\"");
                open = None;
            }
            Some(_) if found == '\n' => return None,
            _ => {}
        }
    }
    (!edits.is_empty()).then_some(edits)
}

#[cfg(test)]
mod tests {
    use super::super::{Document, Format};
    use super::*;

    fn message(text: &str, format: Format) -> String {
        let error = Document::parse(text, format).expect_err("it cannot be parsed");
        cause(text, &error).map(|cause| cause.message).unwrap_or_default()
    }

    #[test]
    fn quotes_and_spaces_of_word_processors_become_plain_ones() {
        let plain = |text: &str| respelling(text).map(|edits| Edit::apply(text, &edits));
        let cases = [
            ("{\u{201c}id\u{201d}: \u{201c}/a\u{201d}}", Some(r#"{"id": "/a"}"#)),
            ("{\u{201e}id\u{201c}: \u{ab}/a\u{bb}}", Some(r#"{"id": "/a"}"#)),
            ("{\u{2018}id\u{2019}: \"a\"}", Some(r#"{"id": "a"}"#)),
            (
                "{\u{a0}\"id\":\u{a0}\"a\u{a0}\u{201c}b\u{201d}\"}",
                Some("{ \"id\": \"a\u{a0}\u{201c}b\u{201d}\"}"),
            ),
            ("{\"a\": \"b\u{201d},\n\"c\": \"d\"}", Some("{\"a\": \"b\",\n\"c\": \"d\"}")),
            ("{\u{201c}a\u{201d}: \u{201c}it\u{2019}s\u{201d}}", Some("{\"a\": \"it\u{2019}s\"}")),
            ("{ // \u{201c}\n\u{201c}a\u{201d}: 1}", Some("{ // \u{201c}\n\"a\": 1}")),
            ("{\"a\": \"b,\n\"c\": 1}", None),
            ("{\u{201c}a: 1,\n}", None),
            (r#"{"a": 1}"#, None),
        ];
        for (text, expected) in cases {
            assert_eq!(plain(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn the_cause_is_named() {
        let cases = [
            (
                "{\"cpus\": {{ cpus }}}",
                Format::Json,
                "this is a template: nothing has filled in `{{ cpus }}`",
            ),
            ("{\"cpus\": $CPUS}", Format::Json, "this is a template: nothing has filled in `$CPUS`"),
            (
                "{\"cpus\": <%= cpus %>}",
                Format::Json,
                "this is a template: nothing has filled in `<%= cpus %>`",
            ),
            (
                "{% if a %}{}{% endif %}",
                Format::Json,
                "this is a template: nothing has filled in `{% if a %}`",
            ),
            (
                "id: a\nenv:\n  A: {{b}}\n  C: d",
                Format::Yaml,
                "this is a template: nothing has filled in `{{b}}`",
            ),
            ("{\n<<<<<<< HEAD\n\"a\": 1", Format::Json, "an unresolved merge conflict"),
            (
                "{\u{201c}id\u{201d}: 1}",
                Format::Json,
                "`\u{201c}` (U+201C) is a typographic quote, which JSON does not know",
            ),
            (
                "{\u{a0}\"id\": 1}",
                Format::Json,
                "a no-break space (U+00A0), which JSON does not take for white space",
            ),
            (
                "{\"id\": \"a\u{201d}, \"cmd\": \"b\"}",
                Format::Json,
                "`\u{201d}` (U+201D) is a typographic quote, which JSON does not know",
            ),
            (
                "id: \"a\u{201d}\ncmd: b\n",
                Format::Yaml,
                "`\u{201d}` (U+201D) is a typographic quote, which YAML does not know",
            ),
            (
                "id: a\nenv:\n\u{a0}\u{a0}A: b\n  C: d",
                Format::Yaml,
                "a no-break space (U+00A0), which YAML does not take for white space",
            ),
            (
                "id:\u{a0}a\ncmd:\u{a0}b",
                Format::Yaml,
                "a no-break space (U+00A0), which YAML does not take for white space",
            ),
            ("{\"id\": }", Format::Json, ""),
            ("{\"a\": \"\u{201c}b\u{201d}\", \"c\": }", Format::Json, ""),
        ];
        for (text, format, expected) in cases {
            assert_eq!(message(text, format), expected, "{text}");
        }
    }
}
