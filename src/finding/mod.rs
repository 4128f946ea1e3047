//! A finding: what is wrong with a definition, where, with what effect, and what to do about it.

mod checked_file;
pub(crate) mod fingerprint;
mod fix;
mod refusal;
mod rule;

use std::borrow::Cow;
use std::ops::Range;

use crate::source::{Pointer, Step};

pub use checked_file::CheckedFile;
pub use fix::{Change, Fix};
pub use refusal::{Refusal, Refuser};
pub use rule::{FixKind, Rule, Scope};

/// What becomes of the thing found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// Marathon answers 4xx or 5xx.
    Rejected,
    /// Accepted, and its tasks never start, or never become healthy: Mesos or Docker refuses them.
    Fails,
    /// Accepted, but this part does nothing, or not what it says.
    Ignored,
    /// Against a policy of the organisation.
    Forbidden,
    /// Works now, and is removed in a later version.
    Deprecated,
    /// Works, and will cause trouble.
    Risky,
    /// A matter of style.
    Style,
}

impl Effect {
    /// The word in machine-readable output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Fails => "fails",
            Self::Ignored => "ignored",
            Self::Forbidden => "forbidden",
            Self::Deprecated => "deprecated",
            Self::Risky => "risky",
            Self::Style => "style",
        }
    }

    /// The effect in words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Rejected => "Marathon rejects it",
            Self::Fails => "Marathon accepts it, and its tasks never run or never become healthy",
            Self::Ignored => "Marathon accepts it, and this part does nothing, or not what it says",
            Self::Forbidden => "Marathon accepts it, and a policy of yours forbids it",
            Self::Deprecated => "works now, and is removed in a later version",
            Self::Risky => "works, and will cause trouble",
            Self::Style => "a matter of style",
        }
    }

    /// The severity, unless the settings change it.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::Rejected | Self::Fails | Self::Ignored | Self::Forbidden => Severity::Error,
            Self::Deprecated | Self::Risky => Severity::Warning,
            Self::Style => Severity::Info,
        }
    }
}

/// The severity of a finding; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Must be fixed.
    Error,
    /// Should be looked at.
    Warning,
    /// Good to know.
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

/// The stage of a request at which Marathon rejects it, in order: a request stops at the first stage that fails, and
/// only that stage's errors are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// The body is not JSON: 400.
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
    /// The id is taken already: 409.
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

/// What Marathon itself answers to a definition with this finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The stage that answers.
    pub stage: Stage,
    /// The path in Marathon's notation: `/container/volumes(0)/mode`; the root is `/`. Empty for an answer that is
    /// only a message.
    pub path: String,
    /// The text in Marathon's words.
    pub error: String,
    /// Marathon does not get as far as this: it answers this only once the errors of earlier stages are fixed.
    pub later: bool,
    /// Its answers to other errors that the same finding is about.
    pub others: Vec<Answer>,
}

impl Answer {
    /// This one and the others.
    pub fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.others)
    }

    /// Marathon's path as a JSON pointer, where it may differ from the finding's: a path of the parser leads to the value
    /// itself, and some answers have no path.
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

/// One finding. What few findings have is boxed: findings are moved around, and some wait for the end of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// Its effect.
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
    /// Who refuses its tasks, where Marathon accepts it and they fail.
    pub refusal: Option<Box<Refusal>>,
    /// The fix, where one is known.
    pub fix: Option<Box<Fix>>,
}

impl Finding {
    /// The path in Marathon's answer as a JSON pointer, where it is another one: it leads elsewhere, or counts from the app.
    #[must_use]
    pub fn said(&self) -> Option<Pointer> {
        let answer = self.answer.as_deref()?;
        if answer.stage == Stage::Parse {
            // Written out as the parser does it: names may have any characters.
            let path = self.pointer.steps().iter().fold(String::new(), |path, step| match step {
                Step::Key(name) => path + "/" + name,
                Step::Index(index) => format!("{path}({index})"),
            });
            let is_same = path == answer.path || path.is_empty() && answer.path == "/";
            return (!is_same).then(|| marathon_pointer(&answer.path));
        }
        answer.pointer().filter(|said| *said != self.pointer)
    }

    /// The severity, unless the settings change it.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.effect.severity()
    }

    /// The stage at which Marathon rejects it; nothing when it does not. A rejection without an answer is one of the
    /// parser.
    #[must_use]
    pub fn stage(&self) -> Option<Stage> {
        let answered = self.answer.as_ref().map(|answer| answer.stage);
        answered.or((self.effect == Effect::Rejected).then_some(Stage::Parse))
    }
}

/// A finding at the severity it is reported with: its own, or the one that the settings give its rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatedFinding {
    /// The finding.
    pub finding: Finding,
    /// Its severity in this run.
    pub severity: Severity,
}

impl From<Finding> for RatedFinding {
    fn from(finding: Finding) -> Self {
        Self { severity: finding.severity(), finding }
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
