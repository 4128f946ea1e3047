//! What is laid out: the values of a text in the order they are to be written, each with the comments that are its own.

use crate::schema::Shape;
use crate::source::{Type, Value};

use super::comment::Comments;

/// Levels a text may nest and still be laid out; the indentation of more would be longer than the text.
pub(super) const MAX_DEPTH: u32 = 500;

/// A value, the member or element it is, and what is said of it.
pub(super) struct OutlineItem<'a> {
    /// The name, where it is a member.
    pub(super) key: Option<Value<'a>>,
    pub(super) value: Value<'a>,
    /// What it has to be, where a model knows.
    pub(super) shape: Option<&'static Shape>,
    /// Where its members or elements stand in [`Outline::items`].
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

    /// Where it begins in the text.
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

/// All items, parents before their children, and the children of one parent side by side: whoever goes through them
/// backwards has seen the children of each.
pub(super) struct Outline<'a> {
    pub(super) items: Vec<OutlineItem<'a>>,
}

impl<'a> Outline<'a> {
    /// Lays the values below `root` out in a row. `entries` gives the members or elements of an item in the order they
    /// are to be written, and may give the item comments.
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
