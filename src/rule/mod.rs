//! What Marathon says about a definition whose types are right.

pub mod java;
