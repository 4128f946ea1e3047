//! Changes of a YAML text: in block notation whole lines, in flow notation items between commas. What is put in takes on
//! the indentation, the quotes and the line ends of its neighbours.
//!
//! Each change is planned for one node of the tree. That a node may be written elsewhere (an alias, a merge key), and is
//! then shared with other nodes, is not looked into here: the caller compares what the whole text reads as.

mod block;
mod content;
mod moved;
mod places;

use std::ops::Range;

use granit_parser::ScalarStyle;
use serde_json::Value as Json;

use super::super::document::Document;
use super::super::json_text::quoted;
use super::super::tree::{Tree, Type};
use super::super::yaml::{NodeKind, Origin, YamlNodes, expand};
use super::commas::{AppendedItem, CommaList, CommentNotation, end_of_line_comment};
use super::layout::{EditLayout, Style, indent_at};
use super::{Edit, EditError};

use content::{BlockStyle, Content, flow, like};
use places::{Entry, Places};

/// Plans changes of one YAML document. Nodes are named by their ids in its tree.
pub(super) struct YamlPlanner<'d> {
    places: Places<'d>,
    origins: Vec<Origin>,
    /// How many nodes of the tree each node of the text becomes.
    shares: Vec<u32>,
    /// The layout of flow collections.
    flow: Style,
    /// The text is JSON, or nearly: its names are in double quotes.
    is_json: bool,
    block: BlockStyle,
}

type PlannedEdit = Result<Vec<Edit>, EditError>;

impl<'d> YamlPlanner<'d> {
    pub(super) fn new(document: &'d Document) -> Result<Self, EditError> {
        let text = document.text();
        let nodes = YamlNodes::read(text)?;
        let (mut tree, mut origins) = (Tree::default(), Vec::<Origin>::new());
        expand(&nodes, &mut tree, &mut |origin| origins.push(origin))?;
        let mut shares = vec![0; nodes.nodes.len()];
        for origin in &origins {
            shares[origin.node as usize] += 1;
        }
        let places = Places::of(text, nodes);
        let flow = Style::of(document);
        let is_json = places.is_flow(places.nodes.root)
            && places.text[places.node(places.nodes.root).range.clone()]
                .trim_start_matches(['[', '{', ' ', '\t', '\r', '\n'])
                .starts_with('"');
        let block = block::style(&places);
        Ok(Self { places, origins, shares, flow, is_json, block })
    }

    /// Whether an array or object of the tree has a node as its element, or as the name or value of a member.
    pub(super) fn is_in(&self, id: u32, container: u32) -> bool {
        self.origins[id as usize].parent == container && id != container
    }

    /// Whether a node of the tree is the name of a member.
    pub(super) fn is_name(&self, id: u32) -> bool {
        self.origins[id as usize].is_name
    }

    /// The node of the text that holds the value of a node of the tree, and how many nodes of the tree share it.
    pub(super) fn shared(&self, id: u32) -> (u32, u32) {
        let node = self.origins[id as usize].node;
        (node, self.shares[node as usize])
    }

    /// The same, for the array or object that has a node of the tree.
    pub(super) fn shared_around(&self, id: u32) -> (u32, u32) {
        self.shared(self.origins[id as usize].parent)
    }

    /// Replaces a value. One that a merge key adds is overridden.
    pub(super) fn replace(&self, id: u32, name: Option<&str>, value: &Json) -> PlannedEdit {
        let origin = self.origins[id as usize];
        let Some((container, index, entry)) = self.places.entry_of(origin.written) else {
            return self.replace_root(origin, value);
        };
        let parent = self.origins[origin.parent as usize].node;
        if parent != container {
            return self.insert_into(parent, name, value);
        }
        let style = match (&self.places.node(origin.written).kind, value) {
            (NodeKind::Scalar { style, kind: Type::String, .. }, Json::String(_)) => Some(*style),
            _ => None,
        };
        let in_flow = self.places.is_in_flow(entry.value);
        if in_flow {
            let inline = self.flow_text(value, style, &entry.content);
            return Ok(self.put_inline(entry, &inline));
        }
        // A flow collection that holds something stays one.
        let stays_flow = self.places.is_flow(origin.written)
            && self.places.entries(origin.written).is_none_or(|entries| !entries.is_empty());
        let content = match value {
            Json::String(text) => Content::inline(like(style, text, false)),
            _ if stays_flow => Content::inline(flow(value, false)),
            _ => self.block.block(value),
        };
        self.put(container, index, &content)
    }

