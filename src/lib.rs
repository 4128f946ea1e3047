//! `milepost` writes, checks, wires and deploys Marathon app, pod and group definitions.
//!
//! The rooms depend on each other in one direction, in the order of the list below; `ARCHITECTURE.md` says what each
//! knows, and what it must not know.

mod hash;
mod hex;
mod nearest;

pub mod source;

pub mod target;

pub mod diagnostic;

pub mod definition;

pub mod schema;

pub mod rule;

pub mod across;

pub mod lint;

pub mod normalize;

pub mod held;

pub mod diff;

pub mod export;

pub mod fix;

pub mod format;

pub mod loaded;

pub mod report;

pub mod config;

pub mod catalogue;

pub mod template;

pub mod credential;

pub mod registry;

pub mod migrate;

#[cfg(feature = "net")]
pub mod marathon;

pub mod command;
