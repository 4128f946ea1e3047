//! What is wrong at a place of a file that is no definition: settings, a schema, values, credentials. It is laid out as a
//! finding is, without a rule.

use std::fmt;
use std::io::{self, Write};
use std::ops::Range;

use crate::finding::Severity;
use crate::secret_scan::Secrets;
use crate::source::{LineIndex, Position};
use crate::util::escape::cut;

use super::LONGEST_SENTENCE;
use super::escape::on_one_line;
use super::excerpt::Excerpt;
use super::snippet::{Palette, Snippet};
use super::text::excerpt_width;

/// Why a file cannot be used, with the line at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFault(Box<PlacedFault>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct PlacedFault {
    name: String,
    position: Position,
    /// The line, without its secrets.
    line: String,
    /// The bytes of the line at fault.
    range: Range<usize>,
    message: String,
    help: Option<String>,
}

impl FileFault {
    /// What is wrong at a range of the file `name` with this text: one sentence without a full stop.
    #[must_use]
    pub fn new(name: &str, text: &str, range: &Range<usize>, message: impl Into<String>) -> Self {
        Self::in_line(name, text, range, message.into(), |line| {
            Secrets::of(text).cover(text)[line].to_owned()
        })
    }

    /// As [`FileFault::new`], for a file whose values are secrets, or may be: of the line only the name at its beginning is
    /// shown, and punctuation.
    #[must_use]
    pub fn among_secrets(name: &str, text: &str, range: &Range<usize>, message: impl Into<String>) -> Self {
        Self::in_line(name, text, range, message.into(), |line| line_without_values(&text[line]))
    }

    fn in_line(
        name: &str,
        text: &str,
        range: &Range<usize>,
        message: String,
        shown: impl FnOnce(Range<usize>) -> String,
    ) -> Self {
        let lines = LineIndex::new(text);
        let (line, within) = lines.line_of(text, range);
        Self(Box::new(PlacedFault {
            name: name.to_owned(),
            position: lines.position(text, range.start),
            range: within,
            line: shown(line),
            message,
            help: None,
        }))
    }

    /// With what to do about it.
    #[must_use]
    pub fn help(mut self, help: Option<impl Into<String>>) -> Self {
        self.0.help = help.map(Into::into);
        self
    }

    /// The same fault, of a file within this one.
    #[must_use]
    pub fn within(mut self, outer: &str) -> Self {
        self.0.name = format!("{outer}: {}", self.0.name);
        self
    }

    /// Writes it with its line underlined, for a reader of this many columns if it is known. Colours are written; a stream
    /// without colours strips them.
    ///
    /// # Errors
    /// When the stream cannot be written to.
    pub fn write(&self, out: &mut dyn Write, width: Option<usize>) -> io::Result<()> {
        let PlacedFault { name, position, line, range, message, help } = &*self.0;
        let most = excerpt_width(width, position.line);
        let Excerpt { source, range } = Excerpt::of(line, range.clone(), most);
        let help = help.as_deref().map(|help| cut(help, LONGEST_SENTENCE));
        let snippet = Snippet {
            severity: Severity::Error,
            rule: "",
            message: &cut(message, LONGEST_SENTENCE),
            path: name,
            line: position.line,
            column: position.column,
            source: &source,
            span: range,
            label: "",
            at: None,
            help: help.as_deref(),
            note: None,
        };
        let mut rendered = String::new();
        snippet.render(&Palette::coloured(), &mut rendered);
        rendered.push_str("\n\n");
        out.write_all(rendered.as_bytes())
    }
}

/// On one line.
impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PlacedFault { name, position, message, help, .. } = &*self.0;
        write!(f, "{}:{}:{}: {message}", on_one_line(name), position.line, position.column)?;
        help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

impl std::error::Error for FileFault {}

/// A text of names and values in which each line shows only the name at its beginning, and punctuation.
pub(crate) fn without_values(text: &str) -> String {
    text.split_inclusive('\n').map(line_without_values).collect()
}

/// A line of names and values with `*` for each letter and digit of what is no name before a colon: as many bytes, so that
/// places in it stay.
fn line_without_values(line: &str) -> String {
    let kept = name_len(line);
    let star =
        |c: char| if c.is_alphanumeric() || !c.is_ascii() { "*".repeat(c.len_utf8()) } else { c.into() };
    line[..kept].chars().map(String::from).chain(line[kept..].chars().map(star)).collect()
}

/// The bytes up to the colon after the first word of a line; none where no colon comes right after it.
fn name_len(line: &str) -> usize {
    let start = line.len() - line.trim_start_matches([' ', '\t', '{', '[', ',', '-']).len();
    let rest = &line[start..];
    let end = match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => rest[1..].find(quote).map_or(0, |len| len + 2),
        _ => rest.find(|c: char| !c.is_alphanumeric() && !"_-./".contains(c)).unwrap_or(0),
    };
    let after = &rest[end..];
    let colon = after.len() - after.trim_start().len();
    // A URL has its colon in a value.
    let is_name = end > 0 && after[colon..].starts_with(':') && !after[colon..].starts_with("://");
    if is_name { start + end + colon + 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_line_with_secrets_only_the_name_is_shown() {
        let cases = [
            (r#"  "auth": "dXNlcg==","#, r#"  "auth": "******==","#),
            (r#"{"auths": {"r.example": {"auth": "eA"}}}"#, r#"{"auths": {"*.*******": {"****": "**"}}}"#),
            (r#""auth" "dXNl": 1"#, r#""****" "****": *"#),
            ("- db: hunter2: x", "- db: *******: *"),
            ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC=", "********************************="),
            ("password = \"hunter2\"", "******** = \"*******\""),
            ("https://u:p@host", "*****://*:*@****"),
            ("pässword", "*********"),
        ];
        for (line, shown) in cases {
            assert_eq!(line_without_values(line), shown, "{line}");
            assert_eq!(line.len(), shown.len());
        }
    }

    #[test]
    fn it_is_laid_out_as_a_finding() {
        let fault = FileFault::new("a.json", "{\n  \"a\": 1,\n}", &(10..11), "a comma with nothing after it")
            .help(Some("remove the comma"));
        let mut out = Vec::new();
        fault.write(&mut out, None).expect("in memory");
        let plain = anstream::adapter::strip_str(std::str::from_utf8(&out).expect("text")).to_string();
        assert_eq!(
            plain,
            "error: a comma with nothing after it\n --> a.json:2:9\n  |\n2 |   \"a\": 1,\n  |         ^\n  |\n  = help: \
             remove the comma\n\n"
        );
        assert_eq!(fault.to_string(), "a.json:2:9: a comma with nothing after it; remove the comma");
    }
}
