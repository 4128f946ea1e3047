//! Groups (`GroupInfo`, 1.11).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::embed::{AppEmbeds, GroupEmbeds};
use super::{app, pod};
use crate::server::time::Time;
use crate::server::world::history::Past;
use crate::server::world::spec::{Spec, parent};
use crate::server::world::{StoredGroup, World};

/// A group as it is now.
pub(crate) fn now(world: &World, id: &str, apps: AppEmbeds, groups: GroupEmbeds) -> Option<Json> {
    let root = world.groups.get(id)?;
    let mut tree = GroupTree::new(world.version);
    tree.add_group(id, root);
    // Without the content of groups only the group itself has services.
    for below in world.groups_below(id).filter(|_| groups.groups) {
        if let Some(group) = world.groups.get(below) {
            tree.add_group(below, group);
        }
    }
    for spec in world.specs_below(id).filter(|spec| groups.groups || spec.group() == id) {
        if spec.is_pod() && groups.pods {
            tree.add_service(spec, "pods", pod::status_in_group(world, spec));
        } else if !spec.is_pod() && groups.apps {
            tree.add_service(spec, "apps", app::info(world, spec, apps));
        }
    }
    Some(tree.into_json(id))
}

/// A group as it was.
pub(crate) fn past(past: &Past, id: &str, version: Time) -> Json {
    let mut tree = GroupTree::new(version);
    for (id, group) in &past.groups {
        tree.add_group(id, group);
    }
    for spec in past.specs.values() {
        if spec.is_pod() {
            tree.add_service(spec, "pods", pod::pod(spec).into());
        } else {
            tree.add_service(spec, "apps", app::app(spec, true).into());
        }
    }
    tree.into_json(id)
}

/// Groups that are put into each other once all are known.
struct GroupTree {
    version: String,
    groups: BTreeMap<String, Map<String, Json>>,
}

impl GroupTree {
    fn new(version: Time) -> Self {
        Self { version: version.to_string(), groups: BTreeMap::new() }
    }

    fn add_group(&mut self, id: &str, group: &StoredGroup) {
        let mut shown = Map::new();
        shown.insert("id".to_owned(), id.into());
        for list in ["apps", "pods", "groups"] {
            shown.insert(list.to_owned(), json!([]));
        }
        shown.insert("dependencies".to_owned(), group.dependencies.iter().map(String::as_str).collect());
        shown.insert("version".to_owned(), self.version.as_str().into());
        if let Some(enforces) = group.enforces {
            shown.insert("enforceRole".to_owned(), enforces.into());
        }
        self.groups.insert(id.to_owned(), shown);
    }

    fn add_service(&mut self, spec: &Arc<Spec>, list: &str, shown: Json) {
        if let Some(members) =
            self.groups.get_mut(spec.group()).and_then(|group| group.get_mut(list)?.as_array_mut())
        {
            members.push(shown);
        }
    }

    /// The group of this id with all others in it. An id comes before those below it, so the last one has none left.
    fn into_json(mut self, id: &str) -> Json {
        while let Some((last, shown)) = self.groups.pop_last() {
            if last == id {
                return shown.into();
            }
            let above = self.groups.get_mut(parent(&last));
            if let Some(groups) = above.and_then(|above| above.get_mut("groups")?.as_array_mut()) {
                groups.push(shown.into());
            }
        }
        Json::Null
    }
}
