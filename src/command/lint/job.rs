//! Which files to check, and checking one.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anyhow::bail;

use super::super::input::read_stdin_bytes;
use super::super::walk;
use crate::lint::{Linter, Report};
use crate::source::{self, Format, Kind};
use crate::target::Settings;

/// A file to check, and how it came to be one.
pub(super) struct Job {
    path: PathBuf,
    /// It was named, not found: then it has to be a definition.
    named: bool,
}

/// The files that were named, and those below the directories that were.
pub(super) fn collect(paths: &[PathBuf]) -> anyhow::Result<Vec<Job>> {
    let mut jobs = Vec::new();
    for path in paths {
        if path.is_dir() {
            let found = walk::definitions(path)?;
            jobs.extend(found.into_iter().map(|path| Job { path, named: false }));
        } else {
            jobs.push(Job { path: path.clone(), named: true });
        }
    }
    Ok(jobs)
}

impl Job {
    /// The name to call it by in findings.
    pub(super) fn name<'a>(&'a self, stdin_name: Option<&'a Path>) -> Cow<'a, str> {
        self.path_or(stdin_name).to_string_lossy()
    }

    fn path_or<'a>(&'a self, stdin_name: Option<&'a Path>) -> &'a Path {
        match stdin_name {
            Some(name) if self.path == Path::new("-") => name,
            _ => &self.path,
        }
    }

    /// Reads and checks it.
    pub(super) fn check(
        &self,
        linter: &mut Linter,
        kind: Option<Kind>,
        target: &Settings,
        stdin_name: Option<&Path>,
    ) -> anyhow::Result<Report> {
        let name = self.path_or(stdin_name);
        let bytes =
            if self.path == Path::new("-") { read_stdin_bytes()? } else { source::read_bytes(&self.path)? };
        let report = linter.lint(bytes, Format::of_path(name), kind, target);
        if report.kind.is_none() && self.named && report.diagnostics.is_empty() {
            bail!(
                "{}: this is no app, pod or group: it has no `id` beside `cmd`, `container`, `containers` or `apps`; \
                 say --kind to check it all the same",
                name.display()
            );
        }
        Ok(report)
    }
}
