//! The tree of every input: one flat list of nodes in reading order, each with its range in the text.
//!
//! Nothing is copied from the text: a string is decoded on demand. Children follow their parent, and every node holds the
//! index of the node after its subtree, so that a walk is a pass over one `Vec`.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::atomic::{AtomicU16, Ordering};

use memchr::memchr;

use super::json::{self, Dialect};
use super::notation::Format;
use super::pointer::{Pointer, Step};
use super::syntax::{SyntaxError, SyntaxProblem};
use super::yaml;

/// The JSON type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number, whatever its spelling.
    Number,
    /// A string.
    String,
    /// `[…]`
    Array,
    /// `{…}`
    Object,
}

impl Type {
    /// The word for people: `a string`, `an object`, …
    #[must_use]
    pub fn with_article(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// Something that the parser accepts but a user should know of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// More text after the first value, which Marathon ignores.
    TrailingContent(Range<usize>),
    /// A number that Marathon's number reader may reject (more than 310 characters, or a huge exponent).
    OutsizeNumber(Range<usize>),
}

impl Note {
    /// Where the text starts that Marathon ignores.
    #[must_use]
    pub(crate) fn trailing_start(&self) -> Option<usize> {
        match self {
            Self::TrailingContent(range) => Some(range.start),
            Self::OutsizeNumber(_) => None,
        }
    }
}

/// One node. `next` is the index after the subtree; for a scalar whose value is not its own text (YAML), the index of
/// that value in `Tree::values`.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) next: u32,
    pub(super) kind: Type,
    /// Whether the string has escapes (JSON), or the value is in `Tree::values` (YAML).
    pub(super) decoding: Decoding,
    pub(super) known: FieldCache,
}

/// Cached field index of a member's name: the number of a list of names, and in the lower [`FieldCache::BITS`] the index in
/// that list. 0 before the first look-up. Saves 12 % of a run of lint (`cargo bench --bench whole`).
#[derive(Debug, Default)]
pub(super) struct FieldCache(AtomicU16);

impl FieldCache {
    /// The longest list has 64 names.
    const BITS: u32 = 6;
}

impl Clone for FieldCache {
    fn clone(&self) -> Self {
        Self(self.0.load(Ordering::Relaxed).into())
    }
}

/// An offset or index as nodes hold it; texts of more than 4 GiB are rejected before.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "longer texts are rejected; called for every token")]
pub(super) fn small(offset: usize) -> u32 {
    offset as u32
}

/// How a scalar's value is obtained from the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoding {
    /// The text between the quotes, or the whole text of a number, as it is.
    Verbatim,
    /// A JSON string with escapes.
    Escaped,
    /// The parser stored the value in `Tree::values`.
    Stored,
}

/// The nodes of one text. Parsing into an existing tree reuses its memory.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) values: Vec<String>,
    pub(super) notes: Vec<Note>,
}

impl Tree {
    /// Parses `text`, replacing what the tree held.
    ///
    /// # Errors
    /// When the text does not parse: what was found, what was expected, at which byte.
    pub fn parse(&mut self, text: &str, format: Format) -> Result<(), SyntaxError> {
        if u32::try_from(text.len()).is_err() {
            return Err(SyntaxError { range: 0..0, problem: SyntaxProblem::TooLarge });
        }
        self.nodes.clear();
        self.values.clear();
        self.notes.clear();
        match format {
            Format::Json => json::parse(text, Dialect::Json, self),
            Format::Jsonc => json::parse(text, Dialect::Jsonc, self),
            Format::Yaml => yaml::parse(text, self),
        }
    }

    /// Whether values are nested deeper than this. Not by recursion.
    pub(crate) fn is_deeper_than(&self, levels: usize) -> bool {
        if self.nodes.len() <= levels {
            return false;
        }
        let mut ends: Vec<u32> = Vec::new();
        for (index, node) in self.nodes.iter().enumerate() {
            while ends.last().is_some_and(|end| *end as usize <= index) {
                ends.pop();
            }
            if matches!(node.kind, Type::Array | Type::Object) {
                ends.push(node.next);
                if ends.len() > levels {
                    return true;
                }
            }
        }
        false
    }

    /// Whether nothing has been parsed.
    pub(crate) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The root value of the text this tree was parsed from.
    ///
    /// # Panics
    /// When nothing has been parsed successfully yet.
    #[must_use]
    pub fn root<'a>(&'a self, text: &'a str) -> Value<'a> {
        assert!(!self.nodes.is_empty(), "internal error: this tree has no root, because nothing was parsed");
        Value { tree: self, text, index: 0 }
    }

