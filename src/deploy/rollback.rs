//! Rolling back to what ran before, each service by itself, and watched like any other deployment.
//!
//! Marathon's own roll back (`DELETE /v2/deployments/ID`) is not used: it stores a version that is older than all others
//! (seen on 1.11). A scale-up is only cancelled where the way back would stop what ran before it (`shrink`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde_json::{Value as Json, json};

use super::action::{Action, instances};
use super::apply::Lock;
use super::goal::RollbackGoal;
use super::plan::{Plan, PlannedService, stored};
use super::record::{Awaited, Book, End, ServiceRecord};
use super::shrink;
use super::verdict::Failed;
use super::watch::{Ended, Limits, Onlooker, Watch, differs, restarts};
use crate::http::ClientError;
use crate::marathon::{Change, Deployment, GetError, RefusedRequest, Reply, Running, Verb};
use crate::normalize::Normalized;
use crate::source::Kind;
use crate::util::text::listed;

/// How the rollback ended.
#[derive(Debug)]
pub(crate) struct RolledBack {
    /// The services that were taken back.
    pub services: Vec<String>,
    /// Of these, the ones that had no instances before: nothing of them runs.
    pub stopped: BTreeSet<String>,
    /// Services that were left alone, and why.
    pub left: Vec<(String, Failed)>,
    /// Services that are not taken back for another reason, and why, with what becomes of them.
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
    /// Nothing was sent: why, and what becomes of it.
    Kept(String),
}

