//! Replacing the text of a file that was read, or showing what that would change.

use std::path::Path;

use anyhow::{anyhow, bail};

use super::Terminal;
use crate::format::lost_comments;
pub(super) use crate::report::unified::write_diff;
use crate::report::{self, FileFault};
use crate::secret_scan::Secrets;
use crate::source::{self, EditError, Format, LineIndex};
use crate::util::escape::{cut, on_one_line, shown_path};

/// Names the comments that are not kept.
pub(super) fn tell_of_comments(
    (name, format): (&str, Format),
    before: &str,
    after: &str,
    term: &mut Terminal,
) -> anyhow::Result<()> {
    const LONGEST: usize = 60;
    let lost = lost_comments(before, after, format);
    if lost.is_empty() {
        return Ok(());
    }
    let (lines, secrets) = (LineIndex::new(before), Secrets::of(before));
    for (offset, comment) in lost {
        let place = report::text::place_in(name, before, &lines, offset);
        let shown = secrets.hide(comment);
        let shown = cut(&on_one_line(&shown), LONGEST).into_owned();
        writeln!(
            term.err(),
            "note: {place}: this comment is not kept, because what it stands in is rewritten: {shown}"
        )?;
    }
    Ok(())
}

/// What to do where a YAML file cannot be edited.
pub(super) fn as_json(name: &str) -> String {
    let name = if matches!(name, "-" | "standard input") { "FILE" } else { name };
    format!("`milepost convert {name} --to json` writes it as JSON, which can be edited")
}

/// The error for a file that cannot be edited.
pub(super) fn edit_error(name: &str, text: &str, error: &EditError) -> anyhow::Error {
    let help = matches!(error, EditError::Yaml { .. }).then(|| as_json(name));
    refusal(name, text, error.offset(), &error.to_string(), help)
}

/// The error for a file that is not changed, where it can be placed with its line.
pub(super) fn refusal(
    name: &str,
    text: &str,
    offset: Option<usize>,
    why: &str,
    help: Option<String>,
) -> anyhow::Error {
    match offset {
        Some(at) => FileFault::new(name, text, &(at..at), why).help(help).into(),
        None => anyhow!("{name}: {why}{}", help.map(|help| format!("; {help}")).unwrap_or_default()),
    }
}

/// Replaces a file's text if it still is `before`. Keeps a byte-order mark.
pub(super) fn replace(path: impl AsRef<Path>, before: &str, after: &str) -> anyhow::Result<()> {
    let file = path.as_ref();
    source::alone(file, || {
        let bytes = source::read_bytes(file)?;
        let (mark, text) = source::split_mark(&bytes);
        if text != before.as_bytes() {
            bail!(
                "{} is not what was read: it is not UTF-8, or has changed meanwhile; it was not written to",
                shown_path(&file)
            );
        }
        source::write_atomically(file, &[mark, after.as_bytes()].concat())?;
        Ok(())
    })?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a file of the test's own")]
    fn a_file_that_has_changed_meanwhile_is_not_replaced() {
        let directory = tempfile::tempdir().expect("a scratch directory");
        let path = directory.path().join("a.json");
        let name = path.to_str().expect("UTF-8");
        std::fs::write(&path, "text from elsewhere").expect("written");
        let error = replace(name, "text that was read", "new text").expect_err("it has changed");
        assert!(error.to_string().contains("has changed meanwhile"), "{error}");
        let now = || std::fs::read_to_string(&path).expect("there");
        assert_eq!(now(), "text from elsewhere");
        replace(name, "text from elsewhere", "new text").expect("it is what was read");
        assert_eq!(now(), "new text");
    }
}
