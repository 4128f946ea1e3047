//! The `milepost.toml` of a command, and its environments.

use std::path::Path;

#[cfg(feature = "net")]
use anyhow::bail;

#[cfg(feature = "net")]
use crate::config::Environment;
use crate::config::{self, ProjectConfig};

/// The `milepost.toml` that counts for these files, or in the current directory.
///
/// # Errors
/// When it cannot be read, or several count.
pub(super) fn project(files: &[impl AsRef<Path>]) -> anyhow::Result<Option<ProjectConfig>> {
    let files: Vec<_> = files.iter().map(|file| file.as_ref().to_owned()).collect();
    Ok(config::read_for(&files, crate::rule_docs::known())?)
}

/// The environment of this name.
///
/// # Errors
/// When there is none.
#[cfg(feature = "net")]
pub(super) fn named<'p>(name: &str, project: Option<&'p ProjectConfig>) -> anyhow::Result<&'p Environment> {
    let environments = project.map(|project| &*project.environments).unwrap_or_default();
    if let Some(found) = environments.iter().find(|environment| environment.name == name) {
        return Ok(found);
    }
    let known: Vec<&str> = environments.iter().map(|environment| environment.name.as_str()).collect();
    match &known[..] {
        [] => bail!("--environment {name}: no milepost.toml here has an [environment.{name}]"),
        known => {
            bail!("--environment {name}: milepost.toml has no such environment, but {}", known.join(", "))
        }
    }
}
