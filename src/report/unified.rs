//! The differences between two texts, as `diff -u` writes them.

use std::io::{self, Write};

use similar::{ChangeTag, TextDiff};

use crate::secret_scan::{Secrets, as_shown};
use crate::util::escape::{self, on_one_line, visible};

/// Writes the differences between two texts of a file, as `diff -u` does. Secrets are hidden in what changes and in what
/// is around it; so is whatever a terminal would not show as it is.
pub(crate) fn write_diff(out: &mut dyn Write, name: &str, before: &str, after: &str) -> io::Result<()> {
    // The lines of the masked texts are those of the texts: a secret that is moved still is a change.
    let secrets = [before, after].map(Secrets::of);
    // A fix may put a secret to a place where nothing tells that it is one.
    let shown = [
        secrets[1].cover_in(&secrets[0].cover(before)).into_owned(),
        secrets[0].cover_in(&secrets[1].cover(after)).into_owned(),
    ];
    let [olds, news] = [&shown[0], &shown[1]].map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
    let line = |lines: &[&str], at: usize| {
        let line = lines.get(at).copied().unwrap_or_default();
        // The line break is the file's.
        let content = line.trim_end_matches(['\n', '\r']);
        let missing = if line.ends_with('\n') { "" } else { "\n\\ No newline at end of file\n" };
        let shown = as_shown(content, &mut (0..0));
        format!("{}{}{missing}", visible(&shown), &line[content.len()..])
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