/// How going to another version ended.
pub(crate) enum Went {
    /// It was sent, and watched; and what answered, where that was not Marathon's word on it.
    Ended(Ended, Option<String>),
    /// The server refuses it.
    Refused(RefusedRequest),
    /// These deployments hold the lock, and nothing was done.
    Locked(Vec<Deployment>),
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
            stopped: BTreeSet::new(),
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
        self.book.was_interrupted = self.stream.is_none();
        for service in to_take_back(plan, sent, failed) {
            let id = &service.id;
            if let Some(foreign) = failed.get(id).filter(|failed| failed.is_foreign()) {
                result.left.push((id.clone(), foreign.clone()));
                continue;
            }
            if let (Some(Failed::HalfDone(_)), Action::Nothing) = (failed.get(id), &service.action) {
                let why = format!("this run sent nothing of {id}");
                result.kept.push((id.clone(), why));
                continue;
            }
            match self.take_back(service, running.get(id), &before, onlooker) {
                Ok(Way::Back) => result.services.push(id.clone()),
                Ok(Way::Kept(why)) => result.kept.push((id.clone(), why)),
                Err(reason) => {
                    result.failed.insert(id.clone(), reason);
                }
            }
        }
        let had_none = self.book.services.values().filter(|record| match &record.wanted {
            Awaited::Definition(wanted) => instances(&wanted.value, record.kind) == 0,
            Awaited::Gone => false,
        });
        result.stopped = had_none.map(|record| record.id.clone()).collect();
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
                let is_unknown = self.book.trouble.is_some() || failed.values().all(Failed::is_unknown);
                result.is_unknown = !result.services.is_empty() && is_unknown;
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
        onlooker: &mut dyn Onlooker,
    ) -> Result<Way, String> {
        let PlannedService { id, kind, .. } = service;
        let goal = self.goal(service, running);
        if let Some(kept) = self.keep(service, running, &goal, before)? {
            return Ok(kept);
        }
        // What is unknown was kept above.
        let previous = match goal {
            RollbackGoal::Version(version, definition) => Some((version, definition)),
            RollbackGoal::Gone | RollbackGoal::Unknown => None,
        };
        let wanted = match &previous {
            Some((_, definition)) => Awaited::Definition(definition.clone()),
            None => Awaited::Gone,
        };
        let mut record = ServiceRecord::new(id, *kind, wanted);
        if let Some(known) = before.services.get(id) {
            record.known_failures.clone_from(&known.known_failures);
            record.known_failures.extend(known.failures.keys().cloned());
        }
        self.book.services.insert(id.clone(), record);
        onlooker.note(&match &previous {
            Some((version, _)) => format!("rolling back {id} to version {version}"),
            None => format!("rolling back {id}: it did not exist before, and is removed"),
        });
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

    /// Why a service is not taken back, where it is not; its own deployment is cancelled then.
    fn keep(
        &self,
        service: &PlannedService,
        running: Option<&Running>,
        goal: &RollbackGoal,
        before: &Book,
    ) -> Result<Option<Way>, String> {
        let id = &service.id;
        let deployment = before.services.get(id).and_then(|record| record.deployment.clone());
        let runs = deployment.filter(|one| before.running().any(|running| running == one));
        if let Some(adopted) = runs.as_ref().filter(|one| before.adopted.contains_key(*one)) {
            return Ok(kept_from_others(id, adopted, goal, before).map(Way::Kept));
        }
        let why = match (goal, running) {
            (RollbackGoal::Unknown, _) if service.wanted.is_none() => {
                return Ok(Some(Way::Kept(format!("nothing of {id} ran before: it stays removed"))));
            }
            (RollbackGoal::Unknown, _) if service.action == Action::Nothing => {
                let view = before.services.get(id).and_then(|record| record.view.as_ref());
                let others = match view.filter(|view| view.outdated > 0) {
                    Some(_) => "instances of more than one version run",
                    None => "no earlier version of it runs",
                };
                return Ok(Some(Way::Kept(format!(
                    "this run sent nothing of {id}, and {others}: {}",
                    other_versions(id)
                ))));
            }
            (RollbackGoal::Unknown, _) => format!("no earlier version of {id} is known to have run"),
            (RollbackGoal::Version(_, previous), Some(ran)) => {
                match self.stops_what_ran(service, previous, ran)? {
                    Some(why) => why,
                    None => return Ok(None),
                }
            }
            _ => return Ok(None),
        };
        let cancelled = self.cancel(runs.as_deref())?.map(|one| format!("deployment {one} is cancelled"));
        let what = match goal {
            RollbackGoal::Unknown => format!("what was sent stays stored; {}", other_versions(id)),
            _ => "what runs is kept".to_owned(),
        };
        let words: Vec<String> = cancelled.into_iter().chain([what]).collect();
        Ok(Some(Way::Kept(format!("{why}: {}", words.join(", and ")))))
    }

    /// Cancels a deployment, where there is one: whether it ran.
    fn cancel<'d>(&self, deployment: Option<&'d str>) -> Result<Option<&'d str>, String> {
        let Some(id) = deployment else { return Ok(None) };
        match self.client.stop_deployment(self.endpoint, id) {
            Ok(None) => Ok(None),
            Ok(Some(Reply::Accepted { .. })) => Ok(Some(id)),
            Ok(Some(Reply::Refused(refusal))) => Err(refusal.message),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Why a service that was only scaled up had better not be scaled down again: that would stop some that ran before.
    fn stops_what_ran(
        &self,
        service: &PlannedService,
        previous: &Normalized,
        ran: &Running,
    ) -> Result<Option<String>, String> {
        let PlannedService { id, kind, wanted: Some(wanted), .. } = service else { return Ok(None) };
        let (from, to) = (instances(&wanted.value, *kind), instances(&previous.value, *kind));
        if to >= from || restarts(previous, wanted) {
            return Ok(None);
        }
        let found = self.client.running(self.endpoint, &[(id, *kind)]).map_err(|error| error.to_string())?;
        let now = found.get(id).filter(|now| !shrink::keeps(ran, now, *kind, to));
        Ok(now.map(|now| {
            format!(
                "Marathon would take {id} from {from} instances to {to} by stopping some that ran before, and leave {} running",
                shrink::left_running(now, to)
            )
        }))
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

    /// Goes to another version of a service and watches: for `milepost rollback`, which sets the limit with [`Watch::within`].
    ///
    /// # Errors
    /// When the server does not answer.
    pub(crate) fn go_to(
        &mut self,
        (id, kind): (&str, Kind),
        (version, definition): (&str, &Normalized),
        running: &Running,
        (lock, limits): (Lock, Limits),
        onlooker: &mut dyn Onlooker,
    ) -> Result<Went, GetError> {
        let of_service = |_: &str| Some(kind);
        loop {
            let list = self.client.deployments(self.endpoint)?;
            self.book.earlier.extend(list.iter().map(|deployment| deployment.id.clone()));
            let is_held = |other: &Deployment| other.affected.iter().any(|affected| affected == id);
            let holders: Vec<Deployment> = list.into_iter().filter(is_held).collect();
            if lock == Lock::Force || holders.is_empty() {
                break;
            }
            let holders = self.client.dated(self.endpoint, of_service, (holders, 0));
            if lock == Lock::Fail || Instant::now() >= limits.until {
                return Ok(Went::Locked(holders));
            }
            onlooker.locked(&holders);
            self.pause_for_lock(limits);
            if self.is_interrupted() {
                return Ok(Went::Ended(Ended::Interrupted, None));
            }
        }
        let wanted = Awaited::Definition(Box::new(definition.clone()));
        let mut record = ServiceRecord::new(id, kind, wanted);
        record.previous = Some(stored(&running.definition, kind, self.settings));
        record.known_failures.extend(running.failure.as_ref().map(|failure| failure.task.clone()));
        self.book.services.insert(id.to_owned(), record);
        let mut doubt = None;
        match self.restore(id, kind, version, definition, lock == Lock::Force) {
            Ok(Reply::Accepted { deployment }) => self.book.ask(&deployment, &[id.to_owned()]),
            Ok(Reply::Refused(refusal)) if refusal.is_locked() => {
                let holders = self.client.holders(self.endpoint, &refusal);
                return Ok(Went::Locked(self.client.dated(self.endpoint, of_service, (holders, 1))));
            }
            // Whether it was carried out shows in the watch.
            Ok(Reply::Refused(refusal)) if refusal.shows_later() => {
                doubt =
                    Some(format!("the server or a proxy answered {}: {}", refusal.status, refusal.message));
            }
            Ok(Reply::Refused(refusal)) => return Ok(Went::Refused(refusal)),
            Err(error) if error.may_pass() => doubt = Some(error.to_string()),
            Err(error) => return Err(error.into()),
        }
        Ok(Went::Ended(self.run(limits, onlooker), doubt))
    }
}

/// The services that are to be taken back. Dependants first: the reverse of the order in which they were sent; and those of
/// which nothing had to be sent where they fail by themselves.
fn to_take_back<'p>(
    plan: &'p Plan,
    sent: &BTreeMap<usize, Option<String>>,
    failed: &BTreeMap<String, Failed>,
) -> impl Iterator<Item = &'p PlannedService> {
    let services = plan.units.iter().enumerate().rev().flat_map(move |(at, unit)| {
        let is_sent = sent.contains_key(&at);
        unit.services.iter().map(move |service| (service, is_sent))
    });
    services
        .filter(move |(service, is_sent)| match service.action {
            Action::Nothing => failed.contains_key(&service.id),
            _ => *is_sent,
        })
        .map(|(service, _)| service)
}

/// Why a service is left to a deployment that this run has not started.
fn kept_from_others(id: &str, deployment: &str, goal: &RollbackGoal, before: &Book) -> Option<String> {
    let others = before.adopted.get(deployment).filter(|others| !others.is_empty());
    let why = match (others, goal) {
        (Some(others), _) => format!("it also changes {}", listed(others)),
        (None, RollbackGoal::Version(..)) => return None,
        (None, _) => format!("no earlier version of {id} is known to have run"),
    };
    Some(format!(
        "deployment {deployment} was under way before, and {why}: it goes on; `milepost deployment stop {deployment}` ends it"
    ))
}

/// How to go to a version that the user knows.
fn other_versions(id: &str) -> String {
    format!(
        "`milepost history {id}` shows its versions, and `milepost rollback {id} --to VERSION` goes to one"
    )
}
