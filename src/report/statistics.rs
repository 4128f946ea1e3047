//! Counts of findings per rule.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::finding::{RatedFinding, Severity};

use crate::util::text::{column, count};

/// The number of findings of each rule.
#[derive(Clone, Debug, Default)]
pub struct Statistics {
    counts: BTreeMap<(&'static str, Severity), Count>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    findings: usize,
    files: usize,
}

impl Statistics {
    /// Counts the findings of one file.
    pub fn add(&mut self, findings: &[RatedFinding]) {
        let mut rules: Vec<(&'static str, Severity)> =
            findings.iter().map(|finding| (finding.finding.rule.slug, finding.severity)).collect();
        rules.sort_unstable();
        for same in rules.chunk_by(|one, other| one == other) {
            let count = self.counts.entry(same[0]).or_default();
            count.findings += same.len();
            count.files += 1;
        }
    }

    /// Writes a line per rule, the most frequent first.
    ///
    /// # Errors
    /// When the stream cannot be written to.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut rows: Vec<_> = self.counts.iter().collect();
        rows.sort_by_key(|(_, count)| std::cmp::Reverse(count.findings));
        let digits = |count: usize| count.to_string().len();
        let width = rows.iter().map(|(_, count)| digits(count.findings)).max().unwrap_or_default();
        let rule_width = column(rows.iter().map(|((rule, _), _)| *rule));
        for ((rule, severity), Count { findings, files }) in rows {
            let (severity, files) = (severity.name(), count(*files, "file"));
            writeln!(out, "{findings:width$}  {severity:7}  {rule:rule_width$}  in {files}")?;
        }
        Ok(())
    }
}
