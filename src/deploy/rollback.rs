//! Rolling back to what ran before, each service by itself, and watched like any other deployment.
//!
//! Marathon's own roll back (`DELETE /v2/deployments/ID`) is not used: it stores a version that is older than all others
//! (seen on 1.11). A scale-up is only cancelled where the way back would stop what ran before it (`shrink`).

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::action::{Action, instances};
use super::plan::{Plan, PlannedService, stored};
use super::record::{Awaited, Book, End, ServiceRecord};
use super::shrink;
use super::verdict::Failed;
use super::watch::{Ended, Limits, Onlooker, Watch, differs, restarts};
use crate::http::ClientError;
use crate::marathon::{Change, GetError, InstanceState, RefusedRequest, Reply, Running, Verb};
use crate::normalize::Normalized;
use crate::source::Kind;

/// How the rollback ended.
#[derive(Debug)]
pub(crate) struct RolledBack {
    /// The services that were taken back.
    pub services: Vec<String>,
    /// Services that were left alone, and why.
    pub left: Vec<(String, Failed)>,
    /// Services that were scaled up and are not scaled down again, and why; their deployments are cancelled.
    pub kept: Vec<(String, String)>,
    /// Services that could not be taken back, and why.
    pub failed: BTreeMap<String, String>,
    /// Whether the user has interrupted it.
    pub is_interrupted: bool,
    /// It was sent, and the server cannot be read since.
    pub is_unknown: bool,
    /// The deployments that still run.
    pub running: Vec<String>,
}

/// What was done to take a service back.
enum Way {
    /// The definition from before was sent.
    Back,
    /// Nothing was sent, and its deployment was cancelled: why.
    Kept(String),
}

impl Failed {
    /// Whether another client has decided what the service is now, or the server has lost it, so that it is not taken back.
    pub(crate) fn is_foreign(&self) -> bool {
        matches!(
            self,
            Self::OverriddenBy { .. }
                | Self::Changed { .. }
                | Self::RolledBack { .. }
                | Self::Deleted
                | Self::ServerLostMemory
        )
    }
}

