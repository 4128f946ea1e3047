//! Writing definitions to files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::Terminal;
use crate::definition::id::is_file_name;
pub(super) use crate::format::text_of;
use crate::secret_scan::has_secrets;
use crate::source;
use crate::util::escape::shown_path;
use crate::util::text::count;

/// Whether the path is a directory, or ends like one.
pub(super) fn is_directory(path: &Path) -> bool {
    path.is_dir() || path.to_string_lossy().ends_with(std::path::is_separator)
}

/// The file that `-o` names; nothing for `-`, which is standard output.
pub(super) fn named_file(output: Option<&Path>) -> Option<&Path> {
    output.filter(|path| *path != Path::new("-"))
}

/// Reads a `-o` whose value is always a file or a directory.
#[cfg(feature = "net")]
pub(super) fn parse_path(text: &str) -> Result<PathBuf, String> {
    if text == "-" {
        return Err(
            "this is written to a file or a directory, not to standard output: name one, such as ./-"
                .to_owned(),
        );
    }
    Ok(text.into())
}

/// Makes the directory of a file.
pub(super) fn make_parent(file: &Path) -> anyhow::Result<()> {
    let Some(directory) = file.parent() else { return Ok(()) };
    fs::create_dir_all(directory)
        .with_context(|| format!("cannot make the directory {}", shown_path(&directory)))
}

/// Writes several files, each with `write`. One that cannot be written is reported, and the others are written all the
/// same: what happened to each file is reported.
///
/// # Errors
/// When at least one was not written.
pub(super) fn write_each<T>(
    files: &[T],
    term: &mut Terminal,
    mut write: impl FnMut(&T, &mut Terminal) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut failed = 0;
    for file in files {
        match write(file, term) {
            Err(error) if files.len() == 1 => return Err(error),
            Err(error) => {
                failed += 1;
                // A message that cannot be written does not keep the other files from being written.
                let _ = writeln!(term.err(), "error: {error:#}");
            }
            Ok(()) => {}
        }
    }
    match failed {
        0 => Ok(()),
        _ => bail!("{failed} of {} could not be written; the others are", count(files.len(), "file")),
    }
}

/// Writes a new text to a file, readable only for its owner where it contains what looks like a secret.
pub(super) fn write_text(path: &Path, text: &str, term: &mut Terminal) -> anyhow::Result<()> {
    if has_secrets(text) {
        source::write_privately(path, text.as_bytes())?;
        writeln!(
            term.err(),
            "wrote {}, readable only for you: it contains what looks like a password",
            shown_path(&path)
        )?;
    } else {
        source::write_atomically(path, text.as_bytes())?;
        writeln!(term.err(), "wrote {}", shown_path(&path))?;
    }
    Ok(())
}

/// The file of a definition below a directory: `shop/web.json` for `/shop/web`. None for the root, and for an id with
/// characters that Marathon does not allow.
pub(super) fn file_of(id: &str) -> Option<PathBuf> {
    let segments: Vec<&str> = id.split('/').filter(|segment| !segment.is_empty()).collect();
    let (last, groups) = segments.split_last().filter(|_| segments.iter().all(|name| is_file_name(name)))?;
    let mut file: PathBuf = groups.iter().collect();
    file.push(format!("{last}.json"));
    Some(file)
}
