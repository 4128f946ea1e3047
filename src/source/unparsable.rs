//! Why a text cannot be parsed, where the parser's own words would mislead: it is a template, holds an unresolved merge
//! conflict, or was edited by a word processor.

use std::ops::Range;

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

#[cfg(test)]
mod tests {
    use super::super::{Document, Format};
    use super::*;

    fn message(text: &str, format: Format) -> String {
        let error = Document::parse(text, format).expect_err("it cannot be parsed");
        cause(text, &error).map(|cause| cause.message).unwrap_or_default()
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
