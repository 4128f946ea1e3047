//! Watches services until it is known how they ended: the event stream and repeated questions feed one book, and either may
//! fail.

mod ask;
mod compare;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::plan::stored;
use super::record::{Awaited, Book, ServiceRecord};
use super::stall;
use super::verdict::{Failed, ServiceVerdict, judge};
use crate::http::{Client, Endpoint};
use crate::marathon::{Deployment, Event, EventStream, GetError, NextEvent, Running};
use crate::source::Kind;
use crate::target::Settings;

pub(crate) use compare::restarts;
pub(super) use compare::{differs, has_list};

/// The pause between two rounds of questions.
const PAUSE: Duration = Duration::from_secs(1);

/// The pause before the first round where events are told, and between the first ones.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// How often a server that could not be read is asked again, before what depends on it is given up.
const ATTEMPTS: u32 = 4;

/// How long after the end of a wait a request may still be under way: the last look is at the end, and a server that answers
/// in time is heard.
const LAST_ANSWER: Duration = Duration::from_secs(1);

/// How often an interruption is looked for.
const GLANCE: Duration = Duration::from_millis(50);

/// The longest that a stream may take to open before anything is sent.
const FIRST_EVENT: Duration = Duration::from_secs(2);

/// After an instance has ended by itself all of them have to run for so long before they count.
const RECOVERY: Duration = Duration::from_secs(5);

/// A stream without any byte for so long is given up; Marathon sends an empty line every 10 s.
const SILENCE: Duration = Duration::from_secs(45);

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

    /// Called while the server takes no change because too many deployments run, with its words.
    fn too_many(&mut self, message: &str);

    /// Called with a line about what is done next.
    fn note(&mut self, line: &str);
}

/// Watches the services of a book.
pub(crate) struct Watch<'c> {
    pub(super) client: &'c mut Client,
    pub(super) endpoint: &'c Endpoint,
    pub(super) settings: &'c Settings,
    /// What is known.
    pub book: Book,
    pub(super) interrupts: &'c AtomicUsize,
    pub(super) stream: Option<EventStream>,
    heard_at: Instant,
    reopen_at: Instant,
    /// Definitions that were compared, with the result.
    compared: BTreeMap<String, (Json, VersionComparison)>,
    /// Whether instances of another version have the stored definition all the same.
    versions: BTreeMap<(String, String, String), bool>,
    rounds: u32,
    /// The next round is not only about what events have told.
    is_due: bool,
    /// When the next such round is.
    due_at: Instant,
    /// All services were looked at since the last deployment ended.
    has_seen_end: bool,
}

#[derive(Clone, Debug, Default)]
struct VersionComparison {
    differs: Option<String>,
    is_previous: bool,
}

impl<'c> Watch<'c> {
    /// Opens the event stream, which has to be open before anything is sent; it is not waited for longer than until then.
    pub(crate) fn open(
        client: &'c mut Client,
        endpoint: &'c Endpoint,
        settings: &'c Settings,
        interrupts: &'c AtomicUsize,
        until: Instant,
    ) -> Self {
        let mut watch = Self::without_events(client, endpoint, settings, interrupts);
        let now = watch.heard_at;
        let patience = FIRST_EVENT.min(until.saturating_duration_since(now));
        watch.stream = Some(EventStream::open(watch.client, endpoint));
        // A server that tells no events is asked instead.
        while let Some(NextEvent::Other) | None = watch.next(patience) {
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
            due_at: now,
            has_seen_end: false,
        }
    }

    /// Notes a service that is as it is: what is stored is wanted.
    pub(crate) fn track(&mut self, kind: Kind, running: &Running) -> Result<(), GetError> {
        let id = running.id().to_owned();
        let wanted = stored(&running.definition, kind, self.settings);
        let record = ServiceRecord::new(&id, kind, Awaited::Definition(Box::new(wanted)));
        self.book.services.insert(id.clone(), record);
        self.take_in(&id, Some(running))?;
        if let Some(record) = self.book.services.get_mut(&id) {
            record.failed_before = record.failures.len();
        }
        Ok(())
    }

