//! Expands aliases and merge keys into the nodes of a tree.

use super::super::syntax::SyntaxError;
use super::super::tree::{Decoding, FieldCache, Node, Tree, Type, small};
use super::nodes::{NodeKind, YamlNode, YamlNodes};
use super::{MAX_DEPTH, MAX_NODES, TOO_MANY, error};

/// Where a node of the tree comes from.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Origin {
    /// The node of the text that holds the value.
    pub(in super::super) node: u32,
    /// The node of the text in its place: the same one, or an alias of it.
    pub(in super::super) written: u32,
    /// The tree's node of the array or object that has it; of the root, the root itself.
    pub(in super::super) parent: u32,
    /// It is the name of a member.
    pub(in super::super) is_name: bool,
}

/// Appends the nodes of a text to a tree; `each` gets the origin of each of them, in order.
///
/// # Errors
/// When they expand beyond the limits.
pub(in super::super) fn expand(
    nodes: &YamlNodes<'_>,
    tree: &mut Tree,
    each: &mut dyn FnMut(Origin),
) -> Result<(), SyntaxError> {
    Expander { nodes, tree, each }.value(nodes.root, 0, 0)
}

struct Expander<'e, 't> {
    nodes: &'e YamlNodes<'t>,
    tree: &'e mut Tree,
    each: &'e mut dyn FnMut(Origin),
}

impl Expander<'_, '_> {
    /// Appends a value. The recursion ends at [`MAX_DEPTH`].
    fn value(&mut self, written: u32, parent: u32, depth: usize) -> Result<(), SyntaxError> {
        let nodes = self.nodes;
        let resolved = nodes.resolve(written);
        let node = nodes.get(resolved);
        if self.tree.nodes.len() > MAX_NODES || depth > MAX_DEPTH {
            return Err(error(node.range.clone(), TOO_MANY));
        }
        (self.each)(Origin { node: resolved, written, parent, is_name: false });
        let index = small(self.tree.nodes.len());
        match &node.kind {
            NodeKind::Scalar { kind, value, .. } => {
                self.scalar(node, *kind, value);
                return Ok(());
            }
            NodeKind::Array { children, .. } => {
                self.container(node, Type::Array);
                children.iter().try_for_each(|child| self.value(*child, index, depth + 1))?;
            }
            NodeKind::Object { children, merged, .. } => {
                self.container(node, Type::Object);
                for (name, value) in merged.iter().copied().chain(nodes.own(children)) {
                    self.name(name, index);
                    self.value(value, index, depth + 1)?;
                }
            }
            // An alias is of what is not an alias.
            NodeKind::Alias { .. } => {}
        }
        self.tree.nodes[index as usize].next = small(self.tree.nodes.len());
        Ok(())
    }

    /// A member's name is a string in JSON, whatever type it has in YAML (`80: http`).
    fn name(&mut self, written: u32, parent: u32) {
        let resolved = self.nodes.resolve(written);
        (self.each)(Origin { node: resolved, written, parent, is_name: true });
        self.scalar(self.nodes.get(resolved), Type::String, self.nodes.name_of(resolved));
    }

    fn scalar(&mut self, node: &YamlNode<'_>, kind: Type, value: &str) {
        let next = small(self.tree.values.len());
        self.tree.values.push(value.to_owned());
        self.push(node, kind, next);
    }

    fn container(&mut self, node: &YamlNode<'_>, kind: Type) {
        self.push(node, kind, 0);
    }

    fn push(&mut self, node: &YamlNode<'_>, kind: Type, next: u32) {
        let (start, end) = (small(node.range.start), small(node.range.end));
        let (decoding, known) = (Decoding::Stored, FieldCache::default());
        self.tree.nodes.push(Node { start, end, next, kind, decoding, known });
    }
}
