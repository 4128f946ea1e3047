//! Changes in block notation.

use std::ops::Range;

use granit_parser::ScalarStyle;

use super::super::super::yaml::NodeKind;
use super::super::{Edit, EditError};
use super::content::{BlockStyle, BodyKind, Content, like};
use super::places::{Entry, Places};
use super::{PlannedEdit, YamlPlanner};

/// How the blocks of a text are indented, by the first ones of each kind.
pub(super) fn style(places: &Places<'_>) -> BlockStyle {
    let (mut unit, mut indents_dashes) = (None, None);
    for (index, node) in places.nodes.nodes.iter().enumerate() {
        let NodeKind::Object { is_block: true, .. } = node.kind else { continue };
        let Ok(index) = u32::try_from(index) else { break };
        for entry in places.entries(index).unwrap_or_default() {
            let Some(first) = places.entries(entry.value).filter(|_| places.is_block(entry.value)) else {
                continue;
            };
            let Some(first) = first.first() else { continue };
            let deeper = places.column(first.at).saturating_sub(places.column(entry.at));
            if matches!(places.node(entry.value).kind, NodeKind::Array { .. }) {
                indents_dashes.get_or_insert(deeper > 0);
            } else if deeper > 0 {
                unit.get_or_insert(deeper);
            }
        }
        if unit.is_some() && indents_dashes.is_some() {
            break;
        }
    }
    BlockStyle { unit: unit.unwrap_or(2), indents_dashes: indents_dashes.unwrap_or(true) }
}

