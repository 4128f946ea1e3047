//! Working out the edits for single changes: what is put in takes on the manners of its neighbours.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::Value as Json;

use super::edit::Edit;
use super::layout::{Layout, Style, indent_at, is_blank, is_multiline, items, line_starts_with, reindent};
use super::pointer::Step;
use super::tree::{Document, Type, Value};

/// Writes changes to one JSON or JSONC document, each on its own: the edits are all in terms of the document as it is.
/// What it finds out about the document's layout it finds out once.
pub(crate) struct Scribe<'d> {
    document: &'d Document,
    style: Style,
    /// The members' or elements' places in a container, by the container's.
    items: HashMap<u32, Vec<Range<usize>>>,
}

impl<'d> Scribe<'d> {
    pub(crate) fn new(document: &'d Document) -> Self {
        Self { document, style: Style::of(document), items: HashMap::new() }
    }

    fn items(&mut self, container: Value<'_>) -> &[Range<usize>] {
        self.items.entry(container.place()).or_insert_with(|| items(&container))
    }

    /// Replaces a value by another, in the layout of what surrounds it.
    pub(crate) fn replace(&self, old: Value<'_>, value: &Json) -> Edit {
        let text = self.document.text();
        // An element that is no more than a word stays on its line, with the comment behind it.
        let is_scalar = !matches!(old.kind(), Type::Array | Type::Object);
        let own_line = !is_scalar && line_starts_with(text, old.range().start);
        let expanded = self.style.multiline && (is_multiline(old.source()) || own_line);
        let layout = if expanded {
            Layout::Lines { indent: indent_at(text, old.range().start).to_owned() }
        } else {
            Layout::Inline
        };
        Edit { range: old.range(), replacement: self.style.render(value, &layout) }
    }

    fn key(&self, name: Option<&str>) -> String {
        name.map_or(String::new(), |name| format!("{}{}", Json::from(name), self.style.colon))
    }

    /// Adds a member (`name`) or an element at the end of an object or array.
    pub(crate) fn insert(&mut self, container: Value<'_>, name: Option<&str>, value: &Json) -> Vec<Edit> {
        self.insert_as(container, name, |style, layout| style.render(value, layout))
    }

    /// Adds a member at the end of an object, with a value that stands elsewhere in the text, as it is written there.
    pub(crate) fn insert_moved(&mut self, object: Value<'_>, name: &str, value: Value<'_>) -> Vec<Edit> {
        let old_indent = indent_at(self.document.text(), value.range().start);
        self.insert_as(object, Some(name), |_, layout| match layout {
            Layout::Inline => value.source().to_owned(),
            Layout::Lines { indent } => reindent(value.source(), old_indent, indent),
        })
    }

    fn insert_as(
        &mut self,
        container: Value<'_>,
        name: Option<&str>,
        render: impl Fn(&Style, &Layout) -> String,
    ) -> Vec<Edit> {
        let text = self.document.text();
        let Some(last) = self.items(container).last().cloned() else {
            return vec![self.insert_first(container, name, render)];
        };
        let style = &self.style;
        let own_line = line_starts_with(text, last.start) && last.start > container.range().start;
        let comma = trailing_comma(text, &last, container);
        let after = comma.map_or(last.end, |comma| comma + 1);
        if own_line {
            let indent = indent_at(text, last.start).to_owned();
            let rendered = render(style, &Layout::Lines { indent: indent.clone() });
            let line = format!("{}{indent}{}{rendered}", style.newline, self.key(name));
            let at = end_of_line_comment(text, after);
            return match comma {
                Some(_) => vec![Edit::insert(at, line + ",")],
                None => vec![Edit::insert(last.end, ","), Edit::insert(at, line)],
            };
        }
        let entry = format!("{}{}", self.key(name), render(style, &Layout::Inline));
        let space = if style.spaced() { " " } else { "" };
        match comma {
            Some(_) => vec![Edit::insert(after, format!("{space}{entry},"))],
            None => vec![Edit::insert(last.end, format!(",{space}{entry}"))],
        }
    }

