//! The rules of the whole tree of groups.

use std::collections::HashMap;

use crate::finding::Stage;
use crate::rule::shared::{ID_OUTSIDE_GROUP, not_child_text};
use crate::rule::tree::{Dependencies, reject};
use crate::rule::view::VolumeView;
use crate::source::Value;
use crate::target::Release;
use crate::util::hash::{Map, Set};

use super::root::{ById, RootGroup};
use super::{AbsoluteId, AppView, Context, GroupView, Roles, Rule, app, child_help};

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

static MISPLACED_GROUP: Rule =
    Rule::ignored("misplaced-group", "A group is directly in the group that its id names")
        .why(
            "Marathon accepts a group with apps whose id leads past the group it is written in, further down (`front/web`) or \
             elsewhere (`../web`), and stores it twice: where it is written, and where its id leads. From then on its apps run \
             twice, DELETE of the group answers 200 and removes nothing, and every later change of any app on that server \
             is answered 409. Only what is written below each other can be told apart, so write every group on the way.",
        )
        .since(Release::V1_6)
        .bad(r#"{"id": "/shop", "groups": [{"id": "front/web", "apps": [{"id": "one", "cmd": "./one"}]}]}"#)
        .good(r#"{"id": "/shop", "groups": [{"id": "front", "groups": [{"id": "web",
                "apps": [{"id": "one", "cmd": "./one"}]}]}]}"#);

/// The rules declared here.
pub(super) static RULES: &[&Rule] = &[&SAME_ID, &VOLUME_CONFLICT, &MISPLACED_GROUP];

/// The tree of groups that Marathon makes of a request, with the apps and groups that were sent, by their numbers in it.
pub(super) struct SentTree<'t, 'a> {
    tree: RootGroup,
    apps: Vec<&'t AppView<'a>>,
    /// For each app, where it is in a group, the roles it may have.
    roles: Vec<&'t Roles<'static>>,
    groups: Vec<&'t GroupView<'a>>,
    /// What was sent.
    sent: Value<'a>,
}

impl<'t, 'a> SentTree<'t, 'a> {
    /// Of a group; `None` where that takes too many copies.
    fn of_group(sent: &'t GroupView<'a>) -> (Self, Option<()>) {
        let (apps, roles, groups) = (Vec::new(), Vec::new(), Vec::new());
        let mut all = Self { tree: RootGroup::new(), apps, roles, groups, sent: sent.fields.value };
        let place = all.add(sent);
        all.tree.put(place);
        let is_whole = all.tree.put_apps();
        (all, is_whole)
    }

    /// Adds a group with its members, and gives its place.
    fn add(&mut self, group: &'t GroupView<'a>) -> usize {
        let written = self.groups.len();
        self.groups.push(group);
        let mut apps = ById::default();
        for member in &group.apps {
            apps.insert(member.app.id.clone(), self.apps.len());
            self.apps.push(&member.app);
            self.roles.push(&member.roles);
        }
        let groups = group.groups.iter().map(|inner| (inner.id.clone(), self.add(inner))).collect();
        self.tree.group(group.id.clone(), Some(written), apps, groups)
    }

    /// Of the apps of an array, which Marathon puts into the tree one after another.
    fn of_apps(sent: Value<'a>, apps: &'t [AppView<'a>]) -> Self {
        let mut tree = RootGroup::new();
        for (number, app) in apps.iter().enumerate() {
            tree.put_app(&app.id, number);
        }
        Self { tree, apps: apps.iter().collect(), roles: Vec::new(), groups: Vec::new(), sent }
    }

    /// The id of a group as it is written; of one that Marathon adds, all that was sent.
    fn id_of(&self, place: usize) -> Value<'a> {
        self.tree.at(place).written.map_or(self.sent, |written| self.groups[written].fields.at("id"))
    }

    /// Marathon's path to a group of this many before it.
    fn path(position: Option<usize>) -> String {
        position.map_or_else(|| "/".to_owned(), |position| format!("/groups({position})"))
    }
}

pub(super) fn check(sent: &GroupView<'_>, context: &mut Context<'_>) {
    let (all, is_whole) = SentTree::of_group(sent);
    for number in all.tree.apps() {
        app::model_in_group(all.apps[number], all.roles[number], context);
    }
    if context.release() < Release::V1_6 {
        outside(sent, &"/groups(0)".repeat(sent.id.depth()), context);
    }
    same_ids(&all, context);
    if context.release() >= Release::V1_6 {
        misplaced(&all, is_whole.is_some(), context);
    }
    volumes(&all, context);
    let is_rejected = context.has_failed();
    let mut bases = vec![&sent.id; all.apps.len()];
    let mut number = 0;
    for group in &all.groups {
        context.facts.group(&group.fields, &group.id);
        bases[number..number + group.apps.len()].fill(&group.id);
        number += group.apps.len();
    }
    let kept = all.tree.apps();
    for (number, (app, base)) in all.apps.iter().zip(bases).enumerate() {
        context.facts.app(app, base, is_rejected);
        if !kept.contains(&number) {
            context.facts.only_id();
        }
    }
    dependencies(&all, context);
}

