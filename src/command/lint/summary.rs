//! The result of a run: the document, the summary, the exit code.

use std::collections::BTreeMap;

use anyhow::bail;

use super::super::discover::{self, SkippedFile, Walk};
use super::super::terminal::without_secrets;
use super::super::{Exit, Terminal};
use super::job::{LintJob, Skip};
use super::settings::RunSettings;
use crate::config::{FindingFilter, Hidden, NoLongerFound};
use crate::finding::{Effect, Finding, FixKind, Severity};
use crate::lint::{Report, is_not_checked};
use crate::report::statistics::Statistics;
use crate::report::{CheckedFile, FORMATS, MaskedFile, Needs, ReportContext, Reporter, Summary};
use crate::source::{Cut, Format};
use crate::util::escape::shown_path;
use crate::util::text::count;

pub(super) struct LintSummary<'a> {
    args: &'a super::Args,
    /// The filter of each of the run's settings.
    filters: Vec<FindingFilter>,
    /// The lowest severity that makes the run fail, in each of the run's settings.
    fail_on: Vec<Option<Severity>>,
    /// How many findings are as severe as that.
    failing: usize,
    /// What is not checked.
    walk: Walk,
    /// With --diff: a text cannot be parsed, so that nothing is known of it.
    is_unparsed: bool,
    /// Findings are written for people.
    is_text: bool,
    /// The targets that files were checked for, as they are named.
    targets: String,
    /// The number of findings of each rule.
    rules: BTreeMap<&'static str, usize>,
    needs: Needs,
    /// Nothing when the statistics take its place.
    reporter: Option<Box<dyn Reporter>>,
    statistics: Option<Statistics>,
    summary: Summary,
    /// How many findings have a safe fix, and how many an unsafe one.
    fixable: [usize; 2],
    /// How many findings have a fix that is not made, because the file may not be Marathon's.
    withheld: usize,
}

