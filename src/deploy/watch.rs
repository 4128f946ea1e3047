//! Watches services until it is known how they ended: the event stream and repeated questions feed one book, and either may
//! fail.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::plan::{changed_paths, stored};
use super::record::{Awaited, Book, End, ServiceRecord, ServiceView};
use super::stall;
use super::verdict::{Failed, ServiceVerdict, judge};
use crate::diff::{FieldChange, Impact, What, between};
use crate::http::{Client, Endpoint};
use crate::marathon::{Deployment, EventStream, GetError, Instance, InstanceState, Next, Running};
use crate::normalize::Normalized;
use crate::source::{Kind, Step};
use crate::state::ServerState;
use crate::target::Settings;

/// The pause between two rounds of questions.
const PAUSE: Duration = Duration::from_secs(1);

/// The first rounds follow each other faster: many deployments end at once.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// How often an interruption is looked for.
const GLANCE: Duration = Duration::from_millis(50);

/// The longest that one question may take: the events go on meanwhile, but are not looked at.
const QUESTION: Duration = Duration::from_secs(10);

/// A stream without any byte for so long is given up; Marathon sends an empty line every 10 s.
const SILENCE: Duration = Duration::from_secs(45);

/// More services than this are asked for with the list of all.
const FEW: usize = 8;

/// The limits of a watch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// When it is given up.
    pub until: Instant,
    /// How long all of it has to stay as it is wanted.
    pub stable: Duration,
    /// What cannot succeed is given up.
    pub fail_fast: bool,
}

/// How a watch ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// All is as it is wanted.
    Done,
    /// At least one service is not, and will not be: each that is not, with the reason.
    Failed(BTreeMap<String, Failed>),
    /// The user has interrupted it.
    Interrupted,
    /// The server refuses to tell.
    Refused(GetError),
}

/// Looks on while a watch runs.
pub(crate) trait Onlooker {
    /// Called after every round.
    fn look(&mut self, book: &Book);

    /// Called while these deployments hold the lock.
    fn locked(&mut self, holders: &[Deployment]);
}

/// Watches the services of a book.
pub(crate) struct Watch<'c> {
    pub(super) client: &'c mut Client,
    pub(super) endpoint: &'c Endpoint,
    pub(super) settings: &'c Settings,
    /// What is known.
    pub book: Book,
    interrupts: &'c AtomicUsize,
    stream: Option<EventStream>,
    heard_at: Instant,
    reopen_at: Instant,
    /// Definitions that were compared, with the result.
    compared: BTreeMap<String, (Json, VersionComparison)>,
    /// Whether instances of another version have the stored definition all the same.
    versions: BTreeMap<(String, String, String), bool>,
    rounds: u32,
    /// The next round is not only about what events have told.
    is_due: bool,
}

#[derive(Clone, Debug, Default)]
struct VersionComparison {
    differs: Option<String>,
    is_previous: bool,
}

impl<'c> Watch<'c> {
    /// Opens the event stream, which has to be open before anything is sent.
    pub(crate) fn open(
        client: &'c mut Client,
        endpoint: &'c Endpoint,
        settings: &'c Settings,
        interrupts: &'c AtomicUsize,
    ) -> Self {
        let mut watch = Self::without_events(client, endpoint, settings, interrupts);
        let now = watch.heard_at;
        watch.stream = Some(EventStream::open(watch.client, endpoint));
        // A server that tells no events is asked instead.
        while let Some(Next::Other) | None = watch.next(QUESTION.min(Duration::from_secs(2))) {
            if watch.heard_at == now {
                break;
            }
        }
        watch
    }

    /// A watch that only asks: for a single look.
    pub(crate) fn without_events(
        client: &'c mut Client,
        endpoint: &'c Endpoint,
        settings: &'c Settings,
        interrupts: &'c AtomicUsize,
    ) -> Self {
        let now = Instant::now();
        Self {
            stream: None,
            client,
            endpoint,
            settings,
            book: Book::default(),
            interrupts,
            heard_at: now,
            reopen_at: now,
            compared: BTreeMap::new(),
            versions: BTreeMap::new(),
            rounds: 0,
            is_due: true,
        }
    }

    /// Notes a service that is as it is: what is stored is wanted.
    pub(crate) fn track(&mut self, kind: Kind, running: &Running) -> Result<(), GetError> {
        let id = running.id().to_owned();
        let wanted = stored(&running.definition, kind, self.settings);
        let record = ServiceRecord::new(&id, kind, Awaited::Definition(Box::new(wanted)));
        self.book.services.insert(id.clone(), record);
        self.take_in(&id, Some(running))
    }

