//! Where requests go and as whom, signing in to DC/OS, its secrets, and being a plugin of its CLI.

mod exit_codes;
mod login;
mod login_endpoint;
mod order;
mod others;
mod plugin;
mod renewal;
mod secret;
mod server;

use crate::common::TestDir;

/// Puts a file there that only its owner can read.
fn private(test: TestDir, name: &str, content: &str) -> TestDir {
    test.file(name, content).with_mode(name, 0o600)
}
