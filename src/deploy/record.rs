//! What is known of deployments and services, from events and answers alike: either may be late, repeated, out of order or
//! missing, so that both only add to what is known.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::refused::RefusedOffers;
use crate::marathon::{Deployment, Event, Failure, Queued, TaskEvent};
use crate::normalize::Normalized;
use crate::source::Kind;

/// What is known of a deployment.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeploymentRecord {
    /// An event said that it finished.
    pub succeeded: bool,
    /// An event said that it was ended: the reason.
    pub failed: Option<String>,
    /// As it is in the last list of deployments.
    pub listed: Option<Deployment>,
    /// It was in a list, or an event told of a step of it.
    pub was_seen: bool,
    /// How many lists in a row are without it.
    pub lists_without: u32,
}

/// How a deployment ended, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End<'r> {
    /// It runs.
    Runs,
    /// It finished.
    Succeeded,
    /// It was ended: the reason.
    Failed(&'r str),
    /// It is not listed any more, and nothing said why.
    Vanished,
}

impl DeploymentRecord {
    /// How it ended.
    pub(crate) fn end(&self) -> End<'_> {
        // A list that is older than the deployment may be without it (before 1.8 for a moment).
        let enough = if self.was_seen { 1 } else { 2 };
        match (&self.failed, self.succeeded) {
            (Some(reason), _) => End::Failed(reason),
            (None, true) => End::Succeeded,
            (None, false) if self.listed.is_none() && self.lists_without >= enough => End::Vanished,
            (None, false) => End::Runs,
        }
    }
}

/// What is awaited of a service.
#[derive(Clone, Debug)]
pub(crate) enum Awaited {
    /// This definition runs.
    Definition(Box<Normalized>),
    /// There is no such service any more.
    Gone,
}

/// A service as the server last described it, compared with what is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ServiceView {
    /// What differs between the stored definition and the wanted one; nothing where they are the same.
    pub differs: Option<String>,
    /// The stored definition is the one from before.
    pub is_previous: bool,
    /// The version that is stored.
    pub version: String,
    /// How many instances there should be.
    pub wanted: u64,
    /// Instances of the stored definition that run.
    pub running: u64,
    /// Of those, how many pass their health checks.
    pub healthy: u64,
    /// Of those, how many fail a health check.
    pub unhealthy: u64,
    /// Of those, how many were ready at some time.
    pub ready: u64,
    /// Instances that are being launched.
    pub staged: u64,
    /// Instances that have ended by themselves and are started again.
    pub ended: u64,
    /// Instances of another definition that run.
    pub outdated: u64,
    /// The versions that these run, and how many of them each.
    pub earlier: BTreeMap<String, u64>,
    /// The definition has health checks.
    pub has_checks: bool,
    /// The definition has readiness checks.
    pub has_readiness: bool,
    /// The last result of a readiness check that is not ready, in words.
    pub not_ready: Option<String>,
    /// The deployments that change it.
    pub deployments: Vec<String>,
}

impl ServiceView {
    /// Whether all instances of the stored definition run, and no other; healthy where there are checks. What starts, or
    /// is started again, is one more than wanted, and may be of an earlier definition.
    pub(crate) fn all_run(&self) -> bool {
        self.running == self.wanted
            && self.outdated + self.staged + self.ended == 0
            && self.unhealthy == 0
            && (!self.has_checks || self.healthy == self.wanted)
    }

    /// Whether all instances were seen to be ready, or need not be.
    pub(crate) fn all_ready(&self) -> bool {
        !self.has_readiness || self.ready >= self.wanted
    }
}

/// What is known of a service.
#[derive(Clone, Debug)]
pub(crate) struct ServiceRecord {
    /// Its id.
    pub id: String,
    /// [`Kind::App`] or [`Kind::Pod`].
    pub kind: Kind,
    /// What is awaited.
    pub wanted: Awaited,
    /// The definition from before, where there was one.
    pub previous: Option<Normalized>,
    /// The deployment that was asked for; nothing where nothing had to be changed.
    pub deployment: Option<String>,
    /// The last description.
    pub view: Option<ServiceView>,
    /// How many descriptions came since the deployment was known to have ended.
    pub views_since_end: u32,
    /// How many of them, in a row, show instances missing or another definition.
    pub unmet: u32,
    /// It was as it is wanted at some time since its deployment was asked for.
    pub was_met: bool,
    /// How many answers in a row say that there is no such service.
    pub missing: u32,
    /// Tasks that were ready at some time.
    pub ready: BTreeSet<String>,
    /// Failures, by task: see [`ServiceRecord::own_failures`].
    pub failures: BTreeMap<String, Failure>,
    /// Tasks that had failed before.
    pub known_failures: BTreeSet<String>,
    /// Of a pod: the versions that its tasks run, by task. What its status says of failures has none.
    pub versions: BTreeMap<String, String>,
    /// Instances of another version were seen.
    pub has_seen_others: bool,
    /// Of the failures, how many were there when the watch began.
    pub failed_before: usize,
    /// What the queue says of it.
    pub queued: Option<Queued>,
    /// Marathon waited before it started an instance, which it does after one has ended by itself.
    pub was_delayed: bool,
    /// For how long it said that every offer is refused.
    pub refused: RefusedOffers,
    /// How many times in a row it said nothing of it.
    pub unqueued: u32,
    /// Other deployments that were seen to change it since.
    pub others: Vec<String>,
    /// Who has changed it since: the address of a client.
    pub changed_by: Option<String>,
    /// How far it is.
    pub phase: Phase,
}

