//! What there is to say about a definition: one finding, where it is, what it does and what to do about it.

pub(crate) mod fingerprint;
mod fix;
mod rule;

use std::borrow::Cow;
use std::ops::Range;

use crate::source::{Pointer, Step};

pub use fix::{Change, Fix};
pub use rule::{FixKind, Rule};

/// What becomes of the thing found, in Marathon's hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// This Marathon answers 4xx or 5xx.
    Rejected,
    /// Accepted, but this part does nothing, or not what it says.
    Ignored,
    /// Against a policy of whoever runs Marathon.
    Forbidden,
    /// Works now, gone in a later version.
    Deprecated,
    /// Works, and will hurt.
    Risky,
    /// Taste.
    Style,
}

impl Effect {
    /// The word in machine-readable output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Ignored => "ignored",
            Self::Forbidden => "forbidden",
            Self::Deprecated => "deprecated",
            Self::Risky => "risky",
            Self::Style => "style",
        }
    }

    /// What that means, for people.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Rejected => "Marathon refuses it",
            Self::Ignored => "Marathon takes it, and this part does nothing or not what it says",
            Self::Forbidden => "Marathon takes it, and a policy of yours forbids it",
            Self::Deprecated => "works now, gone in a later version",
            Self::Risky => "works, and will hurt",
            Self::Style => "a matter of taste",
        }
    }

    /// How bad that is, unless somebody says otherwise.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::Rejected | Self::Ignored | Self::Forbidden => Severity::Error,
            Self::Deprecated | Self::Risky => Severity::Warning,
            Self::Style => Severity::Info,
        }
    }
}

/// How bad a finding is; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Must be mended.
    Error,
    /// Should be looked at.
    Warning,
    /// For what it is worth.
    Info,
}

impl Severity {
    /// The word in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// Where in the handling of a request Marathon refuses it, in order: a request stops at the first stage that fails,
/// and only that stage's errors are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// The body is no JSON: 400.
    Syntax,
    /// A number is beyond what play-json reads: 422.
    Number,
    /// Reading into the types of the API: 422 `Invalid JSON`.
    Parse,
    /// Combinations with deprecated fields: 422 `Object is not valid`.
    Deprecated,
    /// An exception while deprecated fields are moved: 500.
    Migration,
    /// The rules of the canonical API: 422 `Object is not valid`.
    Canonical,
    /// Something is there already: 409.
    Conflict,
    /// An exception while the definition is converted: 500, or 422 without details.
    Conversion,
    /// The rules of the internal model: 422 `Object is not valid`.
    Model,
    /// The rules of the whole tree of groups: 422 `Object is not valid`.
    Tree,
}

impl Stage {
    /// The word in machine-readable output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Number => "number",
            Self::Parse => "parse",
            Self::Deprecated => "deprecated",
            Self::Migration => "migration",
            Self::Canonical => "canonical",
            Self::Conflict => "conflict",
            Self::Conversion => "conversion",
            Self::Model => "model",
            Self::Tree => "tree",
        }
    }
}

/// What Marathon itself would say, for a finding it would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The stage that says it.
    pub stage: Stage,
    /// The path in Marathon's notation: `/container/volumes(0)/mode`; the root is `/`. Empty for an answer that is
    /// nothing but a message.
    pub path: String,
    /// The text in Marathon's words.
    pub error: String,
    /// Marathon does not get as far as this: it says so only once what it says first is mended.
    pub later: bool,
}

impl Answer {
    /// Marathon's path as a JSON pointer, where it may be another one than the finding's: what the parser says leads to
    /// the value itself, and some answers have no path.
    #[must_use]
    pub fn pointer(&self) -> Option<Pointer> {
        (self.stage > Stage::Parse && !self.path.is_empty()).then(|| marathon_pointer(&self.path))
    }
}

/// Marathon's `/container/volumes(0)/mode` as a JSON pointer. Some of its paths are program text; those keep their words.
pub(crate) fn marathon_pointer(path: &str) -> Pointer {
    let mut steps = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let name_end = part.find('(').unwrap_or(part.len());
        let (name, indices) = part.split_at(name_end);
        if !name.is_empty() {
            steps.push(Step::Key(name.to_owned()));
        }
        for index in indices.split(['(', ')']).filter(|index| !index.is_empty()) {
            steps.push(index.parse().map_or_else(|_| Step::Key(index.to_owned()), Step::Index));
        }
    }
    steps.into_iter().collect()
}

/// One finding. What few have is apart from it: findings are moved around, and some wait for the end of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's slug.
    pub rule: &'static str,
    /// What becomes of it.
    pub effect: Effect,
    /// Where, as Marathon counts (for a missing field: where it should be).
    pub pointer: Pointer,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// What to do or write instead.
    pub help: Option<Cow<'static, str>>,
    /// The bytes to underline.
    pub range: Range<usize>,
    /// Marathon's own answer, where it has one.
    pub answer: Option<Box<Answer>>,
    /// What would mend it, where that is known.
    pub fix: Option<Box<Fix>>,
}

impl Finding {
    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.effect.severity()
    }

    /// Where in the handling of a request Marathon refuses it; nothing when it does not. What Marathon has no words for is
    /// refused by its parser.
    #[must_use]
    pub fn stage(&self) -> Option<Stage> {
        let answered = self.answer.as_ref().map(|answer| answer.stage);
        answered.or((self.effect == Effect::Rejected).then_some(Stage::Parse))
    }

    /// Whether what it points at is a secret, which must not be shown with it.
    #[must_use]
    pub fn conceals(&self) -> bool {
        matches!(self.rule, "plain-secret" | "password-in-uri")
    }
}

/// A diagnostic at the severity it is reported with: its own, or the one somebody chose for its rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatedFinding {
    /// What was found.
    pub finding: Finding,
    /// How bad that is here.
    pub severity: Severity,
}

impl From<Finding> for RatedFinding {
    fn from(diagnostic: Finding) -> Self {
        Self { severity: diagnostic.severity(), finding: diagnostic }
    }
}

#[cfg(test)]
mod tests {
    use super::marathon_pointer;

    #[test]
    fn paths_become_pointers() {
        let pointer = |path| marathon_pointer(path).to_string();
        assert_eq!(pointer("/container/volumes(0)/mode"), "/container/volumes/0/mode");
        assert_eq!(pointer("/"), "");
        assert_eq!(pointer(""), "");
        assert_eq!(pointer("(0)/id"), "/0/id");
    }
}
