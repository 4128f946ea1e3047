//! Applies the planned changes in few passes over the text.

use std::collections::HashSet;

use crate::source::{Document, EditError, EditPlanner, Kind, PlannedEdits, Step};

use super::definitions::{self, LocatedService};
use super::plan::WireChange;

/// Applies the changes that are planned for the definitions of a document, one list for each definition in the order of
/// the text.
///
/// The changes of one definition are applied in order, each to the text that the ones before have left. Changes that do
/// not overlap share a pass, and those of different definitions never overlap: the number of passes depends on the
/// changes in one place, not on the number of definitions.
///
/// # Errors
/// For YAML in a notation that is not edited.
pub(super) fn apply(
    mut document: Document,
    kind: Kind,
    changes: &[Vec<WireChange>],
) -> Result<Document, EditError> {
    let mut waiting: Vec<&[WireChange]> = changes.iter().map(Vec::as_slice).collect();
    while waiting.iter().any(|changes| !changes.is_empty()) {
        let mut planner = EditPlanner::new(&document)?;
        let mut edits = PlannedEdits::default();
        for (definition, waiting) in definitions::definitions(&document, kind).iter().zip(&mut waiting) {
            let (now, later) = waiting.split_at(together(waiting, definition.pointer.steps().len()));
            for change in now {
                edits.extend(change.edits(definition, &mut planner)?);
            }
            *waiting = later;
        }
        document = planner.apply(&edits)?;
    }
    Ok(document)
}

impl WireChange {
    /// The edits of the text that make the change.
    fn edits(
        &self,
        definition: &LocatedService<'_>,
        planner: &mut EditPlanner<'_>,
    ) -> Result<PlannedEdits, EditError> {
        let from = definition.value;
        let (edits, place) = match self {
            Self::Set(at, value) => (planner.set(from, definition.way_to(at), value)?, at),
            Self::Push(at, value) => (planner.push(from, definition.way_to(at), value)?, at),
            Self::Remove(at) => (planner.remove(from, definition.way_to(at))?, at),
            Self::RemoveElements(at, indices) => {
                let array = planner.follow(from, definition.way_to(at));
                (array.map(|array| planner.remove_with_comments(array, indices)).transpose()?, at)
            }
            Self::Move { from: old, to } => {
                (planner.relocate(from, definition.way_to(old), definition.way_to(to))?, to)
            }
        };
        edits.ok_or_else(|| EditError::NoPlace(place.clone()))
    }

    /// The smallest object or array that the change lies within.
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

/// How many of the next changes of a definition, which is this deep in groups, fit into one pass: none lies within, or
/// around, another one's scope.
fn together(changes: &[WireChange], depth: usize) -> usize {
    let (mut taken, mut around) = (HashSet::new(), HashSet::new());
    for (index, change) in changes.iter().enumerate() {
        let scope = change.scope().get(depth..).unwrap_or_default();
        let ways = || (0..=scope.len()).map(|depth| &scope[..depth]);
        if around.contains(scope) || ways().any(|way| taken.contains(way)) {
            return index;
        }
        taken.insert(scope);
        around.extend(ways());
    }
    changes.len()
}
