//! Files that belong together: all are written, or none.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use zeroize::Zeroizing;

use crate::source;

use super::super::super::Terminal;

/// The files to be written to a directory.
pub(super) struct Files<'a> {
    directory: &'a Path,
    force: bool,
}

/// A file that was written, and what was there before.
struct Written {
    path: PathBuf,
    before: Option<Zeroizing<Vec<u8>>>,
}

impl<'a> Files<'a> {
    pub(super) fn new(directory: &'a Path, force: bool) -> Self {
        Self { directory, force }
    }

    /// Where a file goes; in the current directory that is its bare name.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        if self.directory == Path::new(".") { PathBuf::from(name) } else { self.directory.join(name) }
    }

    /// Refuses to overwrite any of these files, unless that is wished for.
    pub(super) fn claim(&self, names: &[&str], advice: &str) -> anyhow::Result<()> {
        for name in names {
            let path = self.path(name);
            if !self.force && fs::symlink_metadata(&path).is_ok() {
                bail!("{} is there already and is not overwritten: {advice}", path.display());
            }
        }
        Ok(())
    }

    /// Writes the files, keys (`*.key`) for their owner alone. When one fails, the others are as they were.
    pub(super) fn write(
        &self,
        contents: &[(&str, Zeroizing<String>)],
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        fs::create_dir_all(self.directory)
            .with_context(|| format!("cannot make the directory {}", self.directory.display()))?;
        let mut written = Vec::new();
        for (name, content) in contents {
            let path = self.path(name);
            let before = source::read_bytes(&path).ok().map(Zeroizing::new);
            if let Err(error) = write(&path, content.as_bytes()) {
                undo(written);
                return Err(error).context("nothing was written");
            }
            written.push(Written { path, before });
        }
        for file in &written {
            let whose = if is_key(&file.path) { ", for its owner alone" } else { "" };
            writeln!(term.err(), "wrote {}{whose}", file.path.display())?;
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

/// Puts back what was there. Whatever stood in the way of writing may stand in the way of this too, and the first
/// error is what is told.
fn undo(written: Vec<Written>) {
    for file in written {
        let _ = match &file.before {
            Some(before) => write(&file.path, before).is_ok(),
            None => fs::remove_file(&file.path).is_ok(),
        };
    }
}
