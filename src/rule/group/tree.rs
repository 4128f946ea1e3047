//! The rules of the whole tree of groups.

use std::collections::HashMap;

use crate::finding::Stage;
use crate::rule::shared::{ID_OUTSIDE_GROUP, not_child_text};
use crate::rule::tree::{Dependencies, reject};
use crate::rule::view::VolumeView;
use crate::source::Value;
use crate::target::Release;

use super::{AbsoluteId, AppView, Context, GroupView, Rule, app, child_help};

static SAME_ID: Rule = Rule::verdict("same-id", "An app and a group differ in id")
    .why(
        "An app and a group with services in it cannot have the same id: nothing could tell `/shop` the app from `/shop` the \
         group.",
    )
    .bad(r#"{"id": "/shop", "apps": [{"id": "web", "cmd": "./web"}], "groups": [{"id": "web",
            "apps": [{"id": "one", "cmd": "./one"}]}]}"#)
    .good(r#"{"id": "/shop", "apps": [{"id": "web", "cmd": "./web"}], "groups": [{"id": "web-tools",
            "apps": [{"id": "one", "cmd": "./one"}]}]}"#);

static VOLUME_CONFLICT: Rule =
    Rule::verdict("volume-conflict", "An external volume that is not shared is used by one app")
        .why(
            "An external volume is found by its name, so two apps that name the same one would write to the same disk. Where \
             that is meant, `shared` says so (since 1.8, for dvdi); a CSI volume is shared by its access mode.",
        )
        .bad(r#"{"id": "/db", "apps": [
  {"id": "one", "cmd": "./db", "container": {"type": "MESOS", "volumes": [{"containerPath": "data", "mode": "RW", "external": {"provider": "dvdi", "name": "data", "options": {"dvdi/driver": "rexray"}}}]}},
  {"id": "two", "cmd": "./db", "container": {"type": "MESOS", "volumes": [{"containerPath": "data", "mode": "RW", "external": {"provider": "dvdi", "name": "data", "options": {"dvdi/driver": "rexray"}}}]}}
]}"#)
        .good(r#"{"id": "/db", "apps": [
  {"id": "one", "cmd": "./db", "container": {"type": "MESOS", "volumes": [{"containerPath": "data", "mode": "RW", "external": {"provider": "dvdi", "name": "data-one", "options": {"dvdi/driver": "rexray"}}}]}},
  {"id": "two", "cmd": "./db", "container": {"type": "MESOS", "volumes": [{"containerPath": "data", "mode": "RW", "external": {"provider": "dvdi", "name": "data-two", "options": {"dvdi/driver": "rexray"}}}]}}
]}"#);

/// The rules declared here.
pub(super) static RULES: &[&Rule] = &[&SAME_ID, &VOLUME_CONFLICT];

pub(super) fn check(group: &GroupView<'_>, context: &mut Context<'_>) {
    let mut all = Vec::new();
    flatten(group, &mut all);
    for group in &all {
        for member in &group.apps {
            app::model_in_group(&member.app, &member.roles, context);
        }
    }
    if context.release() < Release::V1_6 {
        outside(group, &"/groups(0)".repeat(group.id.depth()), context);
    }
    ids(group, &all, context);
    volumes(group, context);
    let is_rejected = context.has_failed();
    for group in all {
        context.facts.group(&group.fields, &group.id);
        for member in &group.apps {
            context.facts.app(&member.app, &group.id, is_rejected);
        }
    }
    dependencies(group, context);
}

fn dependencies(sent: &GroupView<'_>, context: &mut Context<'_>) {
    let facts = std::mem::take(&mut context.facts);
    if facts.has_dependencies() {
        let all = Dependencies::of(facts.groups.iter(), facts.services.iter());
        if let Some(cycle) = all.cycle() {
            reject(sent.fields.value, &cycle, context);
        }
    }
    context.facts = facts;
}

/// A group and all below it, in the order in which Marathon counts them: the children, then the children of each.
fn flatten<'g, 'a>(group: &'g GroupView<'a>, into: &mut Vec<&'g GroupView<'a>>) {
    into.push(group);
    below(group, into);
}

fn below<'g, 'a>(group: &'g GroupView<'a>, into: &mut Vec<&'g GroupView<'a>>) {
    into.extend(&group.groups);
    group.groups.iter().for_each(|inner| below(inner, into));
}

fn has_apps(group: &GroupView<'_>) -> bool {
    !group.apps.is_empty() || group.groups.iter().any(has_apps)
}

fn is_moved(group: &GroupView<'_>) -> bool {
    group.apps.iter().any(|member| member.app.wants_service_port()) || group.groups.iter().any(is_moved)
}

