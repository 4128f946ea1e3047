//! Writes an outline as JSON, with its comments as JSONC.
//!
//! A value is on one line when it fits into [`WIDTH`], has no comment inside, and is a scalar, an array of scalars
//! (`["hostname", "UNIQUE"]`), or an object of scalars and such arrays; an object that is a member's value has at most
//! [`FEW`] members then. Either all objects of an array are on one line each, or all are expanded. Definitions, a pod's
//! containers, and maps with names of the user's choosing (`env`, `labels`) are always expanded.

use crate::schema::Shape;
use crate::source::Type;

use super::comment::Comment;
use super::order::object_of;
use super::outline::{Outline, OutlineItem};

/// The widest line of a value that could be expanded, in characters.
const WIDTH: usize = 100;
/// The most members of an object that is on the line of its name.
const FEW: usize = 3;
/// One level of indentation, in characters.
const INDENT: usize = 2;
/// Types whose objects are never on one line.
const LARGE: [&str; 5] = ["App", "AppUpdate", "Pod", "Group", "PodContainer"];

/// A value on one line.
#[derive(Clone, Copy)]
struct Flat {
    /// Characters.
    width: usize,
    /// It is an object, or holds one.
    has_object: bool,
}

/// Writes an outline; `spell` writes a scalar or a name.
pub(super) fn write<'a>(
    outline: &Outline<'a>,
    spell: impl Fn(&OutlineItem<'a>, LayoutPart) -> Spelling<'a>,
) -> String {
    let mut writer = OutlineWriter { items: &outline.items, flat: Vec::new(), spell, out: String::new() };
    writer.measure();
    writer.root();
    writer.out
}

/// The part of an item to spell.
#[derive(Clone, Copy)]
pub(super) enum LayoutPart {
    Name,
    Scalar,
}

/// How a name or scalar is written.
pub(super) type Spelling<'a> = std::borrow::Cow<'a, str>;

struct OutlineWriter<'o, 'a, F> {
    items: &'o [OutlineItem<'a>],
    flat: Vec<Option<Flat>>,
    spell: F,
    out: String,
}

/// A container that is being written.
struct OpenItem {
    item: usize,
    next: usize,
    /// Its objects are on one line each.
    rows: bool,
}

