//! Every version that services and groups had.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::change::is_below;
use super::spec::Spec;
use super::{Id, StoredGroup, World};
use crate::server::time::Time;
use crate::source::Kind;

/// A value before and after a change.
pub(crate) type Delta<T> = (Option<T>, Option<T>);

/// What a change did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deltas {
    pub(crate) specs: BTreeMap<Id, Delta<Arc<Spec>>>,
    pub(crate) groups: BTreeMap<String, Delta<StoredGroup>>,
}

#[derive(Debug)]
struct Root {
    version: Time,
    deltas: Deltas,
    /// Whether it was carried out. What a lock refuses is stored all the same.
    is_applied: bool,
}

/// Every version that services and groups had.
#[derive(Debug)]
pub(crate) struct History {
    begin: Time,
    roots: Vec<Root>,
    specs: HashMap<(Id, Kind), BTreeMap<Time, Arc<Spec>>>,
}

/// The world's groups and services at an earlier time.
#[derive(Debug)]
pub(crate) struct Past {
    pub(crate) specs: BTreeMap<Id, Arc<Spec>>,
    pub(crate) groups: BTreeMap<String, StoredGroup>,
}

impl History {
    pub(crate) fn new(begin: Time) -> Self {
        Self { begin, roots: Vec::new(), specs: HashMap::new() }
    }

    /// Stores a change under its version.
    pub(crate) fn store(&mut self, version: Time, deltas: &Deltas, is_applied: bool) {
        for (id, (before, after)) in &deltas.specs {
            let is_new =
                |after: &&Arc<Spec>| before.as_ref().is_none_or(|before| before.version != after.version);
            if let Some(after) = after.as_ref().filter(is_new) {
                let versions = self.specs.entry((id.clone(), after.kind)).or_default();
                versions.insert(after.version, after.clone());
            }
        }
        self.roots.push(Root { version, deltas: deltas.clone(), is_applied });
    }

    /// Keeps a definition that was there before, without a change that brings it.
    pub(crate) fn keep(&mut self, spec: &Arc<Spec>) {
        let versions = self.specs.entry((spec.id.clone(), spec.kind)).or_default();
        versions.insert(spec.version, spec.clone());
    }

    /// The versions of a service, the newest first.
    pub(crate) fn versions(&self, id: &str, kind: Kind) -> Vec<Time> {
        let of = self.specs.get(&(Id::from(id), kind));
        of.map(|versions| versions.keys().rev().copied().collect()).unwrap_or_default()
    }

    /// A service as it was in a version.
    pub(crate) fn spec(&self, id: &str, kind: Kind, version: Time) -> Option<Arc<Spec>> {
        self.specs.get(&(Id::from(id), kind))?.get(&version).cloned()
    }

    /// The versions of the root in which a group existed.
    pub(crate) fn group_versions(&self, world: &World, group: &str) -> Vec<Time> {
        let mut exists = world.groups.contains_key(group);
        let mut found = Vec::new();
        for root in self.roots.iter().rev() {
            let delta = root.deltas.groups.get(group);
            let existed_after =
                if root.is_applied { exists } else { delta.map_or(exists, |(_, after)| after.is_some()) };
            if existed_after {
                found.push(root.version);
            }
            if root.is_applied {
                exists = delta.map_or(exists, |(before, _)| before.is_some());
            }
        }
        if exists {
            found.push(self.begin);
        }
        found.dedup();
        found
    }

    /// The groups and services at and below a group in a version of the root.
    pub(crate) fn at(&self, world: &World, group: &str, version: Time) -> Option<Past> {
        let known = self.roots.iter().rposition(|root| root.version == version);
        if known.is_none() && version != self.begin {
            return None;
        }
        let specs = world.specs_below(group).map(|spec| (spec.id.clone(), spec.clone())).collect();
        let held = world.groups_below(group).chain(std::iter::once(group));
        let groups = held.filter_map(|id| Some((id.to_owned(), world.groups.get(id)?.clone()))).collect();
        let mut past = Past { specs, groups };
        let first_undone = known.map_or(0, |known| known + 1);
        for root in self.roots[first_undone..].iter().rev().filter(|root| root.is_applied) {
            past.apply(&root.deltas, group, |(before, _)| before, |(before, _)| before);
        }
        if let Some(root) = known.map(|known| &self.roots[known]).filter(|root| !root.is_applied) {
            past.apply(&root.deltas, group, |(_, after)| after, |(_, after)| after);
        }
        past.groups.contains_key(group).then_some(past)
    }
}

impl Past {
    fn apply(
        &mut self,
        deltas: &Deltas,
        group: &str,
        spec: impl Fn(&Delta<Arc<Spec>>) -> &Option<Arc<Spec>>,
        value: impl Fn(&Delta<StoredGroup>) -> &Option<StoredGroup>,
    ) {
        for (id, delta) in deltas.specs.iter().filter(|(id, _)| is_below(id, group)) {
            match spec(delta) {
                Some(spec) => self.specs.insert(id.clone(), spec.clone()),
                None => self.specs.remove(id),
            };
        }
        for (id, delta) in deltas.groups.iter().filter(|(id, _)| *id == group || is_below(id, group)) {
            match value(delta) {
                Some(value) => self.groups.insert(id.clone(), value.clone()),
                None => self.groups.remove(id),
            };
        }
    }
}
