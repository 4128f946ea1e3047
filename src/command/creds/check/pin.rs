//! Pins images to their digests, as edits of the text.

use anyhow::bail;

use crate::source::{Document, Edit, Pointer};
use crate::util::text::count;

use super::super::super::replace::{replace, write_diff};
use super::{Exit, Input, Terminal};

/// An image with its digest.
pub(super) struct Pin {
    pub(super) pointer: Pointer,
    pub(super) image: String,
}

/// The text with the images pinned.
fn pinned(input: &Input, pins: &[Pin]) -> anyhow::Result<String> {
    let document = &input.document;
    let mut edits: Vec<Edit> = Vec::new();
    for Pin { pointer, image } in pins {
        let Some(value) = document.at(pointer) else { continue };
        let range = value.range();
        // A string in YAML may be without quotes; images never need them.
        let quote = value.source().chars().next().filter(|first| matches!(first, '"' | '\''));
        let quote = quote.map(String::from).unwrap_or_default();
        let edit = Edit { range, replacement: format!("{quote}{image}{quote}") };
        // Aliases of YAML share one place.
        if !edits.iter().any(|other| other.range == edit.range) {
            edits.push(edit);
        }
    }
    let text = Edit::apply(document.text(), &edits);
    let is_right = |document: &Document| {
        pins.iter().all(|pin| document.at(&pin.pointer).is_some_and(|value| value.is_str(&pin.image)))
    };
    match Document::parse(text.as_str(), document.format()) {
        Ok(document) if is_right(&document) => Ok(text),
        _ => {
            bail!("{}: the images cannot be pinned in place, because of the way they are written", input.name)
        }
    }
}

/// Where the result goes.
#[derive(Clone, Copy)]
pub(super) enum Output {
    /// On standard output.
    Text,
    /// A diff on standard output.
    Diff,
    /// The file.
    File,
}

/// Pins the images of one file.
pub(super) fn pin(input: &Input, pins: &[Pin], output: Output, term: &mut Terminal) -> anyhow::Result<Exit> {
    let before = input.document.text();
    let text = pinned(input, pins)?;
    match output {
        Output::Text => write!(term.out(), "{text}")?,
        Output::Diff if text == before => {}
        Output::Diff => {
            write_diff(term.out(), &input.name, before, &text)?;
            return Ok(Exit::Findings);
        }
        Output::File if text == before => writeln!(term.err(), "unchanged {}", input.name)?,
        Output::File => {
            replace(&input.name, before, &text)?;
            writeln!(term.err(), "pinned {}: {}", input.name, count(pins.len(), "image"))?;
        }
    }
    Ok(Exit::Fine)
}
