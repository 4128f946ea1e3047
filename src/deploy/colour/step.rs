//! Moves instances from one app to another, step by step, each time until Marathon and every HAProxy agree that it is done.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::balancers::Balancers;
use super::decide::{Next, Way};
use super::halt::Halt;
use super::haproxy::{Traffic, traffic};
use super::meaning::{
    Versions, all_run, gone, not_up, refused, scaling, side, stuck, unchanged, undrained, with_instances,
};
use super::task::tasks;
use crate::deploy::Lock;
use crate::deploy::plan::stored;
use crate::deploy::record::{Awaited, Book, ServiceRecord};
use crate::deploy::watch::{Ended, Limits, Onlooker, Watch};
use crate::marathon::{Change, Reply, Running, Verb};
use crate::source::Kind;
use crate::util::text::count;

/// The pause between two looks at HAProxy.
const PAUSE: Duration = Duration::from_secs(1);

/// The first looks follow each other faster.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// No marathon-lb takes longer to take in a change and to reload HAProxy.
const RELOAD: Duration = Duration::from_secs(20);

/// Answers in a row that have to say that an app is gone: a single one may come from a standby or a proxy.
const AGREED: u32 = 3;

/// Watches, and gets what happens beside Marathon.
pub(crate) trait Audience: Onlooker {
    /// Called when something has changed.
    fn tell(&mut self, line: &str);
}

/// How fast it goes, and what is done where it does not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// When it is given up.
    pub until: Instant,
    /// How long instances may take to lose their sessions.
    pub max_drain: Duration,
    /// Instances that still have sessions then are stopped all the same.
    pub stops_undrained: bool,
    /// What to do about locks.
    pub lock: Lock,
    /// What cannot succeed is given up.
    pub fail_fast: bool,
}

/// Moves instances.
pub(crate) struct Mover<'m, 'c> {
    /// Watches Marathon.
    pub watch: &'m mut Watch<'c>,
    /// Every HAProxy.
    pub balancers: &'m mut Balancers,
    /// The deployment group.
    pub group: &'m str,
    /// How fast.
    pub pace: Pace,
    /// The app of which the lock is always broken: the new version, on the way back.
    pub unlocked: Option<String>,
    /// What was told last.
    pub told: String,
}

/// What was seen of both apps.
struct Both {
    from: Option<Running>,
    to: Running,
}

impl Mover<'_, '_> {
    /// Creates an app and waits until all of it runs.
    ///
    /// # Errors
    /// When it is refused or does not run.
    pub(crate) fn create(&mut self, app: &Json, audience: &mut dyn Audience) -> Result<(), Halt> {
        let id = app.get("id").and_then(Json::as_str).unwrap_or_default().to_owned();
        let wanted = stored(app, Kind::App, self.watch.settings);
        let change = Change { verb: Verb::Create, kind: Kind::App, id, body: Some(app.to_string()) };
        self.carry_out(&change, Awaited::Definition(Box::new(wanted)), None, audience)
    }

    /// Deletes an app and waits until it is gone.
    ///
    /// # Errors
    /// When it is refused or not carried out.
    pub(crate) fn delete(&mut self, id: &str, audience: &mut dyn Audience) -> Result<(), Halt> {
        audience.tell(&format!("{id}: it is deleted"));
        let change = Change { verb: Verb::Delete, kind: Kind::App, id: id.to_owned(), body: None };
        match self.carry_out(&change, Awaited::Gone, None, audience) {
            Err(Halt::Refused(_, refusal)) if refusal.status == 404 => Ok(()),
            other => other,
        }
    }

    /// Gives an app this many instances, and waits until they run and have done so for a time.
    ///
    /// # Errors
    /// When it is refused or they do not run.
    pub(crate) fn finish(
        &mut self,
        id: &str,
        instances: u64,
        stable: Duration,
        audience: &mut dyn Audience,
    ) -> Result<(), Halt> {
        let Some(running) = self.one(id)? else { return Err(gone(id)) };
        if running.wanted != instances {
            self.scale(&running, instances, audience)?;
        }
        let wanted = with_instances(&running, instances, self.watch.settings);
        self.await_service(id, Awaited::Definition(Box::new(wanted)), None);
        let ended = self.watch.run(Limits { stable, ..self.limits() }, audience);
        self.ended(ended)
    }

