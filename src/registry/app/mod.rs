//! The app that runs the registry, built one choice at a time.

pub(crate) mod auth;
pub(crate) mod builder;
pub(crate) mod definition;
pub(crate) mod http_secret;
pub(crate) mod naming;
pub(crate) mod service;
pub(crate) mod serving;
pub(crate) mod storage;
#[cfg(test)]
mod tests;
pub(crate) mod tls;
pub(crate) mod version;

pub(crate) use builder::RegistryNote;
pub(crate) use definition::app;
