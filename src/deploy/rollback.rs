//! Rolling back to what ran before, each service by itself, and watched like any other deployment.
//!
//! Marathon's own roll back (`DELETE /v2/deployments/ID`) is not used: it stores a version that is older than all others,
//! and may kill running tasks to keep those that were never placed (seen on 1.11).

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::action::Action;
use super::plan::{Plan, PlannedService, stored};
use super::record::{Awaited, Book, ServiceRecord};
use super::verdict::Failed;
use super::watch::{Ended, Limits, Onlooker, Watch, differs};
use crate::http::ClientError;
use crate::marathon::{Change, GetError, RefusedRequest, Reply, Running, Verb};
use crate::normalize::Normalized;
use crate::source::Kind;

/// How the rollback ended.
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
    /// Whether another client has decided what the service is now, so that it is not taken back.
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
        sent: &BTreeMap<usize, Option<String>>,
        failed: &BTreeMap<String, Failed>,
        limits: Limits,
        onlooker: &mut dyn Onlooker,
    ) -> RolledBack {
        let mut result = RolledBack {
            services: Vec::new(),
            left: Vec::new(),
            failed: BTreeMap::new(),
            is_interrupted: false,
        };
        let before = std::mem::take(&mut self.book);
        self.book.earlier.clone_from(&before.earlier);
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

    /// Sends the rollback of one service.
    fn take_back(&mut self, service: &PlannedService, before: &Book) -> Result<(), String> {
        let PlannedService { id, kind, .. } = service;
        let previous =
            service.against.as_ref().map(|against| stored(&against.definition, *kind, self.settings));
        let wanted = match &previous {
            None => Awaited::Gone,
            Some(previous) => Awaited::Definition(Box::new(previous.clone())),
        };
        let mut record = ServiceRecord::new(id, *kind, wanted);
        if let Some(known) = before.services.get(id) {
            record.known_failures.clone_from(&known.known_failures);
            record.known_failures.extend(known.failures.keys().cloned());
        }
        self.book.services.insert(id.clone(), record);
        let sent = match (&service.against, previous) {
            (Some(against), Some(previous)) if service.wanted.is_some() => {
                self.restore(id, *kind, &against.version, &previous, true)
            }
            (Some(_), Some(previous)) => {
                let body = Some(previous.value.to_string());
                let change = Change { verb: Verb::Create, kind: *kind, id: id.clone(), body };
                self.client.change(self.endpoint, &change, true)
            }
            _ => {
                let change = Change { verb: Verb::Delete, kind: *kind, id: id.clone(), body: None };
                self.client.change(self.endpoint, &change, true)
            }
        };
        match sent {
            Ok(Reply::Accepted { deployment }) => {
                self.book.ask(&deployment, std::slice::from_ref(id));
                Ok(())
            }
            Ok(Reply::Refused(refusal)) if refusal.status == 404 && service.against.is_none() => {
                self.book.services.remove(id);
                Ok(())
            }
            Ok(Reply::Refused(refusal)) => {
                self.book.services.remove(id);
                Err(format!("the server answers {}: {}", refusal.status, refusal.message))
            }
            // Whether it was carried out shows in the watch.
            Err(error) if error.may_pass() => Ok(()),
            Err(error) => {
                self.book.services.remove(id);
                Err(error.to_string())
            }
        }
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
            Ok(Reply::Refused(refusal)) => return Ok(Err(refusal)),
            // Whether it was carried out shows in the watch.
            Err(error) if error.may_pass() => {}
            Err(error) => return Err(error.into()),
        }
        Ok(Ok(self.run(limits, onlooker)))
    }
}