/// How far a service is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It is not yet as it is wanted.
    #[default]
    Coming,
    /// It is as it is wanted.
    Met {
        /// How many instances had ended by themselves then.
        ended: usize,
        /// It was so before, and something has happened since.
        is_again: bool,
    },
    /// It was as it is wanted, and is not any more.
    FellBack,
}

impl ServiceRecord {
    /// A service of which nothing is known yet.
    pub(crate) fn new(id: &str, kind: Kind, wanted: Awaited) -> Self {
        Self {
            id: id.to_owned(),
            kind,
            wanted,
            previous: None,
            deployment: None,
            view: None,
            views_since_end: 0,
            unmet: 0,
            was_met: false,
            missing: 0,
            ready: BTreeSet::new(),
            failures: BTreeMap::new(),
            known_failures: BTreeSet::new(),
            versions: BTreeMap::new(),
            has_seen_others: false,
            failed_before: 0,
            queued: None,
            was_delayed: false,
            refused: RefusedOffers::default(),
            unqueued: 0,
            others: Vec::new(),
            changed_by: None,
            phase: Phase::Coming,
        }
    }
}

/// All that is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    /// The services, by id.
    pub services: BTreeMap<String, ServiceRecord>,
    /// The deployments that were asked for, by id.
    pub deployments: BTreeMap<String, DeploymentRecord>,
    /// Deployments that were running before, or are known to have ended: they override nothing.
    pub earlier: BTreeSet<String>,
    /// The connection broke, or the event stream did.
    pub was_interrupted: bool,
    /// An event has come: the stream is not held up on its way.
    pub has_heard: bool,
    /// The server has forgotten what it held.
    pub lost_memory: bool,
    /// Why the last request has no answer that can be used, in words.
    pub trouble: Option<String>,
    /// Deployments that were under way before and are waited for, because they bring what is wanted: with the services that they
    /// change and that are not among those.
    pub adopted: BTreeMap<String, Vec<String>>,
    /// How long all of it has to stay as it is wanted.
    pub stable: Duration,
}

impl Book {
    /// The deployments that were asked for and still run.
    pub(crate) fn running(&self) -> impl Iterator<Item = &String> {
        self.deployments.iter().filter(|(_, record)| record.end() == End::Runs).map(|(id, _)| id)
    }

    /// The same without those that change other services, too: with them these would be ended.
    pub(crate) fn endable(&self) -> impl Iterator<Item = &String> {
        self.running().filter(|id| self.adopted.get(*id).is_none_or(Vec::is_empty))
    }

    /// Whether an event on the end of a deployment may have been missed.
    pub(crate) fn may_have_missed_events(&self) -> bool {
        self.was_interrupted || !self.has_heard
    }

    /// Notes that a deployment was asked for.
    pub(crate) fn ask(&mut self, deployment: &str, services: &[String]) {
        self.deployments.entry(deployment.to_owned()).or_default();
        for id in services {
            if let Some(service) = self.services.get_mut(id) {
                service.deployment = Some(deployment.to_owned());
                service.others.retain(|other| other != deployment);
                (service.views_since_end, service.unmet, service.missing) = (0, 0, 0);
                service.was_met = false;
            }
        }
    }

    /// Takes in an event; whether it tells of the end of a deployment that was asked for.
    pub(crate) fn event(&mut self, event: &Event) -> bool {
        self.has_heard = true;
        match event {
            Event::Succeeded { deployment, affected } => {
                if let Some(record) = self.deployments.get_mut(deployment) {
                    let is_new = !record.succeeded;
                    (record.succeeded, record.was_seen) = (true, true);
                    if is_new {
                        self.ended(deployment);
                    }
                    return is_new;
                }
                self.other(deployment, affected);
                false
            }
            Event::Failed { deployment, reason } => {
                let Some(record) = self.deployments.get_mut(deployment) else { return false };
                let is_new = record.failed.is_none();
                record.failed.get_or_insert_with(|| reason.clone());
                if is_new {
                    self.ended(deployment);
                }
                is_new
            }
            Event::Step { deployment, affected, .. } => {
                if let Some(record) = self.deployments.get_mut(deployment) {
                    record.was_seen = true;
                } else {
                    self.other(deployment, affected);
                }
                false
            }
            Event::Task(task) => {
                self.task(task);
                false
            }
            Event::Posted { app, version, client } => {
                if let Some(service) = self.services.get_mut(app) {
                    let is_ours = service.view.as_ref().is_none_or(|view| view.version == *version);
                    if !is_ours && !client.is_empty() {
                        service.changed_by = Some(client.clone());
                    }
                }
                false
            }
            Event::Unhealthy { .. } | Event::Deleted { .. } => false,
        }
    }

