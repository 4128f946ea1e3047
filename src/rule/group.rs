//! Groups, as `POST /v2/groups` of a Marathon without services takes them (`GroupNormalization`,
//! `Group.validNestedGroupUpdateWithBase`, `RootGroup.validRootGroup`).

use std::collections::HashMap;

use crate::diagnostic::Stage;
use crate::rule::shared::{ID_OUTSIDE_GROUP, RESERVED_ID, Roles, not_child_text, reserved_text};
use crate::schema::table;
use crate::source::Value;
use crate::target::{Release, Settings};

use super::app::view::Volume;
use super::app::{self, App};
use super::tree::{self, Dependencies};
use super::{Fields, Judge, PathId, Rule};

static GROUP_WITHOUT_ID: Rule = Rule::verdict("group-without-id", "A group within a group has an id");
static ONLY_FIELD: Rule = Rule::verdict(
    "only-field",
    "A group that says `version` or `scaleBy` says nothing else, not even its id",
);
static ENFORCE_ROLE: Rule = Rule::verdict("enforce-role", "Only top-level groups enforce a role");
static ROOT_GROUP: Rule =
    Rule::verdict("root-group", "A group that is created has an id of its own, not `/`");
static UNKNOWN_VERSION: Rule = Rule::verdict(
    "unknown-version",
    "A group is rolled back to a version that it had, so not when it is created",
);
static SAME_ID: Rule = Rule::verdict("same-id", "An app and a group differ in id");
static VOLUME_CONFLICT: Rule =
    Rule::verdict("volume-conflict", "An external volume that is not shared is used by one app");

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[
    &GROUP_WITHOUT_ID,
    &ONLY_FIELD,
    &ENFORCE_ROLE,
    &ROOT_GROUP,
    &UNKNOWN_VERSION,
    &SAME_ID,
    &VOLUME_CONFLICT,
];

/// A group with everything in it, ids canonical.
struct Group<'a> {
    fields: Fields<'a>,
    id: PathId,
    apps: Vec<Member<'a>>,
    groups: Vec<Group<'a>>,
}

struct Member<'a> {
    app: App<'a>,
    roles: Roles,
}

/// Judges one group, sent alone.
pub(super) fn judge(value: Value<'_>, settings: &Settings, judge: &mut Judge) {
    let fields = Fields::of(value, &table::GROUP);
    let root = PathId::root();
    let id = match fields.text("id") {
        Some(text) => {
            let id = PathId::parse(&text);
            if settings.release >= Release::V1_8 && id.is_reserved() {
                judge.refuse(
                    &RESERVED_ID,
                    Stage::Canonical,
                    fields.at("id"),
                    "/",
                    reserved_text(settings.release),
                );
                return;
            }
            id.canonical(&root)
        }
        None => root.clone(),
    };
    // A group that scales or rolls back is not looked into.
    let is_structural = !fields.has("version") && !fields.has("scaleBy");
    let group =
        is_structural.then(|| visit(fields, id.clone(), &Level::of(&id, &fields, settings), settings, judge));
    if judge.has_failed() {
        return;
    }
    let group = group.flatten();
    // Up to 1.6 a relative id was taken to be below itself, while the apps' ids were resolved where they belong.
    let base = if settings.release >= Release::V1_7 { &root } else { &id };
    nested(&fields, base, &root, "", settings, judge);
    if judge.has_failed() {
        return;
    }
    if id.is_root() {
        let text = "Group / is already created. Use PUT to change this group.";
        judge.refuse(&ROOT_GROUP, Stage::Conflict, fields.at("id"), "", text);
        return;
    }
    if let Some(version) = fields.text("version") {
        let text = format!("Group {id} not available in version {version}");
        judge.refuse(&UNKNOWN_VERSION, Stage::Conversion, fields.at("version"), "", text);
        return;
    }
    if let Some(group) = group
        && !convert(&group, settings, judge)
    {
        whole(&group, settings, judge);
    }
}

