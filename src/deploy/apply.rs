//! Sends a plan, level by level, and watches what becomes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::plan::{Plan, PlannedService, Unit, stored};
use super::record::{Awaited, ServiceRecord};
use super::verdict::Failed;
use super::watch::{Ended, FIRST_PAUSE, Limits, Onlooker, Watch, differs};
use crate::http::ClientError;
use crate::marathon::{Deployment, EventStream, GetError, RefusedRequest, Reply, Running};

/// What to do where a running deployment holds the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    /// Wait until it has ended.
    Wait,
    /// Give up.
    Fail,
    /// Cancel it.
    Force,
}

/// How a plan is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ApplyOptions {
    /// How many requests are sent at the same time.
    pub concurrency: usize,
    /// What to do about locks.
    pub lock: Lock,
    /// The limits.
    pub limits: Limits,
}

/// Why not all of a plan was sent.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The server refuses a unit, by its number.
    Refused(usize, RefusedRequest),
    /// Deployments hold the lock of a unit, by its number.
    Locked(usize, Vec<Deployment>),
    /// What runs of a unit, by its number, is no longer what the plan was made against: in words. It was not sent.
    Outdated(usize, String),
    /// A unit may have been carried out or not, by its number.
    Uncertain(usize, String),
    /// The server cannot be reached; the unit, by its number, was not sent.
    Unreachable(usize, ClientError),
    /// The state of the server cannot be read.
    Unreadable(GetError),
}

/// What became of a plan.
#[derive(Debug)]
pub(crate) struct Applied {
    /// The units that were sent, by their numbers, with their deployments.
    pub sent: BTreeMap<usize, Option<String>>,
    /// Why not all were sent.
    pub problem: Option<Problem>,
    /// How the watch over what was sent ended.
    pub ended: Ended,
}

/// What became of a request.
#[derive(Debug)]
enum RequestFate {
    /// It was carried out: the deployment, where one runs.
    CarriedOut(Option<String>),
    /// It was not, and can be sent again.
    NotCarriedOut,
    /// It was not, because too many deployments run: the server's answer.
    TooMany(RefusedRequest),
}

/// What became of several requests.
#[derive(Debug, Default)]
struct Sent {
    /// At least one was carried out.
    is_any: bool,
    /// One, by its number, was not, because too many deployments run: the server's answer.
    too_many: Option<(usize, RefusedRequest)>,
}

/// How often a request is sent whose fate is not known.
const ATTEMPTS: u32 = 4;

/// The answer to a change while too many deployments run (`--max_running_deployments`).
const TOO_MANY: &str = "Max number (";

