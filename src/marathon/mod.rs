//! A client for Marathon: requests, the meaning of its answers, its state and its errors as findings. It knows no
//! terminal: results are values.

mod address;
mod ask;
mod change;
mod create;
mod deployment;
mod dry_run;
mod errors;
mod event;
mod get;
mod info;
mod kill;
pub(crate) mod listing;
mod past;
mod path;
mod queue;
mod response;
mod rules;
mod running;
mod state;

pub(crate) use address::{group_to_ask, has_address, why_no_address, with_id};
pub(crate) use ask::{Accepted, path_of_id};
pub(crate) use change::{Change, Verb};
pub(crate) use deployment::Deployment;
pub(crate) use dry_run::{ServerAction, ServerPlan};
pub(crate) use errors::MAY_BE_DONE;
pub(crate) use event::{Event, EventStream, NextEvent, TaskEvent};
pub(crate) use get::GetError;
pub(crate) use info::{Info, InfoError};
pub(crate) use path::locate;
#[cfg(test)]
pub(crate) use queue::OfferRefusal;
pub(crate) use queue::Queued;
pub(crate) use response::{RefusedRequest, Reply, ServerError};
pub(crate) use rules::{REFUSED_BY_MARATHON, RULES};
pub(crate) use running::{FEW, Failure, Instance, InstanceState, Running};
pub(crate) use state::StateReader;

use crate::source::Kind;

/// What milepost creates, shows and changes on a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    /// `POST /v2/apps` (every release).
    App,
    /// `POST /v2/pods` (Marathon 1.4 and later).
    Pod,
    /// `POST /v2/groups` (every release).
    Group,
}

impl Resource {
    /// The path below Marathon's base that creates one.
    #[must_use]
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::App => "v2/apps",
            Self::Pod => "v2/pods",
            Self::Group => "v2/groups",
        }
    }

    /// The kind of its definitions.
    #[must_use]
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::App => Kind::App,
            Self::Pod => Kind::Pod,
            Self::Group => Kind::Group,
        }
    }

    /// Its name in messages.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Pod => "pod",
            Self::Group => "group",
        }
    }
}