    /// Moves instances from one app to another until the aim is reached. Where that is all of them, the first app is deleted.
    ///
    /// # Errors
    /// When it does not come to that; both apps stay as they are then.
    pub(crate) fn exchange(
        &mut self,
        from: &str,
        to: &str,
        way: Way,
        audience: &mut dyn Audience,
    ) -> Result<(), Halt> {
        let mut stopped: BTreeSet<String> = BTreeSet::new();
        let mut drains_since: Option<Instant> = None;
        let mut versions: Option<Versions> = None;
        let mut reloading: BTreeSet<String> = BTreeSet::new();
        let mut looks = 0;
        loop {
            self.go_on()?;
            let Some(both) = self.both(from, to)? else {
                self.rest(looks);
                continue;
            };
            // The first app is gone: nothing has to be moved any more.
            let Some(first) = &both.from else { return Ok(()) };
            unchanged(&mut versions, first, &both.to)?;
            let (from_tasks, to_tasks) = (tasks(&first.definition), tasks(&both.to.definition));
            let is_stopping = from_tasks.iter().any(|task| stopped.contains(&task.id));
            if is_stopping || !self.is_free(first)? || !self.is_free(&both.to)? || !all_run(&both.to) {
                self.settle(&both.to, audience)?;
                self.late(|| Halt::NotUp(format!("{to}: not all of its instances run")))?;
                self.rest(0);
                continue;
            }
            let seen = match self.balancers.ask(self.watch.client, self.group) {
                Ok(seen) => seen,
                Err(reason) => {
                    self.say(&format!("waiting for HAProxy: {reason}"), audience);
                    self.late(|| Halt::Undrained(format!("HAProxy does not show its state: {reason}")))?;
                    self.rest(looks);
                    looks += 1;
                    continue;
                }
            };
            let mut traffic = traffic(&seen.servers, &to_tasks, &from_tasks);
            let is_overdue = drains_since.is_some_and(|since| since.elapsed() >= self.pace.max_drain);
            if is_overdue && self.pace.stops_undrained {
                traffic.give_up_sessions();
            } else if !seen.reloading.is_empty() {
                traffic.doubt_drained();
            }
            let next = way.next(&side(first, &from_tasks), &side(&both.to, &to_tasks), &traffic);
            if !matches!(next, Next::AwaitDrained { .. } | Next::Stuck) {
                drains_since = None;
                reloading.clear();
            }
            match next {
                Next::AwaitUp { up, of } => {
                    let words = not_up((up, of), &traffic, &both.to);
                    self.await_up(to, &words, &mut looks, audience)?;
                }
                Next::AwaitDrained { drained, of } => {
                    drains_since.get_or_insert_with(Instant::now);
                    // One after the other of several may have one.
                    reloading.extend(seen.reloading.iter().cloned());
                    let told = Some(&reloading).filter(|_| !seen.reloading.is_empty());
                    let words = undrained((drained, of), &traffic, told);
                    let words = format!("{from}: {words}");
                    let advice = "; --stop-undrained stops them all the same";
                    self.await_drained(words, advice, is_overdue, &mut looks, audience)?;
                }
                Next::Stuck => {
                    drains_since.get_or_insert_with(Instant::now);
                    let words = format!("{to}: {}", stuck(&traffic, first, &both.to));
                    let is_overdue = drains_since.is_some_and(|since| since.elapsed() >= RELOAD);
                    self.await_drained(words, "", is_overdue, &mut looks, audience)?;
                }
                Next::Scale(instances) => {
                    self.say(&format!("{to}: scales from {} to {instances}", both.to.wanted), audience);
                    self.scale(&both.to, instances, audience)?;
                    looks = 0;
                }
                Next::Exchange { stop, scale } => {
                    self.swap(first, &both.to, &stop, scale, audience)?;
                    stopped.extend(stop);
                    looks = 0;
                }
                Next::Delete => return self.delete(from, audience).map_err(Halt::of_deletion),
                Next::Done => return Ok(()),
            }
        }
    }

    /// Takes instances away from an app in steps, and waits each time until HAProxy sends requests to as many of the other
    /// one; then deletes it. For another app that marathon-lb must not see changed.
    ///
    /// # Errors
    /// When it does not come to that.
    pub(crate) fn shrink(&mut self, from: &str, to: &str, audience: &mut dyn Audience) -> Result<(), Halt> {
        let mut looks = 0;
        loop {
            self.go_on()?;
            let Some(both) = self.both(from, to)? else {
                self.rest(looks);
                continue;
            };
            let Some(first) = &both.from else { return Ok(()) };
            if !self.is_free(first)? || !self.is_free(&both.to)? {
                self.rest(looks);
                looks += 1;
                continue;
            }
            let (from_tasks, to_tasks) = (tasks(&first.definition), tasks(&both.to.definition));
            let wanted = to_tasks.iter().filter(|task| task.is_routed).count() as u64;
            let traffic = match self.balancers.ask(self.watch.client, self.group) {
                Ok(seen) => traffic(&seen.servers, &to_tasks, &from_tasks),
                Err(_) => Traffic::default(),
            };
            let up = traffic.up as u64;
            let least = wanted.saturating_sub(first.wanted);
            if up < least {
                let words = not_up((up, least), &traffic, &both.to);
                self.await_up(to, &words, &mut looks, audience)?;
            } else if first.wanted == 0 {
                return self.delete(from, audience);
            } else {
                let instances = first.wanted / 2;
                self.say(&format!("{from}: scales from {} to {instances}", first.wanted), audience);
                self.send(&scaling(from, instances), audience)?;
                looks = 0;
            }
        }
    }

