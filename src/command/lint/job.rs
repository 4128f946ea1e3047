//! Which files to check, and checking one.

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::bail;

use super::super::input::read_stdin_bytes;
use super::super::walk;
use crate::lint::{Linter, Report};
use crate::source::{self, Decoded, Format, Kind};
use crate::target::Settings;

/// A file to check, and how it came to be one.
pub(super) struct Job {
    path: PathBuf,
    /// It was named, not found: then it has to be a definition.
    named: bool,
    /// It was there already: its findings are told again, but it is no second definition.
    is_again: bool,
}

/// The files that were named, and those below the directories that were.
pub(super) fn collect(paths: &[PathBuf]) -> anyhow::Result<Vec<Job>> {
    let mut jobs = Vec::new();
    for path in paths {
        if path.is_dir() {
            let found = walk::definitions(path)?;
            jobs.extend(found.into_iter().map(|path| Job { path, named: false, is_again: false }));
        } else {
            jobs.push(Job { path: path.clone(), named: true, is_again: false });
        }
    }
    if paths.len() > 1 {
        let mut known = HashSet::new();
        for job in &mut jobs {
            // What cannot be found cannot be read either, which is told then.
            let path = job.path.canonicalize().unwrap_or_else(|_| job.path.clone());
            job.is_again = !known.insert(path);
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

    /// Whether a directory was searched and it was there.
    pub(super) fn is_found(&self) -> bool {
        !self.named
    }

    /// Whether the same file comes before it.
    pub(super) fn is_again(&self) -> bool {
        self.is_again
    }

    /// Whether it is there for longer than one reading.
    pub(super) fn can_be_read_again(&self) -> bool {
        self.path.is_file()
    }

    /// Its text, once more; one that is no text any more gives what can be read of it.
    pub(super) fn text(&self) -> anyhow::Result<String> {
        Ok(match Decoded::from_bytes(source::read_bytes(&self.path)?) {
            Ok(decoded) => decoded.text,
            Err((bytes, _)) => String::from_utf8_lossy(&bytes).into_owned(),
        })
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
