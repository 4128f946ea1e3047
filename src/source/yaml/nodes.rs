//! The nodes of a YAML text as they are written: aliases and merge keys are not expanded yet.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle, options};

use super::super::syntax::{SyntaxError, SyntaxProblem};
use super::super::tree::{Type, small};
use super::{MAX_NODES, TOO_MANY, error, range_of, schema};

/// The nodes of one text, in the order of the text.
pub(in super::super) struct YamlNodes<'t> {
    pub(in super::super) nodes: Vec<YamlNode<'t>>,
    /// The index of the outermost node.
    pub(in super::super) root: u32,
}

/// One node.
pub(in super::super) struct YamlNode<'t> {
    /// Its bytes without its anchor and tag; of a literal or folded text, from the first character after the mark that
    /// begins it.
    pub(in super::super) range: Range<usize>,
    /// The bytes of its anchor.
    pub(in super::super) anchor: Option<Range<usize>>,
    /// The bytes of its tag.
    pub(in super::super) tag: Option<Range<usize>>,
    pub(in super::super) kind: NodeKind<'t>,
}

pub(in super::super) enum NodeKind<'t> {
    Scalar {
        kind: Type,
        /// As JSON spells it; of a string, what it says.
        value: Cow<'t, str>,
        style: ScalarStyle,
    },
    Array {
        is_block: bool,
        children: Vec<u32>,
    },
    Object {
        is_block: bool,
        /// Names and values in turn, merge keys included.
        children: Vec<u32>,
        /// The members that merge keys add: name and value.
        merged: Vec<(u32, u32)>,
    },
    Alias {
        /// The node it repeats.
        target: u32,
    },
}

impl<'t> YamlNodes<'t> {
    /// Reads the parser's events.
    pub(in super::super) fn read(text: &'t str) -> Result<Self, SyntaxError> {
        let mut builder = Builder {
            text,
            nodes: Vec::new(),
            open: Vec::new(),
            anchors: HashMap::new(),
            merged: 0,
            root: None,
        };
        for event in Parser::new_from_str_with_options(text, options! { emit_anchor_events: true }) {
            let (event, span) = event.map_err(|e| {
                let at = e.marker().byte_offset().unwrap_or_default().min(text.len());
                error(at..at, e.info())
            })?;
            builder.take(event, &span)?;
        }
        let empty = SyntaxError { range: 0..text.len().min(1), problem: SyntaxProblem::Empty };
        Ok(Self { root: builder.root.ok_or(empty)?, nodes: builder.nodes })
    }

    pub(in super::super) fn get(&self, node: u32) -> &YamlNode<'t> {
        &self.nodes[node as usize]
    }

    /// The node itself, or what an alias repeats.
    pub(in super::super) fn resolve(&self, node: u32) -> u32 {
        match self.get(node).kind {
            NodeKind::Alias { target } => target,
            _ => node,
        }
    }

    /// What a scalar says; an empty text for other nodes.
    pub(in super::super) fn name_of(&self, node: u32) -> &str {
        name_of(&self.nodes, node)
    }

    /// The members that are written in an object, without its merge keys.
    pub(in super::super) fn own<'a>(&'a self, children: &'a [u32]) -> impl Iterator<Item = (u32, u32)> + 'a {
        own(&self.nodes, children)
    }
}

fn name_of<'a>(nodes: &'a [YamlNode<'_>], node: u32) -> &'a str {
    match &nodes[node as usize].kind {
        NodeKind::Scalar { value, .. } => value,
        NodeKind::Alias { target } => match &nodes[*target as usize].kind {
            NodeKind::Scalar { value, .. } => value,
            _ => "",
        },
        _ => "",
    }
}

fn own<'a>(nodes: &'a [YamlNode<'_>], children: &'a [u32]) -> impl Iterator<Item = (u32, u32)> + 'a {
    let pairs = children.chunks_exact(2).map(|pair| (pair[0], pair[1]));
    pairs.filter(|(name, _)| !is_merge_key(nodes, *name))
}

