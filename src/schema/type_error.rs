//! What Marathon's parser rejects or ignores, before it is put into words.

use crate::definition::Removed;
use std::fmt;

use crate::source::{Type, Value};

use super::pattern::Pattern;
use super::server_json;
use super::shape::{ObjectShape, Shape, TypeReader, UnionShape};

/// A bound as the definition of the field writes it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bound {
    Whole(i128),
    Real(f64),
}

impl From<i128> for Bound {
    fn from(value: i128) -> Self {
        Self::Whole(value)
    }
}

impl From<f64> for Bound {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(value) => value.fmt(f),
            Self::Real(value) => value.fmt(f),
        }
    }
}

/// Why Marathon's parser rejects a value.
pub(super) enum TypeError<'f> {
    WrongType(&'static Shape),
    NotInteger {
        long: bool,
    },
    TooSmall {
        min: Bound,
        max: Option<Bound>,
    },
    TooLarge {
        min: Option<Bound>,
        max: Bound,
    },
    TooShort,
    TooLong {
        max: u32,
        length: usize,
    },
    TooFew {
        min: u32,
    },
    Malformed(&'f Pattern),
    /// As [`Self::Malformed`], for a name that the user chooses.
    MalformedName(&'f Pattern),
    UnknownWord(&'static [&'static str]),
    NotTimestamp,
    Missing {
        field: &'static str,
        object: &'static ObjectShape,
    },
    NoObject(&'static ObjectShape),
    NoKind(&'static ObjectShape),
    NoAlternative(&'static UnionShape),
    TooDeep,
}

/// Why Marathon's parser accepts a value and ignores it, or reads something else.
pub(super) enum Ignored {
    UnknownField(&'static ObjectShape),
    /// Known since release line `1.since`.
    NewerField {
        since: u16,
    },
    ResponseOnly(&'static str),
    /// A value that this release still knows, and later ones reject.
    RemovedValue(&'static Removed),
    ReadAsEmpty(&'static ObjectShape),
    DefaultInstead(&'static Shape),
    AnyString {
        instead: &'static str,
    },
    Overridden,
}

impl TypeError<'_> {
    /// Marathon's own text for this error, if it has one.
    pub(super) fn server_text(&self, value: Value<'_>) -> Option<String> {
        let text = match self {
            Self::WrongType(shape) => expected(shape),
            Self::NotInteger { long: true } => "error.expected.long",
            Self::NotInteger { long: false } => "error.expected.int",
            Self::TooSmall { .. } => "error.min",
            Self::TooLarge { .. } => "error.max",
            Self::TooShort | Self::TooFew { .. } => "error.minLength",
            Self::TooLong { .. } => "error.maxLength",
            Self::Malformed(_) | Self::MalformedName(_) => "error.pattern",
            Self::UnknownWord(_) => "error.unknown.enum.literal",
            Self::NotTimestamp => "error.expected.date.isoformat",
            Self::NoObject(_) => "error.expected.jsobject",
            Self::NoKind(_) => "error.expected.jsstring",
            Self::TooDeep | Self::NoAlternative(_) => return None,
            Self::Missing { object, .. } if object.reader == TypeReader::Macro => "error.path.missing",
            Self::Missing { field, .. } if value.kind() == Type::Object => {
                return Some(format!("'{field}' is undefined on object: {}", server_json::text(value)));
            }
            Self::Missing { .. } => return Some(format!("{} is not an object", server_json::text(value))),
        };
        Some(text.to_owned())
    }
}

/// The text of play-json and Marathon for a value of another type.
fn expected(shape: &Shape) -> &'static str {
    match shape {
        Shape::Boolean => "error.expected.jsboolean",
        Shape::Integer { .. } | Shape::Double { .. } => "error.expected.jsnumber",
        Shape::Text { .. } | Shape::Word(_) => "error.expected.jsstring",
        Shape::Timestamp => "error.expected.date",
        Shape::List { .. } => "error.expected.jsarray",
        Shape::Map { .. } | Shape::Object(_) | Shape::Union(_) => "error.expected.jsobject",
    }
}
