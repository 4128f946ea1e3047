//! Values moved to another place of the text, as they are written.

use serde_json::Value as Json;

use super::super::super::yaml::NodeKind;
use super::content::{BodyKind, Content};
use super::places::Entry;
use super::{PlannedEdit, YamlPlanner, flow};

impl YamlPlanner<'_> {
    /// Adds a member at the end of an object with the value of another node, as it is written there; `value` is the same
    /// value.
    pub(in super::super) fn insert_moved(&self, id: u32, name: &str, from: u32, value: &Json) -> PlannedEdit {
        let container = self.origins[id as usize].node;
        if self.places.is_flow(container) && !self.becomes_block(container) {
            return self.insert_flow(container, Some(name), value);
        }
        self.insert_block(container, Some(name), &self.as_written(from, value))
    }

    /// Replaces a value by that of another node, as it is written there; `value` is the same value.
    pub(in super::super) fn replace_moved(
        &self,
        id: u32,
        name: Option<&str>,
        from: u32,
        value: &Json,
    ) -> PlannedEdit {
        let origin = self.origins[id as usize];
        let parent = self.origins[origin.parent as usize].node;
        match self.places.entry_of(origin.written) {
            Some((container, index, entry))
                if container == parent && !self.places.is_in_flow(entry.value) =>
            {
                let content = self.as_written(from, value);
                // Lines between the name and the old value stay. In front of the further lines of a text they would be
                // part of it.
                let is_split = content.body_is == BodyKind::Rest && !content.body.is_empty();
                let is_changed = is_split && self.has_lines_before_value(entry);
                let content = if is_changed || self.is_open_before(from, entry.end()) {
                    self.block.block(value)
                } else {
                    content
                };
                self.put(container, index, &content)
            }
            _ => self.replace(id, name, value),
        }
    }

    /// Whether empty lines or comments are between the line of an entry's name or dash and its value.
    fn has_lines_before_value(&self, entry: &Entry) -> bool {
        self.places.text[entry.hang..entry.content.start].matches('\n').nth(1).is_some()
    }

    /// Whether a node, put before the end of a line, would take in the empty lines after it: its last text keeps its line
    /// breaks (`|+`).
    fn is_open_before(&self, from: u32, at: usize) -> bool {
        let after = self.places.text[at..].split_once('\n').map_or("", |(_, after)| after);
        let is_before_empty = after.split_once('\n').is_some_and(|(line, _)| line.trim().is_empty());
        is_before_empty && self.keeps_line_breaks(self.origins[from as usize].written)
    }

    pub(super) fn keeps_line_breaks(&self, node: u32) -> bool {
        let header = self.header_of_last_text(node).and_then(|header| header.split(" #").next());
        header.is_some_and(|indicators| indicators.contains('+'))
    }

    /// The first line of the literal or folded text that a node is or ends with.
    fn header_of_last_text(&self, mut node: u32) -> Option<&str> {
        while let Some(last) = self.places.entries(node).and_then(<[Entry]>::last) {
            node = last.value;
        }
        let (_, _, entry) = self.places.entry_of(node)?;
        self.header_of_text(entry)
    }

    /// A list or object in flow notation with a comment on its lines, as it is written.
    fn flow_as_written(&self, entry: &Entry) -> Option<Content> {
        const DEEPER: &str = "  ";
        let source = &self.places.text[entry.content.clone()];
        let mut lines = source.lines();
        let head = lines.next()?.to_owned();
        let has_comment = source.contains(" #") && source.contains('\n') && source.starts_with(['[', '{']);
        // Further lines are deeper than the name that they belong to.
        let body: Vec<String> = lines.map(|line| format!("{DEEPER}{}", line.trim_start())).collect();
        has_comment.then_some(Content { head, body, body_is: BodyKind::Rest, ends_as_text: false })
    }

    /// A value as it is written, its anchor and tag included; on one line, for a node of flow notation.
    fn as_written(&self, from: u32, value: &Json) -> Content {
        let written = self.origins[from as usize].written;
        let Some((_, _, entry)) = self.places.entry_of(written) else { return self.block.block(value) };
        if self.places.is_in_flow(written) {
            return self.flow_as_written(entry).unwrap_or_else(|| Content::inline(flow(value, false)));
        }
        let (text, node) = (self.places.text, self.places.node(written));
        let mut properties: Vec<_> = [node.anchor.clone(), node.tag.clone()].into_iter().flatten().collect();
        properties.sort_by_key(|range| range.start);
        let properties: Vec<&str> = properties.into_iter().map(|range| &text[range]).collect();
        let source = &text[entry.content.clone()];
        let (body_is, column) = match node.kind {
            NodeKind::Object { is_block: true, .. } => {
                (BodyKind::Members, self.places.column(entry.content.start))
            }
            NodeKind::Array { is_block: true, .. } => {
                (BodyKind::Elements, self.places.column(entry.content.start))
            }
            _ => (BodyKind::Rest, self.places.column(entry.at)),
        };
        let gap =
            &text[node.tag.as_ref().map_or(entry.hang, |tag| tag.end.max(entry.hang))..entry.content.start];
        let mut comments = gap.lines().map(str::trim);
        let beside = comments.next().filter(|comment| comment.starts_with('#'));
        let mut lines = source.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        let head;
        let mut body = Vec::new();
        let first = lines.next().unwrap_or_default();
        if body_is == BodyKind::Rest {
            let written = properties.into_iter().chain(Some(first).filter(|first| !first.is_empty()));
            head = written.collect::<Vec<_>>().join(" ");
        } else {
            // Comments between the name and the first entry go along.
            head = properties.into_iter().chain(beside).collect::<Vec<_>>().join(" ");
            body.extend(comments.filter(|comment| comment.starts_with('#')).map(str::to_owned));
            body.push(first.to_owned());
        }
        body.extend(lines.map(|line| outdented(line, column).to_owned()));
        Content { head, body, body_is, ends_as_text: self.header_of_last_text(written).is_some() }
    }
}

/// A line without up to this many blanks at its start.
fn outdented(line: &str, column: usize) -> &str {
    let blanks = line.len() - line.trim_start_matches(' ').len();
    &line[blanks.min(column)..]
}
