//! Rendering findings.

pub mod text;
