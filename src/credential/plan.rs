//! What is to be done to a text, decided before any of it is done.

use std::ops::Range;

use serde_json::Value as Json;

use crate::finding::{Effect, Finding, Rule};
use crate::source::Pointer;

/// One change to the text, at places from the root.
#[derive(Clone, Debug)]
pub(super) enum WireChange {
    /// Put this value there.
    Set(Pointer, Json),
    /// Add this element at the end of the array there.
    Push(Pointer, Json),
    /// Take this member away.
    Remove(Pointer),
    /// Take the elements of these indices, in ascending order, out of the array there.
    RemoveElements(Pointer, Vec<usize>),
    /// Take a value from one place to another as it is written, comments and all.
    Move { from: Pointer, to: Pointer },
}

/// Something the user should know, about this place in the text as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireNote {
    /// The byte it is about.
    pub offset: usize,
    /// One sentence without a full stop.
    pub text: String,
}

/// What is to be done for one definition.
#[derive(Clone, Debug, Default)]
pub(super) struct WirePlan {
    pub(super) changes: Vec<WireChange>,
    /// The changes in words.
    pub(super) done: Vec<String>,
    pub(super) notes: Vec<WireNote>,
}

impl WirePlan {
    pub(super) fn note(&mut self, offset: usize, text: impl Into<String>) {
        self.notes.push(WireNote { offset, text: text.into() });
    }
}

/// Why nothing is to be done for one definition.
#[derive(Debug)]
pub(super) enum WireRefusal {
    /// The credentials are not for it. Beside others they are for, it may be left out.
    NotFor(Vec<Finding>),
    /// They are for it, and something else is in the place: somebody has to decide.
    Clash(Vec<Finding>),
}

impl WireRefusal {
    pub(super) fn not_for(reason: RefusalReason) -> Self {
        Self::NotFor(vec![reason.into_diagnostic()])
    }

    pub(super) fn clash(reason: RefusalReason) -> Self {
        Self::Clash(vec![reason.into_diagnostic()])
    }
}

/// One reason for a refusal, in the words and at the place the user will see.
#[derive(Debug)]
pub(super) struct RefusalReason {
    pub(super) rule: &'static Rule,
    /// What would become of the credentials if they were wired all the same.
    pub(super) effect: Effect,
    pub(super) pointer: Pointer,
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) help: String,
}

impl RefusalReason {
    pub(super) fn into_diagnostic(self) -> Finding {
        Finding {
            rule: self.rule,
            effect: self.effect,
            pointer: self.pointer,
            message: self.message,
            help: Some(self.help).filter(|help| !help.is_empty()).map(Into::into),
            range: self.range,
            answer: None,
            fix: None,
        }
    }
}
