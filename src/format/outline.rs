//! The values of a text in the order in which they are to be written, each with its comments.

use crate::schema::Shape;
use crate::source::{Type, Value};

use super::comment::Comments;

/// The deepest text that is laid out; with more levels the indentation would be longer than the text.
pub(super) const MAX_DEPTH: u32 = 500;

/// A value, its name, and its comments.
pub(super) struct OutlineItem<'a> {
    /// The name, where it is a member.
    pub(super) key: Option<Value<'a>>,
    pub(super) value: Value<'a>,
    /// Its shape, where a model defines one.
    pub(super) shape: Option<&'static Shape>,
    /// Its members or elements in [`Outline::items`].
    pub(super) children: std::ops::Range<usize>,
    pub(super) depth: u32,
    pub(super) comments: Option<Box<Comments<'a>>>,
}

impl<'a> OutlineItem<'a> {
    pub(super) fn new(key: Option<Value<'a>>, value: Value<'a>) -> Self {
        Self { key, value, shape: None, children: 0..0, depth: 0, comments: None }
    }

    pub(super) fn comments_mut(&mut self) -> &mut Comments<'a> {
        self.comments.get_or_insert_default()
    }

    pub(super) fn is_container(&self) -> bool {
        matches!(self.value.kind(), Type::Array | Type::Object)
    }

    /// The offset at which it begins in the text.
    pub(super) fn start(&self) -> usize {
        self.key.unwrap_or(self.value).range().start
    }

    /// Its members or elements, in the order of the text, without their comments.
    pub(super) fn entries(&self) -> Vec<OutlineItem<'a>> {
        match self.value.kind() {
            Type::Object => {
                self.value.members().map(|(key, value)| OutlineItem::new(Some(key), value)).collect()
            }
            _ => self.value.elements().map(|value| OutlineItem::new(None, value)).collect(),
        }
    }
}

/// All items, parents before their children, and the children of one parent side by side: a backward pass meets all
/// children before their parent.
pub(super) struct Outline<'a> {
    pub(super) items: Vec<OutlineItem<'a>>,
}

impl<'a> Outline<'a> {
    /// Lists `root` and all values below it. `entries` returns the members or elements of an item in the order in which
    /// they are to be written, and may add comments to the item.
    ///
    /// # Errors
    /// The first value that nests deeper than [`MAX_DEPTH`].
    pub(super) fn of(
        root: OutlineItem<'a>,
        mut entries: impl FnMut(&mut OutlineItem<'a>) -> Vec<OutlineItem<'a>>,
    ) -> Result<Self, Value<'a>> {
        let mut items = vec![root];
        let mut at = 0;
        while at < items.len() {
            let item = &mut items[at];
            if item.is_container() {
                if item.depth >= MAX_DEPTH {
                    return Err(item.value);
                }
                let depth = item.depth + 1;
                let below = entries(item);
                let start = items.len();
                items[at].children = start..start + below.len();
                items.extend(below.into_iter().map(|item| OutlineItem { depth, ..item }));
            }
            at += 1;
        }
        Ok(Self { items })
    }
}
