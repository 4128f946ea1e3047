//! Duplicate elements of lists that Marathon reads as sets.

use std::borrow::Cow;

use crate::definition::id::AbsoluteId;
use crate::finding::{Change, Fix, FixKind};
use crate::rule::view::AppView;
use crate::rule::view::first_repeat;
use crate::source::Value;

use super::{Context, Rule};

static REPEATED_ELEMENT: Rule = Rule::ignored("repeated-element", "A list that Marathon reads as a set has each element once")
    .why(
        "`constraints`, `dependencies`, `acceptedResourceRoles` and `healthChecks` are sets: Marathon keeps one of several \
         equal elements, compared with defaults and absolute ids. The author meant the second one to differ.",
    )
    .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "constraints": [["hostname", "UNIQUE"],
            ["hostname", "UNIQUE"]]}"#)
    .good(r#"{"id": "/web", "cmd": "serve $PORT0", "constraints": [["hostname", "UNIQUE"], ["rack",
            "GROUP_BY"]]}"#)
    .fix(FixKind::Safe);

pub(super) static RULES: &[&Rule] = &[&REPEATED_ELEMENT];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    strings(app, "acceptedResourceRoles", context, Value::as_str);
    strings(app, "constraints", context, texts);
    // The group is unknown here, so `a` and `/a` count as different.
    strings(app, "dependencies", context, |value| value.as_str().map(|id| AbsoluteId::parse(&id)));
    health_checks(app, context);
}

fn texts<'a>(list: &Value<'a>) -> Option<Vec<Cow<'a, str>>> {
    list.elements().map(|element| element.as_str()).collect()
}

fn strings<'a, K: Eq + std::hash::Hash>(
    app: &AppView<'a>,
    name: &'static str,
    context: &mut Context<'_>,
    key: impl Fn(&Value<'a>) -> Option<K>,
) {
    let Some(list) = app.fields.get(name) else { return };
    // The usual two elements are compared without allocation.
    let count = list.elements().count();
    if count < 2 || (count == 2 && name != "dependencies" && differ_early(list)) {
        return;
    }
    if let Some(again) = first_repeat(list.elements(), key) {
        warn(list, again, name, context);
    }
}

/// Whether two elements, or the first words of two, differ.
fn differ_early(list: Value<'_>) -> bool {
    let mut leaves = list.elements().map(|element| element.elements().next().unwrap_or(element));
    match (leaves.next().and_then(|leaf| leaf.verbatim()), leaves.next().and_then(|leaf| leaf.verbatim())) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    }
}

fn health_checks(app: &AppView<'_>, context: &mut Context<'_>) {
    let Some(list) = app.fields.get("healthChecks") else { return };
    if list.elements().count() == app.health_checks.len() {
        return;
    }
    let is_kept = |value: &Value<'_>| {
        app.health_checks.iter().any(|check| check.fields.value.node_id() == value.node_id())
    };
    if let Some(again) = list.elements().find(|value| !is_kept(value)) {
        warn(list, again, "healthChecks", context);
    }
}

fn warn(list: Value<'_>, again: Value<'_>, name: &str, context: &mut Context<'_>) {
    let found = context.warn(&REPEATED_ELEMENT, again);
    found.message = format!("`{name}` already has this element: Marathon keeps one of them");
    found.help = Some("remove it, or correct it".into());
    found.fix =
        Some(Fix::safe(format!("remove the repeated element of `{name}`"), [Change::remove(list, again)]));
}
