//! The launch queue: instances are scheduled, agents make offers, instances are provisioned.

use std::sync::Arc;

use super::constraint::Placed;
use super::instance::{Goal, InstanceCondition, SimulatedInstance, SimulatedTask};
use super::offer::{self, DeclineReason};
use super::run::{LaunchDelay, Unused};
use super::timer::{Due, Which};
use crate::server::events;
use crate::server::faults;
use crate::server::time::Time;
use crate::server::world::spec::Spec;
use crate::server::world::{Id, News, World};

/// Milliseconds until agents make offers to a service that has something to launch.
const FIRST_OFFER: u64 = 350;
/// Milliseconds until they make them again.
const NEXT_OFFER: u64 = 1_000;
/// Milliseconds until tasks report that they start.
const STARTING: u64 = 5;
/// Milliseconds until an instance without a task is forgotten.
const FORGETTING: u64 = 2;
/// Milliseconds from one request for offers, or for none, to the next (`--min_revive_offers_interval`).
const REVIVE: u64 = 5_000;

/// Whether agents make offers now. Marathon asks them to when something is to be launched, and tells them to stop when nothing
/// is, but not more often than once in an interval.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Revived {
    is_on: bool,
    /// When that was said last.
    said: Time,
    /// When offers were made last.
    offered: Time,
    /// Since when nothing is to be launched.
    idle: Time,
    /// How many services ask for offers.
    asking: usize,
}

/// The most instances of one service that are simulated: a number that was typed with too many zeros does not end the server.
/// What is wanted beyond stays wanted, as where no offer fits.
const MOST_INSTANCES: usize = 100_000;

/// How many of this many instances are scheduled for a service that has some.
fn startable(has: usize, count: usize) -> usize {
    count.min(MOST_INSTANCES.saturating_sub(has))
}

impl World {
    /// An instance of a service by its number.
    pub(crate) fn instance(&self, spec: &str, number: u64) -> Option<&SimulatedInstance> {
        self.runs.get(spec)?.instances.get(&number)
    }

    pub(crate) fn instance_mut(&mut self, spec: &str, number: u64) -> Option<&mut SimulatedInstance> {
        self.runs.get_mut(spec)?.instances.get_mut(&number)
    }

    /// Schedules this many instances of a service: stopped ones first, which keep their volumes.
    pub(crate) fn launch(&mut self, spec: &Arc<Spec>, count: usize) {
        let now = self.now;
        let has = self.runs.get(&spec.id).map_or(0, |run| run.instances.len());
        let count = startable(has, count);
        let is_stopped =
            |each: &&SimulatedInstance| each.goal == Goal::Stopped && each.condition.is_terminal();
        // Only what has volumes is stopped and not forgotten: nothing else is looked through.
        let stopped: Vec<u64> = if spec.is_resident() {
            self.instances(&spec.id).filter(is_stopped).map(|each| each.number).take(count).collect()
        } else {
            Vec::new()
        };
        for number in &stopped {
            if let Some(instance) = self.instance_mut(&spec.id, *number) {
                instance.goal = Goal::Running;
                instance.spec = spec.clone();
                (instance.condition, instance.since) = (InstanceCondition::Scheduled, now);
            }
            self.tell_instance(&spec.id, *number);
        }
        for _ in stopped.len()..count {
            let number = self.next_instance;
            self.next_instance += 1;
            let name = spec.id.trim_start_matches('/').replace('/', "_");
            let id = format!("{name}.instance-{}", self.random.instance_uuid());
            let instance = SimulatedInstance {
                number,
                id,
                spec: spec.clone(),
                condition: InstanceCondition::Scheduled,
                goal: Goal::Running,
                since: now,
                active_since: None,
                incarnation: 0,
                agent: None,
                ports: Vec::new(),
                tasks: Vec::new(),
                health: Vec::new(),
                volumes: Vec::new(),
            };
            self.runs.entry(spec.id.clone()).or_default().instances.insert(number, instance);
            self.tell_instance(&spec.id, number);
        }
        if count > 0 {
            self.ask_for_offers(&spec.id, true);
        }
    }

    /// When agents make the next offers. A deployment does not wait for them, what is launched again does.
    fn next_offers(&mut self, is_first: bool) -> Time {
        let now = self.now;
        let (first, next, revive) = (
            self.options.delay(FIRST_OFFER),
            self.options.delay(NEXT_OFFER).max(1),
            self.options.delay(REVIVE),
        );
        let is_idle = self.revived.asking == 0;
        let revived = &mut self.revived;
        let stopped = revived.said.plus(revive).max(revived.idle);
        if revived.is_on && is_idle && now > stopped {
            (revived.is_on, revived.said) = (false, stopped);
        }
        let at = if is_first {
            now.plus(first)
        } else if revived.is_on {
            let passed = now.plus(first).since(revived.offered).div_ceil(next);
            revived.offered.plus(passed * next)
        } else {
            now.plus(first).max(revived.said.plus(revive))
        };
        if !revived.is_on {
            (revived.is_on, revived.said) = (true, at);
        }
        revived.offered = at;
        at
    }

