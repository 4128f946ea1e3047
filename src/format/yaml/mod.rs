//! YAML: laying it out, reading its comments, and writing it.

pub(super) mod remarks;
mod scalar;
pub(super) mod write;
