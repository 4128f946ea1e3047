//! Blue/green and canary deployments of an app behind marathon-lb: a second app of the same deployment group takes over the
//! traffic in steps, and HAProxy itself is asked whether the instances of the first one have no sessions left.
//!
//! The labels are those of marathon-lb's `zdd.py`, so that either program can go on with what the other one began. They are
//! the whole state: a run that ends in the middle leaves nothing else behind.

mod awaiting;
mod balancers;
mod decide;
mod first;
mod halt;
mod haproxy;
mod job;
mod meaning;
mod moment;
mod prepare;
mod state;
mod step;
mod task;

pub(crate) use balancers::Balancers;
pub(crate) use decide::{ColourAim, Way};
pub(crate) use halt::Halt;
pub(crate) use job::{Job, Refused, Request, Strategy, job};
pub(crate) use moment::started_at;
pub(crate) use prepare::{Paint, Pairable, Terms};
pub(crate) use state::{Member, Pair, beside, group_of, members, stage};
pub(crate) use step::{Audience, Mover, Pace};

/// The group that both apps of a pair are in, and the name of their backend in HAProxy.
const GROUP: &str = "HAPROXY_DEPLOYMENT_GROUP";
/// The service port of the one of two apps that does not have the definition's own.
const ALT_PORT: &str = "HAPROXY_DEPLOYMENT_ALT_PORT";
/// `blue` or `green`.
const COLOUR: &str = "HAPROXY_DEPLOYMENT_COLOUR";
/// When the app was created: of two apps the later one is the new one.
const STARTED_AT: &str = "HAPROXY_DEPLOYMENT_STARTED_AT";
/// How many instances both apps have together in the end.
const TARGET: &str = "HAPROXY_DEPLOYMENT_TARGET_INSTANCES";
/// How many instances a canary has; `0` where all of them are moved.
const NEW_INSTANCES: &str = "HAPROXY_DEPLOYMENT_NEW_INSTANCES";
/// The port that clients use, whatever the app's own service port is.
const PORT: &str = "HAPROXY_0_PORT";
/// The id without the colour.
const APP_ID: &str = "HAPROXY_APP_ID";

/// The colour of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    /// The first one.
    Blue,
    /// The other one.
    Green,
}

impl Colour {
    /// Its name in labels and ids.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Green => "green",
        }
    }

    /// The one beside it.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Blue => Self::Green,
            Self::Green => Self::Blue,
        }
    }

    /// The colour of a name.
    fn of(name: &str) -> Option<Self> {
        [Self::Blue, Self::Green].into_iter().find(|colour| colour.name() == name)
    }
}
