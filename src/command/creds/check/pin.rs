//! Images by their digests, as edits of the text.

use anyhow::bail;

use crate::source::{Document, Edit, Pointer};
use crate::util::text::count;

use super::super::super::replace::{replace, write_diff};
use super::{Exit, Input, Terminal};

/// An image to be named by its digest.
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
        // A text in YAML may stand without quotes; no character of an image needs any.
        let quote = value.source().chars().next().filter(|first| matches!(first, '"' | '\''));
        let quote = quote.map(String::from).unwrap_or_default();
        let edit = Edit { range, replacement: format!("{quote}{image}{quote}") };
        // What an alias of YAML stands for is one place.
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
        _ => bail!("{}: the images cannot be pinned in place, as they are written there", input.name),
    }
}

/// How the result is wanted.
#[derive(Clone, Copy)]
pub(super) enum Output {
    /// On standard output.
    Text,
    /// What would change, on standard output.
    Diff,
    /// In the file.
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
