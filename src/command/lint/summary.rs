//! The result of a run: the document, the summary, the exit code.

use anyhow::bail;

use super::super::{Exit, Terminal};
use super::selection::Chosen;
use crate::config::{FindingFilter, NoLongerFound};
use crate::finding::{FixKind, RatedFinding, Severity};
use crate::lint::Report;
use crate::report::{self};
use crate::report::statistics::Statistics;
use crate::report::{CheckedFile, FORMATS, Needs, ReportContext, Reporter, Summary};
use crate::source::{Cut, Format};
use crate::util::escape::shown_path;
use crate::util::text::count;

pub(super) struct LintSummary {
    filter: FindingFilter,
    needs: Needs,
    fail_on: Option<Severity>,
    /// Nothing when the statistics take its place.
    reporter: Option<Box<dyn Reporter>>,
    statistics: Option<Statistics>,
    summary: Summary,
    /// How many findings have a safe fix, and how many an unsafe one.
    fixable: [usize; 2],
    /// Nothing is reported: with `--diff` the findings are those of a text that is not written.
    is_silent: bool,
}

impl LintSummary {
    pub(super) fn new(args: &super::Args, chosen: Chosen, context: ReportContext) -> Self {
        let is_text = args.format.name == FORMATS[0].name;
        // A baseline says where in a definition a finding is.
        let least = chosen.filter.baseline().map_or(Needs::Lines, |_| Needs::Text);
        Self {
            needs: args.format.needs.max(least),
            filter: chosen.filter,
            fail_on: chosen.fail_on,
            reporter: (!(args.diff || is_text && args.statistics)).then(|| (args.format.reporter)(context)),
            statistics: args.statistics.then(Statistics::default),
            summary: Summary::default(),
            fixable: [0; 2],
            is_silent: args.diff,
        }
    }

    /// What the format needs of a file beside its findings.
    pub(super) fn needs(&self) -> Needs {
        self.needs
    }

    /// The filter that chooses the findings to report.
    pub(super) fn filter(&self) -> &FindingFilter {
        &self.filter
    }

    pub(super) fn begin(&mut self, term: &mut Terminal) -> anyhow::Result<()> {
        self.reporter.as_mut().map_or(Ok(()), |reporter| reporter.begin(term.out()))?;
        Ok(())
    }

    /// Counts a file and writes its findings. `cuts` is what is left out of the report's text; nothing is where the format
    /// needs more than lines.
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
                let findings = self.filter.apply(name, kind, format, &text, diagnostics);
                self.report(
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

    fn report(&mut self, file: &CheckedFile<'_>, term: &mut Terminal) -> anyhow::Result<()> {
        file.findings.iter().for_each(|finding: &RatedFinding| self.summary.tally.add(finding.severity));
        if file.format != Format::Yaml {
            let fixes = file.findings.iter().filter_map(|finding| finding.finding.fix.as_ref());
            fixes.for_each(|fix| self.fixable[usize::from(fix.kind != FixKind::Safe)] += 1);
        }
        if let Some(statistics) = &mut self.statistics {
            statistics.add(file.findings);
        }
        if let Some(reporter) = &mut self.reporter {
            let findings = report::masked(file);
            reporter.file(term.out(), &CheckedFile { findings: &findings, ..*file })?;
        }
        Ok(())
    }

    pub(super) fn end(mut self, term: &mut Terminal) -> anyhow::Result<Exit> {
        if let Some(left) = self.filter.leftovers() {
            let (path, text) = (&*left.path, &*left.text);
            // Its findings have no location in a definition, so the format does not matter.
            let format = Format::Json;
            self.report(
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
                "found no definitions: {}",
                match skipped {
                    0 => "there is no .json, .jsonc, .yaml or .yml file".to_owned(),
                    1 => "the only file is not an app, pod or group".to_owned(),
                    skipped => format!("none of {skipped} files is an app, pod or group"),
                }
            );
        }
        term.out().flush()?;
        if files > 0 && !self.is_silent {
            writeln!(term.err(), "checked {}: {tally}{}", count(files, "file"), self.notes())?;
        }
        self.about_baseline(term)?;
        let failing = self.fail_on.map_or(0, |severity| tally.at_least(severity));
        Ok(match (unreadable, failing) {
            (0, 0) => Exit::Fine,
            (0, _) => Exit::Findings,
            _ => Exit::Usage,
        })
    }

    /// The rest of the last line.
    fn notes(&self) -> String {
        let hidden = self.filter.hidden();
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
        let fixable = match self.fixable {
            [0, 0] => None,
            [0, unsafe_fixes] => Some(format!("; {unsafe_fixes} fixable with --fix=unsafe")),
            [safe_fixes, 0] => Some(format!("; {safe_fixes} fixable with --fix")),
            [safe_fixes, unsafe_fixes] => {
                Some(format!("; {safe_fixes} fixable with --fix, {unsafe_fixes} more with --fix=unsafe"))
            }
        };
        let notes = [
            fixable,
            match skipped {
                0 => None,
                1 => Some("; skipped 1 file that is not a definition".to_owned()),
                skipped => Some(format!("; skipped {skipped} files that are not definitions")),
            },
            (unreadable > 0).then(|| format!("; {} could not be read", count(unreadable, "input"))),
            (!not_shown.is_empty()).then(|| format!("; not shown: {}", not_shown.join(", "))),
        ];
        notes.into_iter().flatten().collect()
    }

    /// Writes the baseline, or reports which of its findings were not found any more.
    fn about_baseline(&self, term: &mut Terminal) -> anyhow::Result<()> {
        let Some(baseline) = self.filter.baseline() else {
            return Ok(());
        };
        let path = shown_path(&baseline.path());
        if baseline.is_new() {
            if self.summary.unreadable > 0 {
                bail!("{path} is not written: it would lack the findings of files that could not be read");
            }
            baseline.write(self.filter.rules())?;
            writeln!(term.err(), "recorded {} in {path}", count(self.filter.hidden().baseline, "finding"))?;
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
            "note: {} of {path} {is} no longer found; --write-baseline {path} removes {}",
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
