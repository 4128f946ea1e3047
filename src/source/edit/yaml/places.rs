//! Where the entries of a YAML text's collections are: names, dashes, values.

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::ScalarStyle;

use super::super::super::tree::Type;
use super::super::super::yaml::{NodeKind, YamlNode, YamlNodes};
use super::super::commas::{CommentNotation, end_of_line_comment};

/// An entry of a collection.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The offset of its name, with its anchor, or of its dash; in flow notation that of the element.
    pub(super) at: usize,
    /// The node of its name, where it is a member.
    pub(super) key: Option<u32>,
    /// The node of its value.
    pub(super) value: u32,
    /// The offset after the colon or dash, and after the anchor of the value.
    pub(super) hang: usize,
    /// The bytes of the value, from the `|` or `>` of a literal or folded text; empty for a value that is not written.
    pub(super) content: Range<usize>,
}

impl Entry {
    /// The offset after its last byte.
    pub(super) fn end(&self) -> usize {
        self.content.end.max(self.hang)
    }
}

/// The places of one text.
pub(super) struct Places<'d> {
    pub(super) text: &'d str,
    pub(super) nodes: YamlNodes<'d>,
    /// The entries of each collection. None where its notation is not edited: `?` before a name, a name without a colon, a
    /// pair without braces in a list.
    entries: HashMap<u32, Vec<Entry>>,
    /// The bytes of the entries of each flow collection.
    items: HashMap<u32, Vec<Range<usize>>>,
    /// The collection, and the index in it, of the entry that a node is the value of.
    entry_of: Vec<Option<(u32, usize)>>,
    /// Whether a node is inside a flow collection.
    in_flow: Vec<bool>,
    /// The offset after each node.
    ends: Vec<usize>,
}

impl<'d> Places<'d> {
    pub(super) fn of(text: &'d str, nodes: YamlNodes<'d>) -> Self {
        let count = nodes.nodes.len();
        let mut places = Self {
            text,
            entries: HashMap::new(),
            items: HashMap::new(),
            entry_of: vec![None; count],
            in_flow: vec![false; count],
            ends: vec![0; count],
            nodes,
        };
        places.find_flow();
        // A collection comes before its entries, whose ends it needs.
        for node in (0..count).rev() {
            places.find_end(node);
        }
        places
    }

