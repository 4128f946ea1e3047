//! The Marathon a definition is meant for.

mod release;

pub use release::{Release, ReleaseError};