    fn replace_root(&self, origin: Origin, value: &Json) -> PlannedEdit {
        let root = self.places.node(origin.written);
        let is_root = origin.written == self.places.nodes.root;
        if !is_root || root.anchor.is_some() || root.tag.is_some() {
            return Err(self.refusal(origin.written));
        }
        let range = self.content_of_root();
        if self.is_json || self.places.is_flow(origin.written) {
            return Ok(vec![Edit { range: range.clone(), replacement: self.flow_text(value, None, &range) }]);
        }
        let content = self.block.block(value);
        let replacement = if content.body.is_empty() {
            content.head
        } else {
            let column = self.places.column(range.start);
            content.body.join(&format!("{}{:column$}", self.newline(), ""))
        };
        Ok(vec![Edit { range, replacement }])
    }

    fn content_of_root(&self) -> Range<usize> {
        let root = self.places.nodes.root;
        let range = self.places.node(root).range.clone();
        let end = self.places.entries(root).filter(|_| self.places.is_block(root));
        range.start..end.and_then(<[Entry]>::last).map_or(range.end, Entry::end)
    }

    /// Gives a member another name.
    pub(super) fn rename(&self, id: u32, name: &str) -> PlannedEdit {
        let origin = self.origins[id as usize];
        let node = self.places.node(origin.written);
        let NodeKind::Scalar { style, .. } = node.kind else { return Err(self.refusal(origin.written)) };
        let in_flow = self.places.is_in_flow(origin.written);
        Ok(vec![Edit {
            range: node.range.clone(),
            replacement: like(Some(style), name, in_flow).into_owned(),
        }])
    }

    /// Adds a member (`name`) or an element at the end of an object or array.
    pub(super) fn insert(&self, id: u32, name: Option<&str>, value: &Json) -> PlannedEdit {
        self.insert_into(self.origins[id as usize].node, name, value)
    }

    fn insert_into(&self, container: u32, name: Option<&str>, value: &Json) -> PlannedEdit {
        if self.places.is_flow(container) && !self.becomes_block(container) {
            return self.insert_flow(container, name, value);
        }
        self.insert_block(container, name, &self.block.block(value))
    }

    /// Whether an empty flow collection gets its first entry on a line of its own.
    fn becomes_block(&self, container: u32) -> bool {
        let is_empty = self.places.entries(container).is_some_and(<[Entry]>::is_empty);
        is_empty && container != self.places.nodes.root && !self.places.is_in_flow(container)
    }

    /// Adds an entry at the end of a flow collection.
    fn insert_flow(&self, container: u32, name: Option<&str>, value: &Json) -> PlannedEdit {
        let entries = self.places.entries(container).ok_or_else(|| self.refusal(container))?;
        let key = name.map(|name| self.flow_name(entries, name));
        let items = self.items(container);
        let space = if self.flow.json.is_spaced || !self.is_json { " " } else { "" };
        let entry = |layout: &EditLayout| {
            let rendered = if self.is_json { self.flow.render(value, layout) } else { flow(value, true) };
            key.as_ref().map_or(rendered.clone(), |key| format!("{key}:{space}{rendered}"))
        };
        let Some(last) = items.ranges.last() else {
            return Ok(vec![self.insert_first(container, name.is_some(), entry)]);
        };
        if !items.are_on_lines() {
            return Ok(items.append(&AppendedItem::Inline { space, entry: entry(&EditLayout::Inline) }));
        }
        let indent = indent_at(self.places.text, last.start).to_owned();
        let entry = entry(&EditLayout::Lines { indent: indent.clone() });
        Ok(items.append(&AppendedItem::Line(format!("{}{indent}{entry}", self.newline()))))
    }

