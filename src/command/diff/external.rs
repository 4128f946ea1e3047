//! Showing the differences with a program of the user's choice, as `KUBECTL_EXTERNAL_DIFF` does.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

use super::super::Exit;
use crate::diff::{Changes, Difference, Mask};
use crate::report::changes::sides;
use crate::source::{self, ScratchDirectory};

const VARIABLE: &str = "MILEPOST_EXTERNAL_DIFF";

/// The command line from the environment: a program and its arguments, separated by white space.
pub(super) fn program() -> Option<String> {
    std::env::var(VARIABLE).ok().filter(|program| !program.trim().is_empty())
}

/// Runs it on two directories, which have a file for each service of their side that differs.
pub(super) fn run(program: &str, changes: &Changes, mask: Mask) -> anyhow::Result<Exit> {
    // The directory is 0700.
    let scratch = ScratchDirectory::new("milepost-diff-").context("cannot make a scratch directory")?;
    let (old, new) = (scratch.path().join("old"), scratch.path().join("new"));
    for directory in [&old, &new] {
        fs::create_dir(directory).context("cannot make a scratch directory")?;
    }
    for difference in &changes.differences {
        let (before, after) = sides(difference, mask);
        for (directory, text) in [(&old, before), (&new, after)] {
            if !text.is_empty() {
                source::write_atomically(&directory.join(file_name(difference)), text.as_bytes())?;
            }
        }
    }
    let exit = start(program, &old, &new)?;
    Ok(match exit {
        0 => Exit::Fine,
        1 => Exit::Findings,
        code => bail!("{VARIABLE}: `{program}` ended with {code}"),
    })
}

fn start(program: &str, old: &Path, new: &Path) -> anyhow::Result<i32> {
    let mut words = program.split_whitespace();
    let name = words.next().unwrap_or_default();
    let status = Command::new(name).args(words).arg(old).arg(new).status();
    let status = status.with_context(|| format!("{VARIABLE}: cannot run `{name}`"))?;
    status.code().with_context(|| format!("{VARIABLE}: `{name}` was killed"))
}

/// `/shop/web` becomes `shop_web.app.json`: no id has an underscore. The file that tells services of one id apart comes
/// first.
fn file_name(Difference { id, kind, file, .. }: &Difference) -> String {
    let flat = |path: &str| path.trim_start_matches('/').replace(['/', '\\'], "_");
    let file = file.as_ref().map(|file| format!("{}-", flat(file))).unwrap_or_default();
    format!("{file}{}.{}.json", flat(id), kind.name())
}
