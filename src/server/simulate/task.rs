//! The life of tasks: they start, run, fail, end and are killed.

use super::instance::{Goal, InstanceCondition, SimulatedInstance};
use super::run::FailedTask;
use super::timer::{Due, Which};
use crate::server::events;
use crate::server::faults::{self, TaskExit};
use crate::server::world::spec::milliseconds;
use crate::server::world::{News, World};

/// Milliseconds from the report that tasks start until they run.
const RUNNING: u64 = 230;
/// Milliseconds that a task runs whose command is to exit without a failure.
const EXITING: u64 = 470;

impl World {
    /// Does what is due.
    pub(crate) fn run_due(&mut self, due: Due) {
        match due {
            Due::Offers(id) => self.make_offers(&id),
            Due::Starting(which) => self.starting(&which),
            Due::Running(which) => self.running(&which),
            Due::Exit(which, code) => self.exited(&which, code),
            Due::Killed(which) => self.ended(&which, InstanceCondition::Killed, "", None),
            Due::Forgotten(id, number) => self.forget(&id, number),
            Due::Check(which, index) => self.check(&which, index),
            Due::Readiness(which, index) => self.check_readiness(&which, index),
            Due::Lost(which) => self.lost(&which),
            Due::Inactive(which) => self.inactive(&which),
            Due::Expunged(which) => self.ended(&which, InstanceCondition::Gone, "", None),
        }
    }

    /// Whether this task of the instance is still its task.
    pub(crate) fn is_current(&self, which: &Which) -> bool {
        let instance = self.instance(&which.spec, which.instance);
        instance.is_some_and(|each| each.incarnation == which.incarnation && each.is_active())
    }

    /// Sets the state of all tasks of an instance, or of only one while the others run, and tells everyone.
    fn report(&mut self, which: &Which, of_all: InstanceCondition, message: &str, only: Option<usize>) {
        let now = self.now;
        let Some(instance) = self.instance_mut(&which.spec, which.instance) else { return };
        for (index, task) in instance.tasks.iter_mut().enumerate() {
            let is_meant = only.is_none_or(|only| only == index);
            let condition = if is_meant { of_all } else { InstanceCondition::Running };
            (task.condition, task.since) = (condition, now);
            if condition == InstanceCondition::Running {
                (task.started, task.has_address) = (Some(now), true);
            } else if condition.is_terminal() {
                (task.staged, task.started) = (None, None);
            }
        }
        (instance.condition, instance.since) = (of_all, now);
        if of_all == InstanceCondition::Running || only.is_some() {
            instance.active_since = Some(now);
        }
        for index in 0..instance.tasks.len() {
            self.emit(|world| events::status_update(world, which, index, message));
        }
        self.tell_instance(&which.spec, which.instance);
    }

    /// The tasks of an instance report that they start.
    pub(crate) fn starting(&mut self, which: &Which) {
        use InstanceCondition::{Running, Starting};
        let is_begun = |each: &SimulatedInstance| matches!(each.condition, Starting | Running);
        // One that is let run at once is not started a second time.
        if !self.is_current(which) || self.instance(&which.spec, which.instance).is_some_and(is_begun) {
            return;
        }
        let spec = self.instance(&which.spec, which.instance).map(|each| each.spec.clone());
        if let Some(refusal) = spec.as_deref().and_then(|spec| spec.refusal(&self.options.settings)) {
            return self.ended(which, refusal.condition, &refusal.message, None);
        }
        self.report(which, InstanceCondition::Starting, "", None);
        let Some(instance) = self.instance(&which.spec, which.instance) else { return };
        let delay = faults::start_delay(&instance.spec).unwrap_or(RUNNING);
        self.timers.add(self.now.plus(self.options.delay(delay)), Due::Running(which.clone()));
    }

    /// The tasks of an instance report that they run.
    pub(crate) fn running(&mut self, which: &Which) {
        let runs = |each: &SimulatedInstance| each.condition == InstanceCondition::Running;
        if !self.is_current(which) || self.instance(&which.spec, which.instance).is_some_and(runs) {
            return;
        }
        let Some(spec) = self.instance(&which.spec, which.instance).map(|each| each.spec.clone()) else {
            return;
        };
        let chaos = self.chaos_exit();
        let exit = chaos.or_else(|| faults::exit(&spec, which.incarnation));
        let after = match exit {
            Some(TaskExit { code, after: None }) if code != 0 => {
                return self.exited(which, code);
            }
            Some(TaskExit { code, after }) => Some((code, after.unwrap_or(EXITING))),
            None => None,
        };
        self.report(which, InstanceCondition::Running, "", None);
        if let Some((code, after)) = after {
            self.timers.add(self.now.plus(self.options.delay(after)), Due::Exit(which.clone(), code));
        }
        if let Some(seconds) = faults::lost_after(&spec) {
            let at = self.now.plus(self.options.delay(milliseconds(seconds)));
            self.timers.add(at, Due::Lost(which.clone()));
        }
        self.begin_checks(which);
        self.note(&which.spec, which.instance, News::Running);
    }

