//! What is held, as Marathon's JSON.

pub(crate) mod app;
pub(crate) mod deployment;
pub(crate) mod embed;
pub(crate) mod group;
pub(crate) mod info;
pub(crate) mod pod;
pub(crate) mod pod_instance;
pub(crate) mod queue;
pub(crate) mod stats;
pub(crate) mod task;
