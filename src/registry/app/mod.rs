//! The app that runs the registry, built one choice at a time.

pub mod auth;
mod builder;
mod definition;
pub mod http_secret;
pub mod naming;
pub mod storage;
#[cfg(test)]
mod tests;
pub mod tls;

pub use builder::{Generated, RegistryNote};
pub use definition::{RegistryError, app};