/// What apps of a group may have as their role.
struct Level {
    default: String,
    enforces: bool,
}

impl Level {
    /// Of the group that is sent.
    fn of(id: &PathId, fields: &Fields<'_>, settings: &Settings) -> Self {
        match &id.segments[..] {
            [top] => Self::top(top, fields, settings),
            // Marathon looks for the top-level group, which is not there yet, and takes its own role.
            _ => Self { default: settings.mesos_role.clone(), enforces: fields.is_true("enforceRole") },
        }
    }

    fn top(name: &str, fields: &Fields<'_>, settings: &Settings) -> Self {
        let given = fields.get("enforceRole").and_then(|value| value.as_bool());
        let enforces = given.unwrap_or(settings.new_groups_enforce_role);
        Self { default: if enforces { name.to_owned() } else { settings.mesos_role.clone() }, enforces }
    }

    /// Of a group below this one.
    fn below(&self, id: &PathId, fields: &Fields<'_>, settings: &Settings) -> Self {
        match &id.segments[..] {
            [top] => Self::top(top, fields, settings),
            _ => Self { default: self.default.clone(), enforces: fields.is_true("enforceRole") },
        }
    }

    fn roles(&self, settings: &Settings) -> Roles {
        let mut valid = vec![self.default.clone()];
        if !self.enforces && self.default != settings.mesos_role {
            valid.push(settings.mesos_role.clone());
        }
        Roles { valid, default: self.default.clone() }
    }
}

/// Looks at every app up to the canonical API: first those of inner groups, and no further than the first that fails.
fn visit<'a>(
    fields: Fields<'a>,
    id: PathId,
    level: &Level,
    settings: &Settings,
    judge: &mut Judge,
) -> Option<Group<'a>> {
    let mut groups = Vec::new();
    for inner in fields.list("groups") {
        let inner = Fields::of(inner, &table::GROUP);
        let Some(text) = inner.text("id") else {
            let text = if settings.release >= Release::V1_9 { "None.get" } else { "No group id was given!" };
            judge.refuse(&GROUP_WITHOUT_ID, Stage::Migration, inner.value, "", text);
            return None;
        };
        let inner_id = PathId::parse(&text).canonical(&id);
        let inner_level = level.below(&inner_id, &inner, settings);
        groups.push(visit(inner, inner_id, &inner_level, settings, judge)?);
    }
    let mut apps = Vec::new();
    for value in fields.list("apps") {
        let roles = level.roles(settings);
        let app = app::in_group(value, &id, &roles, settings, judge)?;
        apps.push(Member { app, roles });
    }
    Some(Group { fields, id, apps, groups })
}

/// The fields of a group that none of `version` and `scaleBy` may stand beside.
const FIELDS: [&str; 7] = ["id", "apps", "groups", "dependencies", "scaleBy", "version", "enforceRole"];