impl Watch<'_> {
    /// Takes back what was sent of a plan, except what another client has changed since.
    pub(crate) fn roll_back(
        &mut self,
        plan: &Plan,
        (sent, running): (&BTreeMap<usize, Option<String>>, &BTreeMap<String, Running>),
        failed: &BTreeMap<String, Failed>,
        limits: Limits,
        onlooker: &mut dyn Onlooker,
    ) -> RolledBack {
        let mut result = RolledBack {
            services: Vec::new(),
            left: Vec::new(),
            kept: Vec::new(),
            failed: BTreeMap::new(),
            is_interrupted: false,
            is_unknown: false,
            running: Vec::new(),
        };
        let before = std::mem::take(&mut self.book);
        self.book.earlier.clone_from(&before.earlier);
        self.book.earlier.extend(before.deployments.keys().cloned());
        // Dependants first: the reverse of the order in which they were sent.
        for unit in sent.keys().rev() {
            for service in &plan.units[*unit].services {
                let id = &service.id;
                if let Some(foreign) = failed.get(id).filter(|failed| failed.is_foreign()) {
                    result.left.push((id.clone(), foreign.clone()));
                    continue;
                }
                if service.action == Action::Nothing {
                    continue;
                }
                match self.take_back(service, running.get(id), &before) {
                    Ok(Way::Back) => result.services.push(id.clone()),
                    Ok(Way::Kept(why)) => result.kept.push((id.clone(), why)),
                    Err(reason) => {
                        result.failed.insert(id.clone(), reason);
                    }
                }
            }
        }
        match self.run(limits, onlooker) {
            Ended::Done => {}
            Ended::Interrupted => result.is_interrupted = true,
            Ended::Refused(error) => {
                result.is_unknown = !result.services.is_empty();
                for id in &result.services {
                    result.failed.insert(id.clone(), error.to_string());
                }
            }
            Ended::Failed(failed) => {
                result.is_unknown = !result.services.is_empty() && self.book.trouble.is_some();
                for (id, reason) in failed {
                    let words = self.book.services.get(&id).map(|record| reason.words(record));
                    result.failed.insert(id, words.unwrap_or_default());
                }
            }
        }
        let running = self.book.deployments.iter().filter(|(_, record)| record.end() == End::Runs);
        result.running = running.map(|(id, _)| id.clone()).collect();
        result
    }

    /// Sends the rollback of one service.
    fn take_back(
        &mut self,
        service: &PlannedService,
        running: Option<&Running>,
        before: &Book,
    ) -> Result<Way, String> {
        let PlannedService { id, kind, .. } = service;
        let previous = service.against.as_ref().map(|against| {
            running.and_then(|running| self.ran_instead(*kind, running)).unwrap_or_else(|| {
                (against.version.clone(), stored(&against.definition, *kind, self.settings))
            })
        });
        if let (Some((_, previous)), Some(ran)) = (&previous, running)
            && let Some(kept) = self.keep_scaled(service, previous, ran, before)?
        {
            return Ok(kept);
        }
        let wanted = match &previous {
            None => Awaited::Gone,
            Some((_, previous)) => Awaited::Definition(Box::new(previous.clone())),
        };
        let mut record = ServiceRecord::new(id, *kind, wanted);
        if let Some(known) = before.services.get(id) {
            record.known_failures.clone_from(&known.known_failures);
            record.known_failures.extend(known.failures.keys().cloned());
        }
        self.book.services.insert(id.clone(), record);
        let sent = match previous {
            Some((version, previous)) if service.wanted.is_some() => {
                self.restore(id, *kind, &version, &previous, true)
            }
            Some((_, previous)) => {
                let body = Some(previous.value.to_string());
                let change = Change { verb: Verb::Create, kind: *kind, id: id.clone(), body };
                self.client.change(self.endpoint, &change, true)
            }
            None => {
                let change = Change { verb: Verb::Delete, kind: *kind, id: id.clone(), body: None };
                if let Some(why) = change.why_impossible() {
                    self.book.services.remove(id);
                    return Err(why);
                }
                self.client.change(self.endpoint, &change, true)
            }
        };
        match sent {
            Ok(Reply::Accepted { deployment }) => {
                self.book.ask(&deployment, std::slice::from_ref(id));
                Ok(Way::Back)
            }
            Ok(Reply::Refused(refusal)) if refusal.status == 404 && service.against.is_none() => {
                self.book.services.remove(id);
                Ok(Way::Back)
            }
            // Whether it was carried out shows in the watch.
            Ok(Reply::Refused(refusal)) if refusal.shows_later() => Ok(Way::Back),
            Ok(Reply::Refused(refusal)) => {
                self.book.services.remove(id);
                Err(format!("the server answers {}: {}", refusal.status, refusal.message))
            }
            // Whether it was carried out shows in the watch.
            Err(error) if error.may_pass() => Ok(Way::Back),
            Err(error) => {
                self.book.services.remove(id);
                Err(error.to_string())
            }
        }
    }

    /// Cancels the deployment of a service that was only scaled up, where fewer instances would stop some that ran before.
    fn keep_scaled(
        &self,
        service: &PlannedService,
        previous: &Normalized,
        ran: &Running,
        before: &Book,
    ) -> Result<Option<Way>, String> {
        let PlannedService { id, kind, wanted: Some(wanted), .. } = service else { return Ok(None) };
        let (from, to) = (instances(&wanted.value, *kind), instances(&previous.value, *kind));
        if to >= from || restarts(previous, wanted) {
            return Ok(None);
        }
        let found = self.client.running(self.endpoint, &[(id, *kind)]).map_err(|error| error.to_string())?;
        let Some(now) = found.get(id).filter(|now| !shrink::keeps(ran, now, *kind, to)) else {
            return Ok(None);
        };
        let deployment = before.services.get(id).and_then(|record| record.deployment.as_ref());
        if let Some(deployment) = deployment.filter(|one| before.running().any(|running| running == *one)) {
            match self.client.stop_deployment(self.endpoint, deployment) {
                Ok(None | Some(Reply::Accepted { .. })) => {}
                Ok(Some(Reply::Refused(refusal))) => return Err(refusal.message),
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(Some(Way::Kept(format!(
            "Marathon would go from {from} instances to {to} by stopping some that ran before, and leave {} running",
            shrink::left_running(now, to)
        ))))
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

    /// Brings back a definition: by its version where the server still has it, and it is the one that was seen; else, and
    /// where the server does not take that, as a definition.
    fn restore(
        &self,
        id: &str,
        kind: Kind,
        version: &str,
        definition: &Normalized,
        force: bool,
    ) -> Result<Reply, ClientError> {
        let change =
            |verb, body: Json| Change { verb, kind, id: id.to_owned(), body: Some(body.to_string()) };
        let known = self.client.version(self.endpoint, id, kind, version).ok().flatten();
        let is_known =
            known.is_some_and(|known| differs(&stored(&known, kind, self.settings), definition).is_none());
        if is_known && kind == Kind::App {
            let by_version = change(Verb::Update, json!({ "version": version }));
            match self.client.change(self.endpoint, &by_version, force)? {
                Reply::Refused(refusal) if matches!(refusal.status, 404 | 422) => {}
                reply => return Ok(reply),
            }
        }
        self.client.change(self.endpoint, &change(Verb::Replace, definition.value.clone()), force)
    }

    /// Goes to another version of a service and watches: for `milepost rollback`.
    ///
    /// # Errors
    /// When the server does not answer.
    pub(crate) fn go_to(
        &mut self,
        (id, kind): (&str, Kind),
        (version, definition): (&str, &Normalized),
        running: &Running,
        force: bool,
        limits: Limits,
        onlooker: &mut dyn Onlooker,
    ) -> Result<Result<Ended, RefusedRequest>, GetError> {
        let list = self.client.deployments(self.endpoint)?;
        self.book.earlier.extend(list.into_iter().map(|deployment| deployment.id));
        let wanted = Awaited::Definition(Box::new(definition.clone()));
        let mut record = ServiceRecord::new(id, kind, wanted);
        record.previous = Some(stored(&running.definition, kind, self.settings));
        record.known_failures.extend(running.failure.as_ref().map(|failure| failure.task.clone()));
        self.book.services.insert(id.to_owned(), record);
        match self.restore(id, kind, version, definition, force) {
            Ok(Reply::Accepted { deployment }) => self.book.ask(&deployment, &[id.to_owned()]),
            // Whether it was carried out shows in the watch.
            Ok(Reply::Refused(refusal)) if refusal.shows_later() => {}
            Ok(Reply::Refused(refusal)) => return Ok(Err(refusal)),
            Err(error) if error.may_pass() => {}
            Err(error) => return Err(error.into()),
        }
        Ok(Ok(self.run(limits, onlooker)))
    }
}

/// The version that most instances run, where that is not the stored one.
fn other_version(running: &Running) -> Option<&str> {
    let is_stored =
        |version: &str| version == running.version || running.config_version.as_deref() == Some(version);
    let (mut stored, mut others) = (0, BTreeMap::<&str, u64>::new());
    for instance in running.instances.iter().filter(|instance| instance.state == InstanceState::Running) {
        if is_stored(&instance.version) {
            stored += 1;
        } else {
            *others.entry(&instance.version).or_default() += 1;
        }
    }
    let (version, number) = others.into_iter().max_by_key(|(version, number)| (*number, *version))?;
    (stored < running.wanted && number >= stored).then_some(version)
}