/// Rejects groups outside of the one they are in. Up to 1.5 this holds even for empty ones.
fn outside(group: &GroupView<'_>, path: &str, context: &mut Context<'_>) {
    for (index, inner) in group.groups.iter().enumerate() {
        let path = format!("{path}/groups({index})");
        if inner.id.parent() != group.id {
            let text = not_child_text(&group.id, Release::V1_5);
            context
                .reject(&ID_OUTSIDE_GROUP, Stage::Tree, inner.fields.at("id"), format!("{path}/id"), text)
                .describe(
                    format!("{} is not a direct child of {}", inner.id, group.id),
                    child_help(&inner.id, &group.id),
                );
        }
        outside(inner, &path, context);
    }
}

fn ids(sent: &GroupView<'_>, all: &[&GroupView<'_>], context: &mut Context<'_>) {
    let has_rule = context.release() >= Release::V1_6;
    // Marathon counts the groups above the one that is sent, too.
    let above = sent.id.depth().saturating_sub(1);
    let positions: HashMap<*const GroupView<'_>, usize> =
        all.iter().enumerate().map(|(position, group)| (std::ptr::from_ref(*group), position)).collect();
    for (index, group) in all.iter().enumerate() {
        let apps: HashMap<&AbsoluteId, Value<'_>> =
            group.apps.iter().map(|member| (&member.app.id, member.app.fields.at("id"))).collect();
        let clash = group.groups.iter().find(|inner| has_apps(inner) && apps.contains_key(&inner.id));
        if let Some(inner) = clash {
            let text = "Groups and Applications may not have the same identifier.";
            let path = format!("/groups({})", index + above);
            context.reject(&SAME_ID, Stage::Tree, inner.fields.at("id"), path, text).describe(
                format!("both an app and a group are called {}", inner.id),
                "give one of them another id",
            );
        }
        for inner in group.groups.iter().filter(|_| has_rule) {
            // Where Marathon picks a service port for an app inside, it moves the app, and so the group, to where its id leads.
            if inner.id != group.id && inner.id.parent() != group.id && !is_moved(inner) {
                let position = positions.get(&std::ptr::from_ref(inner)).copied().unwrap_or_default();
                let text = "Group has to be child of groups with parent id";
                let path = format!("/groups({})", position + above);
                context.reject(&ID_OUTSIDE_GROUP, Stage::Tree, inner.fields.at("id"), path, text).describe(
                    format!("{} is not a direct child of {}", inner.id, group.id),
                    child_help(&inner.id, &group.id),
                );
            }
        }
    }
}

/// An external volume of an app, with Marathon's path to it.
struct ExternalVolume<'g, 'a> {
    app: &'g AppView<'a>,
    path: String,
    name: String,
    shared: bool,
}

fn volumes(sent: &GroupView<'_>, context: &mut Context<'_>) {
    let mut used = Vec::new();
    let prefix = "/groups(0)".repeat(sent.id.depth());
    collect(sent, &prefix, &mut used);
    let mut by_name: HashMap<&str, Vec<&AbsoluteId>> = HashMap::new();
    // 1.7 and before do not have shared volumes.
    let knows_shared = context.release() >= Release::V1_8;
    for volume in used.iter().filter(|volume| !volume.shared || !knows_shared) {
        by_name.entry(&volume.name).or_default().push(&volume.app.id);
    }
    for volume in &used {
        let others: Vec<String> = by_name
            .get(volume.name.as_str())
            .into_iter()
            .flatten()
            .filter(|id| **id != &volume.app.id)
            .map(ToString::to_string)
            .collect();
        if !others.is_empty() {
            let (name, id, others) = (&volume.name, &volume.app.id, others.join(", "));
            let text = format!(
                "Volume name '{name}' in {id} conflicts with volume(s) of same name in app(s): {others}"
            );
            let at = volume.app.fields.at("container");
            context.reject(&VOLUME_CONFLICT, Stage::Tree, at, volume.path.as_str(), text).describe(
                format!("the volume `{name}` of {id} is used by {others} too"),
                "give each app a volume of its own, or mark all of these as \"shared\": true",
            );
        }
    }
}

fn collect<'g, 'a>(group: &'g GroupView<'a>, path: &str, used: &mut Vec<ExternalVolume<'g, 'a>>) {
    for (index, member) in group.apps.iter().enumerate() {
        for volume in member.app.volumes() {
            let (VolumeView::Dvdi { info, .. } | VolumeView::Csi { info, .. }) = volume else { continue };
            let shared = match volume {
                VolumeView::Dvdi { info, .. } => info.is_true("shared"),
                _ => app::is_shareable(volume),
            };
            let name = info.text("name").unwrap_or_default().into_owned();
            used.push(ExternalVolume {
                app: &member.app,
                path: format!("{path}/apps({index})/container"),
                name,
                shared,
            });
        }
    }
    for (index, inner) in group.groups.iter().enumerate() {
        collect(inner, &format!("{path}/groups({index})"), used);
    }
}
