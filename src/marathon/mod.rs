//! A client for Marathon: requests, the meaning of its answers, its state and its errors as findings. It knows no
//! terminal: results are values.

mod address;
mod change;
mod create;
mod deployment;
mod errors;
mod event;
mod get;
mod info;
mod kill;
mod path;
mod queue;
mod response;
mod rules;
mod running;
mod state;

pub(crate) use address::group_to_ask;
pub(crate) use change::{Change, Verb};
pub(crate) use deployment::Deployment;
pub(crate) use event::{Event, EventStream, Next, TaskEvent};
pub(crate) use get::GetError;
pub(crate) use info::{Info, InfoError};
pub(crate) use path::locate;
pub(crate) use queue::Queued;
#[cfg(test)]
pub(crate) use queue::Refusal;
pub(crate) use response::{RefusedRequest, Reply, ServerError};
pub(crate) use rules::{REFUSED_BY_MARATHON, RULES};
pub(crate) use running::{Failure, Instance, InstanceState, Running};
pub(crate) use state::StateReader;

/// The kinds of services that milepost creates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    /// `POST /v2/apps` (every release).
    App,
    /// `POST /v2/pods` (Marathon 1.4 and later).
    Pod,
}

impl Resource {
    /// The path below Marathon's base that creates one.
    #[must_use]
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::App => "v2/apps",
            Self::Pod => "v2/pods",
        }
    }
}