    /// Takes in a list of deployments.
    pub(crate) fn list(&mut self, list: &[Deployment]) {
        let ids: Vec<String> = self.deployments.keys().cloned().collect();
        for id in ids {
            let Some(record) = self.deployments.get_mut(&id) else { continue };
            let before = record.end() == End::Vanished;
            record.listed = list.iter().find(|deployment| deployment.id == id).cloned();
            match &record.listed {
                Some(_) => (record.was_seen, record.lists_without) = (true, 0),
                None => record.lists_without += 1,
            }
            if !before && record.end() == End::Vanished {
                self.ended(&id);
            }
        }
        for deployment in list {
            if !self.deployments.contains_key(&deployment.id) {
                self.other(&deployment.id, &deployment.affected);
            }
            for result in deployment.readiness.iter().filter(|result| result.ready) {
                for service in self.services.values_mut() {
                    if deployment.affected.contains(&service.id) {
                        service.ready.insert(result.task_id.clone());
                    }
                }
            }
        }
    }

    /// Views from before the end of a deployment do not count for its verdict.
    fn ended(&mut self, deployment: &str) {
        for service in self.services.values_mut() {
            if service.deployment.as_deref() == Some(deployment) {
                (service.views_since_end, service.unmet) = (0, 0);
            }
        }
    }

    /// Notes that another deployment changes services.
    fn other(&mut self, deployment: &str, affected: &[String]) {
        if self.earlier.contains(deployment) {
            return;
        }
        for id in affected {
            let Some(service) = self.services.get_mut(id) else { continue };
            // Before ours is asked for, another one is the holder of the lock, not one on top of ours.
            if service.deployment.is_some() && !service.others.iter().any(|other| other == deployment) {
                service.others.push(deployment.to_owned());
            }
        }
    }

    fn task(&mut self, task: &TaskEvent) {
        let Some(service) = self.services.get_mut(&task.service) else { return };
        service.note_version(&task.task, &task.version);
        let has_failed = matches!(
            task.state.as_str(),
            "TASK_FAILED"
                | "TASK_ERROR"
                | "TASK_LOST"
                | "TASK_DROPPED"
                | "TASK_FINISHED"
                | "TASK_GONE"
                | "TASK_GONE_BY_OPERATOR"
                | "TASK_UNKNOWN"
        );
        if has_failed {
            service.fail(Failure {
                task: task.task.clone(),
                state: task.state.clone(),
                message: task.message.clone(),
                host: task.host.clone(),
                agent: task.agent.clone(),
                version: task.version.clone(),
                ..Failure::default()
            });
        }
    }
}

impl ServiceRecord {
    /// Takes in whether it is as it is wanted now.
    pub(crate) fn take_phase(&mut self, is_met: bool) {
        let now = self.new_failures();
        self.phase = match self.phase {
            Phase::Coming if !is_met => Phase::Coming,
            _ if !is_met => Phase::FellBack,
            Phase::Coming => Phase::Met { ended: now, is_again: false },
            Phase::Met { ended, is_again } => Phase::Met { ended: now, is_again: is_again || now > ended },
            Phase::FellBack => Phase::Met { ended: now, is_again: true },
        };
    }

    /// Takes in a description.
    pub(crate) fn see(&mut self, view: ServiceView) {
        self.missing = 0;
        self.views_since_end += 1;
        let is_met = view.differs.is_none() && view.all_run();
        self.unmet = if is_met { 0 } else { self.unmet + 1 };
        self.was_met |= is_met && view.all_ready();
        self.view = Some(view);
        self.forget_failures_of_others();
    }

    /// Whether instances of an earlier definition run, and no deployment is known that would replace them.
    pub(crate) fn may_be_half_done(&self) -> bool {
        self.deployment.is_none() && self.view.as_ref().is_some_and(|view| view.outdated > 0)
    }

    /// Takes in that there is no such service.
    pub(crate) fn miss(&mut self) {
        self.missing += 1;
        self.views_since_end += 1;
        self.view = None;
    }

    /// Takes in what the queue says.
    pub(crate) fn queue(&mut self, queued: Option<&Queued>) {
        self.refused.take_in(queued);
        self.unqueued = if queued.is_none() { self.unqueued + 1 } else { 0 };
        self.queued = queued.cloned();
        self.was_delayed |= queued.is_some_and(|queued| queued.delay > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::ServiceView;

    #[test]
    fn what_starts_is_one_more_than_wanted() {
        let all = ServiceView { wanted: 2, running: 2, ..ServiceView::default() };
        assert!(all.all_run());
        for more in [
            ServiceView { outdated: 1, ..all.clone() },
            ServiceView { staged: 1, ..all.clone() },
            ServiceView { ended: 1, ..all.clone() },
            ServiceView { running: 3, ..all.clone() },
        ] {
            assert!(!more.all_run(), "{more:?}");
        }
    }
}