    /// Plans offers to a service that has something to launch.
    pub(crate) fn ask_for_offers(&mut self, id: &Id, is_first: bool) {
        let now = self.now;
        if self.runs.get(id).is_none_or(|run| run.is_asking) {
            return;
        }
        let at = self.next_offers(is_first);
        let Some(run) = self.runs.get_mut(id) else { return };
        run.is_asking = true;
        self.revived.asking += 1;
        run.since = now;
        let deadline = run.delay.map_or(now, LaunchDelay::deadline);
        let at = self.tick_after(at, deadline);
        self.timers.add(at, Due::Offers(id.clone()));
    }

    /// Notes that a service has nothing to launch any more.
    fn asks_no_more(&mut self, id: &Id) {
        if let Some(run) = self.runs.get_mut(id)
            && std::mem::take(&mut run.is_asking)
        {
            self.revived.asking -= 1;
        }
    }

    /// Forgets what ran of a service.
    pub(crate) fn forget_run(&mut self, id: &Id) {
        self.asks_no_more(id);
        self.runs.remove(id);
    }

    /// The time of the offers that follow those at `at`, once a delay has ended.
    fn tick_after(&self, at: Time, deadline: Time) -> Time {
        let tick = self.options.delay(NEXT_OFFER).max(1);
        at.plus(deadline.since(at).div_ceil(tick) * tick)
    }

    /// Agents make offers to a service.
    pub(crate) fn make_offers(&mut self, id: &Id) {
        let now = self.now;
        let Some(run) = self.runs.get_mut(id) else { return };
        let deadline = run.delay.map_or(now, LaunchDelay::deadline);
        if deadline > now && run.has_waiting() {
            let at = self.tick_after(now, deadline);
            return self.timers.add(at, Due::Offers(id.clone()));
        }
        self.revived.offered = now;
        let waiting: Vec<u64> = run.waiting().map(|each| each.number).collect();
        let mut is_left = false;
        let mut placed = None;
        let mut agent =
            usize::try_from(self.random.below(u64::from(u32::MAX))).unwrap_or(0) % self.agents.len().max(1);
        for number in waiting {
            is_left |= !self.offer_to(id, number, &mut agent, &mut placed);
        }
        if is_left {
            self.timers.add(now.plus(self.options.delay(NEXT_OFFER)), Due::Offers(id.clone()));
        } else {
            self.asks_no_more(id);
            self.revived.idle = now;
        }
    }

    /// Offers all agents to an instance, from this one on. Returns whether it was taken.
    fn offer_to(&mut self, id: &Id, number: u64, first: &mut usize, placed: &mut Option<Placed>) -> bool {
        let now = self.now;
        let latest = self.specs.get(id).cloned();
        let Some(run) = self.runs.get_mut(id) else { return true };
        let Some(instance) = run.instances.get_mut(&number) else { return true };
        // What only scaled the service changes what a waiting instance will run.
        if let Some(latest) = latest.filter(|latest| latest.configured == instance.spec.configured) {
            instance.spec = latest;
        }
        let (spec, home) = (instance.spec.clone(), instance.agent);
        let placed = match placed {
            Some(placed) if placed.is_of(&spec) => placed,
            placed => placed.insert(Placed::of(&spec, run.instances.values(), self.agents.len())),
        };
        for step in 0..self.agents.len() {
            let at = (*first + step) % self.agents.len();
            let reasons = match home.filter(|_| spec.is_resident()) {
                Some(home) if home != at => vec![DeclineReason::Reservation],
                _ => offer::reasons(&spec, &self.agents[at], &self.agents, placed),
            };
            run.offers.processed += 1;
            let Some(reason) = reasons.first().copied() else {
                run.offers.last_used = Some(now);
                run.offers.last.remove(&at);
                *first = at + 1;
                placed.add(at);
                self.provision(id, number, at);
                return true;
            };
            run.offers.unused += 1;
            run.offers.last_unused = Some(now);
            *run.offers.declined.entry(reason).or_default() += 1;
            let offer = self.random.uuid();
            run.offers.last.insert(at, Unused { offer, reasons, at: now });
        }
        false
    }

