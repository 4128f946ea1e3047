//! `milepost` writes, checks, wires and deploys Marathon app, pod and group definitions.
//!
//! The program is [`main`]. For other programs there are the models of Marathon's API ([`definition`]), what a server would
//! say of a definition ([`lint`]), what it would store of it ([`normalize`]), how two differ to it ([`diff`]), templates
//! ([`template`]), a registry's credentials in definitions ([`credential`]), and old forms brought up to date
//! ([`migrate`]); definitions are read with [`source`] for a Marathon that [`target`] describes, and what is wrong with them
//! is a [`finding`]. [`schema`], [`image`], [`state`], [`fix`], [`format`](mod@format), [`report`] and [`rule_docs`] are public for the
//! project's own examples, benchmarks and tests.
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

pub(crate) mod rule;

pub(crate) mod cross;

pub mod lint;

pub mod normalize;

pub(crate) mod task;

pub mod fix;

pub mod state;

pub mod diff;

pub(crate) mod export;

pub mod format;

pub mod report;

pub(crate) mod config;

pub(crate) mod policy;

pub mod template;

pub mod credential;

pub mod migrate;

pub(crate) mod registry;

#[cfg(feature = "serve")]
pub(crate) mod server;

#[cfg(feature = "net")]
pub(crate) mod http;

#[cfg(feature = "net")]
pub(crate) mod registry_client;

#[cfg(feature = "net")]
pub(crate) mod transfer;

#[cfg(feature = "net")]
pub(crate) mod dcos;

#[cfg(feature = "net")]
pub(crate) mod marathon;

#[cfg(feature = "net")]
pub(crate) mod deploy;

pub mod rule_docs;

pub(crate) mod command;

#[cfg(feature = "generate")]
pub mod generate;

pub use command::main;
