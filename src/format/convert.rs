//! Converts one notation into another.

use std::borrow::Cow;
use std::collections::HashSet;

use super::comment;
use super::outline::{Outline, OutlineItem};
use super::{LayoutError, json, read, refuse_trailing, too_deep, yaml};
use crate::schema;
use crate::source::json_text::{self, AsWritten};
use crate::source::{Document, Format, Kind, Strictness, Type, is_same};

/// A text in another notation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted {
    /// The text.
    pub text: String,
    /// How many comments were dropped, because the notation has none.
    pub left_behind: usize,
}

/// Writes the value of a document in the notation `to`, with its keys in their order, and with its comments where the
/// notation has comments. Aliases of YAML are expanded.
///
/// ```
/// use milepost::format;
/// use milepost::source::{Document, Format};
///
/// let document = Document::parse(r#"{"id": "/web", "env": {"DEBUG": "yes"}}"#, Format::Json)?;
/// let converted = format::convert(&document, Format::Yaml)?;
/// assert_eq!(converted.text, "id: /web\nenv:\n  DEBUG: \"yes\"\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the value cannot be written exactly: a name occurs twice in an object, or a string has a lone surrogate.
pub fn convert(document: &Document, to: Format) -> Result<Converted, LayoutError> {
    refuse_trailing(document)?;
    let text = document.text();
    let shape = Kind::detect(&document.root()).map(schema::shape_of);
    let mut outline = read::read(document, shape, false).map_err(too_deep)?;
    for item in &outline.items {
        refuse(item, document.format())?;
    }
    let count = match document.format() {
        Format::Json => 0,
        Format::Jsonc => comment::all(text).len(),
        Format::Yaml => yaml::comments::assign(text, &mut outline),
    };
    let left_behind = if to == Format::Json { count } else { 0 };
    if to == Format::Json {
        outline.items.iter_mut().for_each(|item| item.comments = None);
    }
    let written =
        if to == Format::Yaml { yaml::write::write(&outline) } else { json(&outline, document.format()) };
    let written = super::with_line_breaks_of(text, written);
    prove(document, &written, to)?;
    Ok(Converted { text: written, left_behind })
}

fn json(outline: &Outline<'_>, from: Format) -> String {
    json::write(outline, |item, part| {
        let value = match part {
            json::LayoutPart::Name => item.key.unwrap_or(item.value),
            json::LayoutPart::Scalar => item.value,
        };
        if from == Format::Yaml {
            json_text::scalar(value, &AsWritten)
        } else {
            Cow::Borrowed(value.source())
        }
    })
}

/// Rejects what one of the notations cannot hold.
fn refuse(item: &OutlineItem<'_>, from: Format) -> Result<(), LayoutError> {
    if item.value.kind() == Type::Object {
        let mut names = HashSet::new();
        for (key, _) in item.value.members() {
            if !names.insert(key.as_str().unwrap_or_default()) {
                return Err(LayoutError::Duplicate {
                    name: key.as_str().unwrap_or_default().into_owned(),
                    at: key.range().start,
                });
            }
        }
    }
    for value in [item.key, Some(item.value)].into_iter().flatten() {
        let has_lone_surrogate =
            |text: &str| text.contains('\u{fffd}') && value.source().to_lowercase().contains("\\ud");
        if from != Format::Yaml && value.as_str().is_some_and(|text| has_lone_surrogate(&text)) {
            return Err(LayoutError::LoneSurrogate { at: value.range().start });
        }
    }
    Ok(())
}

fn prove(document: &Document, written: &str, to: Format) -> Result<(), LayoutError> {
    const UNEQUAL: &str = "the converted text would not have the same value: this is a defect of milepost";
    let again = Document::parse(written, to).map_err(|_| LayoutError::Unproven(UNEQUAL))?;
    let is_same = is_same(document.root(), again.root(), Strictness::Value);
    if is_same { Ok(()) } else { Err(LayoutError::Unproven(UNEQUAL)) }
}
