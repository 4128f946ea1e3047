//! An embedded Marathon: the same HTTP API over milepost's own validation and normalization, with a simulated cluster.
//!
//! `world` is the state, without sockets and clock; `deployment` and `simulate` move it; `events` and `show` are what it says;
//! `api` answers requests; `ui` is the page for people; `front` has the sockets.

pub(crate) mod api;
pub(crate) mod deployment;
pub(crate) mod events;
pub(crate) mod faults;
pub(crate) mod front;
pub(crate) mod probe;
pub(crate) mod random;
pub(crate) mod show;
pub(crate) mod simulate;
pub(crate) mod time;
pub(crate) mod ui;
pub(crate) mod world;
