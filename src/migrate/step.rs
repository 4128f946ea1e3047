//! The steps there are, what each means to change, and what is told of them.

use crate::finding::{Effect, Finding, FixKind};
use crate::source::Pointer;

/// The rules whose mends are steps, by their names in `milepost rules`. Those up to `unknown-value` keep what is stored, or
/// make a definition of Marathon 1.4 one that later releases take; the others are for somebody to ask for.
pub static RULES: &[&str] = &[
    "old-uris",
    "old-ports",
    "old-ip-address",
    "old-docker-network",
    "old-port-mappings",
    "old-residency",
    "residency-without-volume",
    "uris-and-fetch",
    "missing-field",
    "unknown-value",
    "marathon-health-check",
    "docker-credential",
    "dropped-role",
    "foreign-accepted-role",
    "port-definitions-off-host-network",
    "port-mappings-on-host-network",
];

/// The name of the step that `--containerizer mesos` stands for.
pub(super) const TO_UCR: &str = "to-ucr";

/// What the move to the Universal Container Runtime changes of an app.
pub(super) const TO_UCR_PATHS: &[&str] = &[
    "/container/type",
    "/container/docker/privileged",
    "/container/docker/parameters",
    "/container/linuxInfo",
];

/// What a secret in the place of an archive changes besides.
pub(super) const SECRET_PATHS: &[&str] = &["/container/docker/pullConfig", "/secrets", "/fetch"];

/// The paths of a stored app that a rule's step means to change, `*` for any element; none for a step that keeps what is
/// stored.
pub(super) fn paths(rule: &str) -> &'static [&'static str] {
    match rule {
        "marathon-health-check" => &[
            "/healthChecks/*/protocol",
            // A check by Marathon is stored with the default of the one and without the other.
            "/healthChecks/*/delaySeconds",
            "/healthChecks/*/ignoreHttp1xx",
            "/healthChecks/*/port",
            "/healthChecks/*/portIndex",
        ],
        "dropped-role" | "foreign-accepted-role" => {
            &["/acceptedResourceRoles", "/scheduling/placement/acceptedResourceRoles"]
        }
        _ => &[],
    }
}

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStep {
    /// The rule's slug.
    pub rule: &'static str,
    /// Where the old form stood.
    pub pointer: Pointer,
    /// Why: what is old about it.
    pub why: String,
    /// What was done, as an order.
    pub what: String,
    /// Whether it changes what runs.
    pub is_unsafe: bool,
}

impl MigrationStep {
    pub(super) fn of(found: &Finding) -> Self {
        let is_risky = found.fix.as_ref().is_some_and(|fix| fix.kind == FixKind::Unsafe);
        Self {
            rule: found.rule,
            pointer: found.pointer.clone(),
            why: found.message.clone(),
            what: found.fix.as_ref().map(|fix| fix.title.clone()).unwrap_or_default(),
            is_unsafe: is_risky && (found.effect == Effect::Rejected || !paths(found.rule).is_empty()),
        }
    }
}

/// An old form that is still there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftForm {
    /// The rule's slug.
    pub rule: &'static str,
    /// Where it stands.
    pub pointer: Pointer,
    /// What is old about it.
    pub message: String,
    /// What to do by hand, where that is known.
    pub help: Option<String>,
    /// Why it is left.
    pub reason: LeftReason,
}

/// Why an old form is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftReason {
    /// Its step changes what runs, or would take somebody's words away, which was not asked for. What it would do, where
    /// there is one.
    Unsafe(Option<String>),
    /// Somebody has to decide.
    ByHand,
    /// What Marathon would store was not the same at this path.
    Unproven(String),
    /// YAML is not edited in place.
    Yaml,
}

impl LeftForm {
    pub(super) fn of(found: &Finding, reason: LeftReason) -> Self {
        Self {
            rule: found.rule,
            pointer: found.pointer.clone(),
            message: found.message.clone(),
            help: found.help.clone().map(Into::into),
            reason,
        }
    }

    /// Whether it was asked for, and could not be done.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        !matches!(self.reason, LeftReason::Unsafe(_))
    }
}

/// Something to see to outside of the text, such as a network that agents need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepNote {
    /// The definition it is about.
    pub pointer: Pointer,
    /// One sentence without a full stop.
    pub text: String,
}
