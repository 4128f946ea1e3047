//! Files that belong together: all are written or none.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use zeroize::Zeroizing;

use crate::source;
use crate::util::escape::{shell_word, shown_path};

use super::super::output::make_parent;
use super::Terminal;

/// The files to be written to a directory.
pub(super) struct FileSet<'a> {
    directory: &'a Path,
    force: bool,
}

/// A file to write.
pub(super) struct NewFile {
    /// Its path in the directory.
    pub(super) name: String,
    content: Zeroizing<String>,
    /// Whether only its owner may read it.
    is_private: bool,
}

impl NewFile {
    pub(super) fn new(name: impl Into<String>, content: &str, is_private: bool) -> Self {
        Self { name: name.into(), content: Zeroizing::new(content.to_owned()), is_private }
    }

    /// The same content under another name.
    pub(super) fn renamed(&self, name: impl Into<String>) -> Self {
        Self { name: name.into(), content: self.content.clone(), is_private: self.is_private }
    }

    /// What it will have.
    pub(super) fn content(&self) -> &[u8] {
        self.content.as_bytes()
    }

    fn write(&self, path: &Path) -> Result<(), source::FileError> {
        write(path, self.content.as_bytes(), self.is_private)
    }
}

/// A file that was written, and its content before.
struct Old {
    path: PathBuf,
    is_private: bool,
    before: Option<Zeroizing<Vec<u8>>>,
}

impl<'a> FileSet<'a> {
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

    /// Writes the files. When one fails, the others are restored.
    pub(super) fn write(&self, files: &[NewFile], term: &mut Terminal) -> anyhow::Result<()> {
        let mut old = Vec::new();
        for NewFile { name, is_private, .. } in files {
            let path = self.path(name);
            make_parent(&path)?;
            // A file that cannot be read could not be restored.
            let is_there = fs::symlink_metadata(&path).is_ok();
            let before =
                is_there.then(|| source::read_bytes(&path)).transpose().context("nothing was written")?;
            old.push(Old { path, is_private: *is_private, before: before.map(Zeroizing::new) });
        }
        for (index, (old_file, file)) in old.iter().zip(files).enumerate() {
            if let Err(error) = file.write(&old_file.path) {
                undo(&old[..index]);
                return Err(error).context("nothing was written");
            }
        }
        for file in &old {
            let whose = if file.is_private { ", readable for its owner only" } else { "" };
            writeln!(term.err(), "wrote {}{whose}", shown_path(&file.path))?;
        }
        Ok(())
    }
}

/// The command that removes files.
pub(super) fn removal(files: [&Path; 2]) -> String {
    let words = files.map(|file| shell_word(&file.to_string_lossy()).into_owned());
    format!("rm {}", words.join(" "))
}

fn write(path: &Path, content: &[u8], is_private: bool) -> Result<(), source::FileError> {
    if is_private { source::write_privately(path, content) } else { source::write_atomically(path, content) }
}

/// Restores the files. This may fail for the same reason as the write; the first error is reported.
fn undo(written: &[Old]) {
    for file in written {
        let _ = match &file.before {
            Some(before) => write(&file.path, before, file.is_private).is_ok(),
            None => fs::remove_file(&file.path).is_ok(),
        };
    }
}
