//! What runs of a service: its instances, the delay after failures, what became of offers.

use std::collections::BTreeMap;

use super::instance::{Goal, InstanceCondition, SimulatedInstance};
use super::offer::DeclineReason;
use crate::server::time::Time;

/// A failed task.
#[derive(Clone, Debug)]
pub(crate) struct FailedTask {
    pub(crate) task: String,
    pub(crate) condition: InstanceCondition,
    pub(crate) message: String,
    pub(crate) agent: Option<usize>,
    pub(crate) version: Time,
    pub(crate) at: Time,
}

/// The delay after a failure (`RateLimiter.Delay`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct LaunchDelay {
    pub(crate) reference: Time,
    /// Milliseconds.
    pub(crate) current: u64,
}

impl LaunchDelay {
    pub(crate) fn deadline(self) -> Time {
        self.reference.plus(self.current)
    }
}

/// The last offer of an agent that was not used.
#[derive(Clone, Debug)]
pub(crate) struct Unused {
    pub(crate) offer: String,
    pub(crate) reasons: Vec<DeclineReason>,
    pub(crate) at: Time,
}

/// What became of the offers to a service.
#[derive(Clone, Debug, Default)]
pub(crate) struct Offers {
    pub(crate) processed: u64,
    pub(crate) unused: u64,
    pub(crate) last_used: Option<Time>,
    pub(crate) last_unused: Option<Time>,
    /// By the agent's number.
    pub(crate) last: BTreeMap<usize, Unused>,
    /// How often each reason was the first.
    pub(crate) declined: BTreeMap<DeclineReason, u64>,
}

/// What runs of a service.
#[derive(Debug, Default)]
pub(crate) struct ServiceRun {
    /// By their numbers, which is the order in which they were scheduled. Each is found without a look at the others: a service
    /// may have 100,000.
    pub(crate) instances: BTreeMap<u64, SimulatedInstance>,
    pub(crate) delay: Option<LaunchDelay>,
    pub(crate) failure: Option<FailedTask>,
    pub(crate) offers: Offers,
    /// Since when it has something to launch.
    pub(crate) since: Time,
    /// Whether offers are planned.
    pub(crate) is_asking: bool,
    /// The version whose health checks are known.
    pub(crate) checked: Option<Time>,
}

impl ServiceRun {
    /// The instances that wait to be launched.
    pub(crate) fn waiting(&self) -> impl DoubleEndedIterator<Item = &SimulatedInstance> + Clone {
        self.instances.values().filter(|each| each.is_scheduled() && each.goal == Goal::Running)
    }

    /// Whether instances wait to be launched.
    pub(crate) fn has_waiting(&self) -> bool {
        // While others are replaced it is the newest that wait.
        self.waiting().next_back().is_some()
    }
}
