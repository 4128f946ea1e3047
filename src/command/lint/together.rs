//! What the files of a run do to each other, put to what each has by itself.

use std::borrow::Cow;
use std::hash::BuildHasher as _;

use anyhow::bail;

use super::super::Terminal;
use super::job::Job;
use super::outcome::Outcome;
use crate::across::{self, Remarks, Run, Spots};
use crate::diagnostic::Diagnostic;
use crate::hash::RandomState;
use crate::lint::Report;
use crate::source::{Format, Tree};

/// Passes reports on as soon as no later file can add to them.
///
/// That is at once, but for a file that depends on something not defined so far: its report waits for the last file. So
/// those files come last, in their order. Where many wait, their texts do not, and are read once more.
pub(super) struct Together<'j> {
    run: Run,
    waiting: Vec<Waiting<'j>>,
    /// Bytes of the texts that wait.
    kept: usize,
    keeps_texts: bool,
    keeps_edits: bool,
    /// Tells a text from another one.
    digests: RandomState,
}

/// Bytes of texts that wait at most.
const MOST_KEPT: usize = 512 << 10;

struct Waiting<'j> {
    job: &'j Job,
    name: Cow<'j, str>,
    report: anyhow::Result<Report>,
    /// Its number among the files of the run.
    number: usize,
    /// Where in it there may be something to say.
    spots: Spots,
    /// What its text was, where it has to be read once more.
    digest: Option<u64>,
}

impl<'j> Together<'j> {
    /// `keeps_texts` says that a report may be about another text than its file has, `keeps_edits` that somebody wants to
    /// know what mends come to.
    pub(super) fn new(keeps_texts: bool, keeps_edits: bool) -> Self {
        Self {
            run: Run::default(),
            waiting: Vec::new(),
            kept: 0,
            keeps_texts,
            keeps_edits,
            digests: RandomState::default(),
        }
    }

    pub(super) fn take(
        &mut self,
        job: &'j Job,
        name: Cow<'j, str>,
        mut report: anyhow::Result<Report>,
        outcome: &mut Outcome,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let mut open = None;
        if let Ok(report) = &mut report
            && !job.is_again()
        {
            let facts = std::mem::take(&mut report.facts);
            report.diagnostics.retain(|found| !across::is_for_the_run(found.rule));
            let added = self.run.add(&name, job.is_found(), facts);
            let root = || report.tree.root(&report.text);
            open = added.open.map(|places| (added.number, places.find(root())));
            if !added.remarks.is_empty() {
                let remarks = added.remarks.place(root());
                put(remarks, report);
            }
        }
        let Some((number, spots)) = open else { return outcome.take(&name, report, term) };
        let mut digest = None;
        if let Ok(report) = &mut report {
            report.tree = Tree::default();
            report.diagnostics.shrink_to_fit();
            let fixes = report.diagnostics.iter_mut().filter_map(|found| found.fix.as_mut());
            // That there is a mend is all that others tell.
            fixes.filter(|_| !self.keeps_edits).for_each(|fix| fix.changes = Vec::new());
            self.kept += report.text.len();
            if self.kept > MOST_KEPT && !self.keeps_texts && job.can_be_read_again() {
                self.kept -= report.text.len();
                digest = Some(self.digests.hash_one(std::mem::take(&mut report.text)));
            }
        }
        self.waiting.push(Waiting { job, name, report, number, spots, digest });
        Ok(())
    }

    /// Passes on what is left.
    pub(super) fn end(self, outcome: &mut Outcome, term: &mut Terminal) -> anyhow::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let mut remarks = self.run.end();
        for waiting in self.waiting {
            let remarks = remarks.remove(&waiting.number).unwrap_or_default();
            let name = waiting.name.clone();
            outcome.take(&name, waiting.finish(remarks, &self.digests), term)?;
        }
        Ok(())
    }
}

impl Waiting<'_> {
    fn finish(self, remarks: Remarks, digests: &RandomState) -> anyhow::Result<Report> {
        let mut report = self.report?;
        // Comments, for which a text is looked at that has no findings, are in other formats only.
        let needs_text = !report.diagnostics.is_empty()
            || !remarks.is_empty()
            || Format::of_path(self.name.as_ref().as_ref()) != Format::Json;
        if let Some(before) = self.digest.filter(|_| needs_text) {
            report.text = self.job.text()?;
            if digests.hash_one(&report.text) != before {
                bail!("{}: the file has changed while it was checked; check it again", self.name);
            }
        }
        put(remarks.place_at(&self.spots), &mut report);
        Ok(report)
    }
}

fn put(found: Vec<Diagnostic>, report: &mut Report) {
    report.diagnostics.extend(found);
    report.diagnostics.sort_by_key(|found| found.range.start);
}
