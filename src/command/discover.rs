//! Finding definitions below a directory.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::util::escape::shown_path;

/// The files below `directory` whose extension is that of a definition, sorted. Skips hidden files, and those that
/// `.gitignore` and `.ignore` exclude.
pub(super) fn definitions(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in ignore::WalkBuilder::new(directory).require_git(false).build() {
        let entry = entry.with_context(|| format!("cannot list the files of {}", shown_path(&directory)))?;
        let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
        let extension = entry.path().extension().and_then(|extension| extension.to_str());
        if is_file && matches!(extension, Some("json" | "jsonc" | "yaml" | "yml")) {
            found.push(entry.into_path());
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// A file to read, and how it was found.
pub(super) struct InputFile {
    pub(super) path: PathBuf,
    /// It was named on the command line, not found below a directory, so it must be a definition.
    pub(super) is_named: bool,
    /// It is known to be a regular file, not a pipe or a device.
    pub(super) is_regular: bool,
}

/// The named files, and those below the named directories.
pub(super) fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<InputFile>> {
    let mut files = Vec::new();
    for path in paths {
        let kind = path.metadata().map(|metadata| metadata.file_type()).ok();
        if kind.is_some_and(|kind| kind.is_dir()) {
            let found = definitions(path)?.into_iter();
            files.extend(found.map(|path| InputFile { path, is_named: false, is_regular: true }));
        } else {
            let is_regular = kind.is_some_and(|kind| kind.is_file());
            files.push(InputFile { path: path.clone(), is_named: true, is_regular });
        }
    }
    Ok(files)
}

/// The files met so far, by their canonical paths.
#[derive(Default)]
pub(super) struct SeenFiles(HashSet<PathBuf>);

impl SeenFiles {
    /// Whether the file was not met before; remembers it.
    pub(super) fn is_new(&mut self, path: &Path) -> bool {
        // A path that does not exist is reported when it is read.
        self.0.insert(path.canonicalize().unwrap_or_else(|_| path.to_owned()))
    }
}
