//! YAML: its layout, its comments, and writing it.

mod blocks;
pub(super) mod comments;
pub(super) mod emit;
pub(super) mod write;
