//! Where a way back leads: to a version that is known to have run.

use std::collections::BTreeMap;

use super::action::instances;
use super::plan::{PlannedService, stored};
use super::watch::{Watch, has_list, restarts};
use crate::marathon::{GetError, Instance, InstanceState, Running};
use crate::normalize::Normalized;
use crate::source::Kind;

/// Where the way back leads.
pub(super) enum RollbackGoal {
    /// There was no such service.
    Gone,
    /// This version ran, and this is its definition.
    Version(String, Box<Normalized>),
    /// Of no version it is known that it ran.
    Unknown,
}

impl Watch<'_> {
    /// Where the way back of a service leads; `running` is what ran of it when it was planned.
    pub(super) fn goal(&self, service: &PlannedService, running: Option<&Running>) -> RollbackGoal {
        let PlannedService { kind, against, wanted, .. } = service;
        let (Some(against), Some(running)) = (against, running) else { return RollbackGoal::Gone };
        if let Some((version, definition)) = self.ran_instead(*kind, running) {
            return RollbackGoal::Version(version, Box::new(definition));
        }
        let definition = stored(&against.definition, *kind, self.settings);
        // What is stored and was to run itself is no way back.
        let is_change =
            wanted.as_ref().is_none_or(|wanted| super::watch::differs(&definition, wanted).is_some());
        let has_run = instances(&definition.value, *kind) == 0 || working(running).next().is_some();
        if is_change && has_run {
            RollbackGoal::Version(against.version.clone(), Box::new(definition))
        } else {
            RollbackGoal::Unknown
        }
    }

    /// What runs instead of the stored definition, where more instances run it: its version and its definition.
    pub(crate) fn ran_instead(&self, kind: Kind, running: &Running) -> Option<(String, Normalized)> {
        let version = other_version(running)?;
        let found = self.client.version(self.endpoint, running.id(), kind, version).ok().flatten()?;
        let (other, now) =
            (stored(&found, kind, self.settings), stored(&running.definition, kind, self.settings));
        restarts(&other, &now).then(|| (version.to_owned(), other))
    }

    /// Notes what a running deployment replaces, so that going back to it is told from any other change.
    pub(crate) fn note_previous(&mut self, kind: Kind, running: &Running) -> Result<(), GetError> {
        let id = running.id();
        let mut previous = self.ran_instead(kind, running).map(|(_, previous)| previous);
        if previous.is_none() {
            let versions = self.client.versions(self.endpoint, id, kind)?.unwrap_or_default();
            let earlier = versions.iter().rev().find(|version| **version != running.version);
            let found = match earlier {
                Some(version) => self.client.version(self.endpoint, id, kind, version)?,
                None => None,
            };
            previous = found.map(|found| stored(&found, kind, self.settings));
        }
        if let Some(service) = self.book.services.get_mut(id) {
            service.previous = previous;
        }
        Ok(())
    }
}

/// The instances that run, and do not fail their checks. Where a deployment is under way, no result yet is no good one.
pub(super) fn working(running: &Running) -> impl Iterator<Item = &Instance> {
    let is_new =
        !running.deployments.is_empty() && has_list(&running.definition, running.kind(), "healthChecks");
    running.instances.iter().filter(move |instance| {
        let is_unknown = is_new && is_stored(running, &instance.version);
        instance.state == InstanceState::Running && instance.is_healthy.unwrap_or(!is_unknown)
    })
}

/// Whether it is the stored version, or one that differs from it in the number of instances only.
pub(super) fn is_stored(running: &Running, version: &str) -> bool {
    version == running.version || running.config_version.as_deref() == Some(version)
}

/// The version that most instances run, where that is not the stored one.
fn other_version(running: &Running) -> Option<&str> {
    let (mut stored, mut others) = (0, BTreeMap::<&str, u64>::new());
    for instance in working(running) {
        if is_stored(running, &instance.version) {
            stored += 1;
        } else {
            *others.entry(&instance.version).or_default() += 1;
        }
    }
    let (version, number) = others.into_iter().max_by_key(|(version, number)| (*number, *version))?;
    (stored < running.wanted && number >= stored).then_some(version)
}
