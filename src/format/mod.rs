//! One layout for definitions, and conversion between the notations.
//!
//! [`layout`] rewrites a text with its keys in the order of the models, [`convert`] in another notation. Both parse the
//! result and compare it with the original; they return it only when it has the same value.

mod comment;
mod convert;
mod json;
mod order;
mod outline;
mod read;
mod round_trip;
mod yaml;

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::normalize::in_order;
use crate::schema::{self, Shape};
use crate::source::{Document, Format, Kind, Note, Strictness, Value, is_same};

pub use convert::{Converted, convert};
pub(crate) use round_trip::lost_comments;

/// Why a text is left as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// More text follows the value, and would be lost.
    #[error(
        "more text follows the first value, and Marathon would ignore it; remove it, or put several values into one array"
    )]
    Trailing {
        /// The offset of that text, in bytes.
        at: usize,
    },
    /// The indentation would be longer than the text.
    #[error("nested deeper than {} levels, the limit of milepost", outline::MAX_DEPTH)]
    TooDeep {
        /// The offset of the first value beyond the limit, in bytes.
        at: usize,
    },
    /// A name occurs twice in an object, which only JSON allows, and only the last one counts.
    #[error("`{name}` occurs twice in this object; remove the first one, which does not count")]
    Duplicate {
        /// The name.
        name: String,
        /// The offset of the second occurrence, in bytes.
        at: usize,
    },
    /// An escape of half a surrogate pair.
    #[error("half a character (a lone surrogate), which only JSON's escapes can hold")]
    LoneSurrogate {
        /// The offset of the string, in bytes.
        at: usize,
    },
    /// YAML in a notation that milepost does not lay out.
    #[error("this YAML is not laid out: {0}")]
    Yaml(&'static str),
    /// The result does not have the value of the original.
    #[error("{0}")]
    Unproven(&'static str),
}

impl LayoutError {
    /// The offset in the text, in bytes, where the error has one.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        match self {
            Self::Trailing { at }
            | Self::TooDeep { at }
            | Self::Duplicate { at, .. }
            | Self::LoneSurrogate { at } => Some(*at),
            Self::Yaml(_) | Self::Unproven(_) => None,
        }
    }
}

/// A normalized definition in the one layout.
///
/// # Errors
/// As [`layout`].
pub(crate) fn text_of(value: &Json, kind: Kind) -> Result<String, LayoutError> {
    // Numbers that were doubles get the models' spelling: 128 for 128.0.
    let written = in_order(value.clone(), kind).to_string();
    let document = Document::parse(written, Format::Json);
    let document = document.map_err(|_| LayoutError::Unproven("what is normalized cannot be read again"))?;
    Ok(layout(&document, Some(kind))?.text)
}

/// A text in the one layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formatted {
    /// The text; unchanged if it was laid out already.
    pub text: String,
    /// What was not done, and why.
    pub note: Option<&'static str>,
}

/// Rewrites a text in the layout of milepost. Keeps comments, the spelling of numbers and strings, duplicate keys, and
/// the kind of line breaks.
///
/// ```
/// use milepost::format;
/// use milepost::source::{Document, Format, Kind};
///
/// let text = r#"{"cpus":1.0,"args":["a",
///   "b"],"id":"/web"}"#;
/// let document = Document::parse(text, Format::Json)?;
/// let laid = format::layout(&document, Some(Kind::App))?;
/// assert_eq!(laid.text, "{\n  \"id\": \"/web\",\n  \"args\": [\"a\", \"b\"],\n  \"cpus\": 1.0\n}\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the result would not be exact: leave the text as it is then.
pub fn layout(document: &Document, kind: Option<Kind>) -> Result<Formatted, LayoutError> {
    refuse_trailing(document)?;
    let shape = kind.map(schema::shape_of);
    let text = document.text();
    if document.format() == Format::Yaml {
        return layout_yaml(document, shape);
    }
    let outline = read::read(document, shape, true).map_err(too_deep)?;
    let laid = json::write(&outline, |item, part| {
        Cow::Borrowed(match part {
            json::LayoutPart::Name => item.key.map_or("", |key| key.source()),
            json::LayoutPart::Scalar => item.value.source(),
        })
    });
    let laid = with_line_breaks_of(text, laid);
    prove(document, &laid)?;
    Ok(Formatted { text: laid, note: None })
}

/// Lays out YAML by its lines. The keys keep their order where another order would change the value.
fn layout_yaml(document: &Document, shape: Option<&'static Shape>) -> Result<Formatted, LayoutError> {
    const UNORDERED: &str = "keys keep their order: in another order an alias would come before its anchor";
    let text = document.text();
    let probe = |reorder: bool| {
        let laid =
            self::yaml::emit::emit(text, document.root(), shape, reorder).map_err(LayoutError::Yaml)?;
        let laid = with_line_breaks_of(text, laid);
        prove(document, &laid).map(|()| laid)
    };
    match probe(true) {
        Err(LayoutError::Unproven(_)) => {
            let text = probe(false)?;
            Ok(Formatted { text, note: Some(UNORDERED) })
        }
        laid => Ok(Formatted { text: laid?, note: None }),
    }
}

/// Uses the line breaks of Windows where `text` has them.
fn with_line_breaks_of(text: &str, laid: String) -> String {
    if text.contains("\r\n") { laid.replace("\r\n", "\n").replace('\n', "\r\n") } else { laid }
}

fn refuse_trailing(document: &Document) -> Result<(), LayoutError> {
    let trailing = document.notes().iter().find_map(Note::trailing_start);
    trailing.map_or(Ok(()), |at| Err(LayoutError::Trailing { at }))
}

fn too_deep(value: Value<'_>) -> LayoutError {
    LayoutError::TooDeep { at: value.range().start }
}

/// Parses the result and compares it with the original.
fn prove(document: &Document, laid: &str) -> Result<(), LayoutError> {
    const UNEQUAL: &str = "the rewritten text would not have the same value: this is a defect of milepost";
    let format = document.format();
    // A block scalar gets another indentation, so that only its value can be compared.
    let strictness = if format == Format::Yaml { Strictness::Numbers } else { Strictness::Spelling };
    let again = Document::parse(laid, format).map_err(|_| LayoutError::Unproven(UNEQUAL))?;
    let is_same = again.notes().len() == document.notes().len()
        && is_same(document.root(), again.root(), strictness)
        && round_trip::has_same_comments(document.text(), laid, format);
    if is_same { Ok(()) } else { Err(LayoutError::Unproven(UNEQUAL)) }
}