/// The rules of a group's own fields, and of where its members are: its id counts from `base`, theirs from `parent`.
fn nested(
    group: &Fields<'_>,
    base: &PathId,
    parent: &PathId,
    path: &str,
    settings: &Settings,
    judge: &mut Judge,
) {
    use Stage::Canonical;
    let written = group.text("id").map(|id| PathId::parse(&id));
    let below = |base: &PathId| written.as_ref().map_or_else(|| base.clone(), |id| id.canonical(base));
    let (id, place) = (below(base), below(parent));
    let is_top = id.segments.len() == 1;
    if group.is_true("enforceRole") && !is_top && settings.release >= Release::V1_9 {
        let text = format!("enforceRole can only be set for top-level groups, and {id} is not top-level");
        judge.refuse(&ENFORCE_ROLE, Canonical, group.at("enforceRole"), format!("{path}/enforceRole"), text);
    }
    for name in ["version", "scaleBy"].into_iter().filter(|name| group.has(name)) {
        // An inner group has been given `enforceRole` by now.
        let is_inner = !path.is_empty();
        if is_inner || FIELDS.iter().any(|other| *other != name && group.has(other)) {
            let text = "not allowed in conjunction with other properties.";
            judge.refuse(&ONLY_FIELD, Canonical, group.at(name), format!("{path}/{name}"), text);
        }
    }
    if let Some(written) = &written
        && settings.release >= Release::V1_8
        && written.is_reserved()
    {
        judge.refuse(
            &RESERVED_ID,
            Canonical,
            group.at("id"),
            format!("{path}/id"),
            reserved_text(settings.release),
        );
    }
    // A group that is looked into has been given `enforceRole`; the root that is there has none.
    let has_enforce_role = group.has("enforceRole") || !(group.has("version") || group.has("scaleBy"));
    if id.is_root()
        && written.is_some()
        && has_enforce_role
        && modifies_services(group)
        && settings.release >= Release::V1_9
    {
        let text = "enforceRole cannot be modified in a request that adds, removes or modifies services; please make \
                    these changes in separate requests.";
        judge.refuse(&ROOT_GROUP, Canonical, group.at("id"), format!("{path}/enforceRole"), text);
    }
    for (index, app) in group.list("apps").enumerate() {
        let app = Fields::of(app, &table::APP);
        let app_id = PathId::parse(&app.text("id").unwrap_or_default()).canonical(&place);
        if app_id.parent() != id || app_id.is_root() {
            let text = not_child_text(&id, settings.release);
            judge
                .refuse(&ID_OUTSIDE_GROUP, Canonical, app.at("id"), format!("{path}/apps({index})/id"), text)
                .message = format!("{app_id} is no direct child of {id}");
        }
    }
    for (index, inner) in group.list("groups").enumerate() {
        let path = format!("{path}/groups({index})");
        nested(&Fields::of(inner, &table::GROUP), &id, &place, &path, settings, judge);
    }
}

fn modifies_services(group: &Fields<'_>) -> bool {
    ["version", "scaleBy", "apps"].iter().any(|name| group.has(name))
        || group.list("groups").any(|inner| modifies_services(&Fields::of(inner, &table::GROUP)))
}

/// Whether an app throws when it is converted: inner groups first, and only the first exception is answered.
fn convert(group: &Group<'_>, settings: &Settings, judge: &mut Judge) -> bool {
    group.groups.iter().any(|inner| convert(inner, settings, judge))
        || group.apps.iter().any(|member| app::convert(&member.app, settings, judge))
}

/// The rules of the whole tree.
fn whole(group: &Group<'_>, settings: &Settings, judge: &mut Judge) {
    let mut all = Vec::new();
    flatten(group, &mut all);
    for group in &all {
        for member in &group.apps {
            app::model_in_group(&member.app, &member.roles, settings, judge);
        }
    }
    if settings.release < Release::V1_6 {
        strays(group, &"/groups(0)".repeat(group.id.segments.len()), judge);
    }
    ids(group, &all, settings, judge);
    volumes(group, judge);
    for group in all {
        judge.facts.group(&group.fields, &group.id);
        for member in &group.apps {
            judge.facts.app(&member.app, &group.id);
        }
    }
    dependencies(group, judge);
}

fn dependencies(sent: &Group<'_>, judge: &mut Judge) {
    let facts = std::mem::take(&mut judge.facts);
    if facts.has_dependencies() {
        let all = Dependencies::of(facts.groups.iter(), facts.services.iter());
        if let Some(cycle) = all.cycle() {
            tree::refuse(sent.fields.value, &cycle, judge);
        }
    }
    judge.facts = facts;
}

/// A group and all below it, in the order Marathon counts them: the children, then each child's own.
fn flatten<'g, 'a>(group: &'g Group<'a>, into: &mut Vec<&'g Group<'a>>) {
    into.push(group);
    below(group, into);
}

fn below<'g, 'a>(group: &'g Group<'a>, into: &mut Vec<&'g Group<'a>>) {
    into.extend(&group.groups);
    group.groups.iter().for_each(|inner| below(inner, into));
}

