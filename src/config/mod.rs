//! What of all findings somebody wants to see: rules chosen and re-levelled, exceptions, ignores in comments, a
//! baseline; from `milepost.toml` and the command line.
//!
//! All of it works on findings that are there: a file without any costs nothing, unless it has comments to look for.

mod baseline;
mod choice;
mod exception;
mod file;
mod inline;
mod known;
mod pattern;
mod place;
mod sieve;
mod target;

use std::path::Path;

pub use baseline::{Baseline, BaselineError, Gone};
pub use choice::{Choice, Layer, Level};
pub use exception::Exceptions;
pub use file::{ConfigError, FailOn, Settings, find};
pub use known::{catalogue, find as rule, rules};
pub use pattern::{RulePattern, UnknownRule};
pub use place::Base;
pub use sieve::{Hidden, Leftovers, Sieve};
pub use target::{save_target, target_table};

/// The name of the settings file.
pub const FILE_NAME: &str = "milepost.toml";

/// A path for people: relative to the current directory where it lies below it.
fn shown(path: &Path, current: &Path) -> String {
    path.strip_prefix(current).unwrap_or(path).to_string_lossy().into_owned()
}
