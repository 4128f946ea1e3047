//! A change of the world that is put together before it is committed: only what differs.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::spec::{Spec, ancestors, parent};
use super::{Id, StoredGroup, World};

/// Services and groups that are created, changed or removed (`None`).
#[derive(Clone, Debug, Default)]
pub(crate) struct WorldChange {
    /// In the order in which they were named, in which they get their service ports.
    pub(crate) specs: IndexMap<Id, Option<Arc<Spec>>>,
    pub(crate) groups: BTreeMap<String, Option<StoredGroup>>,
    /// Services that are restarted although nothing of them changes.
    pub(crate) restarts: Vec<Id>,
}

impl WorldChange {
    /// A service as it is after the change so far.
    pub(crate) fn spec<'c>(&'c self, world: &'c World, id: &str) -> Option<&'c Arc<Spec>> {
        match self.specs.get(id) {
            Some(changed) => changed.as_ref(),
            None => world.specs.get(id),
        }
    }

    /// A group as it is after the change so far.
    pub(crate) fn group<'c>(&'c self, world: &'c World, id: &str) -> Option<&'c StoredGroup> {
        match self.groups.get(id) {
            Some(changed) => changed.as_ref(),
            None => world.groups.get(id),
        }
    }

    /// Creates or replaces a service, and makes the groups around it. An empty group of its id makes room for it.
    pub(crate) fn put_spec(&mut self, world: &World, spec: Spec) {
        self.make_groups(world, parent(&spec.id));
        if self.group(world, &spec.id).is_some() && self.is_empty_group(world, &spec.id) {
            self.remove_group(world, &spec.id.clone());
        }
        self.specs.insert(spec.id.clone(), Some(Arc::new(spec)));
    }

    /// Removes a service.
    pub(crate) fn remove_spec(&mut self, world: &World, id: &str) {
        if let Some(id) = self.spec(world, id).map(|spec| spec.id.clone()) {
            self.specs.insert(id, None);
        }
    }

    /// Makes a group and those around it where they do not exist.
    pub(crate) fn make_groups(&mut self, world: &World, id: &str) {
        for id in std::iter::once(id).chain(ancestors(id)) {
            if self.group(world, id).is_some() {
                return;
            }
            let enforces = enforces_of_new(world, id);
            self.groups.insert(id.to_owned(), Some(StoredGroup { dependencies: Vec::new(), enforces }));
        }
    }

    /// Removes a group with everything below it.
    pub(crate) fn remove_group(&mut self, world: &World, id: &str) {
        for spec in self.specs_below(world, id) {
            self.specs.insert(spec, None);
        }
        for group in self.groups_below(world, id) {
            self.groups.insert(group, None);
        }
        if id != "/" {
            self.groups.insert(id.to_owned(), None);
        }
    }

    /// The ids of the services below a group.
    pub(crate) fn specs_below(&self, world: &World, group: &str) -> Vec<Id> {
        let held = world.specs_below(group).map(|spec| spec.id.clone());
        let mut ids: Vec<Id> = held.filter(|id| !self.specs.contains_key(id)).collect();
        let changed = self.specs.iter().filter(|(id, spec)| spec.is_some() && is_below(id, group));
        ids.extend(changed.map(|(id, _)| id.clone()));
        ids.sort_unstable();
        ids
    }

    /// The ids of the groups below a group.
    pub(crate) fn groups_below(&self, world: &World, group: &str) -> Vec<String> {
        let held = world.groups_below(group).filter(|id| !self.groups.contains_key(*id)).map(str::to_owned);
        let mut ids: Vec<String> = held.collect();
        let changed = self.groups.iter().filter(|(id, value)| value.is_some() && is_below(id, group));
        ids.extend(changed.map(|(id, _)| id.clone()));
        ids.sort_unstable();
        ids
    }

    /// Whether no service is below a group.
    pub(crate) fn is_empty_group(&self, world: &World, id: &str) -> bool {
        self.specs_below(world, id).is_empty()
    }
}

/// Whether a group that is made by itself enforces its role.
pub(crate) fn enforces_of_new(world: &World, id: &str) -> Option<bool> {
    (id != "/" && parent(id) == "/").then_some(world.options.settings.new_groups_enforce_role)
}

/// Whether an id is below a group, which itself is not.
pub(crate) fn is_below(id: &str, group: &str) -> bool {
    id.strip_prefix(group.trim_end_matches('/')).is_some_and(|rest| rest.len() > 1 && rest.starts_with('/'))
}
