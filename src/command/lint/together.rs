//! What the files of a run do to each other, put to what each has by itself.

use std::borrow::Cow;

use super::super::Terminal;
use super::job::Job;
use super::outcome::Outcome;
use crate::across::{self, Remarks, Run};
use crate::lint::Report;
use crate::source::Format;

/// Passes reports on, in their order, as soon as no later file can add to them.
///
/// That is at once, up to the first file that depends on something not defined so far: from there on reports wait for
/// the last file. Of a definition that is fine and depends on nothing, not even its text waits.
#[derive(Default)]
pub(super) struct Together<'j> {
    run: Run,
    waiting: Vec<Waiting<'j>>,
}

struct Waiting<'j> {
    name: Cow<'j, str>,
    report: anyhow::Result<Report>,
    /// Its number among the files of the run, if it is one.
    number: Option<usize>,
}

impl<'j> Together<'j> {
    pub(super) fn take(
        &mut self,
        job: &Job,
        name: Cow<'j, str>,
        mut report: anyhow::Result<Report>,
        outcome: &mut Outcome,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let (mut number, mut is_open, mut stays) = (None, false, true);
        if let Ok(report) = &mut report
            && !job.is_again()
        {
            let facts = std::mem::take(&mut report.facts);
            let format = Format::of_path(name.as_ref().as_ref());
            stays = facts.has_dependencies() || format != Format::Json;
            report.diagnostics.retain(|found| !across::is_for_the_run(found.rule));
            let added = self.run.add(&name, job.is_found(), facts);
            (number, is_open) = (Some(added.number), added.is_open);
            put(added.remarks, format, report);
            stays |= !report.diagnostics.is_empty();
        }
        if self.waiting.is_empty() && !is_open {
            return outcome.take(&name, report, term);
        }
        if let Ok(report) = &mut report
            && !stays
        {
            // Comments, which the text is read for once more, are in other formats only.
            report.text = String::new();
        }
        self.waiting.push(Waiting { name, report, number });
        Ok(())
    }

    /// Passes on what is left.
    pub(super) fn end(self, outcome: &mut Outcome, term: &mut Terminal) -> anyhow::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let mut remarks = self.run.end();
        for Waiting { name, mut report, number } in self.waiting {
            if let Ok(report) = &mut report
                && let Some(remarks) = number.and_then(|number| remarks.remove(&number))
            {
                put(remarks, Format::of_path(name.as_ref().as_ref()), report);
            }
            outcome.take(&name, report, term)?;
        }
        Ok(())
    }
}

fn put(remarks: Remarks, format: Format, report: &mut Report) {
    if remarks.is_empty() {
        return;
    }
    report.diagnostics.extend(remarks.place(&report.text, format));
    report.diagnostics.sort_by_key(|found| found.range.start);
}
