//! The tree of groups as Marathon builds it from a request (`UpdateGroupStructureOp`, `RootGroup.putGroup` and `updateApp`, 1.6
//! to 1.11). It is not always the tree that was written: Marathon puts every new app once more where its id leads, and so
//! copies a group whose id does not lead to where it is written.

use indexmap::{IndexMap, IndexSet};

use crate::definition::id::AbsoluteId;
use crate::util::hash::Map;

/// The children of a group by id. One of the same id replaces an earlier one, at its position.
pub(crate) type ById = IndexMap<AbsoluteId, usize>;

/// More groups than this are not copied, and no tree that is copied grows larger: every copy costs a walk through the tree. A
/// definition that needs more is not followed further.
const MOST_COPIES: usize = 300;
const MOST_GROUPS: usize = 10_000;

/// A group in a tree.
#[derive(Clone, Debug)]
pub(crate) struct TreeGroup {
    pub(crate) id: AbsoluteId,
    /// The number of the group that was written so; nothing for one that Marathon adds.
    pub(crate) written: Option<usize>,
    /// The numbers of its apps.
    pub(crate) apps: ById,
    /// The groups in it, by their places in the tree.
    pub(crate) groups: ById,
}

/// The root group with everything in it. The caller numbers apps and groups.
#[derive(Debug)]
pub(crate) struct RootGroup {
    /// Copies that nothing leads to any more stay.
    all: Vec<TreeGroup>,
    root: usize,
    /// Whether every group is right below the one that its id names.
    is_plain: bool,
}

impl RootGroup {
    /// The root group of a new server.
    pub(crate) fn new() -> Self {
        let root = TreeGroup {
            id: AbsoluteId::root(),
            written: None,
            apps: ById::default(),
            groups: ById::default(),
        };
        Self { all: vec![root], root: 0, is_plain: true }
    }

    /// Adds a group with its members, still outside of the tree, and gives its place.
    pub(crate) fn group(
        &mut self,
        id: AbsoluteId,
        written: Option<usize>,
        apps: ById,
        groups: ById,
    ) -> usize {
        self.is_plain &= groups.keys().all(|inner| !inner.is_root() && inner.parent() == id);
        self.all.push(TreeGroup { id, written, apps, groups });
        self.all.len() - 1
    }

    /// The group at a place.
    pub(crate) fn at(&self, place: usize) -> &TreeGroup {
        &self.all[place]
    }

    /// The place of the root group.
    pub(crate) fn root(&self) -> usize {
        self.root
    }

    /// Whether every group is right below the one that its id names.
    pub(crate) fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Puts a group where its id leads, with the groups above it (`putGroup`).
    pub(crate) fn put(&mut self, place: usize) {
        let known = self.by_id();
        self.put_into(place, &known);
    }

    fn put_into(&mut self, place: usize, known: &Map<AbsoluteId, usize>) {
        let mut lower = place;
        while !self.all[lower].id.is_root() {
            let id = self.all[lower].id.clone();
            let parent = id.parent();
            let mut above = match known.get(&parent) {
                Some(above) => self.all[*above].clone(),
                None => {
                    TreeGroup { id: parent, written: None, apps: ById::default(), groups: ById::default() }
                }
            };
            above.groups.insert(id, lower);
            self.all.push(above);
            lower = self.all.len() - 1;
        }
        self.root = lower;
    }

    /// Puts an app where its id leads (`updateApp`), in a tree where every group is in its place.
    pub(crate) fn put_app(&mut self, id: &AbsoluteId, number: usize) {
        let mut place = self.root;
        let mut above = AbsoluteId::root();
        for segment in id.parent().segments() {
            let inner = AbsoluteId::parse(segment).canonical(&above);
            let next = self.all[place].groups.get(&inner).copied();
            let next = next.unwrap_or_else(|| {
                let next = self.group(inner.clone(), None, ById::default(), ById::default());
                self.all[place].groups.insert(inner.clone(), next);
                next
            });
            (place, above) = (next, inner);
        }
        self.all[place].apps.insert(id.clone(), number);
        self.drop_empty(place, id);
    }

