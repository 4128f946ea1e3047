//! Pins images to their digests, as edits of the text.

use crate::source::{EditError, EditPlanner, PlannedEdits, Pointer};
use crate::util::text::count;

use super::super::super::replace::{edit_error, replace, write_diff};
use super::{Exit, Input, Terminal};

/// An image with its digest.
pub(super) struct Pin {
    pub(super) pointer: Pointer,
    pub(super) image: String,
}

/// The text with the images pinned.
fn pinned(input: &Input, pins: &[Pin]) -> Result<String, EditError> {
    let mut planner = EditPlanner::new(&input.document)?;
    let mut edits = PlannedEdits::default();
    for Pin { pointer, image } in pins {
        let edit = planner.set(planner.root(), pointer.steps(), &image.as_str().into())?;
        edits.extend(edit.unwrap_or_default());
    }
    Ok(planner.apply(&edits)?.text().to_owned())
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
    let text = pinned(input, pins).map_err(|error| edit_error(&input.name, before, &error))?;
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
