//! The report of a migration on stderr, and its exit code.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::super::replace::as_json;
use super::super::{Exit, Terminal};
use crate::finding::{Finding, FixKind};
use crate::migrate::{LeftForm, LeftReason, Migration, MigrationPlan, MigrationStep};
use crate::target::Release;
use crate::util::escape::on_one_line;
use crate::util::text::count;

/// What becomes of a migrated text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReportMode {
    /// It goes to stdout.
    Print,
    /// Its differences go to stdout.
    Diff,
    /// It replaces the file's text.
    Write,
}

/// Counts over all files.
pub(super) struct StepTally {
    pub(super) mode: ReportMode,
    pub(super) unreadable: usize,
    release: Release,
    steps: usize,
    files: usize,
    left: usize,
    refused: usize,
}

impl StepTally {
    pub(super) fn new(mode: ReportMode, release: Release) -> Self {
        Self { mode, release, unreadable: 0, steps: 0, files: 0, left: 0, refused: 0 }
    }

    /// Lists what was changed in a file, and what was not.
    pub(super) fn migrated(
        &mut self,
        name: &str,
        before: &str,
        migration: &Migration,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let shown = if name == "-" { Cow::Borrowed("standard input") } else { on_one_line(name) };
        let did = if self.mode == ReportMode::Diff { "would migrate" } else { "migrated" };
        for MigrationStep { rule, pointer, why, what, is_unsafe } in &migration.steps {
            let mark = if *is_unsafe { " (changes what runs)" } else { "" };
            writeln!(term.err(), "{did} {shown}: {rule} at {:?}: {why}: {what}{mark}", pointer.to_string())?;
        }
        for note in &migration.notes {
            writeln!(term.err(), "note: {shown}: {:?}: {}", note.pointer.to_string(), note.text)?;
        }
        for left in &migration.left {
            self.left(&shown, left, term)?;
        }
        self.steps += migration.steps.len();
        self.files += usize::from(migration.text != before);
        Ok(())
    }

    fn left(&mut self, shown: &str, left: &LeftForm, term: &mut Terminal) -> anyhow::Result<()> {
        let LeftForm { rule, pointer, message, help, reason } = left;
        let why = match reason {
            LeftReason::Unsafe(what) => {
                let what = what.as_ref().map(|what| format!("--unsafe would {what}"));
                let what =
                    what.as_ref().or(help.as_ref()).map(|what| format!("; {what}")).unwrap_or_default();
                writeln!(term.err(), "note: {shown}: {rule} at {:?}: {message}{what}", pointer.to_string())?;
                return Ok(());
            }
            LeftReason::ByHand => help.as_ref().map(|help| format!("; {help}")).unwrap_or_default(),
            LeftReason::Unproven(why) => format!("; {why}"),
            LeftReason::Notation(why) => format!("; {why}; {}", as_json(shown)),
        };
        self.left += 1;
        writeln!(term.err(), "left {shown}: {rule} at {:?}: {message}{why}", pointer.to_string())?;
        Ok(())
    }

    /// Shows why a file is not changed.
    pub(super) fn refused(
        &mut self,
        name: &str,
        text: &str,
        rejections: &[Finding],
        plan: &MigrationPlan,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let shown = if name == "-" { Cow::Borrowed("standard input") } else { on_one_line(name) };
        term.findings(&shown, text, rejections)?;
        let fixes = rejections.iter().filter(|found| plan.rules.contains(&found.rule) && !plan.allows_unsafe);
        for fix in fixes.filter_map(|found| found.fix.as_ref()).filter(|fix| fix.kind == FixKind::Unsafe) {
            writeln!(term.err(), "note: {shown}: --unsafe would {}", fix.title)?;
        }
        writeln!(term.err(), "skipped {shown}: Marathon {} would reject it as it is", self.release)?;
        self.refused += 1;
        Ok(())
    }

    /// Writes the summary, with `notes` at its end; the run's exit code.
    pub(super) fn end(&self, notes: &str, term: &mut Terminal) -> anyhow::Result<Exit> {
        if self.mode != ReportMode::Print {
            writeln!(term.err(), "{}{notes}", self.summary())?;
        }
        Ok(if self.unreadable > 0 {
            Exit::Usage
        } else if self.left + self.refused > 0 || self.mode == ReportMode::Diff && self.files > 0 {
            Exit::Findings
        } else {
            Exit::Fine
        })
    }

    fn summary(&self) -> String {
        let made = if self.mode == ReportMode::Diff { "would make" } else { "made" };
        let mut summary = match self.steps {
            0 => "nothing migrated".to_owned(),
            steps => format!("{made} {} in {}", count(steps, "step"), count(self.files, "file")),
        };
        let rest = [
            (self.left, "old form", "left"),
            (self.refused, "file", "refused"),
            (self.unreadable, "file", "not read or written"),
        ];
        for (number, noun, what) in rest.into_iter().filter(|(number, ..)| *number > 0) {
            // Writing to a String cannot fail.
            let _ = write!(summary, "; {} {what}", count(number, noun));
        }
        summary
    }
}
