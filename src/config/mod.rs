//! What of all findings somebody wants to see: rules chosen and re-levelled, exceptions, ignores in comments, a
//! baseline; from `milepost.toml` and the command line.
//!
//! All of it works on findings that are there: a file without any costs nothing, unless it has comments to look for.

mod baseline;
mod exception;
mod file;
mod filter;
mod inline;
mod known;
mod paths;
mod pattern;
mod policy;
mod selection;
mod target;

use std::path::Path;

pub use baseline::{Baseline, BaselineError, NoLongerFound};
pub use exception::Exceptions;
pub use file::{FailOn, ProjectConfig, ProjectConfigError, find};
pub use filter::{FindingFilter, Hidden, UnusedExceptions};
pub use known::{catalogue, find as rule, rules, with as rules_with};
pub use paths::Base;
pub use pattern::{RulePattern, UnknownRule};
pub use policy::{PolicyForm, PolicySettings};
pub use selection::{Layer, Level, Selection};
pub use target::{save_target, target_table};

/// The name of the settings file.
pub const FILE_NAME: &str = "milepost.toml";

/// The JSON Schema of the settings file, as its models say it.
#[must_use]
pub fn schema() -> serde_json::Value {
    let generator = schemars::generate::SchemaSettings::draft07().into_generator();
    generator.into_root_schema_for::<file::Tables>().to_value()
}

/// A path for people: relative to the current directory where it lies below it.
fn shown(path: &Path, current: &Path) -> String {
    path.strip_prefix(current).unwrap_or(path).to_string_lossy().into_owned()
}
