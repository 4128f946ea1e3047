//! What is due when.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::server::time::Time;
use crate::server::world::Id;

/// A task of an instance: one that was replaced meanwhile has another incarnation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Which {
    pub(crate) spec: Id,
    pub(crate) instance: u64,
    pub(crate) incarnation: u32,
}

/// Something that happens in the simulated cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Agents make offers to a service.
    Offers(Id),
    /// Tasks report that they start.
    Starting(Which),
    /// Tasks report that they run, or fail.
    Running(Which),
    /// A running task ends by itself.
    Exit(Which, i64),
    /// A kill is carried out.
    Killed(Which),
    /// A health check is made: its number in the definition.
    Check(Which, usize),
    /// A readiness check is made.
    Readiness(Which, usize),
    /// The agent of a task is lost.
    Lost(Which),
    /// An unreachable instance is given up.
    Inactive(Which),
    /// An unreachable instance is expunged.
    Expunged(Which),
}

/// What is due when. Of two things at the same time the one that was planned first comes first.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    order: BinaryHeap<Reverse<(Time, u64)>>,
    due: BTreeMap<u64, Due>,
    next: u64,
}

impl Timers {
    pub(crate) fn add(&mut self, at: Time, due: Due) {
        self.order.push(Reverse((at, self.next)));
        self.due.insert(self.next, due);
        self.next += 1;
    }

    /// When the next thing is due.
    pub(crate) fn next_at(&self) -> Option<Time> {
        self.order.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes the next thing that is due until `now`.
    pub(crate) fn pop(&mut self, now: Time) -> Option<(Time, Due)> {
        let Reverse((at, number)) = *self.order.peek().filter(|Reverse((at, _))| *at <= now)?;
        self.order.pop();
        Some((at, self.due.remove(&number)?))
    }
}
