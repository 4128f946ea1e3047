//! The steps of a migration, the paths that each changes, and what is reported of them.

use crate::finding::{Effect, Finding, FixKind, Rule, Scope};
use crate::rule::{self, advice};
use crate::schema;
use crate::source::{EditError, Pointer};

/// The rules whose fixes are steps. Those up to `unknown-value` keep what is stored, or make a definition of Marathon
/// 1.4 acceptable for later releases; the others change what runs.
pub static RULES: &[&Rule] = &[
    &advice::OLD_URIS,
    &advice::OLD_PORTS,
    &advice::OLD_IP_ADDRESS,
    &advice::OLD_DOCKER_NETWORK,
    &advice::OLD_PORT_MAPPINGS,
    &advice::OLD_RESIDENCY,
    &advice::RESIDENCY_WITHOUT_VOLUME,
    &rule::URIS_AND_FETCH,
    &schema::MISSING_FIELD,
    &schema::UNKNOWN_VALUE,
    &advice::MARATHON_HEALTH_CHECK,
    &rule::REMOVED_DOCKER_CREDENTIAL,
    &advice::DROPPED_ROLE,
    &rule::FOREIGN_ACCEPTED_ROLE,
    &advice::DEFINITIONS_OFF_HOST_NETWORK,
    &advice::MAPPINGS_ON_HOST_NETWORK,
];

/// The rules declared here.
pub(crate) static OWN_RULES: &[&Rule] = &[&TO_UCR];

/// The step of `--containerizer mesos`.
pub(super) static TO_UCR: Rule = Rule::style("to-ucr", "An app runs on the Universal Container Runtime")
    .about(Scope::Migration)
    .why(
        "`migrate --containerizer mesos` moves apps from the Docker Engine to the Universal Container Runtime, where \
         Mesos itself pulls and runs the image. An app stays where it is when it would not do the same there.",
    )
    .example("milepost migrate web.json --containerizer mesos");

/// The paths of an app that the move to the Universal Container Runtime changes.
pub(super) const TO_UCR_PATHS: &[&str] = &[
    "/container/type",
    "/container/docker/privileged",
    "/container/docker/parameters",
    "/container/linuxInfo",
];

/// The further paths that change when an app pulls with a secret, in place of an archive or not.
pub(super) const SECRET_PATHS: &[&str] = &["/container/docker/pullConfig", "/secrets", "/fetch"];

/// The further path that changes when a port mapping for udp and tcp becomes two.
pub(super) const SPLIT_PATHS: &[&str] = &["/container/portMappings"];

/// The paths of a stored app that a rule's step changes, `*` for any element; none for a step that keeps what is
/// stored.
pub(super) fn paths(of: &Rule) -> &'static [&'static str] {
    const OF_CHECKS: &[&str] = &[
        "/healthChecks/*/protocol",
        // A check by Marathon is stored with the default of the one and without the other.
        "/healthChecks/*/delaySeconds",
        "/healthChecks/*/ignoreHttp1xx",
        "/healthChecks/*/path",
        "/healthChecks/*/port",
        "/healthChecks/*/portIndex",
    ];
    const OF_ROLES: &[&str] = &["/acceptedResourceRoles", "/scheduling/placement/acceptedResourceRoles"];
    if *of == advice::MARATHON_HEALTH_CHECK {
        OF_CHECKS
    } else if *of == advice::DROPPED_ROLE || *of == rule::FOREIGN_ACCEPTED_ROLE {
        OF_ROLES
    } else {
        &[]
    }
}

/// A step that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStep {
    /// The rule of the old form.
    pub rule: &'static Rule,
    /// The path of the old form.
    pub pointer: Pointer,
    /// The reason: what is old about it.
    pub why: String,
    /// What was done, in the imperative.
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

/// An old form that is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftForm {
    /// The rule of the old form.
    pub rule: &'static Rule,
    /// Its path.
    pub pointer: Pointer,
    /// What is old about it.
    pub message: String,
    /// What to do by hand, if known.
    pub help: Option<String>,
    /// Why it is left.
    pub reason: LeftReason,
}

/// Why an old form is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftReason {
    /// Its step changes what runs, or removes text, which the plan does not allow. What the step would do, if there is
    /// one.
    Unsafe(Option<String>),
    /// A person has to decide.
    ByHand,
    /// The step could not be proven, and why.
    Unproven(String),
    /// The YAML cannot be edited there, and why.
    Notation(String),
}

impl LeftReason {
    /// Why an edit cannot be made.
    pub(super) fn of(error: &EditError) -> Self {
        match error {
            EditError::Yaml { .. } => Self::Notation(error.to_string()),
            _ => Self::Unproven(error.to_string()),
        }
    }
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

    /// Whether the plan allowed its step, and the step could not be made.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        !matches!(self.reason, LeftReason::Unsafe(_))
    }
}

/// Something to do outside of the text, such as a network that agents need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepNote {
    /// The definition it is about.
    pub pointer: Pointer,
    /// One sentence without a full stop.
    pub text: String,
}
