//! YAML: laying it out, reading its comments, and writing it.

mod blocks;
pub(super) mod lay;
pub(super) mod remarks;
mod scalar;
pub(super) mod write;
