//! Writes an outline as YAML.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::super::outline::{Outline, OutlineItem};
use crate::format::comment::{Comment, Comments};
use crate::source::{Type, Value, yaml_scalar as scalar};

/// The widest line of a list on one line, in characters.
const WIDTH: usize = 80;
const INDENT: usize = 2;

/// Writes an outline in block notation, with lists of numbers, and lists in lists, on one line.
pub(in super::super) fn write(outline: &Outline<'_>) -> String {
    let mut writer = YamlWriter { items: &outline.items, out: String::new() };
    writer.root();
    writer.out
}

struct YamlWriter<'o, 'a> {
    items: &'o [OutlineItem<'a>],
    out: String,
}

/// A comment as lines of YAML comments. Characters that YAML does not take, and those that would end a line, are written as
/// JSON's escapes.
fn lines_of(text: &str) -> Vec<String> {
    let mut lines = plain_lines_of(text);
    lines.iter_mut().filter(|line| line.contains(is_odd)).for_each(|line| *line = escaped(line));
    lines
}

/// Whether a comment of YAML cannot hold a character.
fn is_odd(c: char) -> bool {
    let is_fine_control = matches!(c, '\t');
    (c.is_control() && !is_fine_control)
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn escaped(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    for c in line.trim_end_matches('\r').chars() {
        if is_odd(c) {
            // Writing to a string cannot fail.
            let _ = write!(plain, "\\u{:04X}", u32::from(c));
        } else {
            plain.push(c);
        }
    }
    plain
}

fn plain_lines_of(text: &str) -> Vec<String> {
    if text.starts_with('#') {
        return vec![text.to_owned()];
    }
    let hash = |line: &str| if line.is_empty() { "#".to_owned() } else { format!("# {line}") };
    if let Some(words) = text.strip_prefix("//") {
        return vec![format!("#{words}")];
    }
    let inside =
        text.trim_start_matches("/*").trim_end_matches("*/").trim_matches(['*', ' ', '\t', '\r', '\n']);
    let bare = |line: &str| line.trim().trim_start_matches('*').trim().to_owned();
    inside.lines().map(|line| hash(&bare(line))).collect()
}

impl<'o> YamlWriter<'o, '_> {
    fn root(&mut self) {
        let items = self.items;
        let root = &items[0];
        let none = Comments::default();
        let comments = root.comments.as_deref().unwrap_or(&none);
        self.comments(&comments.above, 0, true);
        self.comments(&comments.before, 0, false);
        self.comments(&comments.opening, 0, false);
        if comments.apart {
            self.out.push('\n');
        }
        if root.is_container() && !root.children.is_empty() {
            self.entries(root, 0, false);
        } else {
            let start = self.out.len();
            self.value(0, 0, true);
            // A single value begins its line.
            if self.out[start..].starts_with(' ') {
                self.out.remove(start);
            }
        }
        self.comments(&comments.after, 0, false);
        self.comments(&comments.footer, 0, false);
    }

    /// Writes the entries of a container; if `begun`, the first one on the current line.
    fn entries(&mut self, container: &'o OutlineItem<'_>, indent: usize, begun: bool) {
        let items = self.items;
        for index in container.children.clone() {
            let item = &items[index];
            let is_first = index == container.children.start;
            if let Some(comments) = &item.comments {
                self.comments(&comments.above, indent, is_first);
                if comments.apart {
                    self.out.push('\n');
                }
                self.comments(&comments.before, indent, false);
                self.comments(&comments.between, indent, false);
            }
            if !(begun && is_first) {
                self.indent(indent);
            }
            match item.key {
                Some(key) => {
                    let name = key.as_str().unwrap_or_default();
                    self.out.push_str(&scalar::line(&name, false));
                    self.out.push(':');
                }
                None => self.out.push('-'),
            }
            self.value(index, indent, item.key.is_some());
        }
        if let Some(comments) = &container.comments {
            self.comments(&comments.closing, indent, false);
        }
    }

    /// Writes the value of an entry that is indented by `indent`, from after its name or dash to the end of its last
    /// line.
    fn value(&mut self, index: usize, indent: usize, named: bool) {
        let items = self.items;
        let item = &items[index];
        if let Some(flat) = self.flat(index) {
            self.out.push(' ');
            self.out.push_str(&flat);
            self.end_of_line(item);
            return;
        }
        if !item.is_container() {
            self.block(item, indent);
            return;
        }
        if item.children.is_empty() {
            self.out.push_str(if item.value.kind() == Type::Object { " {}" } else { " []" });
            self.end_of_line(item);
            if let Some(comments) = &item.comments {
                self.comments(&comments.closing, indent + INDENT, false);
            }
            return;
        }
        let first = items[item.children.start].comments.as_deref();
        let is_plain =
            item.comments.as_ref().is_none_or(|own| own.opening.is_empty() && own.after.is_empty());
        let begun = !named
            && is_plain
            && first.is_none_or(|first| {
                first.above.is_empty() && first.before.is_empty() && first.between.is_empty()
            });
        if begun {
            self.out.push(' ');
        } else {
            self.end_of_line(item);
        }
        self.entries(item, indent + INDENT, begun);
    }

    /// Writes a string of several lines as a literal block.
    fn block(&mut self, item: &OutlineItem<'_>, indent: usize) {
        let text = item.value.as_str().unwrap_or_default();
        self.out.push(' ');
        self.out.push_str(scalar::block_header(&text).unwrap_or_default());
        self.end_of_line(item);
        for line in text.strip_suffix('\n').unwrap_or(&text).split('\n') {
            if !line.is_empty() {
                self.indent(indent + INDENT);
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }

    /// The value on one line; `None` if it needs several.
    fn flat(&self, index: usize) -> Option<String> {
        let item = &self.items[index];
        if !item.is_container() {
            let is_block = item.value.as_str().is_some_and(|text| scalar::block_header(&text).is_some());
            return (!is_block).then(|| scalar_of(item.value, false).into_owned());
        }
        let has_no_comments = |item: &OutlineItem<'_>| item.comments.is_none();
        let children = &self.items[item.children.clone()];
        let is_scalar = |child: &OutlineItem<'_>| !child.is_container() && child.value.kind() != Type::String;
        let is_in_list = item.key.is_none() && item.depth > 1;
        let is_flat = item.value.kind() == Type::Array
            && !children.is_empty()
            && item.comments.as_ref().is_none_or(|own| !own.are_inside())
            && children.iter().all(|child| {
                has_no_comments(child) && (is_scalar(child) || is_in_list && !child.is_container())
            });
        if !is_flat {
            return None;
        }
        let all: Vec<_> = children.iter().map(|child| scalar_of(child.value, true)).collect();
        let line = format!("[{}]", all.join(", "));
        (line.chars().count() + INDENT * item.depth as usize <= WIDTH).then_some(line)
    }

    /// Writes the comments at the end of an entry's first line, and its line break.
    fn end_of_line(&mut self, item: &OutlineItem<'_>) {
        if let Some(comments) = &item.comments {
            for comment in comments.opening.iter().chain(&comments.after) {
                self.out.push(' ');
                // One `#` would be enough for all, but keeps them separate.
                let words = lines_of(comment.text);
                self.out.push_str(&words.join(" "));
            }
        }
        self.out.push('\n');
    }

    fn comments(&mut self, comments: &[Comment<'_>], indent: usize, is_first: bool) {
        for (index, comment) in comments.iter().enumerate() {
            if comment.apart && !(is_first && index == 0) {
                self.out.push('\n');
            }
            for line in lines_of(comment.text) {
                self.indent(indent);
                self.out.push_str(&line);
                self.out.push('\n');
            }
        }
    }

    fn indent(&mut self, columns: usize) {
        self.out.extend(std::iter::repeat_n(' ', columns));
    }
}

fn scalar_of(value: Value<'_>, in_flow: bool) -> Cow<'_, str> {
    match value.kind() {
        Type::String => Cow::Owned(scalar::line(&value.as_str().unwrap_or_default(), in_flow).into_owned()),
        Type::Number => Cow::Borrowed(value.as_number().unwrap_or_default()),
        Type::Boolean => Cow::Borrowed(if value.as_bool() == Some(true) { "true" } else { "false" }),
        _ => Cow::Borrowed("null"),
    }
}