    /// A task ended by itself.
    pub(crate) fn exited(&mut self, which: &Which, code: i64) {
        let spec = self.instance(&which.spec, which.instance).map(|each| each.spec.clone());
        let message =
            spec.and_then(|spec| spec.label("MILEPOST_FAULT_MESSAGE").map(str::to_owned)).unwrap_or_default();
        let condition = if code == 0 { InstanceCondition::Finished } else { InstanceCondition::Failed };
        // A pod fails with its first container that does; the others still run then.
        let only =
            self.instance(&which.spec, which.instance).and_then(|each| faults::exiting_container(&each.spec));
        self.ended(which, condition, &message, only.filter(|_| code != 0));
    }

    /// The tasks of an instance have ended: it is launched again, kept, or forgotten, as its goal says.
    pub(crate) fn ended(
        &mut self,
        which: &Which,
        condition: InstanceCondition,
        message: &str,
        only: Option<usize>,
    ) {
        if !self.is_current(which) {
            return;
        }
        self.report(which, condition, message, only);
        let Some(instance) = self.instance(&which.spec, which.instance).cloned() else { return };
        self.remember_failure(which, message);
        self.release(&instance.spec, instance.agent, &instance.ports);
        match instance.goal {
            Goal::Decommissioned => self.remove_instance(&which.spec, which.instance),
            Goal::Stopped => {}
            Goal::Running => {
                if let Some(instance) = self.instance_mut(&which.spec, which.instance) {
                    instance.condition = InstanceCondition::Scheduled;
                }
                if condition != InstanceCondition::Killed {
                    self.add_delay(&instance.spec);
                }
                self.ask_for_offers(&which.spec, false);
            }
        }
        self.note(&which.spec, which.instance, News::Ended);
    }

    /// Keeps the failure of an instance's tasks, if one of them failed, as the last one of its service.
    fn remember_failure(&mut self, which: &Which, message: &str) {
        let Some(instance) = self.instance(&which.spec, which.instance) else { return };
        if let Some(task) = instance.tasks.iter().rfind(|task| task.condition.is_failure()) {
            let (id, condition) = (instance.task_id(&task.name), task.condition);
            self.remember(which, id, condition, message);
        }
    }

    /// Keeps the last failure of a service: of a task of an instance.
    pub(crate) fn remember(
        &mut self,
        which: &Which,
        task: String,
        condition: InstanceCondition,
        message: &str,
    ) {
        let now = self.now;
        let Some(run) = self.runs.get_mut(&which.spec) else { return };
        let Some(instance) = run.instances.get(&which.instance) else { return };
        run.failure = Some(FailedTask {
            task,
            condition,
            message: message.to_owned(),
            agent: instance.agent,
            version: instance.spec.version,
            at: now,
        });
    }

    /// The agent of an instance is lost.
    pub(crate) fn lost(&mut self, which: &Which) {
        if !self.is_current(which) {
            return;
        }
        self.report(which, InstanceCondition::Unreachable, "", None);
        let Some(instance) = self.instance(&which.spec, which.instance) else { return };
        if let Some((inactive, expunged)) = instance.spec.unreachable() {
            self.timers.add(self.now.plus(self.options.delay(inactive)), Due::Inactive(which.clone()));
            self.timers.add(self.now.plus(self.options.delay(expunged)), Due::Expunged(which.clone()));
        }
    }

    /// An unreachable instance is replaced by another.
    fn inactive(&mut self, which: &Which) {
        let is_lost = |world: &Self| {
            let instance = world.instance(&which.spec, which.instance);
            instance.is_some_and(|each| each.condition == InstanceCondition::Unreachable)
        };
        if !self.is_current(which) || !is_lost(self) {
            return;
        }
        self.report(which, InstanceCondition::UnreachableInactive, "", None);
    }

    /// Whether random faults end a task now.
    fn chaos_exit(&mut self) -> Option<TaskExit> {
        self.options.chaos?;
        let dice = self.random.below(20);
        match dice {
            0 => Some(TaskExit { code: 1, after: None }),
            1 => Some(TaskExit { code: 137, after: Some(self.random.below(3_000)) }),
            _ => None,
        }
    }
}
