//! Old forms without a value: `null` and empty lists, and `ports` beside port mappings, as servers of Marathon 1.4
//! return them. They do no harm, so that lint has no findings for them; migrate removes them with the others.

use crate::finding::{Change, Effect, Finding, Fix, Rule};
use crate::rule::advice;
use crate::source::{Document, Kind, Pointer, Type, Value};

use super::apps::apps;

/// Their paths in an app, and the rule for such a form with a value.
static FORMS: &[(&[&str], &Rule)] = &[
    (&["uris"], &advice::OLD_URIS),
    (&["ports"], &advice::OLD_PORTS),
    (&["ipAddress"], &advice::OLD_IP_ADDRESS),
    (&["residency"], &advice::OLD_RESIDENCY),
    (&["container", "docker", "network"], &advice::OLD_DOCKER_NETWORK),
    (&["container", "docker", "portMappings"], &advice::OLD_PORT_MAPPINGS),
];

/// Findings for all of them, with the fixes that remove them.
pub(super) fn find(document: &Document, kind: Kind) -> Vec<Finding> {
    let mut found = Vec::new();
    if kind == Kind::Pod {
        return found;
    }
    for app in apps(document.root(), kind) {
        for (path, rule) in FORMS {
            found.extend(form(app.value, &app.pointer, path, rule));
        }
    }
    found
}

fn form(app: Value<'_>, pointer: &Pointer, path: &[&str], rule: &'static Rule) -> Option<Finding> {
    let (name, way) = path.split_last()?;
    let holder = way.iter().try_fold(app, |value, name| value.get(name))?;
    let (key, value) = holder.member(name)?;
    let is_empty_list = value.kind() == Type::Array && value.elements().next().is_none();
    // Where `ports` has an effect, a rule has found it.
    let may_have_no_effect = *name == "ports" && value.kind() == Type::Array;
    if !value.is_null() && !is_empty_list && !may_have_no_effect {
        return None;
    }
    let fix = match *name {
        // An empty list means no ports; without the field there is one by default.
        "ports" if is_empty_list && app.get("portDefinitions").is_none() => {
            Fix::safe("rename it to `portDefinitions`", [Change::rename(key, "portDefinitions")])
        }
        _ => Fix::safe(format!("remove `{name}`"), [Change::remove(holder, value)]),
    };
    Some(Finding {
        rule,
        effect: Effect::Deprecated,
        pointer: path.iter().fold(pointer.clone(), |pointer, name| pointer.key(*name)),
        message: format!("`{name}` is a form of Marathon 1.4, and has no effect here"),
        help: None,
        range: key.range(),
        answer: None,
        refusal: None,
        fix: Some(fix),
    })
}