    /// What the parser accepts but a user should know of.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

/// A value in a tree, as cheap to copy as a reference.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    tree: &'a Tree,
    text: &'a str,
    index: u32,
}

impl<'a> Value<'a> {
    fn node(&self) -> &'a Node {
        &self.tree.nodes[self.index as usize]
    }

    /// The nodes and stored values of its tree.
    pub(super) fn tree(&self) -> &'a Tree {
        self.tree
    }

    /// The whole text of its tree.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    fn with_index(&self, index: u32) -> Self {
        Self { index, ..*self }
    }

    /// The id of this node in its tree; [`Value::at_place`] finds it again.
    pub(crate) fn node_id(&self) -> u32 {
        self.index
    }

    /// The node of this id in the same tree.
    pub(crate) fn at_place(&self, place: u32) -> Self {
        self.with_index(place)
    }

    /// The offset and the id of each node of the tree.
    pub(super) fn offsets(&self) -> impl Iterator<Item = (usize, u32)> + 'a {
        self.tree.nodes.iter().enumerate().map(|(id, node)| (node.start as usize, small(id)))
    }

    /// The value in the same tree, or the name of a member, that begins at this byte.
    pub(crate) fn at_offset(&self, start: usize) -> Option<Self> {
        let start = small(start);
        let index = self.tree.nodes.binary_search_by_key(&start, |node| node.start).ok()?;
        Some(self.with_index(small(index)))
    }

    /// The id of the node after this one's subtree.
    pub(super) fn after(&self) -> u32 {
        match self.kind() {
            Type::Array | Type::Object => self.node().next,
            _ => self.index + 1,
        }
    }

    /// The JSON type.
    #[must_use]
    pub fn kind(&self) -> Type {
        self.node().kind
    }

    /// The index of this name in the list of this number, if it is cached.
    #[inline]
    pub(crate) fn known_as(&self, list: u16) -> Option<usize> {
        let known = self.node().known.0.load(Ordering::Relaxed);
        (known >> FieldCache::BITS == list).then(|| usize::from(known & ((1 << FieldCache::BITS) - 1)))
    }

    /// Caches the index of this name in the list of this number, where both are small enough.
    #[inline]
    pub(crate) fn remember(&self, list: u16, index: usize) {
        if list < 1 << (u16::BITS - FieldCache::BITS) && index < 1 << FieldCache::BITS {
            let index = u16::try_from(index).unwrap_or_default();
            self.node().known.0.store(list << FieldCache::BITS | index, Ordering::Relaxed);
        }
    }

    /// The bytes the value takes in the text, quotes and brackets included.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.node().start as usize..self.node().end as usize
    }

    /// The bytes of the value up to the end of its first line, for underlining.
    pub(crate) fn first_line(&self) -> Range<usize> {
        let range = self.range();
        let len = memchr(b'\n', self.source().as_bytes()).unwrap_or(range.len());
        range.start..range.start + self.source()[..len].trim_end().len()
    }

    /// The value as it is written.
    #[must_use]
    pub fn source(&self) -> &'a str {
        &self.text[self.range()]
    }

    /// A string's value, decoded. A lone surrogate (`\ud800`), which Rust's strings cannot hold, becomes U+FFFD.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> Option<Cow<'a, str>> {
        match self.verbatim_text() {
            None => self.decoded(),
            text => text.map(Cow::Borrowed),
        }
    }

    /// The text between the quotes of a string that needs no decoding: nearly all of them.
    #[inline]
    fn verbatim_text(&self) -> Option<&'a str> {
        let node = self.node();
        (node.kind == Type::String && node.decoding == Decoding::Verbatim)
            .then(|| &self.text[node.start as usize + 1..node.end as usize - 1])
    }

    /// The value of a string that needs decoding; `None` for other types.
    #[cold]
    fn decoded(&self) -> Option<Cow<'a, str>> {
        let node = self.node();
        (node.kind == Type::String).then(|| match node.decoding {
            Decoding::Stored => Cow::Borrowed(&*self.tree.values[node.next as usize]),
            _ => Cow::Owned(json::unescape(&self.text[node.start as usize + 1..node.end as usize - 1])),
        })
    }

    /// A string's value as bytes, where it needs no decoding.
    #[must_use]
    #[inline]
    pub fn verbatim(&self) -> Option<&'a [u8]> {
        let node = self.node();
        (node.kind == Type::String && node.decoding == Decoding::Verbatim)
            .then(|| &self.text.as_bytes()[node.start as usize + 1..node.end as usize - 1])
    }

    /// Whether this is the string `expected`. Decodes only strings that have escapes.
    #[must_use]
    #[inline]
    pub fn is_str(&self, expected: &str) -> bool {
        match self.verbatim() {
            Some(value) => value == expected.as_bytes(),
            None => self.decoded().is_some_and(|value| value == expected),
        }
    }

    /// A number in JSON's spelling: the text as written, or the equivalent of a YAML number.
    #[must_use]
    pub fn as_number(&self) -> Option<&'a str> {
        let node = self.node();
        (node.kind == Type::Number).then(|| match node.decoding {
            Decoding::Stored => self.tree.values[node.next as usize].as_str(),
            _ => self.source(),
        })
    }

    /// A number as the nearest double.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        self.as_number().and_then(|number| number.parse().ok())
    }

    /// A boolean's value.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        (self.kind() == Type::Boolean).then(|| matches!(self.source().as_bytes().first(), Some(b't' | b'T')))
    }

    /// Whether this is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.kind() == Type::Null
    }

    /// An object's members as written, duplicates included; none for other types.
    #[must_use]
    #[inline]
    pub fn members(&self) -> Members<'a> {
        let (at, end) = if self.kind() == Type::Object { (self.index + 1, self.node().next) } else { (0, 0) };
        Members { from: *self, at, end }
    }

    /// An iterator without members.
    pub(crate) fn no_members(&self) -> Members<'a> {
        Members { from: *self, at: 0, end: 0 }
    }

    /// An array's elements; none for other types.
    #[must_use]
    #[inline]
    pub fn elements(&self) -> Elements<'a> {
        let (at, end) = if self.kind() == Type::Array { (self.index + 1, self.node().next) } else { (0, 0) };
        Elements { from: *self, at, end }
    }

    /// An iterator without elements.
    pub(crate) fn no_elements(&self) -> Elements<'a> {
        Elements { from: *self, at: 0, end: 0 }
    }

    /// The value of the member `name`. The last one counts, as it does for Marathon.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Value<'a>> {
        self.member(name).map(|(_, value)| value)
    }

    /// The member `name`, key and value. The last one counts, as it does for Marathon.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<(Value<'a>, Value<'a>)> {
        self.members().filter(|(key, _)| key.is_str(name)).last()
    }

    /// The value at `pointer` below this one.
    #[must_use]
    pub fn at(&self, pointer: &Pointer) -> Option<Value<'a>> {
        pointer.steps().iter().try_fold(*self, |value, step| match step {
            Step::Key(name) => value.get(name),
            Step::Index(index) => value.elements().nth(*index),
        })
    }

    /// The value as a plain JSON value. Numbers that fit no integer become doubles; the last of duplicate keys counts.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match self.kind() {
            Type::Null => serde_json::Value::Null,
            Type::Boolean => serde_json::Value::Bool(self.as_bool().unwrap_or_default()),
            Type::Number => number_to_json(self.as_number().unwrap_or_default()),
            Type::String => serde_json::Value::String(self.as_str().unwrap_or_default().into_owned()),
            Type::Array => self.elements().map(|element| element.to_json()).collect(),
            Type::Object => self
                .members()
                .map(|(key, value)| (key.as_str().unwrap_or_default().into_owned(), value.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}

fn number_to_json(text: &str) -> serde_json::Value {
    let number = text
        .parse::<i64>()
        .map(serde_json::Number::from)
        .or_else(|_| text.parse::<u64>().map(serde_json::Number::from))
        .ok()
        .or_else(|| text.parse::<f64>().ok().and_then(serde_json::Number::from_f64));
    // Beyond a double's range (`1e400`) only the text can be kept.
    number.map_or_else(|| serde_json::Value::String(text.to_owned()), serde_json::Value::Number)
}

/// See [`Value::members`].
#[derive(Clone)]
pub struct Members<'a> {
    from: Value<'a>,
    at: u32,
    end: u32,
}

impl<'a> Iterator for Members<'a> {
    type Item = (Value<'a>, Value<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let key = self.from.with_index(self.at);
        let value = self.from.with_index(self.at + 1);
        self.at = value.after();
        Some((key, value))
    }
}

/// See [`Value::elements`].
#[derive(Clone)]
pub struct Elements<'a> {
    from: Value<'a>,
    at: u32,
    end: u32,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let element = self.from.with_index(self.at);
        self.at = element.after();
        Some(element)
    }
}