impl<'o, 'a, F: Fn(&OutlineItem<'a>, LayoutPart) -> Spelling<'a>> OutlineWriter<'o, 'a, F> {
    fn item(&self, index: usize) -> &'o OutlineItem<'a> {
        &self.items[index]
    }

    /// Determines which values fit on one line, children before their parents.
    fn measure(&mut self) {
        self.flat = vec![None; self.items.len()];
        for index in (0..self.items.len()).rev() {
            self.flat[index] = self.flat_of(&self.items[index]);
        }
    }

    fn flat_of(&self, item: &OutlineItem<'a>) -> Option<Flat> {
        if item.comments.as_ref().is_some_and(|comments| comments.are_inside()) {
            return None;
        }
        let kind = item.value.kind();
        if !item.is_container() {
            let width = (self.spell)(item, LayoutPart::Scalar).chars().count();
            return Some(Flat { width, has_object: false });
        }
        let count = item.children.len();
        if count == 0 {
            return Some(Flat { width: 2, has_object: false });
        }
        if kind == Type::Object && is_always_open(item) {
            return None;
        }
        let mut all = Flat { width: 2 * count, has_object: kind == Type::Object };
        if kind == Type::Object {
            // `{ ` and ` }` instead of `[` and `]`.
            all.width += 2;
        }
        for index in item.children.clone() {
            let child = self.item(index);
            let flat = self.flat[index]?;
            let is_alone = kind == Type::Array && count == 1;
            if flat.has_object && !is_alone || child.comments.as_ref().is_some_and(|r| r.are_around()) {
                return None;
            }
            let name = child.key.map_or(0, |_| (self.spell)(child, LayoutPart::Name).chars().count() + 2);
            all.width += flat.width + name;
            all.has_object |= flat.has_object;
            if all.width > WIDTH {
                return None;
            }
        }
        Some(all)
    }

    fn root(&mut self) {
        let root = self.item(0);
        if let Some(comments) = &root.comments {
            self.lines(&comments.above, 0, true);
            self.blank_line(comments.apart);
            self.inline(&comments.before);
        }
        self.value_of(0, 0, false);
        if let Some(comments) = &root.comments {
            self.trail(&comments.after);
            self.out.push('\n');
            self.lines(&comments.footer, 0, false);
        } else {
            self.out.push('\n');
        }
    }

    /// Writes an item's value with everything in it. Not by recursion: a text may nest deep.
    fn value_of(&mut self, item: usize, column: usize, row: bool) {
        let items = self.items;
        let mut open: Vec<OpenItem> = self.begin(item, column, row).into_iter().collect();
        loop {
            let indent = open.len() * INDENT;
            let Some(container) = open.last_mut() else { break };
            let parent = &items[container.item];
            if container.next < parent.children.end {
                let (index, rows) = (container.next, container.rows);
                container.next += 1;
                let column = self.head(index, indent, index == parent.children.start);
                match self.begin(index, column, rows) {
                    Some(inner) => open.push(inner),
                    None => self.tail(index, parent),
                }
                continue;
            }
            open.pop();
            self.end(parent, indent - INDENT);
            if let Some(outer) = open.last() {
                self.tail(outer.next - 1, &items[outer.item]);
            }
        }
    }

    /// Writes what comes before an entry's value; returns the column at which the value begins.
    fn head(&mut self, index: usize, indent: usize, is_first: bool) -> usize {
        let item = self.item(index);
        if let Some(comments) = &item.comments {
            self.lines(&comments.above, indent, is_first);
            self.blank_line(comments.apart);
        }
        let start = self.out.len();
        self.indent(indent);
        if let Some(comments) = &item.comments {
            self.inline(&comments.before);
        }
        if item.key.is_some() {
            let name = (self.spell)(item, LayoutPart::Name);
            self.out.push_str(&name);
            self.out.push_str(": ");
        }
        if let Some(comments) = &item.comments {
            self.inline(&comments.between);
        }
        self.out[start..].chars().count()
    }

    /// Writes what comes after an entry's value.
    fn tail(&mut self, index: usize, parent: &OutlineItem<'a>) {
        if index + 1 < parent.children.end {
            self.out.push(',');
        }
        if let Some(comments) = &self.item(index).comments {
            self.trail(&comments.after);
        }
        self.out.push('\n');
    }

    /// Writes a value that is on one line, or opens a container that is expanded.
    fn begin(&mut self, index: usize, column: usize, row: bool) -> Option<OpenItem> {
        let item = self.item(index);
        let is_object = item.value.kind() == Type::Object;
        // One more for the comma that may follow.
        let fits = self.flat[index].is_some_and(|flat| column + flat.width < WIDTH);
        let is_small = match item.key {
            _ if !is_object || item.children.is_empty() => true,
            Some(_) => item.children.len() <= FEW,
            None => row,
        };
        let is_expanded = item.is_container() && !(fits && is_small);
        if !is_expanded || item.children.is_empty() && item.comments.as_ref().is_none_or(|r| !r.are_inside())
        {
            self.flat(index);
            return None;
        }
        self.out.push(if is_object { '{' } else { '[' });
        let opening = item.comments.as_ref().map(|comments| comments.opening.as_slice()).unwrap_or_default();
        self.trail(opening);
        let closing = item.comments.as_ref().is_some_and(|comments| !comments.closing.is_empty());
        if item.children.is_empty() && !closing && opening.iter().all(Comment::is_inline) {
            self.out.push(' ');
            self.out.push(if is_object { '}' } else { ']' });
            return None;
        }
        self.out.push('\n');
        let rows = self.are_rows(item);
        Some(OpenItem { item: index, next: item.children.start, rows })
    }

    /// Whether the objects of an array are on one line each.
    fn are_rows(&self, array: &OutlineItem<'a>) -> bool {
        let indent = INDENT * (array.depth as usize + 1);
        array.children.clone().all(|index| {
            let is_object = self.items[index].value.kind() == Type::Object;
            !is_object || self.flat[index].is_some_and(|flat| indent + flat.width < WIDTH)
        })
    }

    fn end(&mut self, item: &OutlineItem<'a>, indent: usize) {
        if let Some(comments) = &item.comments {
            self.lines(&comments.closing, indent + INDENT, item.children.is_empty());
        }
        self.indent(indent);
        self.out.push(if item.value.kind() == Type::Object { '}' } else { ']' });
    }

    /// Writes a value on one line. Such a value is not deep.
    fn flat(&mut self, index: usize) {
        let item = self.item(index);
        let is_object = item.value.kind() == Type::Object;
        match item.value.kind() {
            Type::Array | Type::Object if item.children.is_empty() => {
                self.out.push_str(if is_object { "{}" } else { "[]" });
            }
            Type::Array | Type::Object => {
                self.out.push_str(if is_object { "{ " } else { "[" });
                for child in item.children.clone() {
                    if child > item.children.start {
                        self.out.push_str(", ");
                    }
                    if is_object {
                        let name = (self.spell)(self.item(child), LayoutPart::Name);
                        self.out.push_str(&name);
                        self.out.push_str(": ");
                    }
                    self.flat(child);
                }
                self.out.push_str(if is_object { " }" } else { "]" });
            }
            _ => {
                let scalar = (self.spell)(item, LayoutPart::Scalar);
                self.out.push_str(&scalar);
            }
        }
    }

    fn indent(&mut self, columns: usize) {
        self.out.extend(std::iter::repeat_n(' ', columns));
    }

    fn blank_line(&mut self, is_wanted: bool) {
        if is_wanted {
            self.out.push('\n');
        }
    }

    /// Comments on lines of their own.
    fn lines(&mut self, comments: &[Comment<'_>], indent: usize, is_first: bool) {
        for (index, comment) in comments.iter().enumerate() {
            self.blank_line(comment.apart && !(is_first && index == 0));
            self.indent(indent);
            self.comment(comment.text, Some(indent));
            self.out.push('\n');
        }
    }

    /// Comments before a value or name on the same line.
    fn inline(&mut self, comments: &[Comment<'_>]) {
        for comment in comments {
            self.comment(comment.text, None);
            self.out.push(' ');
        }
    }

    /// Comments after a value or bracket on the same line.
    fn trail(&mut self, comments: &[Comment<'_>]) {
        for comment in comments {
            self.out.push(' ');
            self.comment(comment.text, None);
        }
    }

    /// A comment. Aligns its lines where all of them begin with a star and its indentation is known. A comment of YAML
    /// becomes one of JSONC.
    fn comment(&mut self, text: &str, indent: Option<usize>) {
        if let Some(words) = text.strip_prefix('#') {
            self.out.push_str("//");
            self.out.push_str(words);
            return;
        }
        let has_stars = |text: &str| text.lines().skip(1).all(|line| line.trim_start().starts_with('*'));
        let Some(indent) = indent.filter(|_| text.starts_with("/*") && has_stars(text)) else {
            self.out.push_str(text);
            return;
        };
        let mut lines = text.lines();
        self.out.push_str(lines.next().unwrap_or_default().trim_end());
        for line in lines {
            self.out.push('\n');
            self.indent(indent + 1);
            self.out.push_str(line.trim());
        }
    }
}

/// Whether an object is never on one line: a definition, or a map with names of the user's choosing.
fn is_always_open(item: &OutlineItem<'_>) -> bool {
    let is_map = matches!(item.shape, Some(Shape::Map { .. }));
    is_map || object_of(item.shape, item.value).is_some_and(|object| LARGE.contains(&object.name))
}
