//! Advice on definitions that Marathon's parser rejects in parts: on the other parts.

use crate::definition::id::AbsoluteId;
use crate::finding::Finding;
use crate::schema::table;
use crate::source::{Kind, ServiceNode, Type, Value, services};
use crate::target::Settings;

use super::advice;
use super::context::Context;
use super::view::AppView;
use super::view::{Fields, RawApp};

/// With more rejected values than these there is no advice: each is looked for from the top.
const MOST: usize = 64;

/// Rules that conclude from fields that are absent or have a default, and the names of these fields. They say nothing
/// where the parser rejects one of them, or a part of it.
const NEEDS: &[(&str, &[&str])] = &[
    ("no-health-check", &["healthChecks", "healthCheck", "instances", "check"]),
    ("marathon-health-check", &["healthChecks", "networks", "portMappings"]),
    ("second-mesos-check", &["healthChecks"]),
    ("idle-check-field", &["healthChecks"]),
    ("slow-check-timeout", &["healthChecks"]),
    ("foreign-check-port", &["healthChecks", "networks", "portMappings", "network", "ipAddress"]),
    ("repeated-element", &["healthChecks", "constraints", "dependencies", "acceptedResourceRoles"]),
    ("port-mappings-on-host-network", &["networks", "network", "ipAddress"]),
    (
        "port-definitions-off-host-network",
        &["networks", "network", "ipAddress", "portMappings", "portDefinitions", "ports"],
    ),
    ("needless-require-ports", &["networks", "network", "ipAddress", "portDefinitions", "ports"]),
    ("old-ports", &["networks", "network", "ipAddress"]),
    ("old-port-mappings", &["networks", "network", "ipAddress"]),
    ("old-residency", &["container", "volumes"]),
    ("residency-without-volume", &["container", "volumes"]),
    ("resident-without-grace", &["taskKillGracePeriodSeconds"]),
    ("data-on-agent", &["constraints", "volumes"]),
    ("sensitive-host-path", &["volumes", "volumeMounts"]),
    ("no-room-to-upgrade", &["instances", "upgradeStrategy", "volumes", "residency"]),
    ("marathon-without-secrets", &["cmd", "args", "env"]),
    ("shell-in-args", &["args", "argv", "env", "environment"]),
    ("variable-in-env", &["cmd", "command", "env", "environment"]),
    ("unused-secret", &["env", "environment", "container", "containers", "volumes", "secrets"]),
    ("linux-info-on-docker", &["type"]),
    ("privileged-container", &["type"]),
    ("privileged-on-ucr", &["type"]),
    ("archive-on-ucr", &["type", "fetch", "artifacts", "docker", "image"]),
    ("bare-docker-config", &["type", "fetch", "docker"]),
    ("unextracted-archive", &["type", "fetch", "docker"]),
    ("credentials-in-sandbox", &["type", "docker"]),
    ("credentials-over-http", &["type", "docker"]),
    ("unoffered-role", &["acceptedResourceRoles"]),
    ("dropped-role", &["acceptedResourceRoles", "role"]),
];

/// Advice on the apps, or the pod, in which Marathon's parser rejects the values that begin at these bytes. Without fixes:
/// what they would change together with the rejected values is unknown.
pub(super) fn check(root: Value<'_>, kind: Kind, settings: &Settings, ill_typed: &[usize]) -> Vec<Finding> {
    if ill_typed.len() > MOST || !matches!(root.kind(), Type::Array | Type::Object) {
        return Vec::new();
    }
    let (mut ids, mut names) = (Vec::new(), Vec::new());
    for start in ill_typed {
        ids.extend(nearest_member(root, *start, &mut names).map(|member| member.node_id()));
    }
    let tree = root.nulled(ids);
    let root = tree.root(root.text());
    let mut context = Context::new(settings, kind, Vec::new(), false);
    let id = |group: Value<'_>, around: &AbsoluteId| {
        let id = group.get("id").and_then(|id| id.as_str()).unwrap_or_default();
        AbsoluteId::parse(&id).canonical(around)
    };
    for ServiceNode { value, group, .. } in services(root, kind, AbsoluteId::root(), id) {
        let is_affected = ill_typed.iter().any(|start| value.range().contains(start));
        if !is_affected || value.kind() != Type::Object {
            continue;
        }
        if kind == Kind::Pod {
            advice::pod(&Fields::of(value, &table::POD), &mut context);
        } else if let Some(app) = AppView::of(&RawApp::of(value), &group, kind == Kind::Apps, &mut None) {
            advice::app(&app, &mut context);
        }
    }
    let mut found = context.into_found(root);
    found.retain(|found| {
        let needs =
            NEEDS.iter().find(|(rule, _)| *rule == found.rule.slug).map_or(&[][..], |(_, needs)| *needs);
        !needs.iter().any(|need| names.iter().any(|name| name == need))
    });
    for found in &mut found {
        found.fix = None;
    }
    found
}

/// The smallest member that holds the value that begins here; nothing for the root. Adds the names on the way.
fn nearest_member<'a>(root: Value<'a>, start: usize, names: &mut Vec<String>) -> Option<Value<'a>> {
    let (mut at, mut nearest) = (root, None);
    while at.range().start != start {
        let holds = |(key, value): &(Value<'_>, Value<'_>)| {
            (key.range().start..value.range().end.max(key.range().end)).contains(&start)
        };
        if let Some((key, value)) = at.members().find(holds) {
            names.extend(key.as_str().map(Into::into));
            nearest = Some(value);
            if key.range().start == start {
                break;
            }
            at = value;
        } else {
            at = at.elements().find(|element| element.range().contains(&start))?;
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::NEEDS;

    #[test]
    fn the_rules_exist() {
        for (slug, _) in NEEDS {
            assert!(super::super::all().any(|rule| rule.slug == *slug), "{slug}");
        }
    }
}
