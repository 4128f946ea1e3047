//! Findings between the files of a run, added to the findings of each file.

use std::borrow::Cow;

use super::super::Terminal;
use super::job::LintJob;
use super::summary::LintSummary;
use crate::cross::{self, CrossCheck, Locations};
use crate::finding::Finding;
use crate::lint::Report;
use crate::report::Needs;
use crate::rule::Facts;
use crate::secret_scan::Secrets;
use crate::source::{Cut, Format, Tree, excerpt};

/// Passes reports on as soon as no later file can add findings to them.
///
/// That is at once, except for a file that depends on something not defined so far: its report waits for the last file.
/// Such files come last, in their order.
pub(super) struct CrossFileCheck<'j> {
    run: CrossCheck<'j>,
    waiting: Vec<Waiting<'j>>,
    needs: Needs,
}

struct Waiting<'j> {
    job: &'j LintJob,
    name: Cow<'j, str>,
    report: Report,
    /// What is left out of its text.
    cuts: Vec<Cut>,
    /// Its number among the files of the run.
    number: usize,
    /// Where in it a finding may still be added.
    spots: Locations,
}

impl<'j> CrossFileCheck<'j> {
    /// `needs` is what the format needs of the reports.
    pub(super) fn new(needs: Needs) -> Self {
        Self { run: CrossCheck::default(), waiting: Vec::new(), needs }
    }

    /// `cluster` is called for a definition, and names the cluster it is for.
    pub(super) fn take(
        &mut self,
        job: &'j LintJob,
        cluster: impl FnOnce() -> String,
        name: Cow<'j, str>,
        report: anyhow::Result<Report>,
        summary: &mut LintSummary,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let mut report = match report {
            Ok(report) if !job.is_again() => report,
            // A failure, or a file that was named twice: that is not a second definition.
            report => return summary.take(job, &name, report, &[], term),
        };
        let facts = std::mem::take(&mut report.facts);
        report.findings.retain(|found| !cross::waits_for_all_files(found.rule));
        if facts == Facts::default() {
            return summary.take(job, &name, Ok(report), &[], term);
        }
        let added = self.run.add(name.clone(), job.is_found(), &cluster(), facts);
        let root = || report.tree.root(&report.text);
        let open = added.open.map(|places| places.find(root()));
        if !added.findings.is_empty() {
            let findings = added.findings.locate(root());
            put(findings, &mut report);
        }
        match open {
            None => summary.take(job, &name, Ok(report), &[], term),
            Some(spots) => {
                self.wait(job, name, report, added.number, spots);
                Ok(())
            }
        }
    }

    /// Keeps of a report what the format needs.
    fn wait(
        &mut self,
        job: &'j LintJob,
        name: Cow<'j, str>,
        mut report: Report,
        number: usize,
        mut spots: Locations,
    ) {
        report.tree = Tree::default();
        report.findings.shrink_to_fit();
        if self.needs < Needs::Edits {
            // Other formats report only that there is a fix.
            let fixes = report.findings.iter_mut().filter_map(|found| found.fix.as_mut());
            fixes.for_each(|fix| fix.changes = Vec::new());
        }
        let mut cuts = Vec::new();
        // Other formats have comments, which may ignore findings.
        if self.needs < Needs::Text && Format::of_path(name.as_ref().as_ref()) == Format::Json {
            // What a secret is may be seen only by the lines that are left out.
            let secrets = Secrets::of(&report.text);
            for found in &mut report.findings {
                secrets.hide_in_finding(&report.text, found);
            }
            if let Cow::Owned(covered) = secrets.cover(&report.text) {
                report.text = covered;
            }
            let found = report.findings.iter_mut().map(|found| &mut found.range);
            (report.text, cuts) = excerpt(&report.text, found.chain(spots.ranges()).collect());
        }
        self.waiting.push(Waiting { job, name, report, cuts, number, spots });
    }

    /// Passes the waiting reports on.
    pub(super) fn end(self, summary: &mut LintSummary, term: &mut Terminal) -> anyhow::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let mut pending = self.run.end();
        for Waiting { job, name, mut report, cuts, number, spots } in self.waiting {
            let findings = pending.remove(&number).unwrap_or_default();
            put(findings.locate_known(&spots), &mut report);
            summary.take(job, &name, Ok(report), &cuts, term)?;
        }
        Ok(())
    }
}

fn put(found: Vec<Finding>, report: &mut Report) {
    report.findings.extend(found);
    report.findings.sort_by_key(|found| found.range.start);
}
