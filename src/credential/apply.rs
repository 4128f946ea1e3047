//! Carrying out what was planned, in few passes over the text.

use std::collections::HashSet;

use crate::source::{Document, Edit, EditError, EditPlanner, Format, Kind, Step};

use super::definitions::{self, Definition};
use super::plan::WireChange;

/// Makes the changes that were planned for the definitions of a document, which come in the order of the text.
///
/// Those of one definition are made in their order, as each finds the text that the ones before have left; but those
/// that are in nobody's way are made in one pass, and those of different definitions never are. So there are as many
/// passes as a definition has changes in the same place, however many definitions there are.
///
/// # Errors
/// For YAML, which is not edited in place, if anything is to be changed.
pub(super) fn carry_out(
    mut document: Document,
    kind: Kind,
    changes: &[Vec<WireChange>],
) -> Result<Document, EditError> {
    let mut waiting: Vec<&[WireChange]> = changes.iter().map(Vec::as_slice).collect();
    while waiting.iter().any(|changes| !changes.is_empty()) {
        if document.format() == Format::Yaml {
            return Err(EditError::Yaml);
        }
        let mut scribe = EditPlanner::new(&document);
        let mut edits = Vec::new();
        for (definition, waiting) in definitions::definitions(&document, kind).iter().zip(&mut waiting) {
            let (now, later) = waiting.split_at(together(waiting));
            for change in now {
                edits.extend(change.edits(definition, &mut scribe)?);
            }
            *waiting = later;
        }
        let text = Edit::apply(document.text(), &edits);
        document = Document::parse(text, document.format())?;
    }
    Ok(document)
}

impl WireChange {
    /// The edits it comes to in the text that the definition stands in.
    fn edits(
        &self,
        definition: &Definition<'_>,
        scribe: &mut EditPlanner<'_>,
    ) -> Result<Vec<Edit>, EditError> {
        let from = definition.value;
        let (edits, place) = match self {
            Self::Set(at, value) => (scribe.set(from, definition.way_to(at), value), at),
            Self::Push(at, value) => (scribe.push(from, definition.way_to(at), value), at),
            Self::Remove(at) => (scribe.remove(from, definition.way_to(at)), at),
            Self::RemoveElements(at, indices) => {
                let array = scribe.follow(from, definition.way_to(at));
                (array.map(|array| scribe.remove_elements(array, indices)), at)
            }
            Self::Move { from: old, to } => {
                (scribe.relocate(from, definition.way_to(old), definition.way_to(to)), to)
            }
        };
        edits.ok_or_else(|| EditError::NoPlace(place.clone()))
    }

    /// The way to the smallest object or array that all it does lies within.
    fn scope(&self) -> &[Step] {
        match self {
            Self::Set(pointer, _) | Self::Remove(pointer) => parent(pointer.steps()),
            Self::Push(pointer, _) | Self::RemoveElements(pointer, _) => pointer.steps(),
            Self::Move { from, to } => {
                let (from, to) = (parent(from.steps()), parent(to.steps()));
                let same = from.iter().zip(to).take_while(|(one, other)| one == other).count();
                &from[..same]
            }
        }
    }
}

fn parent(steps: &[Step]) -> &[Step] {
    steps.split_last().map_or(steps, |(_, parent)| parent)
}

/// How many of the next changes can be made in one pass: none of them within, or around, what another one touches.
fn together(changes: &[WireChange]) -> usize {
    let (mut taken, mut around) = (HashSet::new(), HashSet::new());
    for (index, change) in changes.iter().enumerate() {
        let scope = change.scope();
        let ways = || (0..=scope.len()).map(|depth| &scope[..depth]);
        if around.contains(scope) || ways().any(|way| taken.contains(way)) {
            return index;
        }
        taken.insert(scope);
        around.extend(ways());
    }
    changes.len()
}