/// Whether a name merges other mappings into its own: `<<`. In quotes, or with the tag of a string, it is a name as any other.
fn is_merge_key(nodes: &[YamlNode<'_>], name: u32) -> bool {
    let node = &nodes[resolved(nodes, name) as usize];
    let is_plain =
        matches!(&node.kind, NodeKind::Scalar { value, style: ScalarStyle::Plain, .. } if value == "<<");
    is_plain && node.tag.is_none()
}

/// An array or object that is not closed yet.
struct OpenNode {
    node: u32,
    anchor: usize,
    children: Vec<u32>,
}

struct Builder<'t> {
    text: &'t str,
    nodes: Vec<YamlNode<'t>>,
    open: Vec<OpenNode>,
    anchors: HashMap<usize, u32>,
    /// How many members merge keys have added, or tried to add.
    merged: usize,
    root: Option<u32>,
}

impl<'t> Builder<'t> {
    fn take(&mut self, event: Event<'t>, span: &Span) -> Result<(), SyntaxError> {
        let range = range_of(span, self.text);
        let tag = span.tag_span().map(|span| range_of(&span, self.text));
        let (node, anchor) = match event {
            Event::Scalar(value, style, anchor, tag_name) => {
                let forced = tag_name.as_deref().is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
                if let Some(tag) = tag_name.as_deref().filter(|tag| !tag.is_yaml_core_schema()) {
                    return Err(error(range, format!("the tag {tag} has no meaning in JSON")));
                }
                let is_string = forced || style != ScalarStyle::Plain;
                let (kind, value) = schema::resolve(value, is_string)
                    .map_err(|value| error(range.clone(), format!("{value} has no counterpart in JSON")))?;
                (self.push(range, tag, NodeKind::Scalar { kind, value, style }), anchor)
            }
            Event::SequenceStart(style, anchor, _) => {
                let is_block = style == StructureStyle::Block;
                let start = if is_block { self.first_dash(range.start) } else { range.start };
                let kind = NodeKind::Array { is_block, children: Vec::new() };
                let node = self.push(start..range.end.max(start), tag, kind);
                self.open.push(OpenNode { node, anchor, children: Vec::new() });
                return Ok(());
            }
            Event::MappingStart(style, anchor, _) => {
                let is_block = style == StructureStyle::Block;
                let kind = NodeKind::Object { is_block, children: Vec::new(), merged: Vec::new() };
                let node = self.push(range, tag, kind);
                self.open.push(OpenNode { node, anchor, children: Vec::new() });
                return Ok(());
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(done) = self.open.pop() else { return Ok(()) };
                let (node, anchor) = (done.node, done.anchor);
                self.close(done, range.end)?;
                (node, anchor)
            }
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).copied();
                let target =
                    target.ok_or_else(|| error(range.clone(), "an alias of something that contains it"))?;
                (self.push(range, None, NodeKind::Alias { target }), 0)
            }
            Event::Anchor(..) => {
                if let Some(node) = self.nodes.last_mut() {
                    node.anchor = Some(range);
                }
                return Ok(());
            }
            _ => return Ok(()),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, node);
        }
        match self.open.last_mut() {
            Some(container) => container.children.push(node),
            None if self.root.is_some() => {
                let range = self.nodes[node as usize].range.clone();
                return Err(error(range, "a second document: a file holds one definition or one list"));
            }
            None => self.root = Some(node),
        }
        Ok(())
    }

    /// The offset of the first dash of a block sequence. The parser gives the offset of what follows it where the dashes are
    /// not indented, which is only possible below the name of a member.
    fn first_dash(&self, at: usize) -> usize {
        let Some(OpenNode { node, children, .. }) = self.open.last() else { return at };
        let is_member = matches!(self.nodes[*node as usize].kind, NodeKind::Object { is_block: true, .. })
            && children.len() % 2 == 1;
        let line = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let dash = line + self.text[line..at].bytes().take_while(|byte| *byte == b' ').count();
        if is_member && self.text[dash..].starts_with('-') { dash } else { at }
    }

    fn push(&mut self, range: Range<usize>, tag: Option<Range<usize>>, kind: NodeKind<'t>) -> u32 {
        self.nodes.push(YamlNode { range, anchor: None, tag, kind });
        small(self.nodes.len() - 1)
    }

    fn close(&mut self, open: OpenNode, end: usize) -> Result<(), SyntaxError> {
        let start = self.nodes[open.node as usize].range.start;
        // A block collection's span may end early; the end of its last child is exact.
        let last = open.children.last().map_or(start, |child| self.nodes[*child as usize].range.end);
        let is_closed =
            self.text.as_bytes().get(end.saturating_sub(1)).is_some_and(|b| matches!(b, b'}' | b']'));
        let end = if is_closed { end.max(last) } else { last };
        let is_object = matches!(self.nodes[open.node as usize].kind, NodeKind::Object { .. });
        let added = if is_object { self.merged(&open.children)? } else { Vec::new() };
        let node = &mut self.nodes[open.node as usize];
        node.range.end = end.max(start);
        match &mut node.kind {
            NodeKind::Object { children, merged, .. } => (*children, *merged) = (open.children, added),
            NodeKind::Array { children, .. } => *children = open.children,
            _ => {}
        }
        Ok(())
    }

    /// The members that the merge keys of an object add: those of one mapping, or of several, of which the first one
    /// wins.
    fn merged(&mut self, children: &[u32]) -> Result<Vec<(u32, u32)>, SyntaxError> {
        let mut sources = Vec::new();
        for pair in children.chunks_exact(2) {
            match &self.nodes[resolved(&self.nodes, pair[0]) as usize].kind {
                NodeKind::Scalar { .. } if is_merge_key(&self.nodes, pair[0]) => {
                    self.sources(pair[1], &mut sources)?;
                }
                NodeKind::Scalar { .. } => {}
                _ => {
                    let range = self.nodes[pair[0] as usize].range.clone();
                    return Err(error(range, "a name must be a plain value"));
                }
            }
        }
        if sources.is_empty() {
            return Ok(Vec::new());
        }
        let mut names: HashSet<&str> =
            own(&self.nodes, children).map(|(name, _)| name_of(&self.nodes, name)).collect();
        let (mut added, mut met) = (Vec::new(), HashSet::new());
        for source in sources {
            // The same mapping a second time adds nothing.
            if !met.insert(source) {
                continue;
            }
            let NodeKind::Object { children, merged, .. } = &self.nodes[source as usize].kind else {
                continue;
            };
            for (name, value) in merged.iter().copied().chain(own(&self.nodes, children)) {
                self.merged += 1;
                if self.merged > MAX_NODES {
                    return Err(error(self.nodes[source as usize].range.clone(), TOO_MANY));
                }
                if names.insert(name_of(&self.nodes, name)) {
                    added.push((name, value));
                }
            }
        }
        Ok(added)
    }

    /// The mappings that the value of a merge key names.
    fn sources(&self, value: u32, into: &mut Vec<u32>) -> Result<(), SyntaxError> {
        let mut open = vec![value];
        let mut met = HashSet::new();
        while let Some(value) = open.pop() {
            let target = resolved(&self.nodes, value);
            match &self.nodes[target as usize].kind {
                NodeKind::Object { .. } => into.push(target),
                // A list within a list, repeated by aliases, may be long; a second time it adds nothing.
                NodeKind::Array { children, .. } if met.insert(target) => {
                    open.extend(children.iter().rev());
                }
                NodeKind::Array { .. } => {}
                _ => {
                    let range = self.nodes[target as usize].range.clone();
                    return Err(error(range, "`<<` takes a mapping, or a list of them"));
                }
            }
        }
        Ok(())
    }
}

fn resolved(nodes: &[YamlNode<'_>], node: u32) -> u32 {
    match nodes[node as usize].kind {
        NodeKind::Alias { target } => target,
        _ => node,
    }
}
