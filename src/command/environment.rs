//! The environments of `milepost.toml`.

use std::path::PathBuf;

use anyhow::bail;

use crate::config::{self, Environment};

/// An environment of the `milepost.toml` that counts for these files, or in the current directory.
///
/// # Errors
/// When there is none of this name.
pub(super) fn find(name: &str, files: &[&str]) -> anyhow::Result<Environment> {
    let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
    let settings = config::read_for(&files, crate::rule_docs::all())?;
    let mut environments = settings.map(|settings| settings.environments).unwrap_or_default();
    if let Some(index) = environments.iter().position(|environment| environment.name == name) {
        return Ok(environments.swap_remove(index));
    }
    let known: Vec<&str> = environments.iter().map(|environment| environment.name.as_str()).collect();
    match &known[..] {
        [] => bail!("--environment {name}: no milepost.toml here has an [environment.{name}]"),
        known => {
            bail!("--environment {name}: milepost.toml has no such environment, but {}", known.join(", "))
        }
    }
}