    /// Takes in what waits for offers.
    pub(crate) fn look_at_queue(&mut self) -> Result<(), GetError> {
        let queue = self.client.queue(self.endpoint)?;
        for service in self.book.services.values_mut() {
            service.queue(queue.iter().find(|queued| queued.id == service.id));
        }
        Ok(())
    }

    /// What sends the requests.
    pub(crate) fn client(&self) -> &Client {
        self.client
    }

    /// The server.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        self.endpoint
    }

    /// Whether the user has asked to stop.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupts.load(Ordering::Relaxed) > 0
    }

    /// Takes the next part of the stream into the book. `None` where nothing comes in this time, or there is no stream.
    fn next(&mut self, within: Duration) -> Option<Next> {
        let Some(stream) = &mut self.stream else {
            self.client.pause(within);
            return None;
        };
        let next = stream.next(self.client, within);
        match &next {
            Some(Next::End(_)) => {
                self.stream = None;
                self.book.was_interrupted = true;
                self.reopen_at = Instant::now() + PAUSE;
            }
            Some(_) => self.heard_at = Instant::now(),
            None if self.heard_at.elapsed() > SILENCE => {
                self.stream = None;
                self.reopen_at = Instant::now();
            }
            None => {}
        }
        next
    }

    /// Watches until everything is as it is wanted, or something will not be.
    pub(crate) fn run(&mut self, limits: Limits, onlooker: &mut dyn Onlooker) -> Ended {
        let mut refusals = 0;
        let mut done_since: Option<Instant> = None;
        (self.rounds, self.is_due) = (0, true);
        loop {
            match self.round() {
                Ok(()) => (refusals, self.book.trouble) = (0, None),
                Err(error) if error.may_pass() => {
                    self.book.was_interrupted = true;
                    self.book.trouble = Some(error.to_string());
                }
                Err(error) => {
                    refusals += 1;
                    self.book.trouble = Some(error.to_string());
                    if refusals > 2 {
                        return Ended::Refused(error);
                    }
                }
            }
            onlooker.look(&self.book);
            let failed = self.failed(limits.fail_fast);
            if !failed.is_empty() {
                return Ended::Failed(failed);
            }
            let is_done = self.book.trouble.is_none() && self.is_done();
            done_since = if is_done { done_since.or_else(|| Some(Instant::now())) } else { None };
            if done_since.is_some_and(|since| since.elapsed() >= limits.stable) {
                return Ended::Done;
            }
            if Instant::now() >= limits.until {
                return Ended::Failed(self.timed_out());
            }
            if self.is_interrupted() {
                return Ended::Interrupted;
            }
            self.rest(limits);
            if self.is_interrupted() {
                return Ended::Interrupted;
            }
        }
    }

    /// Waits for the next round; an event that tells of an end cuts it short.
    pub(super) fn rest(&mut self, limits: Limits) {
        let pause = if self.rounds < 5 { FIRST_PAUSE * self.rounds.max(1) } else { PAUSE };
        let until = (Instant::now() + pause).min(limits.until);
        while !self.is_interrupted() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let Some(Next::Event(event)) = self.next(left.min(GLANCE)) else { continue };
            if self.book.event(&event) {
                // Many services may end at once: what is there already is taken in before they are looked at.
                while let Some(Next::Event(event)) = self.next(Duration::ZERO) {
                    self.book.event(&event);
                }
                return;
            }
        }
        self.is_due = true;
        if self.stream.is_none() && Instant::now() >= self.reopen_at {
            self.stream = Some(EventStream::open(self.client, self.endpoint));
            self.heard_at = Instant::now();
        }
    }

    fn is_done(&self) -> bool {
        self.book.services.values().all(|service| judge(service, &self.book) == ServiceVerdict::Done)
    }

    /// The services that are not yet as they are wanted.
    pub(crate) fn open_services(&self) -> impl Iterator<Item = &ServiceRecord> {
        self.book.services.values().filter(|service| judge(service, &self.book) != ServiceVerdict::Done)
    }

    fn failed(&self, fail_fast: bool) -> BTreeMap<String, Failed> {
        let mut failed = BTreeMap::new();
        for service in self.book.services.values() {
            match judge(service, &self.book) {
                ServiceVerdict::Failed(reason) => {
                    failed.insert(service.id.clone(), reason);
                }
                ServiceVerdict::Open if fail_fast && matches!(service.wanted, Awaited::Definition(_)) => {
                    if let Some(reason) = stall::hopeless(service) {
                        failed.insert(service.id.clone(), Failed::Hopeless(reason));
                    }
                }
                _ => {}
            }
        }
        failed
    }

    fn timed_out(&self) -> BTreeMap<String, Failed> {
        let reason = |service: &ServiceRecord| {
            let reason = stall::reason(service, &self.book);
            Failed::TimedOut(reason.unwrap_or_else(|| "the deployment has not ended".to_owned()))
        };
        let mut late: BTreeMap<String, Failed> =
            self.open_services().map(|service| (service.id.clone(), reason(service))).collect();
        if late.is_empty() {
            // All of it was there, but not for long enough.
            let unstable = || Failed::TimedOut("it has not been stable for long enough".to_owned());
            late = self.book.services.keys().map(|id| (id.clone(), unstable())).collect();
        }
        late
    }

    /// One round of questions.
    fn round(&mut self) -> Result<(), GetError> {
        let usual = self.client.timeout();
        self.client.set_timeout(usual.min(QUESTION));
        let asked = self.ask();
        self.client.set_timeout(usual);
        self.rounds += u32::from(self.is_due);
        self.is_due = false;
        asked
    }

    fn ask(&mut self) -> Result<(), GetError> {
        let ids: Vec<(String, Kind)> =
            self.book.services.values().map(|service| (service.id.clone(), service.kind)).collect();
        let is_few = ids.len() <= FEW;
        // Of many services one question a round is enough: events tell the ends.
        let is_turn = |turn: u32| self.is_due && (is_few || self.rounds % 3 == turn || self.rounds == 0);
        let (asks_list, asks_services, asks_queue) = (is_turn(0), is_turn(1), is_turn(2));
        if asks_list && !self.book.deployments.is_empty() {
            let list = self.client.deployments(self.endpoint)?;
            self.book.list(&list);
        }
        // After the list: what is seen then is newer than the end that the list tells of.
        let ended: BTreeSet<String> = self.just_ended();
        if asks_services || !ended.is_empty() {
            let asked: Vec<(&str, Kind)> = if asks_services {
                ids.iter().map(|(id, kind)| (id.as_str(), *kind)).collect()
            } else {
                ids.iter()
                    .filter(|(id, _)| ended.contains(id))
                    .map(|(id, kind)| (id.as_str(), *kind))
                    .collect()
            };
            let found = if asked.len() <= FEW {
                self.client.running(self.endpoint, &asked)?
            } else {
                let with_pods = asked.iter().any(|(_, kind)| *kind == Kind::Pod);
                self.client.all_running(self.endpoint, with_pods)?
            };
            let asked: Vec<String> = asked.into_iter().map(|(id, _)| id.to_owned()).collect();
            for id in asked {
                self.take_in(&id, found.get(&id))?;
            }
            self.look_for_lost_memory();
        }
        if asks_queue && self.rounds > 1 && self.open_services().next().is_some() {
            self.look_at_queue()?;
        }
        Ok(())
    }

    /// The services whose deployment has ended and that were not looked at since.
    fn just_ended(&self) -> BTreeSet<String> {
        let has_ended = |service: &&ServiceRecord| {
            let record = service.deployment.as_ref().and_then(|id| self.book.deployments.get(id));
            record.is_none_or(|record| record.end() != End::Runs)
                && (service.views_since_end == 0 || judge(service, &self.book) == ServiceVerdict::Open)
        };
        self.book.services.values().filter(has_ended).map(|service| service.id.clone()).collect()
    }

    fn take_in(&mut self, id: &str, running: Option<&Running>) -> Result<(), GetError> {
        let Some(running) = running else {
            if let Some(service) = self.book.services.get_mut(id) {
                service.miss();
            }
            return Ok(());
        };
        let comparison = self.compare(id, running);
        let Some(service) = self.book.services.get_mut(id) else { return Ok(()) };
        service.ready.extend(
            running.readiness.iter().filter(|result| result.ready).map(|result| result.task_id.clone()),
        );
        let (kind, ready) = (service.kind, service.ready.clone());
        let mut view = ServiceView {
            differs: comparison.differs,
            is_previous: comparison.is_previous,
            version: running.version.clone(),
            wanted: running.wanted,
            has_checks: has_list(&running.definition, kind, "healthChecks"),
            has_readiness: kind == Kind::App && has_list(&running.definition, kind, "readinessChecks"),
            not_ready: not_ready(running),
            deployments: running.deployments.clone(),
            ..ServiceView::default()
        };
        for instance in &running.instances {
            match instance.state {
                InstanceState::Running if self.is_current(id, kind, running, instance)? => {
                    view.running += 1;
                    view.healthy += u64::from(instance.is_healthy == Some(true));
                    view.unhealthy += u64::from(instance.is_healthy == Some(false));
                    view.ready += u64::from(ready.contains(&instance.id));
                }
                InstanceState::Running => view.outdated += 1,
                InstanceState::Staging => view.staged += 1,
                InstanceState::Ended => view.ended += 1,
                InstanceState::Gone => {}
            }
        }
        if let Some(service) = self.book.services.get_mut(id) {
            service.see(view);
            if let Some(failure) = &running.failure {
                service.fail(failure.clone());
            }
        }
        Ok(())
    }

    /// Whether an instance runs the stored definition: its version may be older where only the number of instances has
    /// changed since. Versions cannot be compared by time: after a roll back the stored one is older than all (1.11).
    fn is_current(
        &mut self,
        id: &str,
        kind: Kind,
        running: &Running,
        instance: &Instance,
    ) -> Result<bool, GetError> {
        if instance.version == running.version {
            return Ok(true);
        }
        let key = (id.to_owned(), instance.version.clone(), running.version.clone());
        if let Some(known) = self.versions.get(&key) {
            return Ok(*known);
        }
        let older = self.client.version(self.endpoint, id, kind, &instance.version)?;
        let is_current = older.is_some_and(|older| {
            let (older, now) =
                (stored(&older, kind, self.settings), stored(&running.definition, kind, self.settings));
            !restarts(&older, &now)
        });
        self.versions.insert(key, is_current);
        Ok(is_current)
    }

    fn compare(&mut self, id: &str, running: &Running) -> VersionComparison {
        let Some(service) = self.book.services.get(id) else { return VersionComparison::default() };
        let Awaited::Definition(wanted) = &service.wanted else { return VersionComparison::default() };
        if let Some((definition, comparison)) = self.compared.get(id)
            && *definition == running.definition
        {
            return comparison.clone();
        }
        let held = stored(&running.definition, service.kind, self.settings);
        let differs = differs(&held, wanted);
        let is_previous = differs.is_some()
            && service.previous.as_ref().is_some_and(|previous| self::differs(&held, previous).is_none());
        let comparison = VersionComparison { differs, is_previous };
        self.compared.insert(id.to_owned(), (running.definition.clone(), comparison.clone()));
        comparison
    }

    /// Where all services are missing after the connection broke, the server may have been restarted without its state.
    fn look_for_lost_memory(&mut self) {
        let book = &self.book;
        let all_missing = book
            .services
            .values()
            .all(|service| service.missing > 0 && matches!(service.wanted, Awaited::Definition(_)));
        if !all_missing || !book.was_interrupted || book.lost_memory {
            return;
        }
        let is_empty = self.client.all_running(self.endpoint, false).is_ok_and(|all| all.is_empty());
        self.book.lost_memory = is_empty;
    }
}

