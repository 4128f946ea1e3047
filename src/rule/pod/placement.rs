//! Where instances of a pod may run, and how they are replaced.

use std::borrow::Cow;

use crate::finding::Stage::{self, Canonical};
use crate::rule::shared::{
    ConstraintCheck, MALFORMED_ROLE, RESIDENT_OVER_CAPACITY, RESIDENT_UNREACHABLE,
    RESIDENT_WITH_ACCEPTED_ROLES, constraint_fault, double, malformed_role_message, name_faults,
};
use crate::rule::view::{Fields, PodView, SchedulingView, Seen, elements};
use crate::rule::{Context, Rule};
use crate::schema::table;
use crate::source::Value;
use crate::target::Release;

static NEWER_OPERATOR: Rule =
    Rule::verdict("newer-operator", "A constraint's operator must be one that this release knows")
        .why("The operator IS came with Marathon 1.6. An older one refuses it when it reads the pod.")
        .bad(
            r#"{"id": "/shop/web",
                "scheduling": {"placement": {"constraints": [{"fieldName": "rack",
                "operator": "IS", "value": "a"}]}}, "containers": [{"name": "web",
                "resources": {"cpus": 0.1}}]}"#,
        )
        .good(
            r#"{"id": "/shop/web",
                "scheduling": {"placement": {"constraints": [{"fieldName": "rack",
                "operator": "LIKE", "value": "a"}]}}, "containers": [{"name": "web",
                "resources": {"cpus": 0.1}}]}"#,
        )
        .until(Release::V1_5)
        .target("dcos-1.10");

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[&NEWER_OPERATOR];

const CONSTRAINTS: &str = "/scheduling/placement/constraints";
/// Where the roles are.
const ACCEPTED: &str = "/scheduling/placement/acceptedResourceRoles";

/// Rejects the operator `IS`, which came with 1.6. Returns whether there is one.
pub(super) fn parse(pod: &PodView<'_>, context: &mut Context<'_>) -> bool {
    if context.release() >= Release::V1_6 {
        return false;
    }
    let mut has_failed = false;
    let constraints = pod.scheduling.as_ref().and_then(|scheduling| scheduling.constraints);
    for (index, value) in elements(constraints).enumerate() {
        let constraint = Fields::of(value, &table::CONSTRAINT);
        if constraint.word("operator") == Some("IS") {
            has_failed = true;
            context
                .reject(
                    &NEWER_OPERATOR,
                    Stage::Parse,
                    constraint.at("operator"),
                    format!("{CONSTRAINTS}({index})/operator"),
                    "error.unknown.enum.literal",
                )
                .describe("the operator IS came with Marathon 1.6", "write LIKE and a regular expression");
        }
    }
    has_failed
}

pub(super) fn check(pod: &PodView<'_>, context: &mut Context<'_>) {
    let Some(scheduling) = &pod.scheduling else { return };
    if let Some(constraints) = scheduling.constraints {
        self::constraints(constraints, context);
    }
    let roles = pod.accepted_roles();
    if !roles.is_empty() {
        self::roles(pod, &roles, context);
    }
    if pod.is_resident() {
        resident(scheduling, context);
    }
}

fn constraints(list: Value<'_>, context: &mut Context<'_>) {
    // Constraints are a set: duplicates do not count.
    let mut seen = Seen::new();
    for value in list.elements() {
        let fields = Fields::of(value, &table::CONSTRAINT);
        let constraint = ConstraintCheck {
            field: fields.text("fieldName").unwrap_or_default(),
            operator: fields.word("operator").unwrap_or_default(),
            value: fields.text("value"),
        };
        if !seen.insert(constraint.clone()) {
            continue;
        }
        if let Some((rule, error, message)) = constraint_fault(&constraint) {
            let at = fields.get("value").filter(|_| !constraint.field.is_empty()).unwrap_or(value);
            let index = seen.len() - 1;
            context
                .reject(rule, Canonical, at, format!("{CONSTRAINTS}({index})"), error)
                .also(CONSTRAINTS, "must be empty")
                .describe(message, "");
        }
    }
}

/// Marathon checks the roles twice: as part of the placement, and for the pod as a whole.
fn roles(pod: &PodView<'_>, roles: &[(Value<'_>, Cow<'_, str>)], context: &mut Context<'_>) {
    /// The expression in Marathon's source.
    const IN_PLACEMENT: &str = "/scheduling/placement/ppp.acceptedResourceRoles.toSet";
    const OF_POD: &str = "/acceptedResourceRoles";
    let checks_twice = context.release() >= Release::V1_6;
    for (at, role) in roles {
        for (index, error) in name_faults(role) {
            let index = index.map_or_else(String::new, |index| format!("({index})"));
            let message = malformed_role_message(role, &error);
            let rejection = context
                .reject(&MALFORMED_ROLE, Canonical, *at, format!("{IN_PLACEMENT}{index}"), error.clone())
                .also(IN_PLACEMENT, "must be empty");
            // The second check came with persistent volumes.
            let rejection = if checks_twice {
                rejection.also(format!("{OF_POD}{index}"), error).also(OF_POD, "must be empty")
            } else {
                rejection
            };
            rejection.points_at(ACCEPTED).describe(message, "write the role as Mesos knows it");
        }
    }
    let is_unreserved = matches!(roles, [(_, role)] if role == "*");
    if pod.is_resident() && !is_unreserved {
        let at =
            pod.scheduling.as_ref().and_then(|scheduling| scheduling.accepted_roles).unwrap_or(pod.value);
        context
            .reject(
                &RESIDENT_WITH_ACCEPTED_ROLES,
                Canonical,
                at,
                OF_POD,
                "A resident pod must have `acceptedResourceRoles = [\"*\"]`.",
            )
            .also_says("must be empty")
            .points_at(ACCEPTED)
            .describe(
                "a pod with persistent volumes makes its reservations from unreserved resources",
                "write \"acceptedResourceRoles\": [\"*\"], or remove it",
            );
    }
}

/// What a pod with persistent volumes must not have.
fn resident(scheduling: &SchedulingView<'_>, context: &mut Context<'_>) {
    if let Some(upgrade) = scheduling.upgrade {
        let upgrade = Fields::of(upgrade, &table::POD_UPGRADE_STRATEGY);
        let over = upgrade.double_or_default("maximumOverCapacity");
        if over != 0.0 {
            context
                .reject(
                    &RESIDENT_OVER_CAPACITY,
                    Canonical,
                    upgrade.at("maximumOverCapacity"),
                    "/upgrade/maximumOverCapacity",
                    format!("got {}, expected 0.0", double(over)),
                )
                .points_at("/scheduling/upgrade/maximumOverCapacity")
                .describe(
                    "a pod with persistent volumes cannot run more instances during an upgrade",
                    "write \"maximumOverCapacity\": 0",
                );
        }
    }
    if let Some(strategy) = scheduling.unreachable.filter(|strategy| !strategy.is_str("disabled")) {
        context
            .reject(
                &RESIDENT_UNREACHABLE, Canonical,
                strategy,
                "/",
                "unreachableStrategy must be disabled for pods with persistent volumes",
            )
            .points_at("/scheduling/unreachableStrategy")
            .describe(
                "an unreachable instance with persistent volumes must not be replaced: its data is where it is",
                "write \"unreachableStrategy\": \"disabled\"",
            );
    }
}
