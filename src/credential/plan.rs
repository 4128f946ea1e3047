//! The planned changes of a text, complete before the first one is applied.

use std::ops::Range;

use serde_json::Value as Json;

use crate::finding::{Effect, Finding, Rule};
use crate::source::Pointer;

/// One change of the text. Pointers are from the root.
#[derive(Clone, Debug)]
pub(super) enum WireChange {
    /// Set the value.
    Set(Pointer, Json),
    /// Append an element to the array.
    Push(Pointer, Json),
    /// Remove the member.
    Remove(Pointer),
    /// Remove the elements with these indices, in ascending order, from the array.
    RemoveElements(Pointer, Vec<usize>),
    /// Move a value as it is written, comments included.
    Move { from: Pointer, to: Pointer },
}

/// Something the user should know about a place in the text as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireNote {
    /// The place, in bytes.
    pub offset: usize,
    /// One sentence without a full stop.
    pub text: String,
}

/// The changes of one definition.
#[derive(Clone, Debug, Default)]
pub(super) struct WirePlan {
    pub(super) changes: Vec<WireChange>,
    /// The changes in words.
    pub(super) done: Vec<String>,
    pub(super) notes: Vec<WireNote>,
    /// What is no longer fetched: the words are among those of `done`, too.
    pub(super) dropped: Vec<WireNote>,
    /// Whether a port mapping became two.
    pub(super) has_split: bool,
}

impl WirePlan {
    pub(super) fn note(&mut self, offset: usize, text: impl Into<String>) {
        self.notes.push(WireNote { offset, text: text.into() });
    }
}

/// Why one definition is left unchanged.
#[derive(Debug)]
pub(super) enum WireRefusal {
    /// The credentials are not for it. In a document with others, it is skipped.
    NotFor(Vec<Finding>),
    /// They are for it, but something else is in their place: the user has to decide.
    Clash(Vec<Finding>),
    /// It pulls from other registries than those that the credentials are for: it needs none.
    Elsewhere(Vec<Finding>),
}

impl WireRefusal {
    pub(super) fn not_for(reason: RefusalReason) -> Self {
        Self::NotFor(vec![reason.into_finding()])
    }

    pub(super) fn elsewhere(reason: RefusalReason) -> Self {
        Self::Elsewhere(vec![reason.into_finding()])
    }

    pub(super) fn clash(reason: RefusalReason) -> Self {
        Self::Clash(vec![reason.into_finding()])
    }
}

/// One reason for a refusal.
#[derive(Debug)]
pub(super) struct RefusalReason {
    pub(super) rule: &'static Rule,
    /// What Marathon would do with the credentials if they were wired anyway.
    pub(super) effect: Effect,
    pub(super) pointer: Pointer,
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) help: String,
}

impl RefusalReason {
    pub(super) fn into_finding(self) -> Finding {
        Finding {
            rule: self.rule,
            effect: self.effect,
            pointer: self.pointer,
            message: self.message,
            help: Some(self.help).filter(|help| !help.is_empty()).map(Into::into),
            range: self.range,
            answer: None,
            refusal: None,
            fix: None,
        }
    }
}
