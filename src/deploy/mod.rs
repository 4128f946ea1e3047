//! Deploying: what a change of definitions makes a server do, sending it, waiting for it, and the truth about how it
//! ended. Prints nothing.

mod action;
mod adopt;
mod apply;
mod body;
pub(crate) mod colour;
mod failures;
mod goal;
mod order;
mod plan;
pub(crate) mod progress;
mod record;
mod refused;
mod rollback;
mod saved;
mod shrink;
pub(crate) mod stall;
mod verdict;
mod watch;

pub(crate) use action::{Action, instances};
pub(crate) use apply::{Applied, ApplyOptions, Lock, Problem};
pub(crate) use body::json_of;
pub(crate) use plan::{
    AskedGroup, DefinitionText, OtherAction, Plan, PlanOptions, PlannedService, Unit, asked_groups,
    otherwise, stored,
};
pub(crate) use record::{Awaited, Book, ServiceRecord};
pub(crate) use rollback::{RolledBack, Went};
pub(crate) use saved::{SAVED_PLAN, SavedPlan};
pub(crate) use shrink::{does_harm, left_running};
pub(crate) use verdict::{Failed, ServiceVerdict, judge};
pub(crate) use watch::{Ended, Limits, Onlooker, Watch, restarts};