    /// A group without apps gives way to an app of the same id.
    fn drop_empty(&mut self, place: usize, id: &AbsoluteId) {
        if self.all[place].groups.get(id).is_some_and(|inner| !self.has_apps(*inner)) {
            self.all[place].groups.shift_remove(id);
        }
    }

    /// Puts every app once more where its id leads, as Marathon does when it picks service ports and when it gives every new
    /// app its version. `None` where that takes too many copies, or makes too large a tree.
    pub(crate) fn put_apps(&mut self) -> Option<()> {
        if self.is_plain {
            for place in self.groups().into_iter().chain([self.root]) {
                let TreeGroup { apps, groups, .. } = &self.all[place];
                let same: Vec<AbsoluteId> =
                    groups.keys().filter(|id| apps.contains_key(*id)).cloned().collect();
                for id in &same {
                    self.drop_empty(place, id);
                }
            }
            return Some(());
        }
        let mut copies = 0;
        for _ in 0..2 {
            let mut apps: IndexMap<AbsoluteId, ById> = IndexMap::new();
            for place in std::iter::once(self.root).chain(self.in_order()) {
                for (id, number) in &self.all[place].apps {
                    apps.entry(id.parent()).or_default().insert(id.clone(), *number);
                }
            }
            for (group, members) in apps {
                copies += 1;
                if copies > MOST_COPIES || self.groups().len() > MOST_GROUPS {
                    return None;
                }
                self.copy(group, members);
            }
        }
        Some(())
    }

    /// Puts these apps into the group that Marathon finds by this id, and the group where its id leads.
    fn copy(&mut self, group: AbsoluteId, apps: ById) {
        let known = self.by_id();
        let mut copy = match known.get(&group) {
            Some(place) => self.all[*place].clone(),
            None => TreeGroup { id: group, written: None, apps: ById::default(), groups: ById::default() },
        };
        let ids: Vec<AbsoluteId> = apps.keys().cloned().collect();
        copy.apps.extend(apps);
        self.all.push(copy);
        let place = self.all.len() - 1;
        for id in &ids {
            self.drop_empty(place, id);
        }
        self.put_into(place, &known);
    }

    /// The places of all groups below the root, in Marathon's order: the children of a group, then those below each
    /// (`transitiveGroups`). A group that is in the tree twice is there twice.
    pub(crate) fn groups(&self) -> Vec<usize> {
        let mut found = Vec::new();
        let mut open = vec![self.root];
        while let Some(place) = open.pop() {
            found.extend(self.all[place].groups.values());
            open.extend(self.all[place].groups.values().rev());
            if self.is_too_large(found.len()) {
                break;
            }
        }
        found
    }

    /// Groups that are written in places of others may multiply with every copy.
    fn is_too_large(&self, count: usize) -> bool {
        !self.is_plain && count > MOST_GROUPS
    }

    /// The places of all groups below the root, each before those in it (`transitiveApps`).
    pub(crate) fn in_order(&self) -> Vec<usize> {
        let mut found = Vec::new();
        let mut open: Vec<usize> = self.all[self.root].groups.values().rev().copied().collect();
        while let Some(place) = open.pop() {
            found.push(place);
            open.extend(self.all[place].groups.values().rev());
            if self.is_too_large(found.len()) {
                break;
            }
        }
        found
    }

    /// The place of each id; the last of several (`transitiveGroupsById`).
    pub(crate) fn by_id(&self) -> Map<AbsoluteId, usize> {
        let all = std::iter::once(self.root).chain(self.groups());
        all.map(|place| (self.all[place].id.clone(), place)).collect()
    }

    /// Whether there is an app in a group or below it.
    pub(crate) fn has_apps(&self, place: usize) -> bool {
        let mut open = vec![place];
        while let Some(place) = open.pop() {
            if !self.all[place].apps.is_empty() {
                return true;
            }
            open.extend(self.all[place].groups.values());
        }
        false
    }

    /// The numbers of all apps in the tree, each once.
    pub(crate) fn apps(&self) -> IndexSet<usize> {
        let places = std::iter::once(self.root).chain(self.in_order());
        places.flat_map(|place| self.all[place].apps.values().copied()).collect()
    }
}
