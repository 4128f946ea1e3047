//! What runs of a service: its instances, the delay after failures, what became of offers.

use std::collections::BTreeMap;

use super::instance::{Condition, Instance};
use super::offer::Reason;
use crate::server::time::Time;

/// A failed task.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) task: String,
    pub(crate) condition: Condition,
    pub(crate) message: String,
    pub(crate) agent: Option<usize>,
    pub(crate) version: Time,
    pub(crate) at: Time,
    /// Of a pod: the instance as it was.
    pub(crate) instance: Option<Box<Instance>>,
}

/// The delay after a failure (`RateLimiter.Delay`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delay {
    pub(crate) reference: Time,
    /// Milliseconds.
    pub(crate) current: u64,
}

impl Delay {
    pub(crate) fn deadline(self) -> Time {
        self.reference.plus(self.current)
    }
}

/// The last offer of an agent that was not used.
#[derive(Clone, Debug)]
pub(crate) struct Unused {
    pub(crate) offer: String,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) at: Time,
}

/// What became of the offers to a service since it has something to launch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Offers {
    pub(crate) processed: u64,
    pub(crate) unused: u64,
    pub(crate) last_used: Option<Time>,
    pub(crate) last_unused: Option<Time>,
    /// By the agent's number.
    pub(crate) last: BTreeMap<usize, Unused>,
    /// How often each reason was the first.
    pub(crate) declined: BTreeMap<Reason, u64>,
}

/// What runs of a service.
#[derive(Debug, Default)]
pub(crate) struct Run {
    pub(crate) instances: Vec<Instance>,
    pub(crate) delay: Option<Delay>,
    pub(crate) failure: Option<Failure>,
    pub(crate) offers: Offers,
    /// Since when it has something to launch.
    pub(crate) since: Time,
    /// Whether offers are planned.
    pub(crate) is_asking: bool,
    /// The version whose health checks are known.
    pub(crate) checked: Option<Time>,
}

impl Run {
    /// The number of instances that wait to be launched.
    pub(crate) fn scheduled(&self) -> usize {
        self.instances.iter().filter(|instance| instance.is_scheduled()).count()
    }
}
