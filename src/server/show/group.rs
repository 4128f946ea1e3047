//! Groups (`GroupInfo`, 1.11).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::embed::{AppEmbeds, GroupEmbeds};
use super::{app, pod, push};
use crate::server::time::Time;
use crate::server::world::history::Past;
use crate::server::world::spec::{Spec, parent};
use crate::server::world::{StoredGroup, World};

/// A group as it is now, as JSON. It is written service by service: all of them at once as values would take several times
/// the memory of the text.
pub(crate) fn now(world: &World, id: &str, apps: AppEmbeds, groups: GroupEmbeds) -> Option<String> {
    let root = world.groups.get(id)?;
    let mut tree = ShownGroups::new(world.version);
    tree.add_group(id, root);
    // Without the content of groups only the group itself has services.
    for below in world.groups_below(id).filter(|_| groups.groups) {
        if let Some(group) = world.groups.get(below) {
            tree.add_group(below, group);
        }
    }
    for spec in world.specs_below(id).filter(|spec| groups.groups || spec.group() == id) {
        if spec.is_pod() && groups.pods {
            tree.add_service(spec, &pod::status_in_group(world, spec));
        } else if !spec.is_pod() && groups.apps {
            tree.add_service(spec, &app::info(world, spec, apps));
        }
    }
    Some(tree.into_text(id))
}

/// A group as it was, as JSON.
pub(crate) fn past(past: &Past, id: &str, version: Time) -> String {
    let mut tree = ShownGroups::new(version);
    for (id, group) in &past.groups {
        tree.add_group(id, group);
    }
    for spec in past.specs.values() {
        if spec.is_pod() {
            tree.add_service(spec, &pod::pod(spec));
        } else {
            tree.add_service(spec, &app::app(spec, true));
        }
    }
    tree.into_text(id)
}

/// A group, and the members of its lists as they are written.
#[derive(Default)]
struct WrittenGroup {
    own: StoredGroup,
    apps: String,
    pods: String,
    groups: String,
}

/// Groups that are put into each other once all are known.
struct ShownGroups {
    version: String,
    groups: BTreeMap<String, WrittenGroup>,
}

impl ShownGroups {
    fn new(version: Time) -> Self {
        Self { version: version.to_string(), groups: BTreeMap::new() }
    }

    fn add_group(&mut self, id: &str, group: &StoredGroup) {
        let group = WrittenGroup { own: group.clone(), ..WrittenGroup::default() };
        self.groups.insert(id.to_owned(), group);
    }

    fn add_service(&mut self, spec: &Arc<Spec>, shown: &impl Serialize) {
        if let Some(group) = self.groups.get_mut(spec.group()) {
            push(if spec.is_pod() { &mut group.pods } else { &mut group.apps }, shown);
        }
    }

    /// The group of this id with all others in it. An id comes before those below it, so the last one has none left.
    fn into_text(mut self, id: &str) -> String {
        while let Some((last, group)) = self.groups.pop_last() {
            let text = self.text(&last, &group);
            if last == id {
                return text;
            }
            if let Some(above) = self.groups.get_mut(parent(&last)) {
                let comma = if above.groups.is_empty() { "" } else { "," };
                above.groups.push_str(comma);
                above.groups.push_str(&text);
            }
        }
        Json::Null.to_string()
    }

    fn text(&self, id: &str, group: &WrittenGroup) -> String {
        let WrittenGroup { own, apps, pods, groups } = group;
        let (id, dependencies, version) = (json!(id), json!(own.dependencies), json!(self.version));
        let enforces =
            own.enforces.map(|enforces| format!(",\"enforceRole\":{enforces}")).unwrap_or_default();
        format!(
            "{{\"id\":{id},\"apps\":[{apps}],\"pods\":[{pods}],\"groups\":[{groups}],\"dependencies\":{dependencies},\
             \"version\":{version}{enforces}}}"
        )
    }
}
