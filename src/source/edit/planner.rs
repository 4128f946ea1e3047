//! The edits that single changes of a document need. What is put in takes on the layout of its neighbours.

use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};

use serde_json::Value as Json;

use super::super::document::Document;
use super::super::json_text::quoted;
use super::super::pointer::Step;
use super::super::tree::{Type, Value};
use super::Edit;
use super::layout::{Layout, Style, indent_at, is_blank, is_multiline, items, line_starts_with, reindent};

/// Plans changes of one JSON or JSONC document, each on its own: all edits refer to the document as it is. The layout of
/// the document is determined once.
pub(crate) struct EditPlanner<'d> {
    document: &'d Document,
    style: Style,
    /// The bytes of the members or elements of a container, by its node id.
    items: HashMap<u32, Vec<Range<usize>>>,
}

impl<'d> EditPlanner<'d> {
    pub(crate) fn new(document: &'d Document) -> Self {
        Self { document, style: Style::of(document), items: HashMap::new() }
    }

    fn items(&mut self, container: Value<'_>) -> &[Range<usize>] {
        self.items.entry(container.node_id()).or_insert_with(|| items(&container))
    }

    /// The value at the end of a path. The elements of an array are counted once, not for each path.
    pub(crate) fn follow<'v>(&mut self, from: Value<'v>, path: &[Step]) -> Option<Value<'v>> {
        path.iter().try_fold(from, |value, step| match step {
            Step::Key(name) => value.get(name),
            Step::Index(index) if value.kind() == Type::Array => {
                self.items(value).get(*index).and_then(|item| value.at_offset(item.start))
            }
            Step::Index(_) => None,
        })
    }

    /// Sets the value at the end of a path: replaces it, or adds the member at the end of its object. No edit where an
    /// equal value is there already, however it is spelled; `None` where there is no object for it.
    pub(crate) fn set(&mut self, from: Value<'_>, path: &[Step], value: &Json) -> Option<Vec<Edit>> {
        match (self.follow(from, path), path.split_last()) {
            (Some(old), _) if old.to_json() == *value => Some(Vec::new()),
            (Some(old), _) => Some(vec![self.replace(old, value)]),
            (None, Some((Step::Key(name), path))) => {
                let object = self.follow(from, path).filter(is_object)?;
                Some(self.insert(object, Some(name), value))
            }
            _ => None,
        }
    }

    /// Adds an element at the end of the array at the end of a path; `None` where there is no array.
    pub(crate) fn push(&mut self, from: Value<'_>, path: &[Step], value: &Json) -> Option<Vec<Edit>> {
        let array = self.follow(from, path).filter(|value| value.kind() == Type::Array)?;
        Some(self.insert(array, None, value))
    }

    /// Moves a value to another path as it is written, with its comments; `None` where either path does not exist.
    pub(crate) fn relocate(&mut self, from: Value<'_>, old: &[Step], new: &[Step]) -> Option<Vec<Edit>> {
        let value = self.follow(from, old)?;
        let (name, path) = new.split_last()?;
        let object = self.follow(from, path).filter(is_object)?;
        let text = self.document.text();
        let mut edits = match (self.follow(from, new), name) {
            (Some(there), _) => {
                let replacement = as_moved(text, value, || indent_at(text, there.range().start));
                vec![Edit { range: there.range(), replacement }]
            }
            (None, Step::Key(name)) => {
                let end = self.items(object).last().map_or(object.range().end - 1, |last| last.end);
                self.insert_as(object, Some(name), |_, layout| match layout {
                    Layout::Inline => as_moved(text, value, || indent_at(text, end)),
                    Layout::Lines { indent } => as_moved(text, value, || indent),
                })
            }
            (None, Step::Index(_)) => return None,
        };
        edits.extend(self.remove(from, old)?);
        Some(edits)
    }

    /// Replaces a value, in the layout of its surroundings.
    pub(crate) fn replace(&self, old: Value<'_>, value: &Json) -> Edit {
        let text = self.document.text();
        // A scalar stays on its line, with the comment after it.
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
        name.map_or(String::new(), |name| quoted(name) + self.style.json.colon())
    }

    /// Adds a member (`name`) or an element at the end of an object or array.
    pub(crate) fn insert(&mut self, container: Value<'_>, name: Option<&str>, value: &Json) -> Vec<Edit> {
        self.insert_as(container, name, |style, layout| style.render(value, layout))
    }

    /// Adds a member at the end of an object, with a value from elsewhere in the text, as it is written there.
    pub(crate) fn insert_moved(&mut self, object: Value<'_>, name: &str, value: Value<'_>) -> Vec<Edit> {
        let text = self.document.text();
        self.insert_as(object, Some(name), |_, layout| match layout {
            Layout::Inline => value.source().to_owned(),
            Layout::Lines { indent } => as_moved(text, value, || indent),
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
            let line = format!("{}{indent}{}{rendered}", style.json.newline, self.key(name));
            let at = end_of_line_comment(text, after);
            return match comma {
                Some(_) => vec![Edit::insert(at, line + ",")],
                None => vec![Edit::insert(last.end, ","), Edit::insert(at, line)],
            };
        }
        let entry = format!("{}{}", self.key(name), render(style, &Layout::Inline));
        let space = if style.json.is_spaced { " " } else { "" };
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
            let indent = format!("{outer}{}", style.json.indent);
            let rendered = render(style, &Layout::Lines { indent: indent.clone() });
            format!("{nl}{indent}{}{rendered}{nl}{outer}", self.key(name), nl = style.json.newline)
        } else {
            let pad = if name.is_some() && style.json.is_spaced { " " } else { "" };
            format!("{pad}{}{}{pad}", self.key(name), render(style, &Layout::Inline))
        };
        // A comment inside the empty container stays where it is, before the new entry.
        let at = if text[inside.clone()].trim().is_empty() { inside } else { inside.end..inside.end };
        Edit { range: at, replacement }
    }

    /// Removes the member or element at the end of a path with its comma. No edit where there is none; `None` for the
    /// empty path.
    pub(crate) fn remove(&mut self, from: Value<'_>, path: &[Step]) -> Option<Vec<Edit>> {
        let (step, path) = path.split_last()?;
        let Some(container) = self.follow(from, path) else { return Some(Vec::new()) };
        Some(match step {
            Step::Index(index) => self.remove_elements(container, &[*index]),
            // All duplicates of the name are removed: otherwise an earlier one would count.
            Step::Key(name) => {
                let named = container.members().enumerate().filter(|(_, (key, _))| key.is_str(name));
                let named: Vec<usize> = named.map(|(index, _)| index).collect();
                self.remove_items(container, &named)
            }
        })
    }

    /// Removes the elements with these indices, in ascending order, from an array; ignores indices beyond its end.
    pub(crate) fn remove_elements(&mut self, array: Value<'_>, indices: &[usize]) -> Vec<Edit> {
        if array.kind() == Type::Array { self.remove_items(array, indices) } else { Vec::new() }
    }

    /// Removes the item whose value begins at `start`; `None` where there is none.
    pub(crate) fn remove_at(&mut self, container: Value<'_>, start: usize) -> Option<Edit> {
        let items = self.items(container);
        let index = items.partition_point(|item| item.end <= start);
        let is_there = items.get(index).is_some_and(|item| item.start <= start);
        if is_there { self.remove_items(container, &[index]).pop() } else { None }
    }

    /// Removes the items with these indices, in ascending order, each run of neighbours with one edit.
    fn remove_items(&mut self, container: Value<'_>, indices: &[usize]) -> Vec<Edit> {
        let text = self.document.text();
        let items = self.items(container);
        if let ([first, .., last], true) = (items, indices.len() == items.len()) {
            return vec![Edit::remove(first.start..last.end)];
        }
        let mut edits = Vec::new();
        for run in indices.chunk_by(|one, other| one + 1 == *other) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            if *last < items.len() {
                remove_run(text, items, *first..=*last, container, &mut edits);
            }
        }
        edits
    }
}