    /// Stops tasks of one app and gives the other one more instances at once: between the two marathon-lb would drain the
    /// wrong app.
    fn swap(
        &mut self,
        from: &Running,
        to: &Running,
        stop: &[String],
        scale: Option<u64>,
        audience: &mut dyn Audience,
    ) -> Result<(), Halt> {
        let id = from.id().to_owned();
        let number = count(stop.len(), "instance");
        self.say(&format!("{id}: {number} without sessions: stopped"), audience);
        let force = self.forces(&id);
        match self.watch.client.stop_tasks(self.watch.endpoint, stop, force) {
            Ok(Reply::Accepted { .. }) => {}
            Ok(Reply::Refused(refusal)) if refusal.is_locked() && self.pace.lock == Lock::Wait => {
                self.rest(0);
                return Ok(());
            }
            // An answer without a deployment: the tasks are gone already.
            Ok(Reply::Refused(refusal)) if refusal.status == 200 => {}
            Ok(Reply::Refused(refusal)) => return Err(refused(&id, refusal)),
            // Whether it was carried out shows at the next look.
            Err(error) if error.may_pass() => {
                self.say(&format!("waiting for Marathon: {error}"), audience);
                self.rest(PATIENT);
                return Ok(());
            }
            Err(error) => return Err(Halt::Silent(error.to_string())),
        }
        match scale {
            Some(instances) if instances != to.wanted => {
                self.say(&format!("{}: scales from {} to {instances}", to.id(), to.wanted), audience);
                self.scale(to, instances, audience)
            }
            _ => Ok(()),
        }
    }

    fn scale(&mut self, running: &Running, instances: u64, audience: &mut dyn Audience) -> Result<(), Halt> {
        let wanted = with_instances(running, instances, self.watch.settings);
        let change = scaling(running.id(), instances);
        self.carry_out(&change, Awaited::Definition(Box::new(wanted)), Some(running), audience)
    }

    /// Sends a change and waits for it.
    fn carry_out(
        &mut self,
        change: &Change,
        wanted: Awaited,
        running: Option<&Running>,
        audience: &mut dyn Audience,
    ) -> Result<(), Halt> {
        let list = self.watch.client.deployments(self.watch.endpoint);
        let list = list.map_err(|error| Halt::Silent(error.to_string()))?;
        self.await_service(&change.id, wanted, running);
        self.watch.book.earlier.extend(list.into_iter().map(|deployment| deployment.id));
        if let Some(deployment) = self.send(change, audience)? {
            self.watch.book.ask(&deployment, std::slice::from_ref(&change.id));
        }
        let ended = self.watch.run(self.limits(), audience);
        self.ended(ended)
    }

    /// Forgets what was awaited, and awaits this of one app; failures that it has had already do not count.
    fn await_service(&mut self, id: &str, wanted: Awaited, running: Option<&Running>) {
        let mut record = ServiceRecord::new(id, Kind::App, wanted);
        let failure = running.and_then(|running| running.failure.as_ref());
        record.known_failures.extend(failure.map(|failure| failure.task.clone()));
        self.watch.book = Book::default();
        self.watch.book.services.insert(id.to_owned(), record);
    }

    /// Sends a change: its deployment, nothing where it is not known whether it was carried out.
    fn send(&mut self, change: &Change, audience: &mut dyn Audience) -> Result<Option<String>, Halt> {
        let force = self.forces(&change.id);
        loop {
            match self.watch.client.change(self.watch.endpoint, change, force) {
                Ok(Reply::Accepted { deployment }) => return Ok(Some(deployment)),
                Ok(Reply::Refused(refusal)) if refusal.is_locked() && self.pace.lock == Lock::Wait => {
                    let list = self.watch.client.deployments(self.watch.endpoint).unwrap_or_default();
                    let holders: Vec<_> =
                        list.into_iter().filter(|other| refusal.locked_by.contains(&other.id)).collect();
                    audience.locked(&holders);
                    self.late(|| Halt::Locked(change.id.clone(), holders.clone()))?;
                    self.go_on()?;
                    self.rest(PATIENT);
                }
                Ok(Reply::Refused(refusal)) => return Err(refused(&change.id, refusal)),
                Err(error) if error.may_pass() => {
                    self.say(&format!("waiting for Marathon: {error}"), audience);
                    self.watch.book.was_interrupted = true;
                    return Ok(None);
                }
                Err(error) => return Err(Halt::Silent(error.to_string())),
            }
        }
    }