/// What differs between what a server holds and what was sent. It may pick any port where none was sent.
pub(super) fn differs(held: &Normalized, wanted: &Normalized) -> Option<String> {
    let mut changes = between(&ServerState::of([held]), &ServerState::of([wanted]));
    for difference in &mut changes.differences {
        if let What::Changed { changes, .. } = &mut difference.what {
            changes.retain(|change| !is_picked(change));
        }
    }
    changes.differences.retain(
        |difference| !matches!(&difference.what, What::Changed { changes, .. } if changes.is_empty()),
    );
    changed_paths(&changes)
}

fn is_picked(change: &FieldChange) -> bool {
    let is_port = matches!(change.path.steps().last(), Some(Step::Key(name)) if name == "port" || name == "servicePort");
    is_port && change.new.as_ref().and_then(Json::as_u64) == Some(0)
}

/// Whether Marathon would replace instances to get from one definition to the other.
fn restarts(older: &Normalized, now: &Normalized) -> bool {
    let changes = between(&ServerState::of([older]), &ServerState::of([now]));
    changes.differences.iter().any(|difference| match &difference.what {
        What::Changed { changes, .. } => {
            changes.iter().any(|change| matches!(change.impact, Impact::Restart | Impact::Another))
        }
        What::Added(_) | What::Removed(_) => true,
    })
}

fn has_list(definition: &Json, kind: Kind, name: &str) -> bool {
    let is_filled = |list: Option<&Json>| list.and_then(Json::as_array).is_some_and(|list| !list.is_empty());
    match kind {
        Kind::Pod => {
            let containers = definition.get("containers").and_then(Json::as_array);
            name == "healthChecks"
                && containers.into_iter().flatten().any(|container| container.get("healthCheck").is_some())
        }
        _ => is_filled(definition.get(name)),
    }
}

fn not_ready(running: &Running) -> Option<String> {
    let result = running.readiness.iter().find(|result| !result.ready)?;
    let answer = match &result.last_response {
        Some(last) => format!(" answers {}", last.status),
        None => " has no result yet".to_owned(),
    };
    Some(format!("readiness check {}{answer} (task {})", result.name, result.task_id))
}
