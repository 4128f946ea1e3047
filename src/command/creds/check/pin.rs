//! Images by their digests, as edits of the text.

use std::path::Path;

use anyhow::bail;
use similar::TextDiff;

use crate::source::{self, Document, Edit, Pointer};

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
            let diff = TextDiff::from_lines(before, text.as_str());
            write!(term.out(), "{}", diff.unified_diff().header(&input.name, &input.name))?;
            return Ok(Exit::Findings);
        }
        Output::File if text == before => writeln!(term.err(), "unchanged {}", input.name)?,
        Output::File => {
            let path = Path::new(&input.name);
            let bytes = source::read_bytes(path)?;
            let (mark, content) = source::split_mark(&bytes);
            if content != before.as_bytes() {
                bail!("{}: it was changed meanwhile, and is left alone", input.name);
            }
            source::write_atomically(path, &[mark, text.as_bytes()].concat())?;
            let count = crate::report::count(pins.len(), "image");
            writeln!(term.err(), "pinned {}: {count}", input.name)?;
        }
    }
    Ok(Exit::Fine)
}
