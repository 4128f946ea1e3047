//! Finding definitions below a directory.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The files below `directory` that may be definitions by their name, sorted. Hidden files, and what `.gitignore` and
/// `.ignore` leave out, are left out.
pub(super) fn definitions(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in ignore::WalkBuilder::new(directory).require_git(false).build() {
        let entry = entry.with_context(|| format!("cannot look through {}", directory.display()))?;
        let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
        let ending = entry.path().extension().and_then(|extension| extension.to_str());
        if is_file && matches!(ending, Some("json" | "jsonc" | "yaml" | "yml")) {
            found.push(entry.into_path());
        }
    }
    found.sort_unstable();
    Ok(found)
}
