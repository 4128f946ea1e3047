//! A mend for a finding, as changes to the text it was found in.

use std::ops::Range;

use serde_json::Value as Json;

use super::FixKind;
use crate::source::Value;

/// What would mend a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// How sure it is; never [`FixKind::None`].
    pub kind: FixKind,
    /// What it does, as an order: "rename it to `labels`".
    pub title: String,
    /// The changes, all of them or none. They do not overlap.
    pub changes: Vec<Change>,
}

/// One change. Places are those of the text the finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Gives a member another name.
    Rename {
        /// The name as it stands.
        key: Range<usize>,
        /// The new name.
        name: String,
    },
    /// Puts another value in the place of one.
    Replace {
        /// The value as it stands.
        value: Range<usize>,
        /// The new value.
        with: Json,
    },
    /// Takes a member or an element away.
    Remove {
        /// Where the object or array begins.
        container: usize,
        /// Where the member's value or the element begins.
        item: usize,
    },
    /// Takes a member, as it is written, to the end of another object.
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
}

impl Fix {
    /// A mend that is surely what was meant.
    #[must_use]
    pub fn safe(title: impl Into<String>, changes: impl Into<Vec<Change>>) -> Box<Self> {
        Box::new(Self { kind: FixKind::Safe, title: title.into(), changes: changes.into() })
    }

    /// A mend that changes what runs.
    #[must_use]
    pub fn unsafe_(title: impl Into<String>, changes: impl Into<Vec<Change>>) -> Box<Self> {
        Box::new(Self { kind: FixKind::Unsafe, title: title.into(), changes: changes.into() })
    }
}

impl Change {
    /// Gives a member another name; `key` is the name as it stands.
    #[must_use]
    pub fn rename(key: Value<'_>, name: impl Into<String>) -> Self {
        Self::Rename { key: key.range(), name: name.into() }
    }

    /// Puts `with` in the place of a value.
    #[must_use]
    pub fn replace(value: Value<'_>, with: impl Into<Json>) -> Self {
        Self::Replace { value: value.range(), with: with.into() }
    }

    /// Takes a member (by its value) or an element out of its object or array.
    #[must_use]
    pub fn remove(container: Value<'_>, item: Value<'_>) -> Self {
        Self::Remove { container: container.range().start, item: item.range().start }
    }

    /// Takes a member (by its value) from one object to the end of another, comments and spelling included.
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
