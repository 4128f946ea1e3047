//! `--fix`: fixes findings in place, or shows the fixes as a diff.

use clap::ValueEnum;

use super::super::replace::{as_json, replace, tell_of_comments, write_diff};
use super::super::{Exit, Terminal};
use super::settings::RunSettings;
use crate::config::FindingFilter;
use crate::finding::FixKind;
use crate::fix::{self, FixProver, Fixed, LeftFix};
use crate::lint::{Linter, Report, is_not_checked};
use crate::report;
use crate::secret_scan::Secrets;
use crate::source::Format;
use crate::util::escape::on_one_line;
use crate::util::text::count;

/// How sure a fix has to be.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum FixArg {
    /// Only fixes that keep what Marathon stores, and misspelt names
    Safe,
    /// Also fixes that change what Marathon stores, and so what runs
    Unsafe,
}

/// Fixes file after file, and counts.
pub(super) struct Fixer {
    level: FixKind,
    as_diff: bool,
    fixes: usize,
    files: usize,
}

impl Fixer {
    pub(super) fn new(fix: FixArg, as_diff: bool) -> Self {
        let level = match fix {
            FixArg::Safe => FixKind::Safe,
            FixArg::Unsafe => FixKind::Unsafe,
        };
        Self { level, as_diff, fixes: 0, files: 0 }
    }

    /// Fixes the findings of a report that the filter lets through; returns the report of the new text.
    pub(super) fn take(
        &mut self,
        path: &str,
        report: Report,
        filter: &FindingFilter,
        settings: &RunSettings,
        term: &mut Terminal,
    ) -> anyhow::Result<Report> {
        if !report.findings.iter().any(|found| fix::is_wanted(found, self.level)) {
            return Ok(report);
        }
        let format = Format::of_path(path.as_ref());
        let kind = report.kind;
        if let Some(why) = report.doubt {
            writeln!(term.err(), "note: {path}: nothing is fixed: {why}, so it may not be Marathon's")?;
            return Ok(report);
        }
        let mut linter = Linter::default();
        let mut check = |text: &str| linter.lint(text.into(), format, kind, &settings.target);
        let judge = kind.map(|kind| FixProver::new(format, kind, &settings.target));
        let Fixed { text, done, left } =
            fix::apply_fixes(report.text.clone(), format, self.level, judge.as_ref(), |text| {
                let mut found = filter.preview(path, kind, format, text, check(text).findings);
                // Other fixes need a definition to be proven with: the next run makes them.
                found.retain(|found| judge.is_some() || is_not_checked(found.rule));
                found
            });
        for LeftFix { rule, at, why } in left {
            let place = report::text::place(path, &text, at);
            let slug = rule.slug;
            writeln!(term.err(), "note: {place}: {slug} is not fixed: {why}; {}", as_json(path))?;
        }
        if done.is_empty() {
            return Ok(report);
        }
        if self.as_diff {
            write_diff(term.out(), path, &report.text, &text)?;
        } else {
            replace(path, &report.text, &text)?;
        }
        self.fixes += done.len();
        self.files += 1;
        let did = if self.as_diff { "would fix" } else { "fixed" };
        let secrets = Secrets::of(&report.text);
        // All in one: a system call for each would take longer than the fixes.
        let told = done.iter().fold(String::new(), |told, done| {
            let title = secrets.hide(&done.title);
            told + &format!(
                "{did} {}: {} at {:?}: {title}\n",
                on_one_line(path),
                done.rule.slug,
                done.pointer.to_string()
            )
        });
        write!(term.err(), "{told}")?;
        tell_of_comments((path, format), &report.text, &text, term)?;
        let mut report = check(&text);
        if let Some(judge) = &judge {
            fix::prove(judge, &report.text, &mut report.findings);
        }
        settings.policies.check(path, format, &settings.target, &mut report);
        Ok(report)
    }

    /// Reports the number of fixes; the exit code is 1 when a diff shows any.
    pub(super) fn end(&self, term: &mut Terminal) -> anyhow::Result<Exit> {
        let did = if self.as_diff { "would fix" } else { "fixed" };
        writeln!(term.err(), "{did} {} in {}", count(self.fixes, "finding"), count(self.files, "file"))?;
        Ok(if self.as_diff && self.fixes > 0 { Exit::Findings } else { Exit::Fine })
    }
}
