//! References to images and the registries they name.

mod host;
mod reference;

pub use host::{Host, HostError};
pub use reference::{HUB_ADDRESS, Reference};
