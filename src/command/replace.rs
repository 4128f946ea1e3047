//! Replacing the text of a file that has been read.

use std::path::Path;

use anyhow::bail;

use crate::source;

/// Replaces a file's text, if it is still what was checked. A byte-order mark stays.
pub(super) fn replace(path: &str, before: &str, after: &str) -> anyhow::Result<()> {
    let file = Path::new(path);
    let bytes = source::read_bytes(file)?;
    let (mark, text) = source::split_mark(&bytes);
    if text != before.as_bytes() {
        bail!(
            "{path} is not what was checked: it is not UTF-8, or has changed meanwhile; nothing was written to it"
        );
    }
    source::write_atomically(file, &[mark, after.as_bytes()].concat())?;
    Ok(())
}
