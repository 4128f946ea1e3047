//! Where instances of a pod may run, and how they are replaced.

use std::borrow::Cow;

use crate::diagnostic::Stage;
use crate::rule::Rule;
use crate::rule::shared::{
    Constraint, MALFORMED_ROLE, RESIDENT_ACCEPTED_ROLES, RESIDENT_OVER_CAPACITY, RESIDENT_UNREACHABLE,
    constraint_fault, double, name_faults,
};
use crate::schema::table;
use crate::source::Value;
use crate::target::Release;

use super::bench::Bench;
use super::{Fields, Pod};

static NEWER_OPERATOR: Rule =
    Rule::verdict("newer-operator", "A constraint's operator must be one that this release knows");

const CONSTRAINTS: &str = "/scheduling/placement/constraints";
/// Where the roles really stand.
const ACCEPTED: &str = "/scheduling/placement/acceptedResourceRoles";

fn placement<'a>(pod: &Pod<'a>) -> Option<Fields<'a>> {
    pod.scheduling.and_then(|scheduling| scheduling.object("placement", &table::POD_PLACEMENT_POLICY))
}

/// The roles whose resources a pod takes, each once; none means all it may take.
pub(super) fn accepted_roles<'a>(pod: &Pod<'a>) -> Vec<(Value<'a>, Cow<'a, str>)> {
    let mut roles: Vec<(Value<'a>, Cow<'a, str>)> = Vec::new();
    for at in placement(pod).iter().flat_map(|placement| placement.list("acceptedResourceRoles")) {
        let role = at.as_str().unwrap_or_default();
        if roles.iter().all(|(_, other)| *other != role) {
            roles.push((at, role));
        }
    }
    roles
}

/// The operator `IS` came with 1.6. Tells whether one is used before.
pub(super) fn parse(pod: &Pod<'_>, bench: &mut Bench<'_>) -> bool {
    if bench.knows(Release::V1_6) {
        return false;
    }
    let mut has_failed = false;
    let constraints = placement(pod).and_then(|placement| placement.get("constraints"));
    for (index, value) in constraints.iter().flat_map(Value::elements).enumerate() {
        let constraint = Fields::of(value, &table::CONSTRAINT);
        if constraint.word("operator") == Some("IS") {
            has_failed = true;
            bench
                .refuse_at_stage(
                    Stage::Parse,
                    &NEWER_OPERATOR,
                    constraint.at("operator"),
                    format!("{CONSTRAINTS}({index})/operator"),
                    "error.unknown.enum.literal",
                )
                .tell("the operator IS came with Marathon 1.6", "write LIKE and a regular expression");
        }
    }
    has_failed
}

pub(super) fn judge(pod: &Pod<'_>, bench: &mut Bench<'_>) {
    let Some(scheduling) = &pod.scheduling else { return };
    if let Some(constraints) = placement(pod).and_then(|placement| placement.get("constraints")) {
        self::constraints(constraints, bench);
    }
    let roles = accepted_roles(pod);
    if !roles.is_empty() {
        self::roles(pod, &roles, bench);
    }
    if pod.is_resident() {
        resident(scheduling, bench);
    }
}

fn constraints(list: Value<'_>, bench: &mut Bench<'_>) {
    // A set: what was there already does not count.
    let mut seen: Vec<Constraint<'_>> = Vec::new();
    for value in list.elements() {
        let fields = Fields::of(value, &table::CONSTRAINT);
        let constraint = Constraint {
            field: fields.text("fieldName").unwrap_or_default(),
            operator: fields.word("operator").unwrap_or_default(),
            value: fields.text("value"),
        };
        if seen.contains(&constraint) {
            continue;
        }
        if let Some((rule, error, message)) = constraint_fault(&constraint) {
            let at = fields.get("value").filter(|_| !constraint.field.is_empty()).unwrap_or(value);
            let index = seen.len();
            bench
                .refuse(rule, at, format!("{CONSTRAINTS}({index})"), error)
                .also(CONSTRAINTS, "must be empty")
                .tell(message, "");
        }
        seen.push(constraint);
    }
}

/// Checked twice: as part of the placement, and for the pod as a whole.
fn roles(pod: &Pod<'_>, roles: &[(Value<'_>, Cow<'_, str>)], bench: &mut Bench<'_>) {
    /// The expression in Marathon's source.
    const IN_PLACEMENT: &str = "/scheduling/placement/ppp.acceptedResourceRoles.toSet";
    const OF_POD: &str = "/acceptedResourceRoles";
    let is_new = bench.knows(Release::V1_6);
    for (at, role) in roles {
        for (index, error) in name_faults(role) {
            let index = index.map_or_else(String::new, |index| format!("({index})"));
            let message = format!("\"{role}\" is no role: {}", error.trim_end_matches('.'));
            let finding = bench
                .refuse(&MALFORMED_ROLE, *at, format!("{IN_PLACEMENT}{index}"), error.clone())
                .also(IN_PLACEMENT, "must be empty");
            // The check for the pod as a whole came with persistent volumes.
            let finding = if is_new {
                finding.also(format!("{OF_POD}{index}"), error).also(OF_POD, "must be empty")
            } else {
                finding
            };
            finding.stands_at(ACCEPTED).tell(message, "write the role as Mesos knows it");
        }
    }
    let is_unreserved = matches!(roles, [(_, role)] if role == "*");
    if pod.is_resident() && !is_unreserved {
        let at = placement(pod).map_or(pod.fields.value, |placement| placement.at("acceptedResourceRoles"));
        bench
            .refuse(
                &RESIDENT_ACCEPTED_ROLES,
                at,
                OF_POD,
                "A resident pod must have `acceptedResourceRoles = [\"*\"]`.",
            )
            .also_says("must be empty")
            .stands_at(ACCEPTED)
            .tell(
                "a pod with persistent volumes makes its reservations from unreserved resources",
                "write \"acceptedResourceRoles\": [\"*\"], or remove it",
            );
    }
}

/// What a pod with persistent volumes must not ask for.
fn resident(scheduling: &Fields<'_>, bench: &mut Bench<'_>) {
    /// Where `upgrade` is given and does not say.
    const DEFAULT_OVER_CAPACITY: f64 = 1.0;
    if let Some(upgrade) = scheduling.object("upgrade", &table::POD_UPGRADE_STRATEGY) {
        let over = upgrade.double("maximumOverCapacity").unwrap_or(DEFAULT_OVER_CAPACITY);
        if over != 0.0 {
            bench
                .refuse(
                    &RESIDENT_OVER_CAPACITY,
                    upgrade.at("maximumOverCapacity"),
                    "/upgrade/maximumOverCapacity",
                    format!("got {}, expected 0.0", double(over)),
                )
                .stands_at("/scheduling/upgrade/maximumOverCapacity")
                .tell(
                    "a pod with persistent volumes cannot run more instances during an upgrade",
                    "write \"maximumOverCapacity\": 0",
                );
        }
    }
    if let Some(strategy) =
        scheduling.get("unreachableStrategy").filter(|strategy| !strategy.is_str("disabled"))
    {
        bench
            .refuse(
                &RESIDENT_UNREACHABLE,
                strategy,
                "/",
                "unreachableStrategy must be disabled for pods with persistent volumes",
            )
            .stands_at("/scheduling/unreachableStrategy")
            .tell(
                "an unreachable instance with persistent volumes must not be replaced: its data is where it is",
                "write \"unreachableStrategy\": \"disabled\"",
            );
    }
}
