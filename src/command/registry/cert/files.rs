//! Files that belong together: all are written or none.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use zeroize::Zeroizing;

use crate::source;
use crate::util::escape::shown_path;

use super::super::super::Terminal;

/// The files to be written to a directory.
pub(super) struct CertFiles<'a> {
    directory: &'a Path,
    force: bool,
}

/// A file to write, and its content before.
struct Old {
    path: PathBuf,
    before: Option<Zeroizing<Vec<u8>>>,
}

impl<'a> CertFiles<'a> {
    pub(super) fn new(directory: &'a Path, force: bool) -> Self {
        Self { directory, force }
    }

    /// The path of a file; in the current directory its bare name.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        if self.directory == Path::new(".") { PathBuf::from(name) } else { self.directory.join(name) }
    }

    /// Refuses to overwrite any of these files without `--force`.
    pub(super) fn claim(&self, names: &[&str], advice: &str) -> anyhow::Result<()> {
        for name in names {
            let path = self.path(name);
            if !self.force && fs::symlink_metadata(&path).is_ok() {
                bail!("{} exists and is not overwritten: {advice}", shown_path(&path));
            }
        }
        Ok(())
    }

    /// Writes the files; only their owner can read keys (`*.key`). When one fails, the others are restored.
    pub(super) fn write(
        &self,
        contents: &[(&str, Zeroizing<String>)],
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        fs::create_dir_all(self.directory)
            .with_context(|| format!("cannot make the directory {}", shown_path(&self.directory)))?;
        let mut old = Vec::new();
        for (name, _) in contents {
            let path = self.path(name);
            // A file that cannot be read could not be restored.
            let is_there = fs::symlink_metadata(&path).is_ok();
            let before =
                is_there.then(|| source::read_bytes(&path)).transpose().context("nothing was written")?;
            old.push(Old { path, before: before.map(Zeroizing::new) });
        }
        for (index, (file, (_, content))) in old.iter().zip(contents).enumerate() {
            if let Err(error) = write(&file.path, content.as_bytes()) {
                undo(&old[..index]);
                return Err(error).context("nothing was written");
            }
        }
        for file in &old {
            let whose = if is_key(&file.path) { ", readable for its owner only" } else { "" };
            writeln!(term.err(), "wrote {}{whose}", shown_path(&file.path))?;
        }
        Ok(())
    }
}

fn write(path: &Path, content: &[u8]) -> Result<(), source::FileError> {
    if is_key(path) {
        source::write_privately(path, content)
    } else {
        source::write_atomically(path, content)
    }
}

fn is_key(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "key")
}

/// Restores the files. This may fail for the same reason as the write; the first error is reported.
fn undo(written: &[Old]) {
    for file in written {
        let _ = match &file.before {
            Some(before) => write(&file.path, before).is_ok(),
            None => fs::remove_file(&file.path).is_ok(),
        };
    }
}
