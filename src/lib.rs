//! `milepost` writes, checks, wires and deploys Marathon app, pod and group definitions.
//!
//! The rooms depend on each other in one direction, in the order of the list below; `ARCHITECTURE.md` says what each
//! knows, and what it must not know.

mod util;

pub mod source;

pub mod target;

pub mod finding;

pub mod definition;

pub mod schema;

pub mod image;

mod secret_scan;

mod java;

pub mod rule;

pub mod cross;

pub mod lint;

pub mod fix;

pub mod normalize;

pub mod state;

pub mod diff;

pub mod export;

pub mod format;

pub mod report;

pub mod config;

pub mod policy;

pub mod template;

pub mod credential;

pub mod migrate;

pub mod registry;

#[cfg(feature = "net")]
pub mod http;

#[cfg(feature = "net")]
pub mod registry_client;

#[cfg(feature = "net")]
pub mod dcos;

#[cfg(feature = "net")]
pub mod marathon;

pub mod rule_docs;

pub mod command;

#[cfg(feature = "generate")]
pub mod generate;
