//! References to images, the registries they name, manifests, and archives of images.

#[cfg(feature = "net")]
pub(crate) mod archive;
#[cfg(feature = "net")]
pub(crate) mod digest;
mod grammar;
mod host;
#[cfg(feature = "net")]
pub(crate) mod manifest;
mod reference;
#[cfg(feature = "net")]
pub(crate) mod referrer;

pub(crate) use grammar::grammar_fault;
pub use host::{Host, HostError};
#[cfg(feature = "net")]
pub(crate) use reference::leads_elsewhere;
pub use reference::{Reference, ReferenceError, ReferenceParts};
