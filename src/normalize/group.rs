//! Groups.

use serde_json::Value as Json;

use crate::definition::id::AbsoluteId;
use crate::rule::{ById, GroupLevel, RootGroup};
use crate::target::{Release, Settings};

use super::{Object, app, set, text};

pub(super) fn normalize(group: Object, settings: &Settings) -> Object {
    let root = AbsoluteId::root();
    let id = AbsoluteId::parse(text(&group, "id").unwrap_or_default()).canonical(&root);
    let level = GroupLevel::of(&id, enforces(&group), settings);
    let group = visit(group, &id, &level, settings);
    if settings.release < Release::V1_6 || !has_misplaced(&group, &id) {
        return group;
    }
    moved(&group, &id).unwrap_or(group)
}

fn id_of(member: &Json) -> AbsoluteId {
    AbsoluteId::parse(member.get("id").and_then(Json::as_str).unwrap_or_default())
}

fn objects<'g>(group: &'g Object, name: &str) -> impl Iterator<Item = &'g Json> {
    group.get(name).and_then(Json::as_array).into_iter().flatten()
}

/// Whether a group below this one is in another place than its id says.
fn has_misplaced(group: &Object, id: &AbsoluteId) -> bool {
    objects(group, "groups").any(|inner| {
        let inner_id = id_of(inner);
        inner_id.is_root()
            || inner_id.parent() != *id
            || inner.as_object().is_some_and(|inner| has_misplaced(inner, &inner_id))
    })
}

/// Ids with more segments than this are left where they are: a group is made for every segment.
const DEEPEST: usize = 100;

/// The group as it is stored where the id of one in it leads elsewhere: Marathon puts that one there, too.
fn moved(group: &Object, id: &AbsoluteId) -> Option<Object> {
    let mut all = GroupMembers { tree: RootGroup::new(), apps: Vec::new(), groups: Vec::new() };
    let place = all.add(group, id)?;
    all.tree.put(place);
    all.tree.put_apps()?;
    let place = *all.tree.by_id().get(id)?;
    Some(all.object(place))
}

/// The members of a group by their numbers in a tree.
struct GroupMembers<'g> {
    tree: RootGroup,
    apps: Vec<&'g Json>,
    groups: Vec<&'g Object>,
}

impl<'g> GroupMembers<'g> {
    fn add(&mut self, group: &'g Object, id: &AbsoluteId) -> Option<usize> {
        let number = self.groups.len();
        self.groups.push(group);
        let (mut apps, mut groups) = (ById::default(), ById::default());
        for app in objects(group, "apps") {
            apps.insert(id_of(app), self.apps.len());
            self.apps.push(app);
        }
        for inner in objects(group, "groups").filter_map(Json::as_object) {
            let id = AbsoluteId::parse(text(inner, "id").unwrap_or_default());
            groups.insert(id.clone(), self.add(inner, &id)?);
        }
        (id.depth() <= DEEPEST).then(|| self.tree.group(id.clone(), Some(number), apps, groups))
    }

    fn object(&self, place: usize) -> Object {
        let group = self.tree.at(place);
        let written = group.written.map(|number| self.groups[number]);
        let mut object = written.cloned().unwrap_or_default();
        set(&mut object, "id", group.id.to_string());
        let apps: Json = group.apps.values().map(|number| self.apps[*number].clone()).collect();
        set(&mut object, "apps", apps);
        let groups: Json = group.groups.values().map(|inner| Json::Object(self.object(*inner))).collect();
        set(&mut object, "groups", groups);
        if written.is_none() {
            set(&mut object, "dependencies", Json::Array(Vec::new()));
        }
        object
    }
}

fn enforces(group: &Object) -> Option<bool> {
    group.get("enforceRole").and_then(Json::as_bool)
}

fn visit(mut group: Object, id: &AbsoluteId, level: &GroupLevel, settings: &Settings) -> Object {
    let members = |group: &mut Object, name: &str| match group.remove(name) {
        Some(Json::Array(members)) => members,
        _ => Vec::new(),
    };
    let apps: Vec<Json> = members(&mut group, "apps")
        .into_iter()
        .filter_map(|app| match app {
            Json::Object(app) => Some(app::normalize(app, id, Some(level), false, settings).into()),
            _ => None,
        })
        .collect();
    let groups: Vec<Json> = members(&mut group, "groups")
        .into_iter()
        .filter_map(|inner| match inner {
            Json::Object(inner) => {
                let inner_id = AbsoluteId::parse(text(&inner, "id").unwrap_or_default()).canonical(id);
                let level = level.below(id, &inner_id, enforces(&inner), settings);
                Some(visit(inner, &inner_id, &level, settings).into())
            }
            _ => None,
        })
        .collect();
    let dependencies: Vec<Json> = members(&mut group, "dependencies")
        .iter()
        .map(|dependency| {
            AbsoluteId::parse(dependency.as_str().unwrap_or_default()).canonical(id).to_string().into()
        })
        .collect();
    let (apps, groups) = (by_id(apps), by_id(groups));
    // An app replaces a group of the same id that has no apps.
    let groups = groups
        .into_iter()
        .filter(|inner| has_apps(inner) || !apps.iter().any(|app| app.get("id") == inner.get("id")))
        .collect::<Vec<_>>();
    let mut normalized = Object::new();
    set(&mut normalized, "id", id.to_string());
    set(&mut normalized, "apps", apps);
    set(&mut normalized, "groups", groups);
    set(&mut normalized, "dependencies", dependencies);
    super::set::make(&mut normalized, "dependencies");
    if id.depth() == 1 && settings.release >= Release::V1_9 {
        set(&mut normalized, "enforceRole", level.enforces);
    }
    normalized
}

/// Keeps the last of several with the same id, at the position of the first.
fn by_id(members: Vec<Json>) -> Vec<Json> {
    let mut kept: indexmap::IndexMap<String, Json> = indexmap::IndexMap::new();
    for member in members {
        kept.insert(member.get("id").map(Json::to_string).unwrap_or_default(), member);
    }
    kept.into_values().collect()
}

fn has_apps(group: &Json) -> bool {
    let any = |name: &str, test: fn(&Json) -> bool| {
        group.get(name).and_then(Json::as_array).is_some_and(|members| members.iter().any(test))
    };
    any("apps", |_| true) || any("groups", has_apps)
}