impl Watch<'_> {
    /// Sends a plan and watches until everything that was sent runs, or something will not. [`Watch::within`] sets the limit.
    pub(crate) fn apply(
        &mut self,
        plan: &Plan,
        running: &BTreeMap<String, Running>,
        options: &ApplyOptions,
        onlooker: &mut dyn Onlooker,
    ) -> Applied {
        let mut applied = Applied { sent: BTreeMap::new(), problem: None, ended: Ended::Done };
        let levels: BTreeSet<usize> = plan.units.iter().map(|unit| unit.level).collect();
        let (first, last) = (levels.first().copied(), levels.last().copied());
        for level in levels {
            let units: Vec<usize> =
                (0..plan.units.len()).filter(|at| plan.units[*at].level == level).collect();
            for unit in &units {
                for service in &plan.units[*unit].services {
                    self.expect(service, running.get(&service.id));
                }
            }
            let unchanged = units.iter().filter(|unit| plan.units[**unit].change.is_none());
            let unchanged = unchanged.flat_map(|unit| &plan.units[*unit].services);
            let unchanged = unchanged.map(|service| (service, running.get(&service.id)));
            if let Err(error) = self.adopt(plan, unchanged, onlooker) {
                applied.problem = Some(Problem::Unreadable(error));
                break;
            }
            let changes: Vec<usize> =
                units.into_iter().filter(|unit| plan.units[*unit].change.is_some()).collect();
            let has_waited = Some(level) != first;
            let sent = self.send(plan, (changes.clone(), has_waited), options, &mut applied.sent, onlooker);
            applied.problem = sent.err();
            if applied.problem.is_some() || self.is_interrupted() {
                self.forget_unsent(plan, &applied.sent);
            }
            let is_last = Some(level) == last || applied.problem.is_some();
            let stable = if is_last { options.limits.stable } else { Duration::ZERO };
            applied.ended = self.run(Limits { stable, ..options.limits }, onlooker);
            // What was sent may be as it is wanted, or nothing was: an interruption kept the rest back.
            let is_all_sent = changes.iter().all(|unit| applied.sent.contains_key(unit));
            if applied.problem.is_none() && matches!(applied.ended, Ended::Done) && !is_all_sent {
                applied.ended = Ended::Interrupted;
            }
            if applied.problem.is_some() || !matches!(applied.ended, Ended::Done) {
                break;
            }
        }
        applied
    }

    /// Notes what is awaited of a service.
    fn expect(&mut self, service: &PlannedService, running: Option<&Running>) {
        let wanted = match &service.wanted {
            Some(definition) => Awaited::Definition(Box::new(definition.clone())),
            None => Awaited::Gone,
        };
        let mut record = ServiceRecord::new(&service.id, service.kind, wanted);
        record.previous =
            service.against.as_ref().map(|against| stored(&against.definition, service.kind, self.settings));
        let failure = running.and_then(|running| running.failure.as_ref());
        record.known_failures.extend(failure.map(|failure| failure.task.clone()));
        self.book.services.insert(service.id.clone(), record);
    }

    /// Services whose change was not sent are not watched.
    fn forget_unsent(&mut self, plan: &Plan, sent: &BTreeMap<usize, Option<String>>) {
        for (at, unit) in plan.units.iter().enumerate() {
            if unit.change.is_some() && !sent.contains_key(&at) {
                unit.services.iter().for_each(|service| {
                    self.book.services.remove(&service.id);
                });
            }
        }
    }

    /// Sends the changes of a level, those first that no lock holds up. What has waited is compared again with what runs.
    fn send(
        &mut self,
        plan: &Plan,
        (mut waiting, mut has_waited): (Vec<usize>, bool),
        options: &ApplyOptions,
        sent: &mut BTreeMap<usize, Option<String>>,
        onlooker: &mut dyn Onlooker,
    ) -> Result<(), Problem> {
        while !waiting.is_empty() && !self.is_interrupted() {
            if std::mem::take(&mut has_waited) {
                self.is_as_planned(plan, &waiting)?;
            }
            let list = self.client.deployments(self.endpoint).map_err(Problem::Unreadable)?;
            let ours = &self.book.deployments;
            self.book.earlier.extend(
                list.iter().filter(|other| !ours.contains_key(&other.id)).map(|other| other.id.clone()),
            );
            let holders = |unit: &usize| holders(&plan.units[*unit], &list);
            if options.lock == Lock::Fail
                && let Some(unit) = waiting.iter().find(|unit| !holders(unit).is_empty())
            {
                return Err(Problem::Locked(*unit, self.dated(plan, (holders(unit), 0))));
            }
            let is_free = |unit: &usize| options.lock == Lock::Force || holders(unit).is_empty();
            let free: Vec<usize> = waiting.iter().copied().filter(is_free).collect();
            let Sent { is_any, too_many } = self.send_all(plan, &free, options, sent)?;
            waiting.retain(|unit| !sent.contains_key(unit));
            if is_any || waiting.is_empty() {
                continue;
            }
            if let Some((unit, refusal)) = too_many {
                // Those of this run end by themselves.
                let waits = options.lock == Lock::Wait || self.runs_any();
                if !waits || Instant::now() >= options.limits.until {
                    return Err(Problem::Refused(unit, refusal));
                }
                onlooker.too_many(&refusal.message);
                self.pause_for_lock(options.limits);
            } else {
                self.wait_for_lock(plan, &waiting, &list, options, onlooker)?;
            }
            has_waited = true;
        }
        Ok(())
    }

    /// Makes sure that what runs of these units is still what the plan was made against.
    fn is_as_planned(&self, plan: &Plan, units: &[usize]) -> Result<(), Problem> {
        let services = units.iter().flat_map(|unit| &plan.units[*unit].services);
        let asked: Vec<_> = services.map(|service| (service.id.as_str(), service.kind)).collect();
        let running = self.client.running_or_all(self.endpoint, &asked).map_err(Problem::Unreadable)?;
        for unit in units {
            if let Some(reason) = plan.units[*unit].outdated(&running, self.settings).into_iter().next() {
                return Err(Problem::Outdated(*unit, reason));
            }
        }
        Ok(())
    }

    fn wait_for_lock(
        &mut self,
        plan: &Plan,
        waiting: &[usize],
        list: &[Deployment],
        options: &ApplyOptions,
        onlooker: &mut dyn Onlooker,
    ) -> Result<(), Problem> {
        let held = waiting
            .iter()
            .map(|unit| holders(&plan.units[*unit], list))
            .find(|holders| !holders.is_empty())
            .unwrap_or_default();
        let held = self.dated(plan, (held, 0));
        if Instant::now() >= options.limits.until {
            return Err(Problem::Locked(waiting[0], held));
        }
        onlooker.locked(&held);
        self.pause_for_lock(options.limits);
        Ok(())
    }

    /// Sends these units until one is not accepted.
    fn send_all(
        &mut self,
        plan: &Plan,
        units: &[usize],
        options: &ApplyOptions,
        sent: &mut BTreeMap<usize, Option<String>>,
    ) -> Result<Sent, Problem> {
        let force = options.lock == Lock::Force;
        let changes: Vec<_> =
            units.iter().filter_map(|unit| Some((plan.units[*unit].change.as_ref()?, force))).collect();
        let (stream, interrupts) = (&mut self.stream, self.interrupts);
        let goes_on = || {
            stream.iter_mut().for_each(EventStream::collect);
            interrupts.load(Ordering::Relaxed) == 0
        };
        let replies = self.client.change_all(self.endpoint, &changes, options.concurrency, goes_on);
        let (mut all, mut problem) = (Sent::default(), None);
        for (unit, reply) in units.iter().zip(replies) {
            let Some(reply) = reply else { continue };
            match self.take_reply(plan, *unit, reply, options) {
                Ok(RequestFate::CarriedOut(deployment)) => {
                    sent.insert(*unit, deployment);
                    all.is_any = true;
                }
                Ok(RequestFate::NotCarriedOut) => {}
                Ok(RequestFate::TooMany(refusal)) => all.too_many = Some((*unit, refusal)),
                // All that was sent is known before the first problem is reported.
                Err(error) => problem = problem.or(Some(error)),
            }
        }
        problem.map_or(Ok(all), Err)
    }

    /// What an answer to a unit means.
    fn take_reply(
        &mut self,
        plan: &Plan,
        unit: usize,
        mut reply: Result<Reply, ClientError>,
        options: &ApplyOptions,
    ) -> Result<RequestFate, Problem> {
        let services: Vec<String> =
            plan.units[unit].services.iter().map(|service| service.id.clone()).collect();
        for attempt in 1.. {
            let mut own_failure = None;
            let why = match reply {
                Ok(Reply::Accepted { deployment }) => {
                    self.book.ask(&deployment, &services);
                    return Ok(RequestFate::CarriedOut(Some(deployment)));
                }
                Ok(Reply::Refused(refusal)) if refusal.is_locked() && options.lock == Lock::Wait => {
                    return Ok(RequestFate::NotCarriedOut);
                }
                Ok(Reply::Refused(refusal)) if refusal.is_locked() => {
                    return Err(self.locked(plan, unit, &refusal));
                }
                Ok(Reply::Refused(refusal)) if refusal.message.starts_with(TOO_MANY) => {
                    return Ok(RequestFate::TooMany(refusal));
                }
                Ok(Reply::Refused(refusal)) if attempt > 1 && refusal.status == 409 => {
                    // The first attempt was carried out after all.
                    match self.carried_out(&plan.units[unit]) {
                        Ok(fate @ RequestFate::CarriedOut(_)) => return Ok(fate),
                        _ => return Err(Problem::Refused(unit, refusal)),
                    }
                }
                Ok(Reply::Refused(refusal)) if refusal.shows_later() => {
                    let why =
                        format!("the server or a proxy answers {}: {}", refusal.status, refusal.message);
                    own_failure = Some(refusal).filter(RefusedRequest::is_own_failure);
                    why
                }
                Ok(Reply::Refused(refusal)) => return Err(Problem::Refused(unit, refusal)),
                Err(error) => {
                    if !error.may_be_done() && (!error.may_pass() || attempt >= ATTEMPTS) {
                        return Err(Problem::Unreachable(unit, error));
                    }
                    error.to_string()
                }
            };
            self.book.was_interrupted = true;
            // Whether it was carried out shows in what the server holds.
            self.pause_until((Instant::now() + FIRST_PAUSE * attempt).min(options.limits.until));
            match self.carried_out(&plan.units[unit]) {
                Ok(fate @ RequestFate::CarriedOut(_)) => return Ok(fate),
                // Marathon itself has failed, and holds what it held before.
                Ok(_) if let Some(refusal) = own_failure => return Err(Problem::Refused(unit, refusal)),
                Ok(_) | Err(_) if attempt >= ATTEMPTS || Instant::now() >= options.limits.until => {
                    return Err(Problem::Uncertain(unit, why));
                }
                // Where it cannot be asked, sending it again is no worse than not knowing.
                Ok(_) | Err(_) => {}
            }
            let Some(change) = &plan.units[unit].change else { break };
            reply = self.client.change(self.endpoint, change, options.lock == Lock::Force);
        }
        Ok(RequestFate::NotCarriedOut)
    }

    fn locked(&self, plan: &Plan, unit: usize, refusal: &RefusedRequest) -> Problem {
        let holders = self.client.holders(self.endpoint, refusal);
        Problem::Locked(unit, self.dated(plan, (holders, 1)))
    }

    /// Deployments with their age.
    fn dated(&self, plan: &Plan, holders: (Vec<Deployment>, usize)) -> Vec<Deployment> {
        let kind = |id: &str| plan.services().find(|service| service.id == id).map(|service| service.kind);
        self.client.dated(self.endpoint, kind, holders)
    }

    /// Whether a unit was carried out, as what the server holds shows it.
    fn carried_out(&mut self, unit: &Unit) -> Result<RequestFate, GetError> {
        let asked: Vec<_> = unit.services.iter().map(|service| (service.id.as_str(), service.kind)).collect();
        if asked.is_empty() {
            return Ok(RequestFate::NotCarriedOut);
        }
        let found = self.client.running(self.endpoint, &asked)?;
        let is_there = |service: &PlannedService| match (&service.wanted, found.get(&service.id)) {
            (None, None) => true,
            (Some(wanted), Some(running)) => {
                let held = stored(&running.definition, service.kind, self.settings);
                differs(&held, wanted).is_none()
            }
            _ => false,
        };
        if !unit.services.iter().all(is_there) {
            return Ok(RequestFate::NotCarriedOut);
        }
        let list = self.client.deployments(self.endpoint)?;
        let is_ours = |other: &&Deployment| {
            !self.book.earlier.contains(&other.id)
                && unit.services.iter().any(|service| other.affected.contains(&service.id))
        };
        let deployment = list.iter().find(is_ours).map(|deployment| deployment.id.clone());
        if let Some(id) = &deployment {
            let services: Vec<String> = unit.services.iter().map(|service| service.id.clone()).collect();
            self.book.ask(id, &services);
        }
        Ok(RequestFate::CarriedOut(deployment))
    }
}

/// The deployments that hold the lock of a unit.
fn holders(unit: &Unit, list: &[Deployment]) -> Vec<Deployment> {
    let is_held = |other: &&Deployment| unit.services.iter().any(|it| other.affected.contains(&it.id));
    list.iter().filter(is_held).cloned().collect()
}

impl Applied {
    /// The failed services, whatever the reason.
    pub(crate) fn failed(&self) -> BTreeMap<String, Failed> {
        match &self.ended {
            Ended::Failed(failed) => failed.clone(),
            _ => BTreeMap::new(),
        }
    }
}
