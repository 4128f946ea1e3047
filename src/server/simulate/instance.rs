//! Instances of services and their tasks.

use std::sync::Arc;

use crate::server::time::Time;
use crate::server::world::spec::Spec;

/// What state an instance is in (`Condition`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InstanceCondition {
    Scheduled,
    Provisioned,
    Starting,
    Running,
    /// The master refuses the task.
    Error,
    /// The agent cannot make a place for the task.
    Dropped,
    Failed,
    Finished,
    Killed,
    Gone,
    Unreachable,
    UnreachableInactive,
}

impl InstanceCondition {
    /// Marathon's name for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "Scheduled",
            Self::Provisioned => "Provisioned",
            Self::Starting => "Starting",
            Self::Running => "Running",
            Self::Error => "Error",
            Self::Dropped => "Dropped",
            Self::Failed => "Failed",
            Self::Finished => "Finished",
            Self::Killed => "Killed",
            Self::Gone => "Gone",
            Self::Unreachable => "Unreachable",
            Self::UnreachableInactive => "UnreachableInactive",
        }
    }

    /// The state of a task that an instance in this condition has, in Mesos' words.
    pub(crate) fn task_state(self) -> &'static str {
        match self {
            Self::Scheduled | Self::Provisioned => "TASK_STAGING",
            Self::Starting => "TASK_STARTING",
            Self::Running => "TASK_RUNNING",
            Self::Error => "TASK_ERROR",
            Self::Dropped => "TASK_DROPPED",
            Self::Failed => "TASK_FAILED",
            Self::Finished => "TASK_FINISHED",
            Self::Killed => "TASK_KILLED",
            Self::Gone => "TASK_GONE",
            Self::Unreachable | Self::UnreachableInactive => "TASK_UNREACHABLE",
        }
    }

    /// What is killed first when a service is scaled down: the lowest.
    pub(crate) fn kill_weight(self) -> u8 {
        match self {
            Self::Unreachable => 1,
            Self::Starting => 3,
            Self::Running => 4,
            _ => 5,
        }
    }

    /// Whether Marathon keeps tasks that ended in it as a failure: not those that finished, or that were killed, unless a failed
    /// health check had them killed (`TaskFailure.isFailureState`).
    pub(crate) fn is_failure(self) -> bool {
        matches!(self, Self::Error | Self::Dropped | Self::Failed | Self::Gone)
    }

    /// Whether tasks in it have ended.
    pub(crate) fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::Error | Self::Dropped | Self::Failed | Self::Finished | Self::Killed | Self::Gone
        )
    }
}

/// What is meant to become of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    Running,
    /// It ends, but keeps its reservation.
    Stopped,
    Decommissioned,
}

/// A task of an instance.
#[derive(Clone, Debug)]
pub(crate) struct SimulatedTask {
    /// `app`, or the name of a pod's container.
    pub(crate) name: String,
    pub(crate) condition: InstanceCondition,
    pub(crate) staged: Option<Time>,
    pub(crate) started: Option<Time>,
    /// When its state changed last.
    pub(crate) since: Time,
    /// Whether it ran, and so got an address.
    pub(crate) has_address: bool,
}

/// The results of a health check of a task.
#[derive(Clone, Debug, Default)]
pub(crate) struct Health {
    pub(crate) first_success: Option<Time>,
    pub(crate) last_success: Option<Time>,
    pub(crate) last_failure: Option<(Time, String)>,
    pub(crate) failures: u32,
    /// Whether it passed; nothing before the first result.
    pub(crate) is_alive: Option<bool>,
}

/// An instance of a service.
#[derive(Clone, Debug)]
pub(crate) struct SimulatedInstance {
    /// Its number, for as long as the program runs.
    pub(crate) number: u64,
    /// Its id: `shop_cart.instance-…`.
    pub(crate) id: String,
    /// The definition that it runs.
    pub(crate) spec: Arc<Spec>,
    pub(crate) condition: InstanceCondition,
    pub(crate) goal: Goal,
    /// When its condition changed last.
    pub(crate) since: Time,
    /// Since when it runs.
    pub(crate) active_since: Option<Time>,
    /// How often it was launched.
    pub(crate) incarnation: u32,
    /// The number of the agent it is on.
    pub(crate) agent: Option<usize>,
    /// The host ports of its tasks, in order.
    pub(crate) ports: Vec<u16>,
    pub(crate) tasks: Vec<SimulatedTask>,
    /// The results of its health checks, in the order of the definition.
    pub(crate) health: Vec<Health>,
    /// Ids of volumes that it keeps.
    pub(crate) volumes: Vec<String>,
}

impl SimulatedInstance {
    /// Whether it has a task that did not end.
    pub(crate) fn is_active(&self) -> bool {
        use InstanceCondition::{Provisioned, Running, Starting, Unreachable, UnreachableInactive};
        matches!(self.condition, Provisioned | Starting | Running | Unreachable | UnreachableInactive)
    }

    /// The condition that Marathon shows: one that waits to be launched again has that of its last tasks.
    pub(crate) fn shown_condition(&self) -> InstanceCondition {
        let last = self.tasks.iter().map(|task| task.condition).find(|condition| condition.is_terminal());
        last.filter(|_| self.is_scheduled()).unwrap_or(self.condition)
    }

    /// Whether it waits to be launched.
    pub(crate) fn is_scheduled(&self) -> bool {
        self.condition == InstanceCondition::Scheduled
    }

    /// Whether its health checks pass; nothing before all have a result, or without checks.
    pub(crate) fn is_healthy(&self) -> Option<bool> {
        if !self.spec.has_health_checks() || self.health.is_empty() {
            return None;
        }
        let known: Vec<bool> = self.health.iter().filter_map(|health| health.is_alive).collect();
        if known.contains(&false) {
            return Some(false);
        }
        (known.len() == self.health.len()).then_some(true)
    }

    /// Whether an update counts it among the healthy.
    pub(crate) fn is_considered_healthy(&self) -> bool {
        self.condition == InstanceCondition::Running && self.is_healthy() != Some(false)
    }

    /// The id of one of its tasks.
    pub(crate) fn task_id(&self, name: &str) -> String {
        if self.spec.is_pod() {
            format!("{}.{name}.{}", self.id, self.incarnation)
        } else {
            format!("{}._app.{}", self.id, self.incarnation)
        }
    }

    /// The id of its only or first task.
    pub(crate) fn first_task_id(&self) -> String {
        let name = self.tasks.first().map(|task| task.name.clone());
        self.task_id(&name.unwrap_or_default())
    }
}
