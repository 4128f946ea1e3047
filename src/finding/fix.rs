//! A fix for a finding, as changes to the text it was found in.

use std::ops::Range;

use serde_json::Value as Json;

use super::FixKind;
use crate::source::{Edit, Value};

/// A fix for a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// How sure it is; never [`FixKind::None`].
    pub kind: FixKind,
    /// What it does, in the imperative: "rename it to `labels`".
    pub title: String,
    /// The changes, all of them or none. They do not overlap.
    pub changes: Vec<Change>,
}

/// One change. Byte offsets are those of the text the finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Gives a member another name.
    Rename {
        /// The present name.
        key: Range<usize>,
        /// The new name.
        name: String,
    },
    /// Replaces a value.
    Replace {
        /// The present value.
        value: Range<usize>,
        /// The new value.
        with: Json,
    },
    /// Removes a member or an element.
    Remove {
        /// Where the object or array begins.
        container: usize,
        /// Where the member's value or the element begins.
        item: usize,
    },
    /// Moves a member, as it is written, to the end of another object.
    Move {
        /// Where the object that has it begins.
        container: usize,
        /// Where its value begins.
        item: usize,
        /// Where the object that gets it begins.
        object: usize,
        /// Its name there.
        name: String,
    },
    /// Adds a member at the end of an object.
    Insert {
        /// Where the object begins.
        object: usize,
        /// The member's name.
        name: String,
        /// Its value.
        value: Json,
    },
    /// Replaces characters of a text that cannot be parsed.
    Respell(Edit),
}

impl Fix {
    /// The edits of a text that cannot be parsed; nothing when the fix changes values.
    #[must_use]
    pub fn respelling(&self) -> Option<Vec<Edit>> {
        let edit =
            |change: &Change| if let Change::Respell(edit) = change { Some(edit.clone()) } else { None };
        self.changes.iter().map(edit).collect()
    }

    /// A fix that keeps what Marathon stores, or makes a misspelt name the field it stands for.
    #[must_use]
    pub fn safe(title: impl Into<String>, changes: impl Into<Vec<Change>>) -> Box<Self> {
        Box::new(Self { kind: FixKind::Safe, title: title.into(), changes: changes.into() })
    }

    /// A fix that changes what Marathon stores.
    #[must_use]
    pub fn unsafe_(title: impl Into<String>, changes: impl Into<Vec<Change>>) -> Box<Self> {
        Box::new(Self { kind: FixKind::Unsafe, title: title.into(), changes: changes.into() })
    }
}

impl Change {
    /// Gives a member another name; `key` is its present name.
    #[must_use]
    pub fn rename(key: Value<'_>, name: impl Into<String>) -> Self {
        Self::Rename { key: key.range(), name: name.into() }
    }

    /// Replaces a value by `with`.
    #[must_use]
    pub fn replace(value: Value<'_>, with: impl Into<Json>) -> Self {
        Self::Replace { value: value.range(), with: with.into() }
    }

    /// Removes a member (by its value) or an element from its object or array.
    #[must_use]
    pub fn remove(container: Value<'_>, item: Value<'_>) -> Self {
        Self::Remove { container: container.range().start, item: item.range().start }
    }

    /// Moves a member (by its value) from one object to the end of another, with its comments and spelling.
    #[must_use]
    pub fn carry(container: Value<'_>, item: Value<'_>, object: Value<'_>, name: impl Into<String>) -> Self {
        let (container, item, object) = (container.range().start, item.range().start, object.range().start);
        Self::Move { container, item, object, name: name.into() }
    }

    /// Adds a member at the end of an object.
    #[must_use]
    pub fn insert(object: Value<'_>, name: impl Into<String>, value: impl Into<Json>) -> Self {
        Self::Insert { object: object.range().start, name: name.into(), value: value.into() }
    }
}
