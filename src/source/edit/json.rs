//! Changes of a JSON or JSONC text.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::Value as Json;

use super::super::document::Document;
use super::super::json_text::quoted;
use super::super::tree::{Type, Value};
use super::Edit;
use super::commas::{AppendedItem, CommaList, CommentNotation};
use super::layout::{EditLayout, Style, indent_at, is_multiline, items, line_starts_with, reindent};

/// Plans changes of one JSON or JSONC document. The layout of the document is determined once.
pub(super) struct JsonPlanner {
    style: Style,
    /// The bytes of the members or elements of a container, by its node id.
    items: HashMap<u32, Vec<Range<usize>>>,
}

impl JsonPlanner {
    pub(super) fn new(document: &Document) -> Self {
        Self { style: Style::of(document), items: HashMap::new() }
    }

    fn items<'p>(&'p mut self, container: Value<'p>) -> CommaList<'p> {
        let ranges = self.items.entry(container.node_id()).or_insert_with(|| items(&container));
        let comments = CommentNotation::Slashes;
        CommaList { text: container.text(), ranges, container: container.range(), comments }
    }

    /// Replaces a value, in the layout of its surroundings.
    pub(super) fn replace(&self, old: Value<'_>, value: &Json) -> Edit {
        let text = old.text();
        // A scalar stays on its line, with the comment after it.
        let is_scalar = !matches!(old.kind(), Type::Array | Type::Object);
        let own_line = !is_scalar && line_starts_with(text, old.range().start);
        let expanded = self.style.multiline && (is_multiline(old.source()) || own_line);
        let layout = if expanded {
            EditLayout::Lines { indent: indent_at(text, old.range().start).to_owned() }
        } else {
            EditLayout::Inline
        };
        Edit { range: old.range(), replacement: self.style.render(value, &layout) }
    }

    /// Replaces a value by another value of the text, as that is written.
    pub(super) fn replace_moved(old: Value<'_>, value: Value<'_>) -> Edit {
        let text = old.text();
        let replacement = as_moved(text, value, || indent_at(text, old.range().start));
        Edit { range: old.range(), replacement }
    }

    /// Gives a member another name.
    pub(super) fn rename(key: Value<'_>, name: &str) -> Edit {
        Edit { range: key.range(), replacement: quoted(name) }
    }

    /// Adds a member (`name`) or an element at the end of an object or array.
    pub(super) fn insert(&mut self, container: Value<'_>, name: Option<&str>, value: &Json) -> Vec<Edit> {
        self.insert_as(container, name, |style, layout| style.render(value, layout))
    }

    /// Adds a member at the end of an object, with a value from elsewhere in the text, as it is written there.
    pub(super) fn insert_moved(&mut self, object: Value<'_>, name: &str, value: Value<'_>) -> Vec<Edit> {
        let text = object.text();
        let end = self.items(object).ranges.last().map_or(object.range().end - 1, |last| last.end);
        self.insert_as(object, Some(name), |_, layout| match layout {
            EditLayout::Inline => as_moved(text, value, || indent_at(text, end)),
            EditLayout::Lines { indent } => as_moved(text, value, || indent),
        })
    }

    fn key(&self, name: Option<&str>) -> String {
        name.map_or(String::new(), |name| quoted(name) + self.style.json.colon())
    }

    fn insert_as(
        &mut self,
        container: Value<'_>,
        name: Option<&str>,
        render: impl Fn(&Style, &EditLayout) -> String,
    ) -> Vec<Edit> {
        let key = self.key(name);
        let Some(last) = self.items(container).ranges.last().cloned() else {
            return vec![self.insert_first(container, name, render)];
        };
        let item = if self.items(container).are_on_lines() {
            let indent = indent_at(container.text(), last.start).to_owned();
            let rendered = render(&self.style, &EditLayout::Lines { indent: indent.clone() });
            AppendedItem::Line(format!("{}{indent}{key}{rendered}", self.style.json.newline))
        } else {
            let entry = format!("{key}{}", render(&self.style, &EditLayout::Inline));
            AppendedItem::Inline { space: if self.style.json.is_spaced { " " } else { "" }, entry }
        };
        self.items(container).append(&item)
    }

    /// Puts the first member or element into an empty container.
    fn insert_first(
        &self,
        container: Value<'_>,
        name: Option<&str>,
        render: impl Fn(&Style, &EditLayout) -> String,
    ) -> Edit {
        let (text, style) = (container.text(), &self.style);
        let inside = container.range().start + 1..container.range().end - 1;
        let replacement = if style.multiline {
            let outer = indent_at(text, container.range().start);
            let indent = format!("{outer}{}", style.json.indent);
            let rendered = render(style, &EditLayout::Lines { indent: indent.clone() });
            format!("{nl}{indent}{}{rendered}{nl}{outer}", self.key(name), nl = style.json.newline)
        } else {
            let pad = if name.is_some() && style.json.is_spaced { " " } else { "" };
            format!("{pad}{}{}{pad}", self.key(name), render(style, &EditLayout::Inline))
        };
        // A comment inside the empty container stays where it is, before the new entry.
        let at = if text[inside.clone()].trim().is_empty() { inside } else { inside.end..inside.end };
        Edit { range: at, replacement }
    }

    /// Removes the items with these indices, in ascending order, each run of neighbours with one edit.
    pub(super) fn remove(&mut self, container: Value<'_>, indices: &[usize]) -> Vec<Edit> {
        self.items(container).remove(indices)
    }
}

/// A value as it is written, for a line with the indentation `new`.
fn as_moved<'t>(text: &str, value: Value<'_>, new: impl Fn() -> &'t str) -> String {
    let source = value.source();
    if is_multiline(source) {
        reindent(source, indent_at(text, value.range().start), new())
    } else {
        // Does not look for the start of the line, which may be very long.
        source.to_owned()
    }
}