    pub(super) fn node(&self, node: u32) -> &YamlNode<'d> {
        self.nodes.get(node)
    }

    pub(super) fn entries(&self, container: u32) -> Option<&[Entry]> {
        self.entries.get(&container).map(Vec::as_slice)
    }

    /// The bytes of the entries of a flow collection.
    pub(super) fn items(&self, container: u32) -> &[Range<usize>] {
        self.items.get(&container).map_or(&[], Vec::as_slice)
    }

    /// The entry that a node is the value of, its collection, and its index in it. None for the root.
    pub(super) fn entry_of(&self, node: u32) -> Option<(u32, usize, &Entry)> {
        let (container, index) = self.entry_of[node as usize]?;
        Some((container, index, self.entries(container)?.get(index)?))
    }

    /// Whether a node is inside a flow collection.
    pub(super) fn is_in_flow(&self, node: u32) -> bool {
        self.in_flow[node as usize]
    }

    pub(super) fn is_block(&self, node: u32) -> bool {
        matches!(
            self.node(node).kind,
            NodeKind::Array { is_block: true, .. } | NodeKind::Object { is_block: true, .. }
        )
    }

    pub(super) fn is_flow(&self, node: u32) -> bool {
        matches!(
            self.node(node).kind,
            NodeKind::Array { is_block: false, .. } | NodeKind::Object { is_block: false, .. }
        )
    }

    /// The column of an offset in block notation, from 0, in characters.
    pub(super) fn column(&self, at: usize) -> usize {
        self.text[self.line_start(at)..at].chars().count()
    }

    pub(super) fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// Whether only blanks come before `at` on its line.
    pub(super) fn begins_line(&self, at: usize) -> bool {
        let before = self.text[..at].trim_end_matches([' ', '\t']);
        before.is_empty() || before.ends_with('\n')
    }

    fn find_flow(&mut self) {
        for node in 0..self.nodes.nodes.len() {
            let (is_flow, children) = match &self.nodes.nodes[node].kind {
                NodeKind::Array { is_block, children } | NodeKind::Object { is_block, children, .. } => {
                    (!is_block, children)
                }
                _ => continue,
            };
            for child in children {
                self.in_flow[*child as usize] = is_flow || self.in_flow[node];
            }
        }
    }

    fn find_end(&mut self, index: usize) {
        let node = &self.nodes.nodes[index];
        self.ends[index] = match &node.kind {
            NodeKind::Scalar { style: ScalarStyle::Literal | ScalarStyle::Folded, value, .. } => {
                end_of_text(self.text, node.range.end, value)
            }
            NodeKind::Scalar { .. } | NodeKind::Alias { .. } => node.range.end,
            NodeKind::Array { is_block, children } => {
                let entries =
                    if *is_block { self.dashes(node.range.start, children) } else { self.elements(children) };
                self.take_entries(index, *is_block, entries)
            }
            NodeKind::Object { is_block, children, .. } => {
                let has_braces = self.text[node.range.start..].starts_with('{');
                let entries = if *is_block || has_braces { self.members(children, *is_block) } else { None };
                self.take_entries(index, *is_block, entries)
            }
        };
    }

    /// Stores the entries of a collection; returns its end.
    fn take_entries(&mut self, index: usize, is_block: bool, entries: Option<Vec<Entry>>) -> usize {
        let range = self.nodes.nodes[index].range.clone();
        let Some(entries) = entries else { return range.end };
        let container = u32::try_from(index).unwrap_or(u32::MAX);
        for (place, entry) in entries.iter().enumerate() {
            self.entry_of[entry.value as usize] = Some((container, place));
        }
        let end = entries.last().map_or(range.end, Entry::end);
        if !is_block {
            self.items.insert(container, entries.iter().map(|entry| entry.at..entry.end()).collect());
        }
        self.entries.insert(container, entries);
        // The comment after the last entry belongs to the block.
        if is_block { end_of_line_comment(self.text, end, CommentNotation::Hash) } else { range.end }
    }

    /// The elements of a block sequence whose first dash is at this offset.
    fn dashes(&self, first: usize, children: &[u32]) -> Option<Vec<Entry>> {
        let mut entries: Vec<Entry> = Vec::with_capacity(children.len());
        for child in children {
            let at = entries.last().map_or(first, |before| skip_gap(self.text, before.end()));
            if !self.text[at..].starts_with('-') {
                return None;
            }
            entries.push(self.entry(at, None, *child, at + 1)?);
        }
        Some(entries)
    }

    /// The elements of a flow sequence.
    fn elements(&self, children: &[u32]) -> Option<Vec<Entry>> {
        let entry = |child: &u32| {
            let at = self.start_of(*child);
            self.entry(at, None, *child, at)
        };
        children.iter().map(entry).collect()
    }

    /// The members of a mapping, merge keys included.
    fn members(&self, children: &[u32], is_block: bool) -> Option<Vec<Entry>> {
        let member = |pair: &[u32]| {
            let (key, value) = (pair[0], pair[1]);
            let at = self.start_of(key);
            let is_explicit = self.text[..at].trim_end_matches([' ', '\t', '\n', '\r']).ends_with('?');
            let end = self.ends[key as usize];
            let colon = if is_block {
                self.text.len() - self.text[end..].trim_start_matches([' ', '\t']).len()
            } else {
                skip_gap(self.text, end)
            };
            let has_colon = self.text[colon..].starts_with(':');
            if is_explicit || !has_colon { None } else { self.entry(at, Some(key), value, colon + 1) }
        };
        children.chunks_exact(2).map(member).collect()
    }

    /// The entry whose value comes after this offset.
    fn entry(&self, at: usize, key: Option<u32>, value: u32, after: usize) -> Option<Entry> {
        let node = self.node(value);
        let hang = node.anchor.as_ref().map_or(after, |anchor| anchor.end.max(after));
        let content = match &node.kind {
            NodeKind::Scalar { style: ScalarStyle::Literal | ScalarStyle::Folded, .. } => {
                let properties = node.tag.as_ref().map_or(hang, |tag| tag.end.max(hang));
                let header = skip_gap(self.text, properties);
                if !self.text[header..].starts_with(['|', '>']) {
                    return None;
                }
                header..self.ends[value as usize].max(header + 1)
            }
            NodeKind::Scalar { kind: Type::Null, style: ScalarStyle::Plain, .. }
                if !matches!(&self.text[node.range.clone()], "~" | "null" | "Null" | "NULL") =>
            {
                hang..hang
            }
            _ => node.range.start..self.ends[value as usize],
        };
        Some(Entry { at, key, value, hang, content })
    }

    /// The offset of a node, its anchor and tag included.
    fn start_of(&self, node: u32) -> usize {
        let node = self.node(node);
        let starts = [node.anchor.as_ref(), node.tag.as_ref(), Some(&node.range)];
        starts.into_iter().flatten().map(|range| range.start).min().unwrap_or_default()
    }
}

/// The offset after the last line of a literal or folded text, without the line break there. The empty lines at its end
/// belong to it if they are part of what it says.
fn end_of_text(text: &str, end: usize, value: &str) -> usize {
    let blank: &[char] = &[' ', '\t'];
    if value.ends_with("\n\n") || value == "\n" {
        let lines = text[..end].trim_end_matches(blank);
        let lines = lines.strip_suffix('\n').unwrap_or(lines);
        lines.strip_suffix('\r').unwrap_or(lines).len()
    } else {
        text[..end].trim_end_matches([' ', '\t', '\n', '\r']).len()
    }
}

/// The offset of what comes next, blanks, line breaks and comments skipped.
pub(super) fn skip_gap(text: &str, from: usize) -> usize {
    let mut at = from;
    loop {
        let rest = text[at..].trim_start_matches([' ', '\t', '\n', '\r']);
        at = text.len() - rest.len();
        if !rest.starts_with('#') {
            return at;
        }
        at += rest.find('\n').unwrap_or(rest.len());
    }
}