/// The targets of these settings, as they are named.
fn targets(settings: &[RunSettings]) -> String {
    let mut names: Vec<&str> = settings.iter().map(|settings| settings.target_name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.join(" and ")
}

impl<'a> LintSummary<'a> {
    pub(super) fn new(
        args: &'a super::Args,
        walk: Walk,
        filters: Vec<FindingFilter>,
        settings: &[RunSettings],
        context: ReportContext,
    ) -> Self {
        let is_text = args.format.name == FORMATS[0].name;
        // A baseline says where in a definition a finding is.
        let has_baseline = filters.iter().any(|filter| filter.baseline().is_some());
        let least = if has_baseline { Needs::Text } else { Needs::Lines };
        Self {
            args,
            needs: args.format.needs.max(least),
            filters,
            fail_on: settings.iter().map(|settings| settings.fail_on).collect(),
            failing: 0,
            walk,
            is_unparsed: false,
            is_text,
            targets: targets(settings),
            rules: BTreeMap::new(),
            reporter: (!(args.diff || is_text && args.statistics)).then(|| (args.format.reporter)(context)),
            statistics: args.statistics.then(Statistics::default),
            summary: Summary::default(),
            fixable: [0; 2],
            withheld: 0,
        }
    }

    /// What the format needs of a file beside its findings.
    pub(super) fn needs(&self) -> Needs {
        self.needs
    }

    /// The filter that chooses the findings to report, of these settings.
    pub(super) fn filter(&self, settings: usize) -> &FindingFilter {
        &self.filters[settings]
    }

    pub(super) fn begin(&mut self, term: &mut Terminal) -> anyhow::Result<()> {
        self.reporter.as_mut().map_or(Ok(()), |reporter| reporter.begin(term.out()))?;
        Ok(())
    }

    /// Counts a file and writes its findings. `cuts` is what is left out of the report's text; nothing is where the format
    /// needs more than lines.
    pub(super) fn take(
        &mut self,
        job: &LintJob,
        name: &str,
        report: anyhow::Result<Report>,
        cuts: &[Cut],
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        match report {
            Ok(Report { skipped: Some(why), .. }) => {
                match job.no_definition(name, why) {
                    Skip::Error(message) => return self.unreadable(name, &message, term),
                    Skip::Warning(message) => writeln!(term.err(), "warning: {message}")?,
                    Skip::Silent => {}
                }
                self.walk.skip(name.into(), &why.to_string());
            }
            Ok(Report { text, kind, findings: diagnostics, doubt, unheld, .. }) => {
                self.summary.files += 1;
                let format = Format::of_path(name.as_ref());
                let filter = &mut self.filters[job.settings];
                let findings = filter.apply(name, kind, format, &text, diagnostics, &unheld);
                let shows_why = || findings.iter().any(|finding| finding.finding.effect == Effect::Rejected);
                let unheld: Vec<&str> =
                    unheld.iter().filter(|rule| filter.reports(rule)).map(|rule| rule.slug).collect();
                if !unheld.is_empty() && !shows_why() {
                    let rules = unheld.join(", ");
                    let message = "Marathon would reject it, and those findings are not shown";
                    writeln!(term.err(), "warning: {name} is not held against {rules}: {message}")?;
                }
                let file = CheckedFile { path: name, kind, format, text: &text, cuts, findings: &findings };
                self.report(&file, job.settings, doubt.is_some(), term)?;
            }
            Err(error) => self.unreadable(name, &format!("{error:#}"), term)?,
        }
        Ok(())
    }

    fn unreadable(&mut self, name: &str, message: &str, term: &mut Terminal) -> anyhow::Result<()> {
        self.summary.unreadable += 1;
        writeln!(term.err(), "error: {message}")?;
        if let Some(reporter) = &mut self.reporter {
            let [name, message] = [name, message].map(without_secrets);
            reporter.unreadable(term.out(), &name, &message)?;
        }
        Ok(())
    }

    /// Writes the findings of a file, to which these settings apply. `is_doubtful` is whether it may not be Marathon's.
    fn report(
        &mut self,
        file: &CheckedFile<'_>,
        settings: usize,
        is_doubtful: bool,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let fail_on = self.fail_on[settings];
        for finding in file.findings {
            *self.rules.entry(finding.finding.rule.slug).or_default() += 1;
            self.summary.tally.add(finding.severity);
            self.failing += usize::from(fail_on.is_some_and(|fail_on| finding.severity <= fail_on));
        }
        let fixes = file.findings.iter().filter_map(|finding| finding.finding.fix.as_ref());
        if is_doubtful {
            self.withheld += fixes.count();
        } else {
            fixes.for_each(|fix| self.fixable[usize::from(fix.kind != FixKind::Safe)] += 1);
        }
        if let Some(statistics) = &mut self.statistics {
            statistics.add(file.findings);
        }
        if self.args.diff {
            self.unparsed(file, term)?;
        }
        if let Some(reporter) = &mut self.reporter {
            reporter.file(term.out(), &MaskedFile::of(file, self.needs))?;
        }
        Ok(())
    }

    /// With --diff stdout has the changes: that a text cannot be parsed is said on stderr.
    fn unparsed(&mut self, file: &CheckedFile<'_>, term: &mut Terminal) -> anyhow::Result<()> {
        let found = file.findings.iter().map(|rated| &rated.finding);
        let unparsed: Vec<Finding> = found.filter(|found| is_not_checked(found.rule)).cloned().collect();
        self.is_unparsed |= !unparsed.is_empty();
        term.findings(file.path, file.text, &unparsed)?;
        Ok(())
    }

    /// Writes the findings about the settings files themselves.
    fn leftovers(&mut self, term: &mut Terminal) -> anyhow::Result<()> {
        for settings in 0..self.filters.len() {
            let filter = &mut self.filters[settings];
            for SkippedFile { path, .. } in &self.walk.skipped {
                filter.see(&path.to_string_lossy());
            }
            // A directory that cannot be listed may have the files of a pattern.
            let walked = if self.walk.unreadable.is_empty() { &*self.walk.directories } else { &[] };
            let Some(left) = filter.leftovers(walked) else { continue };
            let (path, text) = (&*left.path, &*left.text);
            // Its findings have no location in a definition, so the format does not matter.
            let format = Format::Json;
            let file = CheckedFile { path, kind: None, format, text, cuts: &[], findings: &left.findings };
            self.report(&file, settings, false, term)?;
        }
        Ok(())
    }

    /// Tells what was not checked.
    fn not_checked(&mut self, term: &mut Terminal) -> anyhow::Result<()> {
        for SkippedFile { path, reason } in std::mem::take(&mut self.walk.unreadable) {
            self.unreadable(&path.to_string_lossy(), &reason, term)?;
        }
        if !self.args.quiet {
            self.walk.tell_idle_excludes(term)?;
        }
        self.walk.skipped.sort_by(|one, other| one.path.cmp(&other.path));
        self.summary.skipped = self.walk.skipped.len();
        self.summary.ignored = self.walk.ignored.total();
        if self.args.walk.verbose {
            discover::list_skipped(&self.walk.skipped, term)?;
        }
        if let Some(reporter) = &mut self.reporter {
            for SkippedFile { path, reason } in &self.walk.skipped {
                reporter.skipped(term.out(), &path.to_string_lossy(), reason)?;
            }
        }
        Ok(())
    }

    pub(super) fn end(mut self, term: &mut Terminal) -> anyhow::Result<Exit> {
        self.leftovers(term)?;
        self.not_checked(term)?;
        if let Some(reporter) = &mut self.reporter {
            reporter.end(term.out(), &self.summary)?;
        }
        if let Some(statistics) = &self.statistics {
            statistics.write(if self.reporter.is_none() { term.out() } else { term.err() })?;
        }
        let Summary { files, unreadable, tally, .. } = self.summary;
        if files == 0 && unreadable == 0 {
            return self.walk.end_without_files("found no definitions", term);
        }
        term.out().flush()?;
        // With --diff the findings are those of a text that is not written.
        if files > 0 && !self.args.diff && !self.args.quiet {
            let files = count(files, "file");
            writeln!(term.err(), "checked {files}: {tally}{}; target {}", self.notes(), self.targets)?;
            self.about_rules(term)?;
        }
        for filter in &self.filters {
            self.about_baseline(filter, term)?;
        }
        // With --diff only the changes count, and what could not be looked at.
        let has_failed = if self.args.diff { self.is_unparsed } else { self.failing > 0 };
        Ok(match (unreadable, has_failed) {
            (0, false) => Exit::Fine,
            (0, true) => Exit::Findings,
            _ => Exit::Usage,
        })
    }

    /// The rest of the last line.
    fn notes(&self) -> String {
        let hidden =
            |count: fn(Hidden) -> usize| self.filters.iter().map(|filter| count(filter.hidden())).sum();
        let not_shown: [(usize, &str); 3] = [
            (hidden(|hidden| hidden.baseline), "in the baseline"),
            (hidden(|hidden| hidden.exceptions), "excepted"),
            (hidden(|hidden| hidden.comments), "ignored by comments"),
        ];
        let not_shown: Vec<String> = not_shown
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        let Summary { unreadable, .. } = self.summary;
        let fixable = match self.fixable {
            [0, 0] => None,
            [0, unsafe_fixes] => Some(format!("; {unsafe_fixes} fixable with --fix=unsafe")),
            [safe_fixes, 0] => Some(format!("; {safe_fixes} fixable with --fix")),
            [safe_fixes, unsafe_fixes] => {
                Some(format!("; {safe_fixes} fixable with --fix, {unsafe_fixes} more with --fix=unsafe"))
            }
        };
        let withheld = || format!("; {} not fixable, as the file may not be Marathon's", self.withheld);
        let notes = [
            fixable,
            (self.withheld > 0).then(withheld),
            Some(self.walk.notes(self.args.walk.verbose)),
            (unreadable > 0).then(|| format!("; {} could not be read", count(unreadable, "input"))),
            (!not_shown.is_empty()).then(|| format!("; not shown: {}", not_shown.join(", "))),
        ];
        notes.into_iter().flatten().collect()
    }

    /// The rules with the most findings where there are many, and how to learn more of one.
    fn about_rules(&self, term: &mut Terminal) -> std::io::Result<()> {
        /// From this many findings on they are counted by rule.
        const MANY: usize = 30;
        /// The most rules that are named.
        const MOST: usize = 5;
        let total: usize = self.rules.values().sum();
        let mut rules: Vec<(&str, usize)> = self.rules.iter().map(|(rule, count)| (*rule, *count)).collect();
        rules.sort_by_key(|(rule, count)| (std::cmp::Reverse(*count), *rule));
        let Some((first, _)) = rules.first().filter(|_| self.is_text && self.statistics.is_none()) else {
            return Ok(());
        };
        if total >= MANY {
            let named = rules.iter().take(MOST).map(|(rule, count)| format!("{count} {rule}"));
            let mut named: Vec<String> = named.collect();
            if rules.len() > MOST {
                named.push(format!("{} (--statistics counts all)", count(rules.len() - MOST, "other rule")));
            }
            writeln!(term.err(), "by rule: {}", named.join(", "))?;
        }
        let option =
            self.args.choose.policy_file(first).map(|file| format!(" --policy {}", shown_path(&file)));
        writeln!(term.err(), "`milepost explain {first}{}` explains a rule", option.unwrap_or_default())
    }

    /// Writes the baseline, or reports which of its findings were not found any more.
    fn about_baseline(&self, filter: &FindingFilter, term: &mut Terminal) -> anyhow::Result<()> {
        let Some(baseline) = filter.baseline() else {
            return Ok(());
        };
        let path = shown_path(&baseline.path());
        if baseline.is_new() {
            if self.summary.unreadable > 0 {
                bail!("{path} is not written: it would lack the findings of files that could not be read");
            }
            baseline.write(filter.rules())?;
            writeln!(term.err(), "recorded {} in {path}", count(filter.hidden().baseline, "finding"))?;
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
