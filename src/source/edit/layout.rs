//! How a JSON text is laid out, and how a new value is written in the same layout.

use std::ops::Range;

use serde_json::{Number, Value as Json};

use super::super::document::Document;
use super::super::json_text::{self, JsonStyle, JsonWriter};
use super::super::tree::{Type, Value};

pub(super) enum EditLayout {
    /// On one line.
    Inline,
    /// On several lines, which are indented by at least this.
    Lines { indent: String },
}

/// How a document is written.
pub(super) struct Style {
    pub(super) json: JsonStyle,
    /// The members of the root are on lines of their own.
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
        let is_tight = first_member(&root).is_some_and(|(key, value)| {
            text[key.range().end..value.range().start].ends_with(':') && !is_multiline(value.source())
        });
        Self {
            json: JsonStyle {
                indent: unit.unwrap_or("  ").to_owned().into(),
                newline: if text.contains("\r\n") { "\r\n" } else { "\n" },
                is_spaced: !is_tight,
            },
            multiline,
        }
    }

    /// Writes a value. On lines, every object and every array that holds containers has an entry on each line.
    pub(super) fn render(&self, value: &Json, layout: &EditLayout) -> String {
        let EditLayout::Lines { indent } = layout else { return json_text::inline(value, &self.json) };
        let is_container = |value: &Json| value.is_object() || value.is_array();
        let breaks = |value: &Json| value.as_array().is_none_or(|elements| elements.iter().any(is_container));
        let mut writer = JsonWriter::new(&self.json, indent);
        writer.json(value, &breaks, &Number::to_string);
        writer.finish()
    }
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

/// White space within a line. A change looks no further than the end of that: a line may be the whole text, and may have
/// many changes.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() && c != '\n'
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Whether only white space comes before `at` on its line, and the line is not the first one.
pub(super) fn line_starts_with(text: &str, at: usize) -> bool {
    text[..at].trim_end_matches(is_blank).ends_with('\n')
}

/// The indentation of the line that holds `at`.
pub(super) fn indent_at(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// A value as it is written, moved from the indentation `old` to the indentation `new`.
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