fn has_apps(group: &Group<'_>) -> bool {
    !group.apps.is_empty() || group.groups.iter().any(has_apps)
}

fn is_put_right(group: &Group<'_>) -> bool {
    group.apps.iter().any(|member| member.app.wants_service_port()) || group.groups.iter().any(is_put_right)
}

/// Up to 1.5 no group may lead out of the one it is in, whatever it holds.
fn strays(group: &Group<'_>, path: &str, judge: &mut Judge) {
    for (index, inner) in group.groups.iter().enumerate() {
        let path = format!("{path}/groups({index})");
        if inner.id.parent() != group.id {
            let text = not_child_text(&group.id, Release::V1_5);
            judge
                .refuse(&ID_OUTSIDE_GROUP, Stage::Tree, inner.fields.at("id"), format!("{path}/id"), text)
                .message = format!("{} is no direct child of {}", inner.id, group.id);
        }
        strays(inner, &path, judge);
    }
}

fn ids(sent: &Group<'_>, all: &[&Group<'_>], settings: &Settings, judge: &mut Judge) {
    // Groups above the one that is sent come first in Marathon's count.
    let above = sent.id.segments.len().saturating_sub(1);
    for (index, group) in all.iter().enumerate() {
        let apps: HashMap<&PathId, Value<'_>> =
            group.apps.iter().map(|member| (&member.app.id, member.app.fields.at("id"))).collect();
        let clash = group.groups.iter().find(|inner| has_apps(inner) && apps.contains_key(&inner.id));
        if let Some(inner) = clash {
            let text = "Groups and Applications may not have the same identifier.";
            let path = format!("/groups({})", index + above);
            judge.refuse(&SAME_ID, Stage::Tree, inner.fields.at("id"), path, text).message =
                format!("both an app and a group are called {}", inner.id);
        }
        for inner in group.groups.iter().filter(|_| settings.release >= Release::V1_6) {
            // Where Marathon picks a service port for an app inside, it puts the app, and so the group, where its id says.
            if inner.id != group.id && inner.id.parent() != group.id && !is_put_right(inner) {
                let position = all.iter().position(|other| std::ptr::eq(*other, inner)).unwrap_or_default();
                let text = "Group has to be child of groups with parent id";
                let path = format!("/groups({})", position + above);
                judge.refuse(&ID_OUTSIDE_GROUP, Stage::Tree, inner.fields.at("id"), path, text).message =
                    format!("{} is no direct child of {}", inner.id, group.id);
            }
        }
    }
}

/// An external volume of an app, where it is written and how Marathon counts to it.
struct Used<'g, 'a> {
    app: &'g App<'a>,
    path: String,
    name: String,
    shared: bool,
}

fn volumes(sent: &Group<'_>, judge: &mut Judge) {
    let mut used = Vec::new();
    let prefix = "/groups(0)".repeat(sent.id.segments.len());
    collect(sent, &prefix, &mut used);
    let mut by_name: HashMap<&str, Vec<&PathId>> = HashMap::new();
    for volume in used.iter().filter(|volume| !volume.shared) {
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
            judge.refuse(&VOLUME_CONFLICT, Stage::Tree, at, volume.path.as_str(), text).message =
                format!("the volume `{name}` of {id} is used by {others} too");
        }
    }
}

fn collect<'g, 'a>(group: &'g Group<'a>, path: &str, used: &mut Vec<Used<'g, 'a>>) {
    for (index, member) in group.apps.iter().enumerate() {
        for volume in member.app.volumes() {
            let (Volume::Dvdi { info, .. } | Volume::Csi { info, .. }) = volume else { continue };
            let shared = match volume {
                Volume::Dvdi { info, .. } => info.is_true("shared"),
                _ => app::is_shareable(volume),
            };
            let name = info.text("name").unwrap_or_default().into_owned();
            used.push(Used {
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