    /// Puts the first member or element into an empty container.
    fn insert_first(
        &self,
        container: Value<'_>,
        name: Option<&str>,
        render: impl Fn(&Style, &Layout) -> String,
    ) -> Edit {
        let (text, style) = (self.document.text(), &self.style);
        let inside = container.range().start + 1..container.range().end - 1;
        let replacement = if style.multiline {
            let outer = indent_at(text, container.range().start);
            let indent = format!("{outer}{}", style.unit);
            let rendered = render(style, &Layout::Lines { indent: indent.clone() });
            format!("{nl}{indent}{}{rendered}{nl}{outer}", self.key(name), nl = style.newline)
        } else {
            let pad = if name.is_some() && style.spaced() { " " } else { "" };
            format!("{pad}{}{}{pad}", self.key(name), render(style, &Layout::Inline))
        };
        // A comment inside the empty container stays where it is, before what is put in.
        let at = if text[inside.clone()].trim().is_empty() { inside } else { inside.end..inside.end };
        Edit { range: at, replacement }
    }

    /// Removes a member or an element with its comma.
    pub(crate) fn remove(&mut self, container: Value<'_>, step: &Step) -> Vec<Edit> {
        let found: Vec<usize> = match step {
            Step::Index(index) if container.kind() == Type::Array => vec![*index],
            Step::Index(_) => Vec::new(),
            // Every one of duplicate keys goes, or the one before would come to life.
            Step::Key(name) => {
                let named = container.members().enumerate().filter(|(_, (key, _))| key.is_str(name));
                named.map(|(index, _)| index).collect()
            }
        };
        let items = self.items(container);
        if let ([first, .., last], true) = (items, found.len() == items.len()) {
            return vec![Edit { range: first.start..last.end, replacement: String::new() }];
        }
        let count = items.len();
        found
            .into_iter()
            .filter(|index| *index < count)
            .map(|index| self.remove_item(container, index))
            .collect()
    }

    /// Removes the item of this index. Comments stay: what follows one on its line, and what stands before the next.
    fn remove_item(&mut self, container: Value<'_>, index: usize) -> Edit {
        let text = self.document.text();
        let items = self.items(container);
        let item = &items[index];
        let after = trailing_comma(text, item, container).map_or(item.end, |comma| comma + 1);
        let has_comment = |gap: &str| !gap.trim().is_empty();
        let range = match items.get(index + 1) {
            Some(next) if has_comment(&text[after..next.start]) => whole_line(text, item.start..after),
            Some(next) => item.start..next.start,
            None if end_of_line_comment(text, after) > after => item.start..after,
            None if index > 0 => items[index - 1].end..item.end,
            None => item.clone(),
        };
        Edit { range, replacement: String::new() }
    }

    /// Removes the item whose value begins at `start`; nothing where there is none.
    pub(crate) fn remove_at(&mut self, container: Value<'_>, start: usize) -> Option<Edit> {
        let index = self.items(container).partition_point(|item| item.end <= start);
        let is_there = self.items(container).get(index).is_some_and(|item| item.start <= start);
        is_there.then(|| self.remove_item(container, index))
    }
}

/// The place of the comma after an item, comments skipped, if there is one before the container ends.
fn trailing_comma(text: &str, item: &Range<usize>, container: Value<'_>) -> Option<usize> {
    let end = container.range().end - 1;
    let mut at = item.end;
    while at < end {
        let rest = &text[at..end];
        match rest.as_bytes()[0] {
            b',' => return Some(at),
            b'/' if rest.starts_with("//") => at += rest.find('\n').unwrap_or(rest.len()),
            b'/' => at += rest.find("*/").map_or(rest.len(), |len| len + 2),
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            _ => return None,
        }
    }
    None
}

/// The range, or its whole line where nothing else stands there.
fn whole_line(text: &str, range: Range<usize>) -> Range<usize> {
    let before = text[..range.start].trim_end_matches(is_blank);
    let after = text[range.end..].trim_start_matches(is_blank);
    let is_alone = (before.is_empty() || before.ends_with('\n')) && after.starts_with('\n');
    if is_alone { before.len()..text.len() - after.len() + 1 } else { range }
}

/// Where a comment that follows on the same line ends; `at` itself when there is none.
fn end_of_line_comment(text: &str, at: usize) -> usize {
    let rest = text[at..].trim_start_matches(is_blank);
    if !rest.starts_with("//") && !rest.starts_with("/*") {
        return at;
    }
    let line = text[at..].split('\n').next().unwrap_or_default();
    at + line.strip_suffix('\r').unwrap_or(line).len()
}
