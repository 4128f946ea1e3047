//! Groups.

use serde_json::Value as Json;

use crate::definition::id::AbsoluteId;
use crate::rule::GroupLevel;
use crate::target::{Release, Settings};

use super::{Object, app, set, text};

pub(super) fn normalize(group: Object, settings: &Settings) -> Object {
    let root = AbsoluteId::root();
    let id = AbsoluteId::parse(text(&group, "id").unwrap_or_default()).canonical(&root);
    let level = GroupLevel::of(&id, enforces(&group), settings);
    visit(group, &id, &level, settings)
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
