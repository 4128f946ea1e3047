//! One layout for definitions, and one notation turned into another.
//!
//! [`layout`] writes a text again with keys in the order of the models, [`convert`] in the other notation. Both prove
//! that what they give says the same, by reading it again, or give nothing.

mod comment;
mod convert;
mod json;
mod order;
mod outline;
mod read;
mod round_trip;
mod yaml;

use std::borrow::Cow;

use crate::schema::{self, Shape};
use crate::source::{Document, Format, Kind, Note, Value};

pub use convert::{Converted, convert};
use round_trip::Strictness;

/// Why a text is left as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// A text ends with its value, or what follows would be lost.
    #[error(
        "more follows the first value, which Marathon would ignore; remove it, or put several into one array"
    )]
    Trailing {
        /// Where it starts, in bytes.
        at: usize,
    },
    /// Indentation would be longer than the text.
    #[error("nested deeper than {} levels, which no definition is", outline::MAX_DEPTH)]
    TooDeep {
        /// Where the first value stands that does, in bytes.
        at: usize,
    },
    /// A name stands twice in an object, which only JSON has, and only the last one counts.
    #[error("`{name}` stands twice in this object; remove the one that does not count, the first")]
    Duplicate {
        /// The name.
        name: String,
        /// Where it stands again, in bytes.
        at: usize,
    },
    /// An escape that is half a character.
    #[error("half a character (a lone surrogate), which only JSON's escapes can hold")]
    LoneSurrogate {
        /// Where the string begins, in bytes.
        at: usize,
    },
    /// YAML that is not written in a way that milepost lays out.
    #[error("this YAML is not laid out: {0}")]
    Yaml(&'static str),
    /// What came out does not say what went in.
    #[error("{0}")]
    Unproven(&'static str),
}

impl LayoutError {
    /// The place in the text that it is about, in bytes.
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

/// A text in the one layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// The text; of a text that is laid out already, that text.
    pub text: String,
    /// What could not be done, and why.
    pub note: Option<&'static str>,
}

/// Writes a text again in the one layout. Comments, the spelling of numbers and strings, and all of duplicate keys are
/// kept; the line breaks are those of the text.
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
/// When the text cannot be laid out surely: it is to be left as it is then.
pub fn layout(document: &Document, kind: Option<Kind>) -> Result<Laid, LayoutError> {
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
    Ok(Laid { text: laid, note: None })
}

/// YAML is laid out by its lines. Where the keys cannot be put in order surely, they stay as they are.
fn layout_yaml(document: &Document, shape: Option<&'static Shape>) -> Result<Laid, LayoutError> {
    const UNORDERED: &str =
        "keys stay in their order: in the other, an alias would come before what it names";
    let text = document.text();
    let probe = |reorder: bool| {
        let laid = self::yaml::emit::lay(text, document.root(), shape, reorder).map_err(LayoutError::Yaml)?;
        let laid = with_line_breaks_of(text, laid);
        prove(document, &laid).map(|()| laid)
    };
    match probe(true) {
        Err(LayoutError::Unproven(_)) => {
            let text = probe(false)?;
            Ok(Laid { text, note: Some(UNORDERED) })
        }
        laid => Ok(Laid { text: laid?, note: None }),
    }
}

/// The line breaks of Windows, where `text` has them.
fn with_line_breaks_of(text: &str, laid: String) -> String {
    if text.contains("\r\n") { laid.replace("\r\n", "\n").replace('\n', "\r\n") } else { laid }
}

fn refuse_trailing(document: &Document) -> Result<(), LayoutError> {
    let trailing = document.notes().iter().find_map(|note| match note {
        Note::TrailingContent(range) => Some(range.start),
        Note::OutsizeNumber(_) => None,
    });
    trailing.map_or(Ok(()), |at| Err(LayoutError::Trailing { at }))
}

fn too_deep(value: Value<'_>) -> LayoutError {
    LayoutError::TooDeep { at: value.range().start }
}

/// Reads what came out, and holds it against what went in.
fn prove(document: &Document, laid: &str) -> Result<(), LayoutError> {
    const UNEQUAL: &str = "laid out, it would not say the same: this is a defect of milepost";
    let format = document.format();
    // A text of several lines is indented differently; that it is the same text is all there is to say.
    let strictness = if format == Format::Yaml { Strictness::Numbers } else { Strictness::Spelling };
    let again = Document::parse(laid, format).map_err(|_| LayoutError::Unproven(UNEQUAL))?;
    let is_same = again.notes().len() == document.notes().len()
        && round_trip::is_same(document.root(), again.root(), strictness)
        && round_trip::has_same_comments(document.text(), laid, format);
    if is_same { Ok(()) } else { Err(LayoutError::Unproven(UNEQUAL)) }
}
