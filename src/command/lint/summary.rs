//! What comes of all files together: the document, the summary, the exit code.

use anyhow::bail;

use super::super::{Exit, Terminal};
use super::selection::Chosen;
use crate::config::{FindingFilter, NoLongerFound};
use crate::finding::{FixKind, RatedFinding, Severity};
use crate::lint::Report;
use crate::report::statistics::Statistics;
use crate::report::{CheckedFile, FORMATS, Needs, ReportContext, Reporter, Summary};
use crate::source::{Cut, Format};
use crate::util::text::count;

pub(super) struct LintSummary {
    sieve: FindingFilter,
    needs: Needs,
    fail_on: Option<Severity>,
    /// Nothing when the statistics stand in its place.
    reporter: Option<Box<dyn Reporter>>,
    statistics: Option<Statistics>,
    summary: Summary,
    /// How many findings have a mend, a sure one and a less sure one.
    mendable: [usize; 2],
    /// Nothing is reported: what would be found after mends that are not made is nobody's concern.
    is_silent: bool,
}

impl LintSummary {
    pub(super) fn new(args: &super::Args, chosen: Chosen, context: ReportContext) -> Self {
        let is_text = args.format.name == FORMATS[0].name;
        // A baseline says where in a definition a finding is.
        let least = chosen.sieve.baseline().map_or(Needs::Lines, |_| Needs::Text);
        Self {
            needs: args.format.needs.max(least),
            sieve: chosen.sieve,
            fail_on: chosen.fail_on,
            reporter: (!(args.diff || is_text && args.statistics)).then(|| (args.format.reporter)(context)),
            statistics: args.statistics.then(Statistics::default),
            summary: Summary::default(),
            mendable: [0; 2],
            is_silent: args.diff,
        }
    }

    /// What is told of a file beside its findings.
    pub(super) fn needs(&self) -> Needs {
        self.needs
    }

    /// What decides which findings are reported.
    pub(super) fn sieve(&self) -> &FindingFilter {
        &self.sieve
    }

    pub(super) fn begin(&mut self, term: &mut Terminal) -> anyhow::Result<()> {
        self.reporter.as_mut().map_or(Ok(()), |reporter| reporter.begin(term.out()))?;
        Ok(())
    }

    /// Takes note of a file and writes what is to be said about it. `cuts` is what is left out of the report's text, which
    /// is nothing where more is needed than lines.
    pub(super) fn take(
        &mut self,
        name: &str,
        report: anyhow::Result<Report>,
        cuts: &[Cut],
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        match report {
            Ok(report) if report.kind.is_none() && report.findings.is_empty() => self.summary.skipped += 1,
            Ok(Report { text, kind, findings: diagnostics, .. }) => {
                self.summary.files += 1;
                let format = Format::of_path(name.as_ref());
                let findings = self.sieve.apply(name, kind, format, &text, diagnostics);
                self.tell(
                    &CheckedFile { path: name, kind, format, text: &text, cuts, findings: &findings },
                    term,
                )?;
            }
            Err(error) => {
                self.summary.unreadable += 1;
                writeln!(term.err(), "error: {error:#}")?;
                if let Some(reporter) = &mut self.reporter {
                    reporter.unreadable(term.out(), name, &format!("{error:#}"))?;
                }
            }
        }
        Ok(())
    }

    fn tell(&mut self, file: &CheckedFile<'_>, term: &mut Terminal) -> anyhow::Result<()> {
        file.findings.iter().for_each(|finding: &RatedFinding| self.summary.tally.add(finding.severity));
        if file.format != Format::Yaml {
            let fixes = file.findings.iter().filter_map(|finding| finding.finding.fix.as_ref());
            fixes.for_each(|fix| self.mendable[usize::from(fix.kind != FixKind::Safe)] += 1);
        }
        if let Some(statistics) = &mut self.statistics {
            statistics.add(file.findings);
        }
        if let Some(reporter) = &mut self.reporter {
            reporter.file(term.out(), file)?;
        }
        Ok(())
    }

