//! What the files of a run do to each other, put to what each has by itself.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use anyhow::bail;

use super::super::Terminal;
use super::job::Job;
use super::outcome::Outcome;
use crate::across::{self, Remarks, Run};
use crate::lint::Report;
use crate::source::Format;

/// Passes reports on as soon as no later file can add to them.
///
/// That is at once, but for a file that depends on something not defined so far: its report waits for the last file,
/// without its text, which is read once more where it is needed. So those files come last, in their order.
pub(super) struct Together<'j> {
    run: Run,
    waiting: Vec<Waiting<'j>>,
    keeps_texts: bool,
}

struct Waiting<'j> {
    job: &'j Job,
    name: Cow<'j, str>,
    report: anyhow::Result<Report>,
    /// Its number among the files of the run, if it is one.
    number: Option<usize>,
    /// What its text was, where it has to be read once more.
    digest: Option<u64>,
}

impl<'j> Together<'j> {
    /// `keeps_texts` says that a report may be about another text than its file has.
    pub(super) fn new(keeps_texts: bool) -> Self {
        Self { run: Run::default(), waiting: Vec::new(), keeps_texts }
    }

    pub(super) fn take(
        &mut self,
        job: &'j Job,
        name: Cow<'j, str>,
        mut report: anyhow::Result<Report>,
        outcome: &mut Outcome,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let (mut number, mut is_open) = (None, false);
        if let Ok(report) = &mut report
            && !job.is_again()
        {
            let facts = std::mem::take(&mut report.facts);
            report.diagnostics.retain(|found| !across::is_for_the_run(found.rule));
            let added = self.run.add(&name, job.is_found(), facts);
            (number, is_open) = (Some(added.number), added.is_open);
            put(added.remarks, &name, report);
        }
        if !is_open {
            return outcome.take(&name, report, term);
        }
        let digest = match &mut report {
            Ok(report) if !self.keeps_texts && job.can_be_read_again() => {
                Some(digest(&std::mem::take(&mut report.text)))
            }
            _ => None,
        };
        self.waiting.push(Waiting { job, name, report, number, digest });
        Ok(())
    }

    /// Passes on what is left.
    pub(super) fn end(self, outcome: &mut Outcome, term: &mut Terminal) -> anyhow::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let mut remarks = self.run.end();
        for waiting in self.waiting {
            let remarks = waiting.number.and_then(|number| remarks.remove(&number)).unwrap_or_default();
            let name = waiting.name.clone();
            outcome.take(&name, waiting.finish(remarks), term)?;
        }
        Ok(())
    }
}

impl Waiting<'_> {
    fn finish(self, remarks: Remarks) -> anyhow::Result<Report> {
        let mut report = self.report?;
        // Comments, for which a text is looked at that has no findings, are in other formats only.
        let needs_text = !report.diagnostics.is_empty()
            || !remarks.is_empty()
            || Format::of_path(self.name.as_ref().as_ref()) != Format::Json;
        if let Some(before) = self.digest.filter(|_| needs_text) {
            report.text = self.job.text()?;
            if digest(&report.text) != before {
                bail!("{}: the file has changed while it was checked; check it again", self.name);
            }
        }
        put(remarks, &self.name, &mut report);
        Ok(report)
    }
}

fn put(remarks: Remarks, name: &str, report: &mut Report) {
    if remarks.is_empty() {
        return;
    }
    report.diagnostics.extend(remarks.place(&report.text, Format::of_path(name.as_ref())));
    report.diagnostics.sort_by_key(|found| found.range.start);
}

fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
