//! One integration binary: every test here runs the built program, or holds a committed file against the code.

#![expect(clippy::disallowed_methods, reason = "tests make and read files of their own")]
#![expect(clippy::similar_names, reason = "`test`, the directory of a test, often stands beside a `text`")]

mod advice;
mod agent;
mod agents;
mod as_server;
mod bad_input;
#[cfg(feature = "cert")]
mod cert;
#[cfg(feature = "cert")]
mod cert_check;
#[cfg(feature = "net")]
mod codes;
#[cfg(feature = "serve")]
mod colour;
mod common;
#[cfg(all(feature = "net", feature = "cert"))]
mod connection;
mod convert;
mod creds;
mod cross;
#[cfg(feature = "serve")]
mod dcos;
mod dependencies;
#[cfg(feature = "serve")]
mod deploy;
mod diff;
#[cfg(feature = "cert")]
mod docker_registry;
#[cfg(all(feature = "cert", feature = "net"))]
mod drain;
mod edge_cases;
mod export;
mod fetch;
mod fix;
mod fmt;
mod foreign;
mod generated;
mod group_tree;
mod hints;
#[cfg(all(feature = "cert", feature = "net"))]
mod http;
mod ill_typed;
#[cfg(all(feature = "net", feature = "cert"))]
mod image;
mod lint;
mod migrate;
mod normalize;
#[cfg(feature = "cert")]
mod openssl;
mod output;
mod placeholders;
mod pointers;
mod policies;
mod property;
#[cfg(feature = "net")]
mod readme;
mod registry;
#[cfg(all(feature = "cert", feature = "net"))]
mod registry_auth;
#[cfg(feature = "cert")]
mod registry_check;
#[cfg(feature = "cert")]
mod registry_group;
mod registry_task;
mod render;
mod repository;
mod rooms;
mod round_trip;
mod rules;
mod schemas;
mod secrets;
mod seeds;
mod selection;
#[cfg(feature = "net")]
mod send;
#[cfg(feature = "serve")]
mod serve;
mod stages;
mod streams;
mod target;
#[cfg(all(feature = "net", feature = "cert"))]
mod token_server;
#[cfg(feature = "cert")]
mod trust;
mod trusted_fixes;
#[cfg(all(feature = "cert", feature = "net", feature = "serve"))]
mod up;
#[cfg(feature = "serve")]
mod updates;
mod verdicts;
mod wire;
mod words;
mod writing;
mod yaml;