impl YamlPlanner<'_> {
    /// Lines with their line break before them.
    fn lines(&self, column: usize, lines: &[String]) -> String {
        let mut out = String::new();
        for line in lines {
            out.push_str(self.newline());
            if !line.is_empty() {
                out.extend(std::iter::repeat_n(' ', column));
                out.push_str(line);
            }
        }
        out
    }

    /// Puts content in place of the value of an entry of a block collection.
    pub(super) fn put(&self, container: u32, index: usize, content: &Content) -> PlannedEdit {
        let entries = self.places.entries(container).ok_or_else(|| self.refusal(container))?;
        let entry = &entries[index];
        let mut edits = self.without_tag(entry);
        let old = entry.content.clone();
        let column = self.places.column(entry.at);
        let is_own_line = !old.is_empty() && self.places.begins_line(old.start);
        let (is_block, is_member) = (content.is_block(), entry.key.is_some());
        let column = match content.body_is {
            BodyKind::Rest => column,
            _ if is_own_line && self.is_alike(entry, content.body_is) => self.places.column(old.start),
            _ if !is_member && !is_own_line && !old.is_empty() => self.places.column(old.start),
            _ if !is_member => column + 2,
            kind => self.block.below(column, kind),
        };
        if content.body.is_empty() && !is_own_line {
            edits.extend(self.put_inline(entry, &content.head));
        } else if is_own_line {
            if !content.head.is_empty() {
                edits.push(Edit::insert(entry.hang, format!(" {}", content.head)));
            }
            let before = self.line_break_before(old.start);
            edits.push(Edit { range: before..old.end, replacement: self.lines(column, &content.body) });
        } else if is_block && !is_member && content.head.is_empty() {
            let [first, rest @ ..] = &content.body[..] else { return Ok(edits) };
            let space = if old.is_empty() { " " } else { "" };
            let kept = self.comment_of_text(entry);
            let (head, lines) = (format!("{space}{first}{kept}"), self.lines(column, rest));
            if content.ends_as_text {
                let at = self.after_comment(old.end);
                edits.push(Edit { range: old, replacement: head });
                edits.push(Edit::insert(at, lines));
            } else {
                edits.push(Edit { range: old, replacement: head + &lines });
            }
        } else {
            let space = if content.head.is_empty() || !old.is_empty() { "" } else { " " };
            let kept = self.comment_of_text(entry);
            let head = format!("{space}{}{kept}", content.head);
            let start = if head.is_empty() { self.blanks_before(old.start, entry.hang) } else { old.start };
            let at = self.after_comment(old.end);
            let lines = self.lines(column, &content.body);
            if at == old.end {
                edits.push(Edit { range: start..old.end, replacement: head + &lines });
            } else {
                edits.push(Edit { range: start..old.end, replacement: head });
                edits.push(Edit::insert(at, lines));
            }
        }
        Ok(edits)
    }

    /// Puts a text on one line in place of a value that is on the line of its name or dash.
    pub(super) fn put_inline(&self, entry: &Entry, text: &str) -> Vec<Edit> {
        let space = if entry.content.is_empty() { " " } else { "" };
        let kept = self.comment_of_text(entry);
        vec![Edit { range: entry.content.clone(), replacement: format!("{space}{text}{kept}") }]
    }

    /// The comment after the `|` or `>` of a literal or folded text, with a blank before it.
    fn comment_of_text(&self, entry: &Entry) -> String {
        let header = self.header_of_text(entry).unwrap_or_default();
        header.find(" #").map_or(String::new(), |at| header[at..].to_owned())
    }

    /// The first line of a literal or folded text, from its `|` or `>`.
    pub(super) fn header_of_text(&self, entry: &Entry) -> Option<&str> {
        let is_text = matches!(
            self.places.node(entry.value).kind,
            NodeKind::Scalar { style: ScalarStyle::Literal | ScalarStyle::Folded, .. }
        );
        self.places.text[entry.content.clone()].lines().next().filter(|_| is_text)
    }

    /// The edit that removes the tag of a value.
    fn without_tag(&self, entry: &Entry) -> Vec<Edit> {
        let Some(tag) = &self.places.node(entry.value).tag else { return Vec::new() };
        let rest = &self.places.text[tag.end..];
        let blanks = rest.len() - rest.trim_start_matches(' ').len();
        vec![Edit::remove(tag.start..tag.end + blanks)]
    }

    /// Whether the value of an entry is a block collection of this kind.
    fn is_alike(&self, entry: &Entry, kind: BodyKind) -> bool {
        match self.places.node(entry.value).kind {
            NodeKind::Array { is_block, .. } => is_block && kind == BodyKind::Elements,
            NodeKind::Object { is_block, .. } => is_block && kind == BodyKind::Members,
            _ => false,
        }
    }

    /// The offset of the blanks before `at`, not before `from`.
    fn blanks_before(&self, at: usize, from: usize) -> usize {
        from + self.places.text[from..at].trim_end_matches([' ', '\t']).len()
    }

    /// The offset of the line break before the line of `at`.
    fn line_break_before(&self, at: usize) -> usize {
        let start = self.places.line_start(at);
        let before = &self.places.text[..start];
        let before = before.strip_suffix('\n').unwrap_or(before);
        before.strip_suffix('\r').unwrap_or(before).len()
    }

    /// Adds an entry at the end of a block collection, or the first one of an empty collection.
    pub(super) fn insert_block(&self, container: u32, name: Option<&str>, content: &Content) -> PlannedEdit {
        let entries = self.places.entries(container).ok_or_else(|| self.refusal(container))?;
        let Some((first, last)) = entries.first().zip(entries.last()) else {
            return self.insert_first_line(container, name, content);
        };
        let column = self.places.column(first.at);
        let lines = self.entry_lines(self.style_of_names(entries), name, content, column);
        Ok(vec![Edit::insert(self.after_comment(last.end()), lines)])
    }

    /// An entry as lines at this column, each with its line break before it.
    fn entry_lines(
        &self,
        style: Option<ScalarStyle>,
        name: Option<&str>,
        content: &Content,
        column: usize,
    ) -> String {
        let space = if content.head.is_empty() { "" } else { " " };
        let (first, body, below) = match (name, content.body.split_first()) {
            (None, Some((first, rest))) if content.is_block() && content.head.is_empty() => {
                (format!("- {first}"), rest, column + 2)
            }
            (None, _) => (format!("-{space}{}", content.head), &content.body[..], {
                if content.is_block() { column + 2 } else { column }
            }),
            (Some(name), _) => {
                let name = like(style, name, false);
                let below = self.block.below(column, content.body_is);
                (format!("{name}:{space}{}", content.head), &content.body[..], below)
            }
        };
        self.lines(column, &[first]) + &self.lines(below, body)
    }

    /// Replaces `{}` or `[]` by its first entry.
    fn insert_first_line(&self, container: u32, name: Option<&str>, content: &Content) -> PlannedEdit {
        let (around, index, entry) =
            self.places.entry_of(container).ok_or_else(|| self.refusal(container))?;
        let inside = self.places.node(container).range.clone();
        if !self.places.text[inside.start + 1..inside.end - 1].trim().is_empty() {
            return Err(EditError::Yaml { at: inside.start, why: "there is a comment between its brackets" });
        }
        let body_is = if name.is_some() { BodyKind::Members } else { BodyKind::Elements };
        let style = self.places.entries(around).and_then(|entries| self.style_of_names(entries));
        let style = style.filter(|_| entry.key.is_some());
        // Relative to the column of the new entry.
        let lines = self.entry_lines(style, name, content, 0);
        let body = lines.split(self.newline()).skip(1).map(str::to_owned).collect();
        let content = Content { head: String::new(), body, body_is, ends_as_text: content.ends_as_text };
        self.put(around, index, &content)
    }

    /// Removes entries of a block collection with their lines. Comments stay: those after an entry on its line, and those
    /// on lines of their own between the entries.
    pub(super) fn remove_lines(&self, container: u32, entries: &[Entry], removed: &[usize]) -> PlannedEdit {
        if removed.is_empty() {
            return Ok(Vec::new());
        }
        if removed.len() == entries.len() {
            return self.remove_all(container, entries);
        }
        let text = self.places.text;
        let mut edits = Vec::new();
        let mut rest = removed;
        if !self.places.begins_line(entries[0].at) || entries[0].at == 0 {
            // The next entry moves up to the dash, or to the start of the text.
            let run = removed.iter().enumerate().take_while(|(place, index)| place == *index).count();
            let next = entries.get(run).filter(|_| run > 0);
            let gap = |index: usize| text[entries[index].end()..entries[index + 1].at].trim().is_empty();
            if let Some(next) = next.filter(|_| (0..run).all(gap)) {
                edits.push(Edit::remove(entries[0].at..next.at));
                rest = &removed[run..];
            } else if run > 0 {
                let blanks =
                    text[entries[0].end()..].len() - text[entries[0].end()..].trim_start_matches(' ').len();
                edits.push(Edit::remove(entries[0].at..entries[0].end() + blanks));
                rest = &removed[1..];
            }
        }
        // Below a text that keeps its line breaks the one before an entry belongs to that text.
        let keeps_break = |index: usize| {
            let before = (0..index).rev().find(|before| removed.binary_search(before).is_err());
            before.is_some_and(|before| self.keeps_line_breaks(entries[before].value))
        };
        edits.extend(rest.iter().map(|index| {
            let (entry, range) = (&entries[*index], self.lines_of(&entries[*index]));
            let has_comment = range.start == entry.at;
            Edit::remove(if has_comment || !keeps_break(*index) {
                range
            } else {
                let line_break = text[range.end..].find('\n').map_or(0, |at| at + 1);
                self.places.line_start(entry.at)..range.end + line_break
            })
        }));
        Ok(edits)
    }

    /// The bytes of an entry with the line break before it; without it where a comment follows on the line.
    fn lines_of(&self, entry: &Entry) -> Range<usize> {
        let line = &self.places.text[entry.end()..];
        let end = entry.end() + (line.len() - line.trim_start_matches([' ', '\t']).len());
        if self.after_comment(end) > end { entry.at..end } else { self.line_break_before(entry.at)..end }
    }

    /// Leaves an empty collection.
    fn remove_all(&self, container: u32, entries: &[Entry]) -> PlannedEdit {
        let is_object = matches!(self.places.node(container).kind, NodeKind::Object { .. });
        let empty = if is_object { "{}" } else { "[]" };
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(Vec::new()) };
        let Some((around, index, _)) = self.places.entry_of(container) else {
            return Ok(vec![Edit { range: first.at..last.end(), replacement: empty.to_owned() }]);
        };
        // The comment after the last entry stays.
        let comment = &self.places.text[last.end()..self.after_comment(last.end())];
        let empty = [empty, comment.trim()].join(" ");
        self.put(around, index, &Content::inline(empty.trim_end()))
    }
}
