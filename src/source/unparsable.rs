//! Why a text cannot be parsed, where the parser's own words would mislead: it is a template, holds an unresolved merge
//! conflict, or was edited by a word processor.

use super::placeholder;
use super::syntax::{SyntaxError, SyntaxProblem};

/// What is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cause {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

/// The cause of an error in a text, where it is one of these.
#[must_use]
pub(crate) fn cause(text: &str, error: &SyntaxError) -> Option<Cause> {
    if error.problem == SyntaxProblem::Empty {
        return None;
    }
    let at = error.range.start.min(text.len());
    conflict(text, at).or_else(|| typography(text, at)).or_else(|| template(text, at))
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
        message: "an unresolved merge conflict".to_owned(),
        help: "choose one of the two sides, and remove the lines with <<<<<<<, ======= and >>>>>>>",
    })
}

/// The character at the error is one that word processors write.
fn typography(text: &str, at: usize) -> Option<Cause> {
    let found = text.get(at..)?.chars().next()?;
    let code = u32::from(found);
    Some(match found {
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' | '\u{2018}' | '\u{2019}' | '\u{201a}'
        | '`' => Cause {
            message: format!("`{found}` (U+{code:04X}) is a typographic quote, which JSON does not know"),
            help: "write \" instead",
        },
        '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{200b}' | '\u{3000}' | '\u{2028}' | '\u{2029}'
        | '\u{feff}' => Cause {
            message: format!("{} (U+{code:04X}), which JSON does not take for white space", space(found)),
            help: "write a plain space, or nothing, instead",
        },
        _ => return None,
    })
}

fn space(found: char) -> &'static str {
    match found {
        '\u{a0}' | '\u{2007}' | '\u{202f}' => "a no-break space",
        '\u{200b}' => "an invisible space",
        '\u{3000}' => "a wide space",
        '\u{feff}' => "a byte-order mark inside of the text",
        _ => "a line separator",
    }
}

/// There is a placeholder at the error.
fn template(text: &str, at: usize) -> Option<Cause> {
    let placeholder = placeholder::near(text, at)?;
    let shown: String = placeholder.chars().take(60).collect();
    Some(Cause {
        message: format!("this is a template: nothing has filled in `{shown}`"),
        help: "render it first: `milepost render` takes Jinja's form, `{{ name }}`; other forms need their own tool",
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
            ("{\"id\": }", Format::Json, ""),
        ];
        for (text, format, expected) in cases {
            assert_eq!(message(text, format), expected, "{text}");
        }
    }
}
