//! One integration binary: every test here runs the built program, or holds a committed file against the code.

mod common;
mod lint;
mod registry;
mod render;
mod send;
mod wire;
