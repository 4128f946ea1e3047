//! Which files to check, and checking one.

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::bail;

use super::super::input::read_stdin_bytes;
use super::super::walk::{self, Found};
use crate::lint::{Linter, Report};
use crate::source::{self, Decoded, Format, Kind};
use crate::target::Settings;

/// A file to check, and how it came to be one.
pub(super) struct Job {
    file: Found,
    /// It was there already: its findings are told again, but it is no second definition.
    is_again: bool,
}

/// The files that were named, and those below the directories that were.
pub(super) fn collect(paths: &[PathBuf]) -> anyhow::Result<Vec<Job>> {
    let files = walk::files(paths)?.into_iter();
    let mut jobs: Vec<Job> = files.map(|file| Job { file, is_again: false }).collect();
    if paths.len() > 1 {
        let mut known = HashSet::new();
        for job in &mut jobs {
            // What cannot be found cannot be read either, which is told then.
            let path = job.file.path.canonicalize().unwrap_or_else(|_| job.file.path.clone());
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
            Some(name) if self.is_stdin() => name,
            _ => &self.file.path,
        }
    }

    fn is_stdin(&self) -> bool {
        self.file.is_named && self.file.path == Path::new("-")
    }

    /// Whether a directory was searched and it was there.
    pub(super) fn is_found(&self) -> bool {
        !self.file.is_named
    }

    /// Whether the same file comes before it.
    pub(super) fn is_again(&self) -> bool {
        self.is_again
    }

    /// Whether it is there for longer than one reading.
    pub(super) fn can_be_read_again(&self) -> bool {
        self.is_found() || self.file.path.is_file()
    }

    /// Its text, once more; one that is no text any more gives what can be read of it.
    pub(super) fn text(&self) -> anyhow::Result<String> {
        Ok(match Decoded::from_bytes(source::read_bytes(&self.file.path)?) {
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
        let bytes = if self.is_stdin() { read_stdin_bytes()? } else { source::read_bytes(&self.file.path)? };
        let report = linter.lint(bytes, Format::of_path(name), kind, target);
        if report.kind.is_none() && self.file.is_named && report.diagnostics.is_empty() {
            bail!(
                "{}: this is no app, pod or group: it has no `id` beside `cmd`, `container`, `containers` or `apps`; \
                 say --kind to check it all the same",
                name.display()
            );
        }
        Ok(report)
    }
}
