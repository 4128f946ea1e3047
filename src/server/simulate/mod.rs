//! A simulated Mesos: agents, offers, and tasks that start, run, fail and are killed.

pub(crate) mod agent;
pub(crate) mod check;
pub(crate) mod constraint;
pub(crate) mod instance;
pub(crate) mod launch;
pub(crate) mod offer;
pub(crate) mod refusal;
pub(crate) mod run;
pub(crate) mod task;
pub(crate) mod timer;
