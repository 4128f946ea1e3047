//! A text and its tree, kept together.

use super::notation::Format;
use super::pointer::Pointer;
use super::syntax::SyntaxError;
use super::tree::{Note, Tree, Value};

/// The deepest nesting that whole values are made of, in levels of objects and arrays: five times as deep as Marathon's own
/// parser reads groups. A limit, so that no text exhausts the stack.
pub const MAX_NESTING: usize = 1_000;

/// A text together with its tree.
#[derive(Clone, Debug)]
pub struct Document {
    text: String,
    format: Format,
    tree: Tree,
}

impl Document {
    /// Parses a text.
    ///
    /// # Errors
    /// Where the text is not of the format.
    pub fn parse(text: impl Into<String>, format: Format) -> Result<Self, SyntaxError> {
        let text = text.into();
        let mut tree = Tree::default();
        tree.parse(&text, format)?;
        Ok(Self { text, format, tree })
    }

    /// The text, as it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The notation the text is written in.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The root value.
    #[must_use]
    pub fn root(&self) -> Value<'_> {
        self.tree.root(&self.text)
    }

    /// What the parser accepts but a user should know of.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        self.tree.notes()
    }

    /// Whether it is nested deeper than what works on whole values takes ([`MAX_NESTING`]). The parser has no such limit.
    #[must_use]
    pub fn is_too_deep(&self) -> bool {
        self.tree.is_deeper_than(MAX_NESTING)
    }

    /// The value at `pointer`, where there is one.
    #[must_use]
    pub fn at(&self, pointer: &Pointer) -> Option<Value<'_>> {
        self.root().at(pointer)
    }

    /// The value, or the name of a member, that begins at this byte.
    #[must_use]
    pub fn at_offset(&self, start: usize) -> Option<Value<'_>> {
        self.root().at_offset(start)
    }
}