    /// Gives an instance to an agent.
    fn provision(&mut self, id: &Id, number: u64, agent: usize) {
        let (now, starting) = (self.now, self.options.delay(STARTING));
        let Some(instance) = self.runs.get_mut(id).and_then(|run| run.instances.get_mut(&number)) else {
            return;
        };
        let spec = instance.spec.clone();
        instance.incarnation += 1;
        instance.condition = InstanceCondition::Provisioned;
        (instance.since, instance.active_since) = (now, None);
        instance.agent = Some(agent);
        instance.health.clear();
        let task = |name| SimulatedTask {
            name,
            condition: InstanceCondition::Provisioned,
            staged: Some(now),
            started: None,
            since: now,
            has_address: false,
        };
        instance.tasks = spec.task_names().into_iter().map(task).collect();
        let host = &mut self.agents[agent];
        instance.ports = offer::take_ports(&spec, host, &mut self.random);
        if instance.volumes.is_empty() && spec.is_resident() {
            instance.volumes.push(self.random.uuid());
        }
        host.used.cpus += spec.resource("cpus");
        host.used.mem += spec.resource("mem");
        host.used.disk += spec.resource("disk");
        host.used.gpus += spec.resource("gpus");
        let which = Which { spec: id.clone(), instance: number, incarnation: instance.incarnation };
        self.tell_instance(id, number);
        self.timers.add(now.plus(starting), Due::Starting(which));
    }

    /// Gives back to the agent what an instance took of it.
    pub(crate) fn release(&mut self, spec: &Spec, agent: Option<usize>, ports: &[u16]) {
        let Some(host) = agent.and_then(|agent| self.agents.get_mut(agent)) else { return };
        host.used.cpus -= spec.resource("cpus");
        host.used.mem -= spec.resource("mem");
        host.used.disk -= spec.resource("disk");
        host.used.gpus -= spec.resource("gpus");
        for port in ports {
            host.used.ports.remove(port);
        }
    }

    /// Changes what is meant to become of an instance: its task is killed, or it is removed where it has none.
    pub(crate) fn set_goal(&mut self, id: &Id, number: u64, goal: Goal) {
        let Some(instance) = self.instance_mut(id, number) else { return };
        if instance.goal == Goal::Decommissioned {
            return;
        }
        instance.goal = goal;
        let is_active = instance.is_active();
        self.tell_instance(id, number);
        if is_active {
            return self.kill(id, number);
        }
        if goal == Goal::Decommissioned {
            let at = self.now.plus(self.options.delay(FORGETTING));
            self.timers.add(at, Due::Forgotten(id.clone(), number));
        }
    }

    /// Forgets an instance that was decommissioned before it had a task.
    pub(crate) fn forget(&mut self, id: &Id, number: u64) {
        self.remove_instance(id, number);
        self.note(id, number, News::Ended);
    }

    /// Kills the tasks of an instance.
    pub(crate) fn kill(&mut self, id: &Id, number: u64) {
        let Some(instance) = self.instance(id, number).filter(|instance| instance.is_active()) else {
            return;
        };
        let delay = faults::kill_delay(&instance.spec);
        let which = Which { spec: id.clone(), instance: number, incarnation: instance.incarnation };
        let at = self.now.plus(self.options.delay(delay));
        self.timers.add(at, Due::Killed(which));
    }

    /// Forgets an instance.
    pub(crate) fn remove_instance(&mut self, id: &Id, number: u64) {
        if let Some(run) = self.runs.get_mut(id) {
            run.instances.remove(&number);
            if run.is_asking && !run.has_waiting() {
                self.asks_no_more(id);
            }
        }
    }

    /// Increases the delay of a service after a failure.
    pub(crate) fn add_delay(&mut self, spec: &Spec) {
        let now = self.now;
        let (first, factor, most) = spec.backoff();
        let Some(run) = self.runs.get_mut(&spec.id) else { return };
        let known = run.delay.filter(|delay| now <= delay.reference.plus(most));
        let current = match known {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "saturates"
            )]
            Some(delay) => ((delay.current as f64 * factor) as u64).min(most),
            None => first.min(most),
        };
        run.delay = Some(LaunchDelay { reference: now, current });
    }

    /// Ends the delay of a service.
    pub(crate) fn reset_delay(&mut self, id: &str) {
        let now = self.now;
        let Some((id, run)) = self.runs.get_key_value(id).map(|(id, _)| id.clone()).and_then(|id| {
            let run = self.runs.get_mut(&id)?;
            Some((id, run))
        }) else {
            return;
        };
        if run.delay.take().is_some() && run.has_waiting() {
            self.timers.add(now, Due::Offers(id));
        }
    }

    /// Sends the event of an instance's condition.
    pub(crate) fn tell_instance(&mut self, id: &Id, number: u64) {
        self.emit(|world| events::instance_changed(world, id, number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_with_too_many_zeros_does_not_end_the_server() {
        assert_eq!(startable(2, 1_000_000_000), MOST_INSTANCES - 2);
        assert_eq!(startable(MOST_INSTANCES, 1), 0);
        assert_eq!(startable(usize::MAX, 1), 0);
        assert_eq!(startable(2, 3), 3);
    }
}
