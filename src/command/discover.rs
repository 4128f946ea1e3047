//! Finding definitions below a directory.

use std::cmp::Ordering;
use std::collections::HashSet;
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
    // All begin with the directory: it tells nothing.
    let common = directory.as_os_str().len();
    found.sort_unstable_by(|one, other| order(one, other, common));
    Ok(found)
}

/// A file to look at, and how it came to be one.
pub(super) struct InputFile {
    pub(super) path: PathBuf,
    /// It was named, not found below a directory: then it has to be a definition.
    pub(super) is_named: bool,
    /// It is known to be a file as most are, no pipe and no device.
    pub(super) is_regular: bool,
}

/// The files that were named, and those below the directories that were.
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

/// The files that have come by so far, whatever they were called.
#[derive(Default)]
pub(super) struct KnownFormat(HashSet<PathBuf>);

impl KnownFormat {
    /// Takes note of a file; whether it is the first time.
    pub(super) fn is_new(&mut self, path: &Path) -> bool {
        // What cannot be found cannot be read either, which is told then.
        self.0.insert(path.canonicalize().unwrap_or_else(|_| path.to_owned()))
    }
}

/// The order of paths below one directory: that of their bytes, with what separates names before all others, so that
/// it is that of the names, and nothing has to be taken apart. The first bytes, `common` of them, are the same.
fn order(one: &Path, other: &Path, common: usize) -> Ordering {
    let [one, other] =
        [one, other].map(|path| path.as_os_str().as_encoded_bytes().get(common..).unwrap_or_default());
    let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let first = |rest: &[u8]| {
        rest.get(same).map(|byte| if std::path::is_separator(char::from(*byte)) { 0 } else { *byte })
    };
    first(one).cmp(&first(other))
}
