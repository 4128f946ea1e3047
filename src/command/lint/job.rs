//! Which files to check, and checking one.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anyhow::bail;

use super::super::input::read_stdin_bytes;
use crate::command::discover::{self, InputFile, SeenFiles};
use crate::lint::{Linter, Report};
use crate::policy::Policies;
use crate::source::{Format, Kind, Reader};
use crate::target::Settings;
use crate::util::escape::shown_path;

/// A file to check, and how it was found.
pub(super) struct LintJob {
    file: InputFile,
    /// It was named before: its findings are reported again, but it is not a second definition.
    is_again: bool,
}

/// The files that were named, and the files below directories that were named.
pub(super) fn collect(paths: &[PathBuf]) -> anyhow::Result<Vec<LintJob>> {
    let files = discover::files(paths)?.into_iter();
    let mut jobs: Vec<LintJob> = files.map(|file| LintJob { file, is_again: false }).collect();
    if paths.len() > 1 {
        let mut known = SeenFiles::default();
        for job in &mut jobs {
            job.is_again = !known.is_new(&job.file.path);
        }
    }
    Ok(jobs)
}

/// What is kept from one checked file to the next.
#[derive(Default)]
pub(super) struct Checker {
    reader: Reader,
    linter: Linter,
}

impl LintJob {
    /// Its name in findings.
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

    /// Whether it was found in a directory.
    pub(super) fn is_found(&self) -> bool {
        !self.file.is_named
    }

    /// Whether it was named before.
    pub(super) fn is_again(&self) -> bool {
        self.is_again
    }

    /// Reads and checks it.
    pub(super) fn check(
        &self,
        checker: &mut Checker,
        kind: Option<Kind>,
        target: &Settings,
        policies: &Policies,
        stdin_name: Option<&Path>,
    ) -> anyhow::Result<Report> {
        let name = self.path_or(stdin_name);
        let InputFile { path, is_named, is_regular } = &self.file;
        let bytes =
            if self.is_stdin() { read_stdin_bytes()? } else { checker.reader.read(path, *is_regular)? };
        let format = Format::of_path(name);
        let mut report = checker.linter.lint(bytes, format, kind, target);
        policies.check(&name.to_string_lossy(), format, target, &mut report);
        if report.kind.is_none() && *is_named && report.findings.is_empty() {
            bail!(
                "{}: this is not an app, pod or group: it has no `id` beside `cmd`, `container`, `containers` or `apps`; \
                 give --kind to check it anyway",
                shown_path(&name)
            );
        }
        Ok(report)
    }
}