    /// Waits until all instances of an app run, and tells what keeps them from it.
    fn settle(&mut self, to: &Running, audience: &mut dyn Audience) -> Result<(), Halt> {
        if all_run(to) {
            return Ok(());
        }
        let wanted = stored(&to.definition, Kind::App, self.watch.settings);
        self.await_service(to.id(), Awaited::Definition(Box::new(wanted)), Some(to));
        let ended = self.watch.run(self.limits(), audience);
        self.ended(ended)
    }

    /// What runs of both; nothing where that is not known at the moment.
    fn both(&mut self, from: &str, to: &str) -> Result<Option<Both>, Halt> {
        for attempt in 1.. {
            let found = self.watch.client.running(self.watch.endpoint, &[(from, Kind::App), (to, Kind::App)]);
            let mut found = match found {
                Ok(found) => found,
                Err(error) if error.may_pass() => {
                    self.late(|| Halt::Silent(format!("Marathon does not answer: {error}")))?;
                    return Ok(None);
                }
                Err(error) => return Err(Halt::Silent(error.to_string())),
            };
            let (first, second) = (found.remove(from), found.remove(to));
            match (first, second) {
                (from @ Some(_), Some(to)) => return Ok(Some(Both { from, to })),
                (None, Some(to)) if attempt >= AGREED => return Ok(Some(Both { from: None, to })),
                (_, None) if attempt >= AGREED => return Err(gone(to)),
                _ => self.rest(0),
            }
        }
        Ok(None)
    }

    pub(super) fn one(&mut self, id: &str) -> Result<Option<Running>, Halt> {
        loop {
            match self.watch.client.running(self.watch.endpoint, &[(id, Kind::App)]) {
                Ok(mut found) => return Ok(found.remove(id)),
                Err(error) if error.may_pass() => {
                    self.late(|| Halt::Silent(format!("Marathon does not answer: {error}")))?;
                    self.go_on()?;
                    self.rest(PATIENT);
                }
                Err(error) => return Err(Halt::Silent(error.to_string())),
            }
        }
    }

    /// Whether no deployment changes an app, or that does not matter.
    fn is_free(&mut self, app: &Running) -> Result<bool, Halt> {
        if app.deployments.is_empty() || self.forces(app.id()) {
            return Ok(true);
        }
        let client = &self.watch.client;
        let holders = || {
            let list = client.deployments(self.watch.endpoint).unwrap_or_default();
            list.into_iter().filter(|other| app.deployments.contains(&other.id)).collect()
        };
        self.late(|| Halt::Locked(app.id().to_owned(), holders()))?;
        Ok(false)
    }

    /// Whether a change of this app ends the deployments that hold its lock.
    fn forces(&self, id: &str) -> bool {
        self.pace.lock == Lock::Force || self.unlocked.as_deref() == Some(id)
    }

    fn limits(&self) -> Limits {
        Limits { until: self.pace.until, stable: Duration::ZERO, fail_fast: self.pace.fail_fast }
    }

    fn ended(&self, ended: Ended) -> Result<(), Halt> {
        match ended {
            Ended::Done => Ok(()),
            Ended::Interrupted => Err(Halt::Interrupted),
            Ended::Refused(error) => Err(Halt::Silent(error.to_string())),
            Ended::Failed(failed) => match failed.into_iter().next() {
                None => Ok(()),
                Some((id, failed)) => {
                    let words = self.watch.book.services.get(&id).map(|record| failed.words(record));
                    if failed.is_unknown() {
                        return Err(Halt::Silent(format!("{id}: {}", words.unwrap_or_default())));
                    }
                    Err(Halt::Failed {
                        reason: words.unwrap_or_default(),
                        is_late: matches!(failed, crate::deploy::Failed::TimedOut(_)),
                        is_foreign: failed.is_foreign(),
                        id,
                    })
                }
            },
        }
    }

    pub(super) fn go_on(&self) -> Result<(), Halt> {
        if self.watch.is_interrupted() { Err(Halt::Interrupted) } else { Ok(()) }
    }

    pub(super) fn late(&self, halt: impl FnOnce() -> Halt) -> Result<(), Halt> {
        if Instant::now() >= self.pace.until { Err(halt()) } else { Ok(()) }
    }

    pub(super) fn say(&mut self, line: &str, audience: &mut dyn Audience) {
        if self.told != line {
            audience.tell(line);
            line.clone_into(&mut self.told);
        }
    }

    /// Waits for the next look; events are read meanwhile.
    pub(super) fn rest(&mut self, looks: u32) {
        let pause = if looks < PATIENT { FIRST_PAUSE } else { PAUSE };
        let until = Instant::now() + pause;
        while Instant::now() < until && !self.watch.is_interrupted() {
            self.watch.pause_until(until);
        }
    }
}

/// After this many looks they become rare: marathon-lb takes a second or two to reload HAProxy.
const PATIENT: u32 = 25;
