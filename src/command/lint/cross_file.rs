//! What the files of a run do to each other, put to what each has by itself.

use std::borrow::Cow;

use super::super::Terminal;
use super::job::LintJob;
use super::summary::LintSummary;
use crate::cross::{self, CrossCheck, Locations};
use crate::finding::Finding;
use crate::lint::Report;
use crate::report::Needs;
use crate::source::{Cut, Format, Tree, excerpt};

/// Passes reports on as soon as no later file can add to them.
///
/// That is at once, but for a file that depends on something not defined so far: its report waits for the last file. So
/// those files come last, in their order.
pub(super) struct CrossFileCheck<'j> {
    run: CrossCheck<'j>,
    waiting: Vec<Waiting<'j>>,
    needs: Needs,
}

struct Waiting<'j> {
    name: Cow<'j, str>,
    report: Report,
    /// What of its text does not wait.
    cuts: Vec<Cut>,
    /// Its number among the files of the run.
    number: usize,
    /// Where in it there may be something to say.
    spots: Locations,
}

impl<'j> CrossFileCheck<'j> {
    /// `needs` is what will be told of the reports.
    pub(super) fn new(needs: Needs) -> Self {
        Self { run: CrossCheck::default(), waiting: Vec::new(), needs }
    }

    pub(super) fn take(
        &mut self,
        job: &'j LintJob,
        name: Cow<'j, str>,
        report: anyhow::Result<Report>,
        outcome: &mut LintSummary,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let mut report = match report {
            Ok(report) if !job.is_again() => report,
            // A failure, or a file that is there already: it is no second definition.
            told => return outcome.take(&name, told, &[], term),
        };
        let facts = std::mem::take(&mut report.facts);
        report.findings.retain(|found| !cross::waits_for_all_files(found.rule));
        let added = self.run.add(name.clone(), job.is_found(), facts);
        let root = || report.tree.root(&report.text);
        let open = added.open.map(|places| places.find(root()));
        if !added.remarks.is_empty() {
            let remarks = added.remarks.locate(root());
            put(remarks, &mut report);
        }
        match open {
            None => outcome.take(&name, Ok(report), &[], term),
            Some(spots) => {
                self.wait(name, report, added.number, spots);
                Ok(())
            }
        }
    }

    /// Keeps of a report what will be needed of it.
    fn wait(&mut self, name: Cow<'j, str>, mut report: Report, number: usize, mut spots: Locations) {
        report.tree = Tree::default();
        report.findings.shrink_to_fit();
        if self.needs < Needs::Edits {
            // That there is a mend is all that others tell.
            let fixes = report.findings.iter_mut().filter_map(|found| found.fix.as_mut());
            fixes.for_each(|fix| fix.changes = Vec::new());
        }
        let mut cuts = Vec::new();
        // Other notations have comments, which say what is not to be told.
        if self.needs < Needs::Text && Format::of_path(name.as_ref().as_ref()) == Format::Json {
            let found = report.findings.iter_mut().map(|found| &mut found.range);
            (report.text, cuts) = excerpt(&report.text, found.chain(spots.ranges()).collect());
        }
        self.waiting.push(Waiting { name, report, cuts, number, spots });
    }

    /// Passes on what is left.
    pub(super) fn end(self, outcome: &mut LintSummary, term: &mut Terminal) -> anyhow::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let mut remarks = self.run.end();
        for Waiting { name, mut report, cuts, number, spots } in self.waiting {
            let remarks = remarks.remove(&number).unwrap_or_default();
            put(remarks.locate_known(&spots), &mut report);
            outcome.take(&name, Ok(report), &cuts, term)?;
        }
        Ok(())
    }
}

fn put(found: Vec<Finding>, report: &mut Report) {
    report.findings.extend(found);
    report.findings.sort_by_key(|found| found.range.start);
}
