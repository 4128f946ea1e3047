//! How the actions of a step are carried out: stopping, scaling, and replacing instances (`DeploymentActor`,
//! `ScalingProposition`, `TaskStartActor`, `TaskReplaceActor`, 1.11).

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::plan::{ActionKind, DeploymentAction};
use crate::server::events;
use crate::server::simulate::instance::{Goal, InstanceCondition, SimulatedInstance};
use crate::server::world::spec::Spec;
use crate::server::world::{News, Notice, World};

/// How far an action has come.
#[derive(Clone, Debug)]
pub(crate) enum ActionProgress {
    /// Not further than its beginning.
    Begun,
    /// Waits for these instances to be gone, then is done.
    Stopping(BTreeSet<u64>),
    /// Waits for these instances to end, then starts others.
    Shrinking(BTreeSet<u64>),
    /// Waits for this many instances to be healthy and ready.
    Growing { wanted: usize, seen: SeenInstances },
    /// Replaces old instances by new ones.
    Replacing(Replacement),
    /// There is nothing left to do.
    Done,
}

impl ActionProgress {
    pub(crate) fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }
}

/// The instances that were seen to be healthy, and ready (`ReadinessBehavior`).
#[derive(Clone, Debug, Default)]
pub(crate) struct SeenInstances {
    healthy: BTreeSet<u64>,
    ready: BTreeSet<u64>,
}

impl SeenInstances {
    fn has_reached(&self, count: usize) -> bool {
        self.healthy.len() == count && self.ready.len() == count
    }

    fn forget(&mut self, instance: u64) {
        self.healthy.remove(&instance);
        self.ready.remove(&instance);
    }

    /// Takes in what happened to an instance of the wanted version. Returns whether something changed.
    fn hear(&mut self, notice: &Notice, spec: &Spec) -> bool {
        let has_readiness = spec.list(&["readinessChecks"]).next().is_some();
        let is_healthy = match notice.what {
            News::Running => !spec.has_health_checks(),
            News::Health(true) => spec.has_health_checks() && !self.healthy.contains(&notice.instance),
            News::Ready => {
                self.ready.insert(notice.instance);
                return true;
            }
            News::Health(false) | News::Ended => false,
        };
        if is_healthy {
            self.healthy.insert(notice.instance);
            if !has_readiness {
                self.ready.insert(notice.instance);
            }
        }
        is_healthy
    }
}

/// The state of a rolling replacement.
#[derive(Clone, Debug)]
pub(crate) struct Replacement {
    seen: SeenInstances,
    capacity: usize,
    started: usize,
    /// The old instances that are still there.
    old: BTreeSet<u64>,
    /// All instances that were old at the beginning.
    were_old: BTreeSet<u64>,
    to_kill: VecDeque<u64>,
}

impl World {
    /// Begins an action.
    pub(crate) fn begin(&mut self, action: &DeploymentAction, deployment: &str) -> ActionProgress {
        let spec = &action.spec;
        if action.kind != ActionKind::Stop {
            self.add_health_checks(spec);
        }
        match action.kind {
            ActionKind::Start => ActionProgress::Done,
            ActionKind::Stop => self.begin_stop(spec),
            ActionKind::Scale => self.begin_scale(action),
            ActionKind::Restart if spec.instances() == 0 => ActionProgress::Done,
            ActionKind::Restart => self.begin_replacement(spec, deployment),
        }
    }

    /// Goes on with an action after news of an instance.
    pub(crate) fn go_on_with(
        &mut self,
        progress: ActionProgress,
        action: &DeploymentAction,
        notice: &Notice,
    ) -> ActionProgress {
        match progress {
            ActionProgress::Stopping(mut left) => {
                let is_gone = self.instance(&notice.spec, notice.instance).is_none();
                if is_gone {
                    left.remove(&notice.instance);
                }
                if left.is_empty() { self.end_stop(&action.spec) } else { ActionProgress::Stopping(left) }
            }
            ActionProgress::Shrinking(mut left) => {
                if notice.what == News::Ended {
                    left.remove(&notice.instance);
                }
                if left.is_empty() {
                    self.begin_growth(&action.spec)
                } else {
                    ActionProgress::Shrinking(left)
                }
            }
            ActionProgress::Growing { wanted, seen } => self.grow(wanted, seen, action, notice),
            ActionProgress::Replacing(replacement) => self.replace(replacement, action, notice),
            other => other,
        }
    }

