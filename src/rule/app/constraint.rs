//! Placement constraints.

use std::borrow::Cow;

use crate::finding::Stage::{Canonical, Conversion};
use crate::finding::{Change, Fix, FixKind};
use crate::java;
use crate::rule::shared::{
    CONSTRAINT_WITHOUT_FIELD, ConstraintCheck, UNWANTED_CONSTRAINT_VALUE, constraint_fault,
};
use crate::rule::view::{AppView, distinct, words};
use crate::rule::{Context, Rule};
use crate::schema::table;
use crate::source::Value;
use crate::target::Release;

static INVALID_CONSTRAINT: Rule = Rule::verdict(
    "invalid-constraint",
    "A constraint is [FIELD, OPERATOR] or [FIELD, OPERATOR, VALUE], with a value that fits",
).aliases(&["constraint"])
.why(
    "A constraint of an app is an array of two or three strings. The operators are UNIQUE, CLUSTER, GROUP_BY, LIKE, UNLIKE, \
     MAX_PER and, since 1.6, IS, in capitals: Marathon lets one in small letters through its rules and then fails with a \
     server error.",
)
.bad(r#"{"id": "/web", "cmd": "./web", "constraints": [["hostname", "unique"]]}"#)
.good(r#"{"id": "/web", "cmd": "./web", "constraints": [["hostname", "UNIQUE"]]}"#)
.fix(FixKind::Safe);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[&INVALID_CONSTRAINT];

pub(super) fn check(app: &AppView<'_>, context: &mut Context<'_>) {
    for constraint in distinct(app.fields.list("constraints")) {
        self::constraint(constraint, context);
    }
}

fn constraint(constraint: Value<'_>, context: &mut Context<'_>) {
    let parts: Vec<Cow<'_, str>> = constraint.elements().filter_map(|part| part.as_str()).collect();
    let operator = parts.get(1).map(|operator| java::to_upper_case(operator)).unwrap_or_default();
    let is_whole = (2..=3).contains(&parts.len());
    if let Some((rule, text, message)) = constraint_error(parts, context.release()) {
        // The part that is wrong, which may be missing.
        let place = match rule.slug {
            slug if !is_whole || slug == CONSTRAINT_WITHOUT_FIELD.slug => None,
            slug if slug == INVALID_CONSTRAINT.slug => Some(1),
            _ => Some(2),
        };
        let at = place.and_then(|place| constraint.elements().nth(place)).unwrap_or(constraint);
        let found =
            context.reject(rule, Canonical, at, "/constraints", text).describe(message, help(&operator));
        if rule.slug == UNWANTED_CONSTRAINT_VALUE.slug
            && let Some(value) = constraint.elements().nth(2)
        {
            found.fix(Fix::safe("remove the value", [Change::remove(constraint, value)]));
        }
    }
}

/// How to write a constraint with this operator.
fn help(operator: &str) -> &'static str {
    match operator {
        "UNIQUE" => "write [\"hostname\", \"UNIQUE\"]",
        "GROUP_BY" => "write [\"@zone\", \"GROUP_BY\"], or with a number of groups, \"3\"",
        "MAX_PER" => "write [\"@zone\", \"MAX_PER\", \"2\"]",
        "LIKE" | "UNLIKE" => {
            "write a regular expression: \"node-.*\", not \"node-*\"; a dot that is one is \\\\."
        }
        "CLUSTER" | "IS" => "write [\"rack\", \"IS\", \"rack-1\"]",
        _ => {
            "write [\"hostname\", \"UNIQUE\"], or CLUSTER, GROUP_BY, LIKE, UNLIKE, MAX_PER or IS with a value"
        }
    }
}

/// What is wrong with a constraint: the rule, Marathon's words, and words for people.
fn constraint_error(
    mut parts: Vec<Cow<'_, str>>,
    release: Release,
) -> Option<(&'static Rule, &'static str, String)> {
    if !(2..=3).contains(&parts.len()) {
        let message = format!("[FIELD, OPERATOR] or [FIELD, OPERATOR, VALUE], not {} parts", parts.len());
        return Some((&INVALID_CONSTRAINT, "Each constraint must have either 2 or 3 fields", message));
    }
    let value = if parts.len() == 3 { parts.pop() } else { None };
    let (Some(operator), Some(field)) = (parts.pop(), parts.pop()) else { return None };
    if field.is_empty() {
        let message = "a constraint begins with the name of an attribute".to_owned();
        return Some((&CONSTRAINT_WITHOUT_FIELD, "illegal constraint specification", message));
    }
    let knows_is = release >= Release::V1_6;
    let known = known(&operator).filter(|known| knows_is || *known != "IS");
    let Some(operator) = known else {
        let text = if knows_is {
            "operator must be one of the following UNIQUE, CLUSTER, GROUP_BY, LIKE, MAX_PER, UNLIKE or IS"
        } else {
            "operator must be one of the following UNIQUE, CLUSTER, GROUP_BY, LIKE, MAX_PER or UNLIKE"
        };
        return Some((&INVALID_CONSTRAINT, text, format!("`{operator}` is not an operator")));
    };
    constraint_fault(&ConstraintCheck { field, operator, value })
}

/// The operator of this spelling, in upper case.
fn known(operator: &str) -> Option<&'static str> {
    let operators = words(&table::CONSTRAINT, "operator");
    let find = |operator: &str| operators.iter().find(|known| **known == operator).copied();
    find(operator).or_else(|| find(&java::to_upper_case(operator)))
}

/// Rejects an operator in lower case, which passes the rules and fails in the conversion with status 500.
pub(super) fn convert(app: &AppView<'_>, context: &mut Context<'_>) {
    for constraint in app.fields.list("constraints") {
        let parts = || constraint.elements().filter_map(|part| part.as_str());
        let is_small = |operator: &str| known(operator).is_some_and(|known| known != operator);
        if let Some(operator) = parts().nth(1).filter(|operator| is_small(operator)) {
            let parts: Vec<_> = parts().collect();
            let text = format!("illegal constraint specification {}", parts.join(","));
            let upper = operator.to_uppercase();
            let help = format!("write \"{upper}\"");
            let found = context
                .reject(&INVALID_CONSTRAINT, Conversion, constraint, "", text)
                .describe(format!("the operator `{operator}` is written in capitals"), help.clone());
            if let Some(at) = constraint.elements().nth(1) {
                found.fix(Fix::safe(help, [Change::replace(at, upper)]));
            }
        }
    }
}