    /// Takes in what waits for offers.
    pub(crate) fn look_at_queue(&mut self) -> Result<(), GetError> {
        let mut queue = self.client.queue(self.endpoint)?;
        // Offers are what is free at the moment: how large agents are, only the project can tell.
        if let Some(largest) = self.settings.agents.cpus {
            for queued in &mut queue {
                queued.is_too_large = queued.cpus > f64::from(largest);
            }
        }
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
    fn next(&mut self, within: Duration) -> Option<NextEvent> {
        let Some(stream) = &mut self.stream else {
            self.client.pause(within);
            return None;
        };
        let next = stream.next(self.client, within);
        match &next {
            Some(NextEvent::End(_)) => {
                self.stream = None;
                self.book.was_interrupted = true;
                self.reopen_at = Instant::now() + PAUSE;
            }
            Some(_) => self.heard_at = Instant::now(),
            None if self.heard_at.elapsed() > SILENCE => {
                self.stream = None;
                self.book.was_interrupted = true;
                self.reopen_at = Instant::now();
            }
            None => {}
        }
        next
    }

    /// Does something that ends at a limit, with all its requests: a slow answer does not make it longer.
    pub(crate) fn within<T>(&mut self, until: Instant, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.client.end_at(Some(until + LAST_ANSWER));
        let result = work(self);
        self.client.end_at(before);
        result
    }

    /// Ends all further requests at a limit, as [`Watch::within`].
    pub(crate) fn end_at(&mut self, until: Instant) {
        self.client.end_at(Some(until + LAST_ANSWER));
    }

    /// Watches until everything is as it is wanted, or something will not be.
    pub(crate) fn run(&mut self, limits: Limits, onlooker: &mut dyn Onlooker) -> Ended {
        self.in_rounds(limits.until, |watch| watch.run_until(limits, onlooker))
    }

    fn run_until(&mut self, limits: Limits, onlooker: &mut dyn Onlooker) -> Ended {
        let mut refusals = 0;
        let mut done_since: Option<(Instant, usize)> = None;
        if self.book.services.is_empty() {
            // Of nothing there is nothing to wait for, however long it is to be stable.
            return Ended::Done;
        }
        self.begin(limits);
        loop {
            match self.round() {
                Ok(()) => (refusals, self.book.trouble) = (0, None),
                Err(error) if error.may_pass() => {
                    self.book.was_interrupted = true;
                    self.book.trouble = Some(trouble(&error, self.endpoint));
                }
                Err(error) => {
                    refusals += 1;
                    self.book.trouble = Some(trouble(&error, self.endpoint));
                    if refusals > 2 {
                        return Ended::Refused(error);
                    }
                }
            }
            let stable = if self.may_fail_again() { limits.stable.max(RECOVERY) } else { limits.stable };
            self.book.stable = stable;
            self.note_phases();
            onlooker.look(&self.book);
            let failed = self.failed(limits.fail_fast);
            // What is not known of one service does not end the wait for the others.
            let is_certain = failed.values().any(|failed| !failed.is_unknown());
            let waits = || self.open_services().any(|service| !failed.contains_key(&service.id));
            if !failed.is_empty() && (is_certain || !waits()) {
                return Ended::Failed(failed);
            }
            let mut is_done = self.book.trouble.is_none() && self.is_done();
            if is_done {
                // An event that may be here already names an instance that has ended since.
                self.take_events();
                is_done = self.is_done();
            }
            let failures = self.new_failures();
            done_since = match done_since.filter(|(_, before)| *before == failures) {
                Some(since) if is_done => Some(since),
                _ => is_done.then(|| (Instant::now(), failures)),
            };
            if done_since.is_some_and(|(since, _)| since.elapsed() >= stable) {
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

    /// Whether the server can be read: where it could not be in the last round, it is asked some more times until then.
    pub(crate) fn can_read(&mut self, until: Instant) -> bool {
        self.in_rounds(until, |watch| watch.can_read_until(until))
    }

    /// As [`Watch::within`], for what is asked again and again in any case.
    fn in_rounds<T>(&mut self, until: Instant, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.client.insist(false);
        let result = self.within(until, work);
        self.client.insist(before);
        result
    }

    fn can_read_until(&mut self, until: Instant) -> bool {
        for _ in 0..ATTEMPTS {
            if self.book.trouble.is_none() || Instant::now() >= until {
                break;
            }
            match self.client.deployments(self.endpoint) {
                Ok(_) => self.book.trouble = None,
                Err(error) => self.book.trouble = Some(trouble(&error, self.endpoint)),
            }
            if self.book.trouble.is_some() && !self.is_interrupted() {
                self.client.pause(PAUSE);
            }
        }
        self.book.trouble.is_none()
    }

    /// The first round is at once, or a moment later where events will tell of the end of what was asked for.
    fn begin(&mut self, limits: Limits) {
        (self.rounds, self.is_due, self.has_seen_end) = (0, true, false);
        self.due_at = Instant::now();
        let is_told = |service: &ServiceRecord| service.deployment.is_some();
        if self.stream.is_some() && self.book.services.values().all(is_told) {
            let pause = if self.is_of_few() { FIRST_PAUSE } else { PAUSE };
            (self.due_at, self.is_due) = (self.due_at + pause, false);
            self.rest(limits);
        }
    }

    /// Waits for the next round; an event that tells of an end cuts it short.
    fn rest(&mut self, limits: Limits) {
        let until = self.due_at.min(limits.until);
        loop {
            self.is_due = !self.listen(until, |_, is_end_of_ours| is_end_of_ours);
            // Of many services all ends are waited for: to look at all of them at each end would cost the square of their number.
            if self.is_due || self.is_of_few() || !self.runs_any() {
                break;
            }
        }
    }

    /// Takes in events until then, or until an end of what was asked for.
    pub(super) fn pause_until(&mut self, until: Instant) {
        self.listen(until, |_, is_end_of_ours| is_end_of_ours);
    }

    /// Takes in events until then, or until any deployment ends.
    pub(super) fn pause_for_lock(&mut self, limits: Limits) {
        let until = (Instant::now() + PAUSE).min(limits.until);
        self.listen(until, |event, _| matches!(event, Event::Succeeded { .. } | Event::Failed { .. }));
    }

    /// Takes in events until then, or until one that is waited for: whether there was one. It is given the event, and whether
    /// that tells of the end of a deployment that was asked for.
    fn listen(&mut self, until: Instant, is_awaited: impl Fn(&Event, bool) -> bool) -> bool {
        while !self.is_interrupted() {
            let now = Instant::now();
            let left = until.saturating_duration_since(now);
            if left.is_zero() {
                break;
            }
            if self.stream.is_none() && now >= self.reopen_at {
                self.stream = Some(EventStream::open(self.client, self.endpoint));
                self.heard_at = now;
            }
            let Some(NextEvent::Event(event)) = self.next(left.min(GLANCE)) else { continue };
            let is_end = self.book.event(&event);
            if is_awaited(&event, is_end) {
                // Many services may end at once: what is there already is taken in before they are looked at.
                self.take_events();
                return true;
            }
        }
        false
    }

    /// Takes in the events that have come already.
    fn take_events(&mut self) {
        while let Some(NextEvent::Event(event)) =
            self.stream.is_some().then(|| self.next(Duration::ZERO)).flatten()
        {
            self.book.event(&event);
        }
    }

    /// Notes which services are as they are wanted now.
    fn note_phases(&mut self) {
        let is_met: Vec<bool> = self
            .book
            .services
            .values()
            .map(|service| judge(service, &self.book) == ServiceVerdict::Done)
            .collect();
        for (service, is_met) in self.book.services.values_mut().zip(is_met) {
            service.take_phase(is_met);
        }
    }

    /// How many instances have ended by themselves.
    fn new_failures(&self) -> usize {
        self.book.services.values().map(ServiceRecord::new_failures).sum()
    }

    /// Whether instances have ended by themselves, as far as that is seen.
    fn may_fail_again(&self) -> bool {
        self.new_failures() > 0 || self.book.services.values().any(|service| service.was_delayed)
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
                    let half_done = stall::half_done(service, &self.book).map(Failed::HalfDone);
                    let failure = half_done.or_else(|| stall::hopeless(service).map(Failed::Hopeless));
                    failed.extend(failure.map(|failure| (service.id.clone(), failure)));
                }
                _ => {}
            }
        }
        failed
    }

    fn timed_out(&self) -> BTreeMap<String, Failed> {
        let reason = |service: &ServiceRecord| {
            if let ServiceVerdict::Failed(failed) = judge(service, &self.book) {
                return failed;
            }
            let reason = stall::reason(service, &self.book);
            Failed::TimedOut(reason.unwrap_or_else(|| "the deployment has not ended".to_owned()))
        };
        let mut late: BTreeMap<String, Failed> =
            self.open_services().map(|service| (service.id.clone(), reason(service))).collect();
        if late.is_empty() {
            // All of it was there, but not for long enough.
            let unstable = |service: &ServiceRecord| {
                // Or what was seen of it is from before the server fell silent.
                if let Some(trouble) = &self.book.trouble {
                    return Failed::TimedOut(trouble.clone());
                }
                let failure = Some(service).filter(|service| service.new_failures() > 0);
                let failure = failure.and_then(|service| stall::reason(service, &self.book));
                let why = failure.map(|words| format!(": {words}")).unwrap_or_default();
                Failed::TimedOut(format!("it has not been stable for long enough{why}"))
            };
            late =
                self.book.services.values().map(|service| (service.id.clone(), unstable(service))).collect();
        }
        late
    }
}

/// Why a round of questions failed, in words that are the same whatever was asked.
fn trouble(error: &GetError, endpoint: &Endpoint) -> String {
    let words = error.to_string();
    match (error, words.split_once(" answers")) {
        (GetError::Client(_), _) | (_, None) => format!("the server does not answer: {words}"),
        (_, Some((_, answers))) => format!("the server cannot be read: {endpoint} answers{answers}"),
    }
}
