//! Which files to check, and checking one.

use std::borrow::Cow;
use std::path::Path;

use memchr::memmem;

use super::super::input::{not_a_definition, read_stdin_bytes};
use super::settings::{RunSettings, SettingsOfFiles};
use crate::command::discover::{InputFile, SeenFiles, Walk};
use crate::command::fetched::look;
use crate::credential;
use crate::fix::{self, FixProver};
use crate::lint::{self, Linter, Report};
use crate::schema::recognize::{self, NotADefinition};
use crate::source::{Document, Format, Kind, Reader, may_be_a_definition};
use crate::target::Settings;

/// A file to check, and how it was found.
pub(super) struct LintJob {
    file: InputFile,
    /// It was named before: its findings are reported again, but it is not a second definition.
    is_again: bool,
    /// Another file or a directory was named too, so that this one need not be a definition.
    is_among_others: bool,
    /// The index of the settings that count for it.
    pub(super) settings: usize,
}

/// The files that were found, with the settings of each; excluded ones move to the skipped ones.
pub(super) fn jobs(walk: &mut Walk, settings: &mut SettingsOfFiles) -> anyhow::Result<Vec<LintJob>> {
    let mut jobs = Vec::with_capacity(walk.files.len());
    let is_among_others = walk.files.len() + walk.skipped.len() > 1;
    let mut known = walk.is_of_several.then(SeenFiles::default);
    for file in std::mem::take(&mut walk.files) {
        let Some(settings) = settings.of(&file)? else {
            walk.exclude(file.path);
            continue;
        };
        let is_again = known.as_mut().is_some_and(|known| !known.is_new(&file.path));
        jobs.push(LintJob { file, is_again, is_among_others, settings });
    }
    Ok(jobs)
}

/// What to tell of a file that is no definition.
pub(super) enum Skip {
    /// It is the only file that was named.
    Error(String),
    /// It was named among others.
    Warning(String),
    /// It was found in a directory.
    Silent,
}

/// What is kept from one checked file to the next.
#[derive(Default)]
pub(super) struct FileChecker {
    reader: Reader,
    linter: Linter,
}

impl LintJob {
    /// Its name in findings.
    pub(super) fn name<'a>(&'a self, stdin_name: Option<&'a Path>) -> Cow<'a, str> {
        self.path_or(stdin_name).to_string_lossy()
    }

    /// Its path, or the name of standard input.
    pub(super) fn path_or<'a>(&'a self, stdin_name: Option<&'a Path>) -> &'a Path {
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

    /// What to tell of it when it is no definition, under this name.
    pub(super) fn no_definition(&self, name: &str, why: NotADefinition) -> Skip {
        let what = not_a_definition(why);
        match (self.file.is_named, self.is_among_others) {
            (true, false) => Skip::Error(format!("{name}: {what}; --kind checks it anyway")),
            (true, true) => Skip::Warning(format!("skipped {name}: {what}")),
            (false, _) => Skip::Silent,
        }
    }

    /// Reads and checks it. `proves` is whether its fixes are made or written: then only those stay that are proven.
    pub(super) fn check(
        &self,
        checker: &mut FileChecker,
        (kind, proves): (Option<Kind>, bool),
        settings: &RunSettings,
        stdin_name: Option<&Path>,
    ) -> anyhow::Result<Report> {
        let name = self.path_or(stdin_name);
        let InputFile { path, is_named, is_regular } = &self.file;
        let bytes =
            if self.is_stdin() { read_stdin_bytes()? } else { checker.reader.read(path, *is_regular)? };
        let format = Format::of_path(name);
        let target = &settings.target;
        // Policies read the tree again.
        checker.linter.keep_trees(!settings.policies.is_empty());
        let linter = &mut checker.linter;
        let mut report = match (kind, *is_named) {
            (None, false) => linter.lint_found(bytes, format, target),
            (None, true) if self.is_among_others => linter.lint_among_others(bytes, format, target),
            _ => linter.lint(bytes, format, kind, target),
        };
        lint::name_the_tool(name, &mut report.findings);
        // A shell and hooks name every file; a user may name a text of another kind.
        let may_be_another = self.is_among_others || !may_be_a_definition(name);
        if *is_named && kind.is_none() && may_be_another && !self.is_stdin() {
            report.skip_unparsable(|text| recognize::named_unparsable(name, text));
        }
        if let Some(kind) = report.kind.filter(|_| !report.is_rejected()) {
            look_into_archives(&mut report, format, (kind, target));
        }
        if let Some(kind) = report.kind.filter(|_| proves) {
            fix::prove(&FixProver::new(format, kind, target), &report.text, &mut report.findings);
        }
        settings.policies.check(&name.to_string_lossy(), format, target, &mut report);
        checker.linter.recycle(&mut report);
        Ok(report)
    }
}

/// Looks into archives of agents that are on this machine, too.
fn look_into_archives(report: &mut Report, format: Format, (kind, settings): (Kind, &Settings)) {
    // Files of an agent are rarely here; only then the text is read again.
    let text = report.text.as_str();
    let mut paths = memmem::find_iter(text.as_bytes(), "file:///").map(|at| {
        let path = &text[at + "file://".len()..];
        path.split(['"', '\'', '\n', ' ']).next().unwrap_or_default()
    });
    if !paths.any(|path| Path::new(path).is_file()) {
        return;
    }
    let Ok(document) = Document::parse(text, format) else { return };
    credential::look_into_archives(&document, (kind, settings), look, &mut report.findings);
}
