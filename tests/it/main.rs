//! One integration binary: every test here runs the built program, or holds a committed file against the code.

mod bad_input;
mod common;
mod generated;
mod lint;
mod property;
mod registry;
mod render;
#[cfg(feature = "net")]
mod send;
mod wire;
