//! Which findings are reported: selected rules and their severities, exceptions, ignore comments, a baseline; from
//! `milepost.toml` and the command line.
//!
//! All of it works on findings: a file without findings costs nothing, unless it has ignore comments.

mod baseline;
mod exception;
mod file;
mod filter;
mod inline;
mod paths;
mod pattern;
mod policy;
#[cfg(feature = "net")]
mod saved_target;
mod selection;
mod server;
mod target;
mod unmatched;

use std::path::Path;

use crate::finding::Rule;

pub(crate) use baseline::{Baseline, BaselineError, NoLongerFound};
pub(crate) use file::{Environment, FailOn, ProjectConfig, ProjectConfigError, find, find_for, read_for};
pub(crate) use filter::{FindingFilter, Hidden};
pub(crate) use paths::PathPatterns;
pub(crate) use pattern::RulePattern;
pub(crate) use policy::{PolicyForm, PolicySettings, with_policies};
#[cfg(feature = "net")]
pub(crate) use saved_target::{save_target, saved_aim, target_table};
pub(crate) use selection::{Layer, Level, Selection};
#[cfg(feature = "net")]
pub(crate) use server::ServerSettings;

/// The rules about milepost's own settings.
pub(crate) static RULES: &[&Rule] =
    &[&exception::UNUSED_EXCEPTION, &unmatched::UNMATCHED_PATH, &inline::UNUSED_IGNORE];

/// The name of the settings file.
pub(crate) const FILE_NAME: &str = "milepost.toml";

/// The JSON Schema of the settings file, as its models say it.
#[cfg(feature = "generate")]
#[must_use]
pub(crate) fn schema() -> serde_json::Value {
    let generator = schemars::generate::SchemaSettings::draft07().into_generator();
    generator.into_root_schema_for::<file::Tables>().to_value()
}

/// The regular expression of a text that is not blank.
const SOME_TEXT: &str = r"[^ \t\n\f\r]";

/// A path as it is printed: relative to the current directory where it is below it.
fn shown(path: &Path, current: &Path) -> String {
    let shown = path.strip_prefix(current).unwrap_or(path);
    if shown.as_os_str().is_empty() { ".".to_owned() } else { shown.to_string_lossy().into_owned() }
}
