//! A rule as data: what it wants, why, for which releases, with examples.

use std::fmt;

use super::{Effect, Severity};
use crate::target::Release;

/// A rule, declared beside the code that checks it. Every code that a command prints in brackets is one.
///
/// The examples of a rule for definitions are whole definitions: `bad` breaks the rule under `target`, `good` is the
/// same thing done right; tests hold every rule to that. Other rules have a text as their example.
#[derive(Debug)]
pub struct Rule {
    /// Its name, which is stable: a rule that is renamed keeps its old name as an alias.
    pub slug: &'static str,
    /// Its earlier names, the oldest first. They are accepted wherever a rule is named, and never printed.
    pub aliases: &'static [&'static str],
    /// What it checks.
    pub scope: Scope,
    /// What it wants, one sentence without a full stop.
    pub title: &'static str,
    /// The effect of breaking it.
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
    /// The same definition, fixed.
    pub good: &'static str,
    /// What breaks it, as text, where that is not a definition.
    pub example: &'static str,
    /// Whether `--fix` fixes it.
    pub fix: FixKind,
    /// What a policy is held against; empty for milepost's own rules.
    pub(crate) held_against: &'static str,
}

/// What a rule checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Definitions: found by `lint` and all commands that check definitions.
    Definitions,
    /// The files that `lint` is given, before anything in them is looked at.
    Inputs,
    /// milepost's own settings, and the comments that ignore findings.
    Settings,
    /// Templates and what they render to.
    Templates,
    /// What is wired into a definition.
    Wiring,
    /// Config files and archives of credentials.
    Credentials,
    /// Certificates of a registry.
    Certificates,
    /// The parts of a registry's setup, and whether they agree.
    Registries,
    /// Images in a registry.
    Images,
    /// Answers of a Marathon server.
    Servers,
    /// Steps of a migration.
    Migration,
}

impl Scope {
    /// Every scope, in the order in which they are documented.
    pub const ALL: [Self; 11] = [
        Self::Definitions,
        Self::Inputs,
        Self::Settings,
        Self::Templates,
        Self::Wiring,
        Self::Credentials,
        Self::Certificates,
        Self::Registries,
        Self::Images,
        Self::Servers,
        Self::Migration,
    ];

    /// The word in machine-readable output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Definitions => "definitions",
            Self::Inputs => "inputs",
            Self::Settings => "settings",
            Self::Templates => "templates",
            Self::Wiring => "wiring",
            Self::Credentials => "credentials",
            Self::Certificates => "certificates",
            Self::Registries => "registries",
            Self::Images => "images",
            Self::Servers => "servers",
            Self::Migration => "migration",
        }
    }

    /// The commands that report it.
    #[must_use]
    pub fn commands(self) -> &'static str {
        match self {
            Self::Definitions => {
                "lint, normalize, diff, plan, deploy, migrate, render, wire, explain --task, app add, pod add, group add, \
                 app update, pod update, group update, registry app, registry group"
            }
            Self::Inputs | Self::Settings => "lint",
            Self::Templates => "render",
            Self::Wiring => "wire, migrate --containerizer mesos",
            Self::Credentials => {
                "creds verify, creds show, creds login, creds import, creds cluster, creds check"
            }
            Self::Certificates => "registry cert --check, registry check",
            Self::Registries => "registry check",
            Self::Images => "creds check",
            Self::Servers => "app add, pod add, group add, app update, pod update, group update",
            Self::Migration => "migrate --containerizer mesos",
        }
    }
}

/// Two rules are the same when they have the same slug.
impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || self.slug == other.slug
    }
}

impl Eq for Rule {}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.slug)
    }
}

/// How sure a fix is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FixKind {
    /// There is no fix: it needs a decision.
    None,
    /// What Marathon stores stays the same, or a misspelt name, which does nothing, becomes the field it stands for: made by
    /// `--fix`.
    Safe,
    /// It changes what Marathon stores, and so what runs: made by `--fix=unsafe`.
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
            aliases: &[],
            scope: Scope::Definitions,
            title,
            effect,
            why: "",
            since: None,
            until: None,
            setting: "",
            target: "dcos",
            bad: "",
            good: "",
            example: "",
            fix: FixKind::None,
            held_against: "",
        }
    }

    /// A rule by which Marathon rejects definitions.
    #[must_use]
    pub const fn verdict(slug: &'static str, title: &'static str) -> Self {
        Self::new(slug, title, Effect::Rejected)
    }

    /// A rule about what Marathon accepts, and whose tasks Mesos or Docker refuses.
    #[must_use]
    pub const fn fails(slug: &'static str, title: &'static str) -> Self {
        Self::new(slug, title, Effect::Fails)
    }

    /// A rule about what Marathon accepts without doing what it says.
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

    /// A rule of style.
    #[must_use]
    pub const fn style(slug: &'static str, title: &'static str) -> Self {
        Self::new(slug, title, Effect::Style)
    }

    /// A policy of the organisation.
    #[must_use]
    pub(crate) const fn policy(
        slug: &'static str,
        title: &'static str,
        effect: Effect,
        why: &'static str,
        held_against: &'static str,
    ) -> Self {
        Self { why, held_against, ..Self::new(slug, title, effect) }
    }

    /// Its earlier names, the oldest first.
    #[must_use]
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// What it checks, where that is not definitions.
    #[must_use]
    pub const fn about(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
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

    /// The same definition, fixed.
    #[must_use]
    pub const fn good(mut self, example: &'static str) -> Self {
        self.good = example;
        self
    }

    /// What breaks it, as text, where that is not a definition.
    #[must_use]
    pub const fn example(mut self, example: &'static str) -> Self {
        self.example = example;
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

    /// `--fix` fixes it.
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

    /// The severity of its findings, unless the settings change it.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.effect.severity()
    }

    /// Its slug and its earlier names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.slug).chain(self.aliases.iter().copied())
    }

    /// The name it goes by in fingerprints: its first one, so that a new name does not make a known finding new.
    #[must_use]
    pub fn first_name(&self) -> &'static str {
        self.aliases.first().copied().unwrap_or(self.slug)
    }
}