    /// Puts the first entry into an empty flow collection.
    fn insert_first(&self, container: u32, is_object: bool, entry: impl Fn(&EditLayout) -> String) -> Edit {
        let (text, range) = (self.places.text, self.places.node(container).range.clone());
        let inside = range.start + 1..range.end - 1;
        let replacement = if self.is_json && self.flow.multiline {
            let outer = indent_at(text, range.start);
            let indent = format!("{outer}{}", self.flow.json.indent);
            let entry = entry(&EditLayout::Lines { indent: indent.clone() });
            format!("{nl}{indent}{entry}{nl}{outer}", nl = self.newline())
        } else {
            let pad = if is_object && self.is_json && self.flow.json.is_spaced { " " } else { "" };
            format!("{pad}{}{pad}", entry(&EditLayout::Inline))
        };
        let at = if text[inside.clone()].trim().is_empty() { inside } else { inside.end..inside.end };
        Edit { range: at, replacement }
    }

    /// Removes the members or elements with these values from an object or array.
    pub(super) fn remove(&self, id: u32, children: &[u32]) -> PlannedEdit {
        let container = self.origins[id as usize].node;
        let entries = self.places.entries(container).ok_or_else(|| self.refusal(container))?;
        let mut removed = Vec::with_capacity(children.len());
        for child in children {
            let written = self.origins[*child as usize].written;
            match self.places.entry_of(written) {
                Some((around, index, _)) if around == container => removed.push(index),
                _ => return Err(self.refuse(written, "a merge key adds it")),
            }
        }
        removed.sort_unstable();
        if self.places.is_block(container) {
            return self.remove_lines(container, entries, &removed);
        }
        Ok(self.items(container).remove(&removed))
    }

    /// The items of a flow collection.
    fn items(&self, container: u32) -> CommaList<'_> {
        let ranges = self.places.items(container);
        let container = self.places.node(container).range.clone();
        CommaList { text: self.places.text, ranges, container, comments: CommentNotation::Hash }
    }

    /// A name in the quotes of its neighbours.
    fn flow_name(&self, entries: &[Entry], name: &str) -> String {
        if self.is_json { quoted(name) } else { like(self.style_of_names(entries), name, true).into_owned() }
    }

    fn style_of_names(&self, entries: &[Entry]) -> Option<ScalarStyle> {
        match self.places.node(entries.first()?.key?).kind {
            NodeKind::Scalar { style, .. } => Some(style),
            _ => None,
        }
    }

    /// A value inside a flow collection, in place of what is there.
    fn flow_text(&self, value: &Json, style: Option<ScalarStyle>, old: &Range<usize>) -> String {
        match value {
            Json::String(text) if !self.is_json => like(style, text, true).into_owned(),
            _ if !self.is_json => flow(value, true),
            _ => {
                let text = self.places.text;
                let is_expanded = self.flow.multiline && text[old.clone()].contains('\n');
                self.flow.render(
                    value,
                    &if is_expanded {
                        EditLayout::Lines { indent: indent_at(text, old.start).to_owned() }
                    } else {
                        EditLayout::Inline
                    },
                )
            }
        }
    }

    fn newline(&self) -> &'static str {
        self.flow.json.newline
    }

    /// The end of the line that `at` is on if only a comment follows; otherwise `at`.
    fn after_comment(&self, at: usize) -> usize {
        end_of_line_comment(self.places.text, at, CommentNotation::Hash)
    }

    /// The error for a node whose notation is not edited.
    fn refusal(&self, node: u32) -> EditError {
        self.refuse(node, "its notation is not one that milepost edits")
    }

    fn refuse(&self, node: u32, why: &'static str) -> EditError {
        EditError::Yaml { at: self.places.node(node).range.start, why }
    }
}