/// Checks the tree that the apps of an array make on a server without services. Each app has passed by itself. Gives the
/// apps that are kept: the last of each id.
pub(in crate::rule) fn check_array<'t, 'a>(
    sent: Value<'a>,
    apps: &'t [AppView<'a>],
    context: &mut Context<'_>,
) -> impl Iterator<Item = &'t AppView<'a>> + use<'t, 'a> {
    let all = SentTree::of_apps(sent, apps);
    same_ids(&all, context);
    volumes(&all, context);
    let (root, kept) = (AbsoluteId::root(), all.tree.apps());
    for (number, app) in apps.iter().enumerate() {
        context.facts.app(app, &root, false);
        if !kept.contains(&number) {
            context.facts.only_id();
        }
    }
    dependencies(&all, context);
    kept.into_iter().map(|number| &apps[number])
}

/// Of several apps or groups of the same id only the dependencies of the one that is kept count.
fn dependencies(all: &SentTree<'_, '_>, context: &mut Context<'_>) {
    let facts = std::mem::take(&mut context.facts);
    if facts.has_dependencies() {
        let (apps, groups) = (all.tree.apps(), all.tree.by_id());
        let mut kept: Vec<usize> =
            groups.into_values().filter_map(|place| all.tree.at(place).written).collect();
        // Where a cycle begins must not depend on the order of a map.
        kept.sort_unstable();
        let groups = kept.iter().map(|written| &facts.groups[*written]);
        let all_of_them = Dependencies::of(groups, apps.iter().map(|number| &facts.services[*number]));
        if let Some(cycle) = all_of_them.cycle() {
            let first =
                apps.iter().find(|number| Some(&facts.services[**number].id.as_str()) == cycle.first());
            let at = first.and_then(|number| all.apps[*number].fields.get("dependencies"));
            reject(at.unwrap_or(all.sent), &cycle, context);
        }
    }
    context.facts = facts;
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

/// Rejects an app and a group of the same id in one group.
fn same_ids(all: &SentTree<'_, '_>, context: &mut Context<'_>) {
    let positions = std::iter::once(None).chain((0..).map(Some));
    let places = std::iter::once(all.tree.root()).chain(all.tree.groups());
    for (position, place) in positions.zip(places) {
        let group = all.tree.at(place);
        let Some((id, inner)) = group.groups.iter().find(|(id, _)| group.apps.contains_key(*id)) else {
            continue;
        };
        let at = match all.tree.at(*inner).written {
            Some(_) => all.id_of(*inner),
            None => group.apps.get(id).map_or(all.sent, |app| all.apps[*app].fields.at("id")),
        };
        let text = "Groups and Applications may not have the same identifier.";
        context
            .reject(&SAME_ID, Stage::Tree, at, SentTree::path(position), text)
            .describe(format!("both an app and a group are called {id}"), "give one of them another id");
    }
}

/// Reports groups that are not directly in the one that their id names. Marathon moves those with apps to where their ids lead,
/// and refuses those that it then still finds elsewhere only.
fn misplaced(all: &SentTree<'_, '_>, is_whole: bool, context: &mut Context<'_>) {
    if all.tree.is_plain() {
        return;
    }
    let refused = if is_whole { lost(all, context) } else { Set::default() };
    let places = all.tree.groups().into_iter();
    let kept: Set<usize> = places.filter_map(|place| all.tree.at(place).written).collect();
    let numbers: Map<*const GroupView<'_>, usize> =
        all.groups.iter().enumerate().map(|(number, group)| (std::ptr::from_ref(*group), number)).collect();
    for group in &all.groups {
        for inner in group.groups.iter().filter(|inner| inner.id.parent() != group.id || inner.id.is_root()) {
            let Some(number) = numbers.get(&std::ptr::from_ref(inner)) else { continue };
            if !is_whole {
                not_child(inner.fields.at("id"), &inner.id, &group.id, *number, context);
            } else if kept.contains(number) && !refused.contains(number) && !context.is_brief {
                // What Marathon rejects it does not take.
                let at = inner.fields.at("id");
                if !context.rejects(at) {
                    warn(group, inner, context);
                }
            }
        }
    }
}

/// Rejects the groups that are not in the group which Marathon finds by their ids. Gives their numbers.
fn lost(all: &SentTree<'_, '_>, context: &mut Context<'_>) -> Set<usize> {
    let known = all.tree.by_id();
    let mut refused = Set::default();
    for (position, place) in all.tree.groups().into_iter().enumerate() {
        let group = all.tree.at(place);
        let parent = group.id.parent();
        let above = if parent.is_root() { Some(all.tree.root()) } else { known.get(&parent).copied() };
        if above.is_none_or(|above| !all.tree.at(above).groups.contains_key(&group.id)) {
            refused.extend(group.written);
            not_child(all.id_of(place), &group.id, &parent, position, context);
        }
    }
    refused
}

fn not_child(
    at: Value<'_>,
    id: &AbsoluteId,
    parent: &AbsoluteId,
    position: usize,
    context: &mut Context<'_>,
) {
    let text = "Group has to be child of groups with parent id";
    context
        .reject(&ID_OUTSIDE_GROUP, Stage::Tree, at, SentTree::path(Some(position)), text)
        .describe(format!("{id} is not a direct child of {parent}"), child_help(id, parent));
}

fn warn(group: &GroupView<'_>, inner: &GroupView<'_>, context: &mut Context<'_>) {
    let found = context.warn(&MISPLACED_GROUP, inner.fields.at("id"));
    found.message = format!(
        "{} is not a direct child of {}: Marathon accepts this, runs its apps twice, cannot delete the group, and \
         refuses every later change of any app",
        inner.id, group.id
    );
    let steps = inner.id.segments().skip(group.id.depth()).collect::<Vec<_>>();
    let help = if inner.id.is_at_or_below(&group.id) && steps.len() > 1 {
        format!("write every group on the way: {}, each in the `groups` of the one before", steps.join(", "))
    } else {
        format!("move it into the `groups` of {}", inner.id.parent())
    };
    found.help = Some(help.into());
}

/// An external volume of an app, with Marathon's path to it.
struct ExternalVolume<'g, 'a> {
    app: &'g AppView<'a>,
    path: String,
    name: String,
    shared: bool,
    /// Volumes of the other provider may have the same name.
    is_csi: bool,
    /// Read here and written by one other app at most, which Marathon does not check.
    only_read: bool,
}

fn volumes(all: &SentTree<'_, '_>, context: &mut Context<'_>) {
    let used = collect(all);
    let mut by_name: HashMap<(&str, bool), Vec<&AbsoluteId>> = HashMap::new();
    // 1.7 and before do not have shared volumes.
    let knows_shared = context.release() >= Release::V1_8;
    for volume in used.iter().filter(|volume| !volume.shared || !knows_shared) {
        by_name.entry((&volume.name, volume.is_csi)).or_default().push(&volume.app.id);
    }
    for volume in used.iter().filter(|volume| !volume.only_read) {
        let others: Vec<String> = by_name
            .get(&(volume.name.as_str(), volume.is_csi))
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

/// The external volumes of all apps, each app with its path in the tree.
fn collect<'t, 'a>(all: &SentTree<'t, 'a>) -> Vec<ExternalVolume<'t, 'a>> {
    let mut used = Vec::new();
    let has_none = |app: &&AppView<'_>| {
        let is_external =
            |volume: &VolumeView<'_>| matches!(volume, VolumeView::Dvdi { .. } | VolumeView::Csi { .. });
        !app.volumes().iter().any(is_external)
    };
    if all.apps.iter().all(has_none) {
        return used;
    }
    let mut open = vec![(all.tree.root(), String::new())];
    while let Some((place, path)) = open.pop() {
        let group = all.tree.at(place);
        for (index, number) in group.apps.values().enumerate() {
            let app = all.apps[*number];
            let path = format!("{path}/apps({index})/container");
            used.extend(
                app.volumes().iter().filter_map(|volume| ExternalVolume::of(app, volume, path.clone())),
            );
        }
        let inner = group.groups.values().enumerate().rev();
        open.extend(inner.map(|(index, inner)| (*inner, format!("{path}/groups({index})"))));
    }
    used
}

impl<'t, 'a> ExternalVolume<'t, 'a> {
    fn of(app: &'t AppView<'a>, volume: &VolumeView<'a>, path: String) -> Option<Self> {
        let (VolumeView::Dvdi { info, .. } | VolumeView::Csi { info, .. }) = volume else { return None };
        let is_csi = matches!(volume, VolumeView::Csi { .. });
        Some(Self {
            app,
            path,
            name: info.text("name").unwrap_or_default().into_owned(),
            shared: if is_csi { app::is_shareable(volume) } else { info.is_true("shared") },
            is_csi,
            only_read: app::only_reads(volume),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crate::source::{Document, Format, Kind};
    use crate::target::Target;

    #[test]
    fn a_cycle_begins_at_the_same_service_each_time() {
        let text = r#"{"id": "/shop", "groups": [
            {"id": "a", "apps": [{"id": "one", "cmd": "./one"}], "dependencies": ["../b"]},
            {"id": "b", "apps": [{"id": "two", "cmd": "./two", "dependencies": ["/shop/a/one"]}]}]}"#;
        let document = Document::parse(text, Format::Json).expect("JSON");
        let settings = "dcos".parse::<Target>().expect("a target").settings();
        let found = (0..50).flat_map(|_| {
            crate::rule::check(document.root(), Kind::Group, &settings, Vec::new(), true).found
        });
        let messages: HashSet<String> = found.map(|finding| finding.message).collect();
        assert_eq!(messages.len(), 1, "{messages:?}");
    }
}
