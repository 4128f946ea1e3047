//! How a JSON text is laid out, and writing a new value in the same manner.

use std::ops::Range;

use serde_json::Value as Json;

use super::document::Document;
use super::tree::{Type, Value};

pub(super) enum Layout {
    /// On the line, whatever it holds.
    Inline,
    /// Objects and arrays of objects on lines of their own, from this indentation on.
    Lines { indent: String },
}

/// How a document is written.
pub(super) struct Style {
    /// One level of indentation.
    pub(super) unit: String,
    pub(super) newline: &'static str,
    pub(super) colon: &'static str,
    /// The members of the root stand on lines of their own.
    pub(super) multiline: bool,
}

impl Style {
    pub(super) fn of(document: &Document) -> Self {
        let text = document.text();
        let root = document.root();
        let first = items(&root).first().map_or(0, |item| item.start);
        let multiline = first > 0 && line_starts_with(text, first);
        let outer = indent_at(text, root.range().start);
        let unit = indent_at(text, first).strip_prefix(outer).filter(|unit| multiline && !unit.is_empty());
        let tight = first_member(&root).is_some_and(|(key, value)| {
            text[key.range().end..value.range().start].ends_with(':') && !is_multiline(value.source())
        });
        Self {
            unit: unit.unwrap_or("  ").to_owned(),
            newline: if text.contains("\r\n") { "\r\n" } else { "\n" },
            colon: if tight { ":" } else { ": " },
            multiline,
        }
    }

    /// Whether there is a space after colons and commas.
    pub(super) fn spaced(&self) -> bool {
        self.colon == ": "
    }

    pub(super) fn render(&self, value: &Json, layout: &Layout) -> String {
        let mut out = String::new();
        match layout {
            Layout::Inline => self.inline(value, &mut out),
            Layout::Lines { indent } => self.lines(value, indent, &mut out),
        }
        out
    }

    fn inline(&self, value: &Json, out: &mut String) {
        let (comma, pad) = if self.spaced() { (", ", " ") } else { (",", "") };
        match value {
            Json::Array(elements) => {
                out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    out.push_str(if index > 0 { comma } else { "" });
                    self.inline(element, out);
                }
                out.push(']');
            }
            Json::Object(members) if !members.is_empty() => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    out.push_str(if index > 0 { comma } else { pad });
                    out.push_str(&Json::from(key.as_str()).to_string());
                    out.push_str(self.colon);
                    self.inline(value, out);
                }
                out.push_str(pad);
                out.push('}');
            }
            scalar => out.push_str(&scalar.to_string()),
        }
    }

    fn lines(&self, value: &Json, indent: &str, out: &mut String) {
        let deeper = format!("{indent}{}", self.unit);
        let is_nested = |element: &Json| element.is_object() || element.is_array();
        match value {
            Json::Array(elements) if elements.iter().any(is_nested) => {
                out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    out.push_str(self.newline);
                    out.push_str(&deeper);
                    self.lines(element, &deeper, out);
                }
                out.push_str(self.newline);
                out.push_str(indent);
                out.push(']');
            }
            Json::Object(members) if !members.is_empty() => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    out.push_str(self.newline);
                    out.push_str(&deeper);
                    out.push_str(&Json::from(key.as_str()).to_string());
                    out.push_str(self.colon);
                    self.lines(value, &deeper, out);
                }
                out.push_str(self.newline);
                out.push_str(indent);
                out.push('}');
            }
            other => self.inline(other, out),
        }
    }
}

/// A value in lines of at most `width` characters where that can be had: what fits stays on its line, what does not is
/// taken apart.
#[must_use]
pub fn fitted(value: &Json, width: usize) -> String {
    let style = Style { unit: "  ".to_owned(), newline: "\n", colon: ": ", multiline: true };
    let mut out = String::new();
    fit(&style, value, "", 0, width, &mut out);
    out
}

/// `used` characters of the line are taken already.
fn fit(style: &Style, value: &Json, indent: &str, used: usize, width: usize, out: &mut String) {
    let line = style.render(value, &Layout::Inline);
    if used + line.chars().count() <= width {
        return out.push_str(&line);
    }
    let items: Vec<(String, &Json)> = match value {
        Json::Array(elements) => elements.iter().map(|element| (String::new(), element)).collect(),
        Json::Object(members) => members
            .iter()
            .map(|(key, value)| (format!("{}{}", Json::from(key.as_str()), style.colon), value))
            .collect(),
        _ => return out.push_str(&line),
    };
    let (open, close) = if value.is_array() { ('[', ']') } else { ('{', '}') };
    let deeper = format!("{indent}{}", style.unit);
    out.push(open);
    for (index, (key, value)) in items.into_iter().enumerate() {
        out.push_str(if index > 0 { ",\n" } else { "\n" });
        out.push_str(&deeper);
        out.push_str(&key);
        // One more for the comma that may follow.
        fit(style, value, &deeper, deeper.len() + key.chars().count() + 1, width, out);
    }
    out.push('\n');
    out.push_str(indent);
    out.push(close);
}

/// The bytes of each member (from key to value) or element.
pub(super) fn items(container: &Value<'_>) -> Vec<Range<usize>> {
    match container.kind() {
        Type::Object => {
            container.members().map(|(key, value)| key.range().start..value.range().end).collect()
        }
        _ => container.elements().map(|element| element.range()).collect(),
    }
}

pub(super) fn is_multiline(source: &str) -> bool {
    source.contains('\n')
}

/// White space within a line. Looking for the end of that is all that is done for each change: a line may be the whole
/// text, and may have changes without number.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() && c != '\n'
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Whether what stands at `at` is the first thing on its line, and not on the first line.
pub(super) fn line_starts_with(text: &str, at: usize) -> bool {
    text[..at].trim_end_matches(is_blank).ends_with('\n')
}

/// The white space that the line of `at` starts with.
pub(super) fn indent_at(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// A value as it is written, for a place with another indentation.
pub(super) fn reindent(source: &str, old: &str, new: &str) -> String {
    let mut lines = source.split_inclusive('\n');
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        match line.strip_prefix(old) {
            Some(rest) => {
                out.push_str(new);
                out.push_str(rest);
            }
            None => out.push_str(line),
        }
    }
    out
}

fn first_member<'a>(root: &Value<'a>) -> Option<(Value<'a>, Value<'a>)> {
    match root.kind() {
        Type::Array => root.elements().next().and_then(|element| element.members().next()),
        _ => root.members().next(),
    }
}