    fn begin_stop(&mut self, spec: &Arc<Spec>) -> ActionProgress {
        self.remove_health_checks(spec);
        let left: BTreeSet<u64> = self.instances(&spec.id).map(|instance| instance.number).collect();
        for number in &left {
            self.set_goal(&spec.id, *number, Goal::Decommissioned);
        }
        let left: BTreeSet<u64> = self.instances(&spec.id).map(|instance| instance.number).collect();
        if left.is_empty() { self.end_stop(spec) } else { ActionProgress::Stopping(left) }
    }

    fn end_stop(&mut self, spec: &Arc<Spec>) -> ActionProgress {
        self.forget_run(&spec.id);
        self.emit(|_| events::app_terminated(&spec.id));
        ActionProgress::Done
    }

    fn begin_scale(&mut self, action: &DeploymentAction) -> ActionProgress {
        let spec = &action.spec;
        let doomed = self.doomed(spec, &action.kill);
        let goal = if spec.is_resident() { Goal::Stopped } else { Goal::Decommissioned };
        let mut left = BTreeSet::new();
        for number in doomed {
            self.set_goal(&spec.id, number, goal);
            if self.instance(&spec.id, number).is_some_and(SimulatedInstance::is_active) {
                left.insert(number);
            }
        }
        if left.is_empty() { self.begin_growth(spec) } else { ActionProgress::Shrinking(left) }
    }

    /// The instances to kill for the wanted number (`ScalingProposition`).
    fn doomed(&self, spec: &Spec, kill: &[u64]) -> Vec<u64> {
        let instances = self.instances(&spec.id);
        let kill: BTreeSet<u64> = kill.iter().copied().collect();
        let is_wanted = |instance: &&SimulatedInstance| {
            instance.goal == Goal::Running && instance.condition != InstanceCondition::UnreachableInactive
        };
        let (named, mut others): (Vec<&SimulatedInstance>, Vec<&SimulatedInstance>) =
            instances.filter(is_wanted).partition(|instance| kill.contains(&instance.number));
        let all = named.len() + others.len();
        let count = all.saturating_sub(spec.instances()).max(named.len());
        let oldest_first = spec.kills_oldest_first();
        others.sort_by_key(|instance| {
            let age = instance.active_since.map_or(0, |since| since.0 + 1);
            (instance.condition.kill_weight(), if oldest_first { age } else { u64::MAX - age })
        });
        named.into_iter().chain(others).take(count).map(|instance| instance.number).collect()
    }

    fn begin_growth(&mut self, spec: &Arc<Spec>) -> ActionProgress {
        let launched = self.instances(&spec.id);
        let launched =
            launched.filter(|each| each.goal == Goal::Running && (each.is_active() || each.is_scheduled()));
        let wanted = spec.instances().saturating_sub(launched.count());
        if wanted == 0 {
            return ActionProgress::Done;
        }
        self.launch(spec, wanted);
        ActionProgress::Growing { wanted, seen: SeenInstances::default() }
    }

    fn grow(
        &mut self,
        wanted: usize,
        mut seen: SeenInstances,
        action: &DeploymentAction,
        notice: &Notice,
    ) -> ActionProgress {
        let version = self.instance(&notice.spec, notice.instance).map(|instance| instance.spec.version);
        if notice.what == News::Ended {
            seen.forget(notice.instance);
            let is_wanted = self.instance(&notice.spec, notice.instance);
            if is_wanted.is_none_or(|instance| instance.goal != Goal::Running) {
                let launched = self.instances(&notice.spec).filter(|each| each.goal == Goal::Running);
                if launched.count() < action.spec.instances() {
                    self.launch(&action.spec, 1);
                }
            }
        } else if version == Some(action.spec.version) {
            seen.hear(notice, &action.spec);
        }
        if seen.has_reached(wanted) { ActionProgress::Done } else { ActionProgress::Growing { wanted, seen } }
    }

