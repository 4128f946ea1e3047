//! A change becomes a deployment: service ports, versions, the checks of the whole, the lock
//! (`GroupManagerImpl.updateRootEither`, 1.11).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::change::WorldChange;
use super::check::reason;
use super::history::Deltas;
use super::spec::Spec;
use super::{Id, World};
use crate::server::deployment::plan::{self, DeploymentPlan};
use crate::server::events;
use crate::server::faults;
use crate::server::time::Time;

/// Why a change is not carried out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ChangeRefusal {
    /// Too many deployments run.
    TooMany(usize),
    /// Deployments of these ids hold what it affects.
    Locked(Vec<String>),
    /// The whole would not be valid: paths and texts.
    Invalid(Vec<(String, String)>),
    /// There are no more service ports.
    NoPorts(u64, u64),
}

/// A change, and how it is to be carried out.
#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) change: WorldChange,
    /// The group that events name.
    pub(crate) group: String,
    pub(crate) version: Time,
    /// Cancels deployments in the way.
    pub(crate) force: bool,
    /// Instances to kill when a service is scaled down.
    pub(crate) kill: Vec<u64>,
}

/// What came of a change.
#[derive(Clone, Debug)]
pub(crate) struct Committed {
    /// The deployment's id.
    pub(crate) deployment: String,
    /// The version of the change.
    pub(crate) version: Time,
}

impl World {
    /// Whether another deployment may begin.
    pub(crate) fn check_limit(&self) -> Result<(), ChangeRefusal> {
        let most = self.options.max_deployments;
        if self.deployments.len() >= most { Err(ChangeRefusal::TooMany(most)) } else { Ok(()) }
    }

    /// Carries out a change.
    pub(crate) fn commit(&mut self, update: Update) -> Result<Committed, ChangeRefusal> {
        let group = update.group.clone();
        let version = update.version;
        let result = self.try_commit(update);
        match &result {
            Ok(_) => self.emit(|_| events::group_change_success(&group, version)),
            Err(refusal) => {
                let reason = reason(refusal);
                self.emit(|_| events::group_change_failed(&group, version, &reason));
            }
        }
        self.settle();
        result
    }

    fn try_commit(&mut self, update: Update) -> Result<Committed, ChangeRefusal> {
        let Update { mut change, version, force, kill, .. } = update;
        self.check_limit()?;
        self.assign_ports(&mut change)?;
        let deltas = self.deltas(&change, version);
        self.check_whole(&deltas)?;
        let mut id = self.random.uuid();
        while self.deployments.get(&id).is_some() {
            // With a seed the same ids come again after a start with what was kept.
            id = self.random.uuid();
        }
        let plan = plan::of(self, &deltas, id.clone(), version, &kill);
        let holders = self.deployments.holders(&plan.affected);
        self.history.store(version, &deltas, holders.is_empty() || force);
        if !holders.is_empty() && !force {
            let refusal = ChangeRefusal::Locked(holders);
            let reason = reason(&refusal);
            self.emit(|_| events::deployment_failed(&plan, &reason));
            return Err(refusal);
        }
        for holder in holders {
            self.cancel(&holder);
        }
        self.apply(&deltas, version);
        self.start(DeploymentPlan { deltas, ..plan });
        Ok(Committed { deployment: id, version })
    }

    /// Gives zeros among the service ports the app's own old ports, then the lowest free ones
    /// (`AssignDynamicServiceLogic`).
    fn assign_ports(&self, change: &mut WorldChange) -> Result<(), ChangeRefusal> {
        let (from, to) = self.options.ports;
        let mut taken: BTreeSet<u64> = BTreeSet::new();
        for spec in change.specs.values().flatten() {
            taken.extend(spec.service_ports());
        }
        let mut next = self.lowest_free.max(from);
        for (id, spec) in &mut change.specs {
            let Some(spec) = spec.as_mut().filter(|spec| !spec.is_pod()) else { continue };
            let held = self.app(id);
            let ports = spec.service_ports();
            if !ports.contains(&0) || held.is_some_and(|held| !held.is_upgrade(spec)) {
                continue;
            }
            let own = held.map(|held| held.service_ports()).unwrap_or_default();
            let mut own = own.into_iter().filter(|port| (from..=to).contains(port) && !ports.contains(port));
            for port in Arc::make_mut(spec).port_lists() {
                if port.as_u64() != Some(0) {
                    continue;
                }
                let free = own.next().or_else(|| {
                    let free =
                        (next..=to).find(|port| !self.ports.contains_key(port) && !taken.contains(port))?;
                    next = free + 1;
                    Some(free)
                });
                *port = free.ok_or(ChangeRefusal::NoPorts(from, to))?.into();
            }
        }
        Ok(())
    }

    /// What a change comes to, with the versions that changed services get (`GroupVersioningUtil`).
    pub(crate) fn deltas(&self, change: &WorldChange, version: Time) -> Deltas {
        let mut deltas = Deltas::default();
        for (id, after) in &change.specs {
            let before = self.specs.get(id).cloned();
            let after = after.as_ref().map(|after| versioned(before.as_ref(), after, version, change));
            if before != after {
                deltas.specs.insert(id.clone(), (before, after));
            }
        }
        for (id, after) in &change.groups {
            let before = self.groups.get(id).cloned();
            if before != *after {
                deltas.groups.insert(id.clone(), (before, after.clone()));
            }
        }
        deltas
    }

    /// Makes the change the present.
    pub(super) fn apply(&mut self, deltas: &Deltas, version: Time) {
        for (id, (before, after)) in &deltas.specs {
            for port in before.iter().flat_map(|spec| spec.service_ports()) {
                if let Some(count) = self.ports.get_mut(&port) {
                    *count -= 1;
                    if *count == 0 {
                        self.ports.remove(&port);
                        self.lowest_free = self.lowest_free.min(port).max(self.options.ports.0);
                    }
                }
            }
            for port in after.iter().flat_map(|spec| spec.service_ports()) {
                *self.ports.entry(port).or_default() += 1;
            }
            self.doubts.extend(after.iter().flat_map(|spec| faults::doubts(spec)));
            match after {
                Some(after) => self.specs.insert(id.clone(), after.clone()),
                None => self.specs.remove(id),
            };
        }
        for (id, (_, after)) in &deltas.groups {
            match after {
                Some(after) => self.groups.insert(id.clone(), after.clone()),
                None => self.groups.remove(id),
            };
        }
        while self.ports.contains_key(&self.lowest_free) {
            self.lowest_free += 1;
        }
        self.version = version;
    }
}

/// A definition with the version that its change gives it.
fn versioned(
    before: Option<&Arc<Spec>>,
    after: &Arc<Spec>,
    version: Time,
    change: &WorldChange,
) -> Arc<Spec> {
    let mut new = Spec::clone(after);
    match before {
        None => (new.version, new.scaled, new.configured) = (version, version, version),
        Some(before) => {
            (new.version, new.scaled, new.configured) = (before.version, before.scaled, before.configured);
            if before.is_upgrade(after) {
                (new.version, new.configured, new.scaled) = (version, version, version);
            } else if before.instances() != after.instances() {
                (new.version, new.scaled) = (version, version);
            } else if change.restarts.contains(&Id::clone(&new.id)) {
                (new.version, new.configured) = (version, version);
            }
        }
    }
    Arc::new(new)
}