/// Removes neighbours. Comments stay: those after an item on its line, and those before the next item that stays.
fn remove_run(
    text: &str,
    items: &[Range<usize>],
    run: RangeInclusive<usize>,
    container: Value<'_>,
    edits: &mut Vec<Edit>,
) {
    let (first, last) = (&items[*run.start()], &items[*run.end()]);
    let after =
        |item: &Range<usize>| trailing_comma(text, item, container).map_or(item.end, |comma| comma + 1);
    let Some(next) = items.get(run.end() + 1) else {
        let after = after(last);
        edits.push(Edit::remove(match run.start().checked_sub(1) {
            _ if end_of_line_comment(text, after) > after => first.start..after,
            Some(before) => items[before].end..last.end,
            None => first.start..after,
        }));
        return;
    };
    // Items up to the last comment in between are removed one by one.
    let has_comment = |index: &usize| {
        let next = &items[index + 1];
        !text[after(&items[*index])..next.start].trim().is_empty()
    };
    let commented = run.clone().rev().find(has_comment).map_or(*run.start(), |index| index + 1);
    for item in &items[*run.start()..commented] {
        edits.push(Edit::remove(whole_line(text, item.start..after(item))));
    }
    if commented <= *run.end() {
        edits.push(Edit::remove(items[commented].start..next.start));
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

fn is_object(value: &Value<'_>) -> bool {
    value.kind() == Type::Object
}

/// The offset of the comma after an item, comments skipped, if there is one before the container ends.
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

/// The range, or its whole line where nothing else is on that line.
fn whole_line(text: &str, range: Range<usize>) -> Range<usize> {
    let before = text[..range.start].trim_end_matches(is_blank);
    let after = text[range.end..].trim_start_matches(is_blank);
    let is_alone = (before.is_empty() || before.ends_with('\n')) && after.starts_with('\n');
    if is_alone { before.len()..text.len() - after.len() + 1 } else { range }
}

/// The end of a comment that follows on the same line; `at` itself when there is none.
fn end_of_line_comment(text: &str, at: usize) -> usize {
    let rest = text[at..].trim_start_matches(is_blank);
    if !rest.starts_with("//") && !rest.starts_with("/*") {
        return at;
    }
    let line = text[at..].split('\n').next().unwrap_or_default();
    at + line.strip_suffix('\r').unwrap_or(line).len()
}