    fn begin_replacement(&mut self, spec: &Arc<Spec>, _deployment: &str) -> ActionProgress {
        let (minimum, over) = spec.upgrade();
        let wanted = spec.instances();
        let all = self.instances(&spec.id).count();
        let healthy = self.instances(&spec.id);
        let healthy =
            healthy.filter(|each| each.goal == Goal::Running && each.is_considered_healthy()).count();
        let lowest = part(wanted, minimum, f64::ceil);
        let mut capacity = part(wanted, 1.0 + over, f64::floor);
        let mut kill_now = healthy.saturating_sub(lowest);
        if lowest == capacity && capacity <= healthy {
            if spec.is_resident() {
                kill_now = healthy - lowest + 1;
            } else {
                capacity += 1;
            }
        }
        if wanted < all {
            kill_now = kill_now.max(all - wanted);
        }
        let mut replacement = Replacement {
            seen: SeenInstances::default(),
            capacity,
            started: 0,
            old: BTreeSet::new(),
            were_old: BTreeSet::new(),
            to_kill: VecDeque::new(),
        };
        let mut healthy_old = Vec::new();
        for instance in self.instances(&spec.id) {
            if instance.spec.version == spec.version {
                replacement.started += 1;
                let is_healthy = !spec.has_health_checks() || instance.is_healthy() == Some(true);
                if is_healthy {
                    replacement.seen.healthy.insert(instance.number);
                }
                if spec.list(&["readinessChecks"]).next().is_none() {
                    replacement.seen.ready.insert(instance.number);
                }
            } else if instance.goal == Goal::Running {
                replacement.old.insert(instance.number);
                if instance.is_considered_healthy() {
                    healthy_old.push(instance.number);
                } else {
                    replacement.to_kill.push_back(instance.number);
                }
            }
        }
        replacement.were_old.clone_from(&replacement.old);
        replacement.to_kill.extend(healthy_old);
        for _ in 0..kill_now {
            self.kill_next_old(&mut replacement, spec);
        }
        self.launch_new(&mut replacement, spec);
        self.reset_delay(&spec.id);
        finish(replacement, spec)
    }

    fn kill_next_old(&mut self, replacement: &mut Replacement, spec: &Arc<Spec>) {
        // Those that have ended by themselves meanwhile are no longer among the old ones.
        let next = std::iter::from_fn(|| replacement.to_kill.pop_front());
        let old = &replacement.old;
        if let Some(number) = next.into_iter().find(|number| old.contains(number)) {
            let goal = if spec.is_resident() { Goal::Stopped } else { Goal::Decommissioned };
            self.set_goal(&spec.id, number, goal);
        }
    }

    fn launch_new(&mut self, replacement: &mut Replacement, spec: &Arc<Spec>) {
        let left = replacement.capacity.saturating_sub(replacement.old.len() + replacement.started);
        let count = spec.instances().saturating_sub(replacement.started).min(left);
        if count > 0 {
            replacement.started += count;
            self.launch(spec, count);
        }
    }

    fn replace(
        &mut self,
        mut replacement: Replacement,
        action: &DeploymentAction,
        notice: &Notice,
    ) -> ActionProgress {
        let spec = &action.spec;
        let number = notice.instance;
        if replacement.old.contains(&number) {
            if notice.what == News::Ended {
                replacement.old.remove(&number);
                let is_wanted =
                    self.instance(&spec.id, number).is_some_and(|each| each.goal == Goal::Running);
                if is_wanted {
                    let goal = if spec.is_resident() { Goal::Stopped } else { Goal::Decommissioned };
                    self.set_goal(&spec.id, number, goal);
                }
                self.launch_new(&mut replacement, spec);
            }
            return finish(replacement, spec);
        }
        if replacement.were_old.contains(&number) {
            // It was replaced when it ended; now it is forgotten.
            return finish(replacement, spec);
        }
        if notice.what == News::Ended {
            replacement.seen.forget(number);
            if self.instance(&spec.id, number).is_none() {
                replacement.started = replacement.started.saturating_sub(1);
                self.launch_new(&mut replacement, spec);
            }
        } else {
            let is_new =
                self.instance(&spec.id, number).is_some_and(|each| each.spec.version == spec.version);
            if is_new && replacement.seen.hear(notice, spec) {
                let seen = &replacement.seen;
                if seen.healthy.contains(&number) && seen.ready.contains(&number) {
                    self.kill_next_old(&mut replacement, spec);
                }
            }
        }
        finish(replacement, spec)
    }
}

fn finish(replacement: Replacement, spec: &Spec) -> ActionProgress {
    let is_done = replacement.old.is_empty() && replacement.seen.has_reached(spec.instances());
    if is_done { ActionProgress::Done } else { ActionProgress::Replacing(replacement) }
}

/// A part of a number of instances.
fn part(count: usize, of: f64, round: fn(f64) -> f64) -> usize {
    #[expect(clippy::cast_precision_loss, reason = "no one runs so many instances")]
    let count = count as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, which is meant")]
    let part = round(count * of) as usize;
    part
}
