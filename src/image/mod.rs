//! References to images and the registries they name.

#[cfg(feature = "net")]
pub(crate) mod digest;
mod host;
mod reference;

pub use host::{Host, HostError};
pub use reference::{HUB_ADDRESS, Reference, ReferenceError, ReferenceParts};
