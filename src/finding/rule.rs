//! A rule as data: what it wants, why, for which releases, with an example of either kind.

use super::{Effect, Severity};
use crate::target::Release;

/// Something that a definition is held against. Its code stands where it is declared.
///
/// The examples are whole definitions: `bad` makes the rule speak under `target`, `good` is the same thing done right.
/// Tests hold every rule to that.
#[derive(Debug)]
pub struct Rule {
    /// Its name, stable for ever.
    pub slug: &'static str,
    /// What it wants, one sentence without a full stop.
    pub title: &'static str,
    /// What becomes of a definition that breaks it.
    pub effect: Effect,
    /// Why that matters and what is behind it, in sentences.
    pub why: &'static str,
    /// The first release line it holds for; nothing when it holds for all that milepost knows.
    pub since: Option<Release>,
    /// The last release line it holds for; nothing when it still holds.
    pub until: Option<Release>,
    /// The setting of Marathon that decides whether it holds, in Marathon's words; empty when none does.
    pub setting: &'static str,
    /// The target the examples are for.
    pub target: &'static str,
    /// A definition that breaks it.
    pub bad: &'static str,
    /// The definition mended.
    pub good: &'static str,
    /// Whether `--fix` mends it.
    pub fix: FixKind,
}

/// How sure a mend is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FixKind {
    /// There is none: somebody has to decide.
    None,
    /// Surely what was meant: made by `--fix`.
    Safe,
    /// Probably what was meant, and it changes what runs: made by `--fix=unsafe`.
    Unsafe,
}

impl FixKind {
    /// The word in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

impl Rule {
    const fn new(slug: &'static str, title: &'static str, effect: Effect) -> Self {
        Self {
            slug,
            title,
            effect,
            why: "",
            since: None,
            until: None,
            setting: "",
            target: "dcos",
            bad: "",
            good: "",
            fix: FixKind::None,
        }
    }

    /// A rule by which Marathon refuses definitions.
    #[must_use]
    pub const fn verdict(slug: &'static str, title: &'static str) -> Self {
        Self::new(slug, title, Effect::Rejected)
    }

    /// A rule about what Marathon takes and makes nothing of.
    #[must_use]
    pub const fn ignored(slug: &'static str, title: &'static str) -> Self {
        Self::new(slug, title, Effect::Ignored)
    }

    /// A rule about what works, and will hurt.
    #[must_use]
    pub const fn risky(slug: &'static str, title: &'static str) -> Self {
        Self::new(slug, title, Effect::Risky)
    }

    /// A rule about what works only because Marathon still reads old forms.
    #[must_use]
    pub const fn deprecated(slug: &'static str, title: &'static str) -> Self {
        Self::new(slug, title, Effect::Deprecated)
    }

    /// A rule of taste.
    #[must_use]
    pub const fn style(slug: &'static str, title: &'static str) -> Self {
        Self::new(slug, title, Effect::Style)
    }

    /// A policy of whoever runs Marathon.
    #[must_use]
    pub(crate) const fn policy(
        slug: &'static str,
        title: &'static str,
        effect: Effect,
        why: &'static str,
    ) -> Self {
        Self { why, ..Self::new(slug, title, effect) }
    }

    /// Why it matters.
    #[must_use]
    pub const fn why(mut self, why: &'static str) -> Self {
        self.why = why;
        self
    }

    /// A definition that breaks it.
    #[must_use]
    pub const fn bad(mut self, example: &'static str) -> Self {
        self.bad = example;
        self
    }

    /// The definition mended.
    #[must_use]
    pub const fn good(mut self, example: &'static str) -> Self {
        self.good = example;
        self
    }

    /// It holds from this release line on.
    #[must_use]
    pub const fn since(mut self, release: Release) -> Self {
        self.since = Some(release);
        self
    }

    /// It holds up to this release line.
    #[must_use]
    pub const fn until(mut self, release: Release) -> Self {
        self.until = Some(release);
        self
    }

    /// The setting it depends on.
    #[must_use]
    pub const fn setting(mut self, setting: &'static str) -> Self {
        self.setting = setting;
        self
    }

    /// The target the examples are for, where it is not the default.
    #[must_use]
    pub const fn target(mut self, target: &'static str) -> Self {
        self.target = target;
        self
    }

    /// `--fix` mends it.
    #[must_use]
    pub const fn fix(mut self, fix: FixKind) -> Self {
        self.fix = fix;
        self
    }

    /// Whether it holds for a release line.
    #[must_use]
    pub fn holds_for(&self, release: Release) -> bool {
        self.since.is_none_or(|since| since <= release) && self.until.is_none_or(|until| release <= until)
    }

    /// How bad breaking it is, unless somebody says otherwise.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.effect.severity()
    }
}
