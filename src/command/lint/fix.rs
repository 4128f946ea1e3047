//! `--fix`: mending what was found, in place or as a diff.

use clap::ValueEnum;

use super::super::replace::{replace, write_diff};
use super::super::{Exit, Terminal};
use crate::config::FindingFilter;
use crate::finding::FixKind;
use crate::fix::{self, Fixed};
use crate::lint::{Linter, Report};
use crate::policy::Policies;
use crate::source::Format;
use crate::target::Settings;
use crate::util::text::count;

/// How sure a mend has to be.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum FixArg {
    /// Only what was surely meant
    Safe,
    /// Also what was probably meant, and changes what runs
    Unsafe,
}

/// Mends file after file, and keeps count.
pub(super) struct Fixer {
    level: FixKind,
    as_diff: bool,
    mends: usize,
    files: usize,
}

impl Fixer {
    pub(super) fn new(fix: FixArg, as_diff: bool) -> Self {
        let level = match fix {
            FixArg::Safe => FixKind::Safe,
            FixArg::Unsafe => FixKind::Unsafe,
        };
        Self { level, as_diff, mends: 0, files: 0 }
    }

    /// Mends a file of which `report` tells, as far as its findings are reported at all; gives the report of what it is
    /// then.
    pub(super) fn take(
        &mut self,
        path: &str,
        report: Report,
        sieve: &FindingFilter,
        settings: &Settings,
        policies: &Policies,
        term: &mut Terminal,
    ) -> anyhow::Result<Report> {
        if !report.findings.iter().any(|found| fix::is_wanted(found, self.level)) {
            return Ok(report);
        }
        let format = Format::of_path(path.as_ref());
        if format == Format::Yaml {
            writeln!(term.err(), "note: {path}: YAML is not mended in place; convert it to JSON first")?;
            return Ok(report);
        }
        let kind = report.kind;
        let mut linter = Linter::default();
        let mut check = |text: &str| linter.lint(text.into(), format, kind, settings);
        let Fixed { text, done } = fix::apply_fixes(report.text.clone(), format, self.level, |text| {
            sieve.preview(path, kind, format, text, check(text).findings)
        });
        if done.is_empty() {
            return Ok(report);
        }
        if self.as_diff {
            write_diff(term.out(), path, &report.text, &text)?;
        } else {
            replace(path, &report.text, &text)?;
        }
        self.mends += done.len();
        self.files += 1;
        for done in done {
            let did = if self.as_diff { "would mend" } else { "mended" };
            writeln!(
                term.err(),
                "{did} {path}: {} at {:?}: {}",
                done.rule,
                done.pointer.to_string(),
                done.title
            )?;
        }
        let mut report = check(&text);
        policies.check(path, format, settings, &mut report);
        Ok(report)
    }

    /// Says what was done to all files, and how the run ends for it.
    pub(super) fn end(&self, term: &mut Terminal) -> anyhow::Result<Exit> {
        let did = if self.as_diff { "would mend" } else { "mended" };
        writeln!(term.err(), "{did} {} in {}", count(self.mends, "finding"), count(self.files, "file"))?;
        Ok(if self.as_diff && self.mends > 0 { Exit::Findings } else { Exit::Fine })
    }
}
