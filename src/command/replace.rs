//! Replacing the text of a file that was read, or showing what that would change.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{anyhow, bail};
use similar::{ChangeTag, TextDiff};

use crate::report;
use crate::secret_scan::Secrets;
use crate::source::{self, EditError};
use crate::util::escape::shown_path;
use crate::util::escape::{self, on_one_line, visible};

/// Writes the differences between two texts of a file, as `diff -u` does. Secrets are hidden in what changes and in what
/// is around it; so is whatever a terminal would not show as it is.
pub(super) fn write_diff(out: &mut dyn Write, name: &str, before: &str, after: &str) -> io::Result<()> {
    // The lines of the masked texts are those of the texts: a secret that is moved still is a change.
    let shown = [before, after].map(|text| Secrets::of(text).cover(text).into_owned());
    let [olds, news] = [&shown[0], &shown[1]].map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
    let line = |lines: &[&str], at: usize| {
        let line = lines.get(at).copied().unwrap_or_default();
        // The line break is the file's.
        let content = line.trim_end_matches(['\n', '\r']);
        let missing = if line.ends_with('\n') { "" } else { "\n\\ No newline at end of file\n" };
        format!("{}{}{missing}", visible(content), &line[content.len()..])
    };
    let diff = TextDiff::from_lines(before, after);
    let mut text = String::new();
    for hunk in diff.unified_diff().iter_hunks() {
        if text.is_empty() {
            let name = on_one_line(name);
            text.extend(["--- ", &*name, "\n+++ ", &*name, "\n"]);
        }
        text.extend([&hunk.header().to_string(), "\n"]);
        for change in hunk.iter_changes() {
            match (change.tag(), change.old_index(), change.new_index()) {
                (ChangeTag::Delete, Some(at), _) => text.extend(["-", &line(&olds, at)]),
                (ChangeTag::Insert, _, Some(at)) => text.extend(["+", &line(&news, at)]),
                (_, Some(at), _) => text.extend([" ", &line(&olds, at)]),
                _ => {}
            }
        }
    }
    out.write_all(escape::without_commands(text.into()).as_bytes())
}

/// What to do where a YAML file cannot be edited.
pub(super) fn as_json(name: &str) -> String {
    let name = if matches!(name, "-" | "standard input") { "FILE" } else { name };
    format!("`milepost convert {name} --to json` writes it as JSON, which can be edited")
}

/// The error for a file that cannot be edited.
pub(super) fn edit_error(name: &str, text: &str, error: &EditError) -> anyhow::Error {
    let place = error.offset().map_or_else(|| name.to_owned(), |at| report::text::place(name, text, at));
    match error {
        EditError::Yaml { .. } => anyhow!("{place}: {error}; {}", as_json(name)),
        _ => anyhow!("{place}: {error}"),
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
