//! One integration binary: every test here runs the built program, or holds a committed file against the code.

#![expect(clippy::disallowed_methods, reason = "tests make and read files of their own")]

mod across;
mod advice;
mod as_server;
mod bad_input;
#[cfg(feature = "cert")]
mod cert;
#[cfg(feature = "cert")]
mod cert_check;
mod choose;
mod common;
mod convert;
mod creds;
mod diff;
mod export;
mod fix;
mod fmt;
mod generated;
mod lint;
mod migrate;
mod normalize;
#[cfg(feature = "cert")]
mod openssl;
mod output;
mod policies;
mod property;
#[cfg(feature = "net")]
mod readme;
mod registry;
mod render;
mod rooms;
mod rules;
mod schemas;
mod seeds;
mod seldom;
#[cfg(feature = "net")]
mod send;
mod staging;
mod target;
#[cfg(feature = "cert")]
mod trust;
mod verdicts;
mod wire;
