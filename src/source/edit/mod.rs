//! Changing a text at one place, with every other byte left as it is. What is put in takes on the layout of its
//! neighbours: indentation, line breaks, quotes, the space after a colon.

mod attached;
mod commas;
mod json;
mod layout;
mod planner;
#[cfg(test)]
mod tests;
mod yaml;

use std::ops::Range;

use serde_json::Value as Json;

use super::document::Document;
use super::pointer::Pointer;
use super::syntax::SyntaxError;

pub(crate) use planner::{EditPlanner, PlannedEdits};

/// One replacement of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The bytes to replace; empty for an insertion.
    pub range: Range<usize>,
    /// What to put there.
    pub replacement: String,
}

impl Edit {
    pub(super) fn insert(at: usize, replacement: impl Into<String>) -> Self {
        Self { range: at..at, replacement: replacement.into() }
    }

    pub(super) fn remove(range: Range<usize>) -> Self {
        Self { range, replacement: String::new() }
    }

    /// Applies edits that do not overlap; insertions at one offset keep their order.
    #[must_use]
    pub fn apply(text: &str, edits: &[Self]) -> String {
        let mut sorted: Vec<&Self> = edits.iter().collect();
        sorted.sort_by_key(|edit| (edit.range.start, edit.range.end));
        let mut out = String::with_capacity(text.len() + 64);
        let mut at = 0;
        for edit in sorted {
            debug_assert!(at <= edit.range.start, "edits overlap");
            out.push_str(&text[at..edit.range.start]);
            out.push_str(&edit.replacement);
            at = edit.range.end;
        }
        out.push_str(&text[at..]);
        out
    }
}

/// Why an edit cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The pointer's parent does not exist, or is not a container of that kind.
    #[error("there is no place for {0} in this document")]
    NoPlace(Pointer),
    /// YAML in a notation that is not edited, or whose edited text would read as something else.
    #[error("this YAML cannot be edited there: {why}")]
    Yaml {
        /// The offset of the place, in bytes.
        at: usize,
        /// Why not.
        why: &'static str,
    },
    /// Two changes are of the same place.
    #[error("two changes are in each other's way")]
    Overlap {
        /// The offset of the second one, in bytes.
        at: usize,
    },
    /// The edited text does not parse: a defect of milepost, caught before anything is written.
    #[error("internal error: the edited text is broken: {0}")]
    Broken(#[from] SyntaxError),
}

impl EditError {
    /// The offset in the text of the place that cannot be edited, in bytes, where the error has one.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        match self {
            Self::Yaml { at, .. } | Self::Overlap { at } => Some(*at),
            Self::NoPlace(_) | Self::Broken(_) => None,
        }
    }
}

/// A document being changed step by step.
#[derive(Clone, Debug)]
pub struct Editor {
    document: Document,
}

impl Editor {
    /// Starts from a document.
    #[must_use]
    pub fn new(document: Document) -> Self {
        Self { document }
    }

    /// The document with the changes so far.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The changed document.
    #[must_use]
    pub fn into_document(self) -> Document {
        self.document
    }

    fn change(
        &mut self,
        pointer: &Pointer,
        plan: impl FnOnce(&mut EditPlanner<'_>) -> Result<Option<PlannedEdits>, EditError>,
    ) -> Result<(), EditError> {
        let mut planner = EditPlanner::new(&self.document)?;
        let edits = plan(&mut planner)?.ok_or_else(|| EditError::NoPlace(pointer.clone()))?;
        if !edits.text.is_empty() {
            self.document = planner.apply(&edits)?;
        }
        Ok(())
    }

    /// Sets the value at `pointer`: replaces it, or adds the member at the end of its object. An equal value keeps its
    /// spelling.
    ///
    /// # Errors
    /// When the object that would hold it does not exist; for YAML also when its notation is not edited there.
    pub fn set(&mut self, pointer: &Pointer, value: &Json) -> Result<(), EditError> {
        self.change(pointer, |planner| planner.set(planner.root(), pointer.steps(), value))
    }

    /// Adds an element at the end of the array at `pointer`.
    ///
    /// # Errors
    /// When there is no array; for YAML also when its notation is not edited there.
    pub fn push(&mut self, pointer: &Pointer, value: &Json) -> Result<(), EditError> {
        self.change(pointer, |planner| planner.push(planner.root(), pointer.steps(), value))
    }

    /// Moves the value at `from` to `to`, as it is written, with its comments.
    ///
    /// # Errors
    /// When there is no value, or no object that would hold it; for YAML also when its notation is not edited there.
    pub fn relocate(&mut self, from: &Pointer, to: &Pointer) -> Result<(), EditError> {
        self.change(to, |planner| planner.relocate(planner.root(), from.steps(), to.steps()))
    }

    /// Removes the member or element at `pointer`, with its comma or line; does nothing when it does not exist.
    ///
    /// # Errors
    /// When the pointer is the root; for YAML also when its notation is not edited there.
    pub fn remove(&mut self, pointer: &Pointer) -> Result<(), EditError> {
        self.change(pointer, |planner| planner.remove(planner.root(), pointer.steps()))
    }
}