    pub(super) fn end(mut self, term: &mut Terminal) -> anyhow::Result<Exit> {
        if let Some(left) = self.sieve.leftovers() {
            let (path, text) = (&*left.path, &*left.text);
            // Its findings are about no place in a definition, so the notation does not matter.
            let format = Format::Json;
            self.tell(
                &CheckedFile { path, kind: None, format, text, cuts: &[], findings: &left.findings },
                term,
            )?;
        }
        if let Some(reporter) = &mut self.reporter {
            reporter.end(term.out(), &self.summary)?;
        }
        if let Some(statistics) = &self.statistics {
            statistics.write(if self.reporter.is_none() { term.out() } else { term.err() })?;
        }
        let Summary { files, skipped, unreadable, tally } = self.summary;
        if files == 0 && unreadable == 0 {
            bail!(
                "no definition found: {}",
                match skipped {
                    0 => "there is no .json, .jsonc, .yaml or .yml file".to_owned(),
                    skipped => format!("{} looked at, none is an app, pod or group", count(skipped, "file")),
                }
            );
        }
        term.out().flush()?;
        if files > 0 && !self.is_silent {
            writeln!(term.err(), "checked {}: {tally}{}", count(files, "file"), self.remarks())?;
        }
        self.about_baseline(term)?;
        let failing = self.fail_on.map_or(0, |severity| tally.at_least(severity));
        Ok(match (unreadable, failing) {
            (0, 0) => Exit::Fine,
            (0, _) => Exit::Findings,
            _ => Exit::Usage,
        })
    }

    /// What else there is to say in the last line.
    fn remarks(&self) -> String {
        let hidden = self.sieve.hidden();
        let not_shown = [
            (hidden.baseline, "in the baseline"),
            (hidden.exceptions, "excepted"),
            (hidden.comments, "ignored by comments"),
        ];
        let not_shown: Vec<String> = not_shown
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        let Summary { skipped, unreadable, .. } = self.summary;
        let mendable = match self.mendable {
            [0, 0] => None,
            [0, less_sure] => Some(format!("; {less_sure} can be mended by --fix=unsafe")),
            [sure, 0] => Some(format!("; {sure} can be mended by --fix")),
            [sure, less_sure] => {
                Some(format!("; {sure} can be mended by --fix, {less_sure} more by --fix=unsafe"))
            }
        };
        let remarks = [
            mendable,
            (skipped > 0).then(|| format!("; {} no definition", count(skipped, "file"))),
            (unreadable > 0).then(|| format!("; {} could not be read", count(unreadable, "input"))),
            (!not_shown.is_empty()).then(|| format!("; not shown: {}", not_shown.join(", "))),
        ];
        remarks.into_iter().flatten().collect()
    }

    /// Writes the baseline, or says what of it is gone.
    fn about_baseline(&self, term: &mut Terminal) -> anyhow::Result<()> {
        let Some(baseline) = self.sieve.baseline() else {
            return Ok(());
        };
        let path = baseline.path().display();
        if baseline.is_new() {
            if self.summary.unreadable > 0 {
                bail!("{path} is not written: it would lack what could not be read");
            }
            baseline.write()?;
            writeln!(term.err(), "recorded {} in {path}", count(self.sieve.hidden().baseline, "finding"))?;
            return Ok(());
        }
        let gone = baseline.gone();
        if gone.is_empty() {
            return Ok(());
        }
        let total = gone.iter().map(|gone| gone.count).sum();
        let is = if total == 1 { "is" } else { "are" };
        writeln!(
            term.err(),
            "note: {} of {path} {is} gone; --write-baseline {path} forgets {}",
            count(total, "finding"),
            if total == 1 { "it" } else { "them" }
        )?;
        if self.statistics.is_some() {
            for NoLongerFound { path, rule, pointer, count } in gone {
                let times = if count == 1 { String::new() } else { format!(" ({count} times)") };
                writeln!(term.err(), "  {path}: {rule} at {pointer:?}{times}")?;
            }
        }
        Ok(())
    }
}
