//! Replacing the text of a file that has been read, or showing what that would change.

use std::io::{self, Write};
use std::path::Path;

use anyhow::bail;
use similar::TextDiff;

use crate::source;

/// Writes what differs between two texts of a file, as `diff -u` does.
pub(super) fn write_diff(out: &mut dyn Write, name: &str, before: &str, after: &str) -> io::Result<()> {
    write!(out, "{}", TextDiff::from_lines(before, after).unified_diff().header(name, name))
}

/// Replaces a file's text, if it is still what was checked. A byte-order mark stays.
pub(super) fn replace(path: impl AsRef<Path>, before: &str, after: &str) -> anyhow::Result<()> {
    let file = path.as_ref();
    let bytes = source::read_bytes(file)?;
    let (mark, text) = source::split_mark(&bytes);
    if text != before.as_bytes() {
        bail!(
            "{} is not what was checked: it is not UTF-8, or has changed meanwhile; nothing was written to it",
            file.display()
        );
    }
    source::write_atomically(file, &[mark, after.as_bytes()].concat())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a file of the test's own")]
    fn a_file_that_has_changed_meanwhile_stays() {
        let directory = tempfile::tempdir().expect("a scratch directory");
        let path = directory.path().join("a.json");
        let name = path.to_str().expect("UTF-8");
        std::fs::write(&path, "what somebody else wrote").expect("written");
        let error = replace(name, "what was read", "what it was to be").expect_err("it has changed");
        assert!(error.to_string().contains("has changed meanwhile"), "{error}");
        let now = || std::fs::read_to_string(&path).expect("there");
        assert_eq!(now(), "what somebody else wrote");
        replace(name, "what somebody else wrote", "what it was to be").expect("it is what was read");
        assert_eq!(now(), "what it was to be");
    }
}
