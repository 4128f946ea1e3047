//! Values moved to another place of the text, as they are written.

use serde_json::Value as Json;

use super::super::super::yaml::NodeKind;
use super::content::{BodyKind, Content};
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
                self.put(container, index, &self.as_written(from, value))
            }
            _ => self.replace(id, name, value),
        }
    }

    /// A value as it is written, its anchor and tag included; on one line, for a node of flow notation.
    fn as_written(&self, from: u32, value: &Json) -> Content {
        let written = self.origins[from as usize].written;
        let Some((_, _, entry)) = self.places.entry_of(written) else { return self.block.block(value) };
        if self.places.is_in_flow(written) {
            return Content::inline(flow(value, false));
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
        Content { head, body, body_is }
    }
}

/// A line without up to this many blanks at its start.
fn outdented(line: &str, column: usize) -> &str {
    let blanks = line.len() - line.trim_start_matches(' ').len();
    &line[blanks.min(column)..]
}
