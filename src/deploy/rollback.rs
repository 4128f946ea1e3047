//! The way back: to what ran before, each service by itself, and watched like any other deployment.
//!
//! Marathon's own roll back (`DELETE /v2/deployments/ID`) is not used: it stores a version that is older than all others,
//! and may kill running tasks to keep those that were never placed (seen on 1.11).

use std::collections::BTreeMap;

use serde_json::json;

use super::action::Action;
use super::plan::{Plan, PlannedService, stored};
use super::record::{Book, ServiceRecord, Wanted};
use super::verdict::Failed;
use super::watch::{Ended, Limits, Onlooker, Watch, differs};
use crate::marathon::{Change, Reply, Running, Verb};
use crate::normalize::Normalized;
use crate::source::Kind;

/// How the way back ended.
#[derive(Debug)]
pub(crate) struct RolledBack {
    /// The services that were taken back.
    pub services: Vec<String>,
    /// Services that were left alone, and why.
    pub left: Vec<(String, String)>,
    /// Services that could not be taken back, and why.
    pub failed: BTreeMap<String, String>,
    /// Whether the user has interrupted it.
    pub is_interrupted: bool,
}

impl Failed {
    /// Whether somebody else has decided what the service is now, so that it is not taken back.
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
    /// Takes back what was sent of a plan, except what somebody else has changed since.
    pub(crate) fn roll_back(
        &mut self,
        plan: &Plan,
        sent: &BTreeMap<usize, Option<String>>,
        failed: &BTreeMap<String, Failed>,
        limits: Limits,
        onlooker: &mut dyn Onlooker,
    ) -> RolledBack {
        let mut result =
            RolledBack { services: Vec::new(), left: Vec::new(), failed: BTreeMap::new(), is_interrupted: false };
        let before = std::mem::take(&mut self.book);
        self.book.earlier = before.earlier.clone();
        self.book.earlier.extend(before.deployments.keys().cloned());
        // Dependants first: the reverse of the order in which they were sent.
        for unit in sent.keys().rev() {
            for service in &plan.units[*unit].services {
                let id = &service.id;
                if let Some(foreign) = failed.get(id).filter(|failed| failed.is_foreign()) {
                    let record = before.services.get(id);
                    let words = record.map_or_else(String::new, |record| foreign.words(record));
                    result.left.push((id.clone(), words));
                    continue;
                }
                if service.action == Action::Nothing {
                    continue;
                }
                match self.take_back(service, &before) {
                    Ok(()) => result.services.push(id.clone()),
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
                for id in &result.services {
                    result.failed.insert(id.clone(), error.to_string());
                }
            }
            Ended::Failed(failed) => {
                for (id, reason) in failed {
                    let words = self.book.services.get(&id).map(|record| reason.words(record));
                    result.failed.insert(id, words.unwrap_or_default());
                }
            }
        }
        result
    }

    /// Sends the way back for one service.
    fn take_back(&mut self, service: &PlannedService, before: &Book) -> Result<(), String> {
        let change = match &service.against {
            None => Change { verb: Verb::Delete, kind: service.kind, id: service.id.clone(), body: None },
            Some(_) => self.change_back(service)?,
        };
        let wanted = match &service.against {
            None => Wanted::Gone,
            Some(against) => Wanted::Definition(Box::new(stored(
                &against.definition,
                service.kind,
                self.settings,
            ))),
        };
        let mut record = ServiceRecord::new(&service.id, service.kind, wanted);
        if let Some(known) = before.services.get(&service.id) {
            record.known_failures = known.known_failures.clone();
            record.known_failures.extend(known.failures.keys().cloned());
        }
        self.book.services.insert(service.id.clone(), record);
        match self.client.change(self.endpoint, &change, true) {
            Ok(Reply::Accepted { deployment }) => {
                self.book.ask(&deployment, std::slice::from_ref(&service.id));
                Ok(())
            }
            Ok(Reply::Refused(refusal)) if refusal.status == 404 && service.against.is_none() => Ok(()),
            Ok(Reply::Refused(refusal)) => {
                self.book.services.remove(&service.id);
                Err(format!("the server answers {}: {}", refusal.status, refusal.message))
            }
            // Whether it was carried out shows in the watch.
            Err(error) if error.may_pass() => Ok(()),
            Err(error) => {
                self.book.services.remove(&service.id);
                Err(error.to_string())
            }
        }
    }

    /// The request that brings back what ran before: its version where the server still has it, and it is the one that was
    /// seen; else the definition itself.
    fn change_back(&mut self, service: &PlannedService) -> Result<Change, String> {
        let PlannedService { id, kind, against: Some(against), .. } = service else {
            return Err("nothing ran before".to_owned());
        };
        let seen = stored(&against.definition, *kind, self.settings);
        if service.wanted.is_none() {
            let body = Some(seen.value.to_string());
            return Ok(Change { verb: Verb::Create, kind: *kind, id: id.clone(), body });
        }
        let known = self.client.version(self.endpoint, id, *kind, &against.version).ok().flatten();
        let is_known =
            known.is_some_and(|known| differs(&stored(&known, *kind, self.settings), &seen).is_none());
        let (verb, body) = if is_known && *kind == Kind::App {
            (Verb::Update, json!({ "version": against.version }))
        } else {
            (Verb::Replace, seen.value)
        };
        Ok(Change { verb, kind: *kind, id: id.clone(), body: Some(body.to_string()) })
    }

    /// Goes to another definition of a service and watches: for `milepost rollback`.
    pub(crate) fn go_to(
        &mut self,
        change: &Change,
        wanted: Normalized,
        running: &Running,
        force: bool,
        limits: Limits,
        onlooker: &mut dyn Onlooker,
    ) -> Result<Ended, Box<GoToError>> {
        let list = self.client.deployments(self.endpoint).map_err(|error| GoToError::Unreadable(error.into()))?;
        self.book.earlier.extend(list.into_iter().map(|deployment| deployment.id));
        let mut record = ServiceRecord::new(&change.id, change.kind, Wanted::Definition(Box::new(wanted)));
        record.previous = Some(stored(&running.definition, change.kind, self.settings));
        record.known_failures.extend(running.failure.as_ref().map(|failure| failure.task.clone()));
        self.book.services.insert(change.id.clone(), record);
        match self.client.change(self.endpoint, change, force) {
            Ok(Reply::Accepted { deployment }) => {
                self.book.ask(&deployment, std::slice::from_ref(&change.id));
                Ok(self.run(limits, onlooker))
            }
            Ok(Reply::Refused(refusal)) => Err(Box::new(GoToError::Refused(refusal))),
            Err(error) if error.may_pass() => Ok(self.run(limits, onlooker)),
            Err(error) => Err(Box::new(GoToError::Unreadable(error.into()))),
        }
    }
}

/// Why a service was not sent to another definition.
#[derive(Debug)]
pub(crate) enum GoToError {
    /// The server refuses it.
    Refused(crate::marathon::RefusedRequest),
    /// The server does not answer.
    Unreadable(anyhow::Error),
}
