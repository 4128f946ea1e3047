//! What is said twice in a list that is a set to Marathon.

use std::borrow::Cow;

use crate::definition::id::AbsoluteId;
use crate::finding::{Change, Fix, FixKind};
use crate::rule::app::AppView;
use crate::rule::view::first_repeat;
use crate::source::Value;

use super::{Context, Rule};

static REPEATED_ELEMENT: Rule = Rule::ignored("repeated-element", "What is a set to Marathon has each element once")
    .why(
        "`constraints`, `dependencies`, `acceptedResourceRoles` and `healthChecks` are sets: elements that are equal, \
         with defaults filled in and ids made absolute, become one. A second one was meant to be another.",
    )
    .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "constraints": [["hostname", "UNIQUE"],
            ["hostname", "UNIQUE"]]}"#)
    .good(r#"{"id": "/web", "cmd": "serve $PORT0", "constraints": [["hostname", "UNIQUE"], ["rack",
            "GROUP_BY"]]}"#)
    .fix(FixKind::Safe);

pub(super) static RULES: &[&Rule] = &[&REPEATED_ELEMENT];

pub(super) fn app(app: &AppView<'_>, context: &mut Context) {
    strings(app, "acceptedResourceRoles", context, Value::as_str);
    strings(app, "constraints", context, texts);
    // Where a relative id is seen from is not known here, so `a` is taken for another than `/a`.
    strings(app, "dependencies", context, |value| value.as_str().map(|id| AbsoluteId::parse(&id)));
    health_checks(app, context);
}

fn texts<'a>(list: &Value<'a>) -> Option<Vec<Cow<'a, str>>> {
    list.elements().map(|element| element.as_str()).collect()
}

fn strings<'a, K: Eq + std::hash::Hash>(
    app: &AppView<'a>,
    name: &'static str,
    context: &mut Context,
    key: impl Fn(&Value<'a>) -> Option<K>,
) {
    let Some(list) = app.fields.get(name) else { return };
    // The usual two are told apart without anything being made of them.
    let count = list.elements().count();
    if count < 2 || (count == 2 && name != "dependencies" && differ_early(list)) {
        return;
    }
    if let Some(again) = first_repeat(list.elements(), key) {
        tell(list, again, name, context);
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

fn health_checks(app: &AppView<'_>, context: &mut Context) {
    let Some(list) = app.fields.get("healthChecks") else { return };
    if list.elements().count() == app.health_checks.len() {
        return;
    }
    let is_kept = |value: &Value<'_>| {
        app.health_checks.iter().any(|check| check.fields.value.node_id() == value.node_id())
    };
    if let Some(again) = list.elements().find(|value| !is_kept(value)) {
        tell(list, again, "healthChecks", context);
    }
}

fn tell(list: Value<'_>, again: Value<'_>, name: &str, context: &mut Context) {
    let found = context.warn(&REPEATED_ELEMENT, again);
    found.message = format!("this is in `{name}` already: Marathon makes one of both");
    found.help = Some("remove it, or make it what it was to be".into());
    found.fix =
        Some(Fix::safe(format!("remove the repeated element of `{name}`"), [Change::remove(list, again)]));
}
