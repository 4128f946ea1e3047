//! The option `--policy`: schemas named on the command line.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::config::{self, PolicySettings};
use crate::finding::Rule;
use crate::rule_docs;

/// The policies that these schemas are.
///
/// # Errors
/// When a file's name is not a name for a policy.
pub(super) fn of_files(files: &[PathBuf]) -> anyhow::Result<Vec<PolicySettings>> {
    let policy =
        |file: &PathBuf| PolicySettings::of_file(file).map_err(anyhow::Error::msg).context("--policy");
    files.iter().map(policy).collect()
}

/// milepost's rules and these policies.
///
/// # Errors
/// When a policy has the name of another one, or of a rule.
pub(super) fn known_rules(policies: &[PolicySettings]) -> anyhow::Result<&'static [&'static Rule]> {
    config::with_policies(rule_docs::known(), policies)
        .map_err(|index| anyhow::anyhow!("--policy: the name `{}` is taken", policies[index].name))
}
