//! From a file's findings to those that are reported.

use std::path::PathBuf;

use crate::finding::{Effect, Finding, RatedFinding, Rule};
use crate::lint::is_not_checked;
use crate::report::CheckedFile;
use crate::source::{Format, Kind};

use super::baseline::Baseline;
use super::exception::Exceptions;
use super::file::ProjectConfig;
use super::inline;
use super::pattern::RulePattern;
use super::selection::Selection;
use super::unmatched::WrittenPatterns;

/// How many findings were left out, and by what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hidden {
    /// By the baseline.
    pub baseline: usize,
    /// By exceptions in the settings file.
    pub exceptions: usize,
    /// By comments.
    pub comments: usize,
}

/// What was looked for in a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileCoverage<'r> {
    /// The text could be parsed.
    pub(super) is_whole: bool,
    /// Policies that it was not held against, because Marathon would reject it.
    pub(super) unheld: &'r [&'static Rule],
}

impl FileCoverage<'_> {
    /// Whether each rule of the pattern was looked for.
    pub(super) fn has_all_of(&self, pattern: &RulePattern) -> bool {
        self.is_whole && !self.unheld.iter().any(|rule| pattern.matches(rule))
    }
}

/// A settings file, and what of it was of use.
#[derive(Clone, Debug)]
struct SettingsInUse {
    path: String,
    text: String,
    exceptions: Exceptions,
    patterns: WrittenPatterns,
}

/// Lets findings through that are to be reported, and counts the others.
#[derive(Clone, Debug, Default)]
pub(crate) struct FindingFilter {
    rules: &'static [&'static Rule],
    selection: Selection,
    /// The settings file.
    settings: Option<SettingsInUse>,
    baseline: Option<Baseline>,
    hidden: Hidden,
}

/// Findings about the settings file itself.
#[derive(Debug)]
pub(crate) struct SettingsFindings {
    /// Its path.
    pub path: String,
    /// Its text.
    pub text: String,
    /// The findings.
    pub findings: Vec<RatedFinding>,
}

impl FindingFilter {
    /// A filter of the command line and the settings file. `rules` are all rules.
    #[must_use]
    pub(crate) fn new(
        rules: &'static [&'static Rule],
        selection: Selection,
        settings: Option<ProjectConfig>,
        baseline: Option<Baseline>,
    ) -> Self {
        let settings = settings.map(|settings| {
            let ProjectConfig { path, text, exceptions, patterns, .. } = settings;
            SettingsInUse { path, text, exceptions, patterns }
        });
        Self { rules, selection, settings, baseline, hidden: Hidden::default() }
    }

    /// The findings of a file that are to be reported.
    ///
    /// Comments and exceptions see all findings, so that one for a rule that is not selected this time does not count as
    /// unused; the baseline sees only what would be reported. `unheld` are the policies that the file was not held against
    /// (see [`Report::unheld`](crate::lint::Report)): where one of them is selected, so is the reason.
    pub(crate) fn apply(
        &mut self,
        path: &str,
        kind: Option<Kind>,
        format: Format,
        text: &str,
        mut findings: Vec<Finding>,
        unheld: &[&'static Rule],
    ) -> Vec<RatedFinding> {
        let is_whole = !findings.iter().any(|finding| is_not_checked(finding.rule));
        let coverage = FileCoverage { is_whole, unheld };
        // Marathon has several answers to some mistakes.
        findings.dedup_by(|again, first| says_the_same(again, first));
        let all = self.baseline.as_ref().filter(|baseline| !baseline.is_new()).map(|_| findings.clone());
        self.hidden.comments += inline::apply(text, format, self.rules, coverage, &mut findings);
        self.see(path);
        if let Some(settings) = &mut self.settings {
            let before = findings.len();
            settings.exceptions.apply(path, coverage, &mut findings);
            self.hidden.exceptions += before - findings.len();
        }
        self.select(path, kind, format, text, findings, all, coverage)
    }

    /// Notes a file that was found, whether or not it is a definition.
    pub(crate) fn see(&mut self, path: &str) {
        if let Some(settings) = &mut self.settings {
            settings.patterns.see(path);
        }
    }

    /// All rules.
    #[must_use]
    pub(crate) fn rules(&self) -> &'static [&'static Rule] {
        self.rules
    }

    /// Whether findings of the rule are reported.
    #[must_use]
    pub(crate) fn reports(&self, rule: &Rule) -> bool {
        self.selection.reports(rule)
    }

    /// The findings of a file that would be reported; nothing is counted.
    #[must_use]
    pub(crate) fn preview(
        &self,
        path: &str,
        kind: Option<Kind>,
        format: Format,
        text: &str,
        findings: Vec<Finding>,
    ) -> Vec<Finding> {
        let findings = self.clone().apply(path, kind, format, text, findings, &[]);
        findings.into_iter().map(|finding| finding.finding).collect()
    }

    /// `all` are the findings with those that comments and exceptions leave out, where a baseline wants to know them.
    #[expect(
        clippy::too_many_arguments,
        reason = "what is known of a file, and its findings before and after"
    )]
    fn select(
        &mut self,
        path: &str,
        kind: Option<Kind>,
        format: Format,
        text: &str,
        findings: Vec<Finding>,
        all: Option<Vec<Finding>>,
        coverage: FileCoverage<'_>,
    ) -> Vec<RatedFinding> {
        // Nearly all are reported.
        let mut rated = Vec::with_capacity(findings.len());
        let lacks_a_selected = coverage.unheld.iter().any(|rule| self.selection.reports(rule));
        rated.extend(findings.into_iter().filter_map(|mut finding| {
            if let Some(severity) = self.selection.severity(&finding) {
                return Some(RatedFinding { finding, severity });
            }
            if !lacks_a_selected || finding.effect != Effect::Rejected {
                return None;
            }
            let severity = self.selection.severity_unless_silenced(&finding)?;
            // Only what is selected is fixed.
            finding.fix = None;
            Some(RatedFinding { finding, severity })
        }));
        let Some(baseline) = &mut self.baseline else {
            return rated;
        };
        let checked = CheckedFile { path, kind, format, text, cuts: &[], findings: &rated };
        if let Some(all) = all {
            let rate = |finding: Finding| RatedFinding { severity: finding.severity(), finding };
            let all: Vec<RatedFinding> = all.into_iter().map(rate).collect();
            baseline.see_ignored(&CheckedFile { findings: &all, ..checked }, &checked);
        }
        let Some(kept) = baseline.apply(&checked, coverage) else {
            return rated;
        };
        self.hidden.baseline += rated.len() - kept.len();
        kept
    }

    /// The findings about the settings file itself, after the last file. All files of these directories were found.
    pub(crate) fn leftovers(&mut self, directories: &[PathBuf]) -> Option<SettingsFindings> {
        let SettingsInUse { path, text, exceptions, patterns } = self.settings.take()?;
        let mut unused = exceptions.unused();
        unused.extend(patterns.unmatched(directories));
        if unused.is_empty() {
            return None;
        }
        unused.sort_by_key(|finding| finding.range.start);
        let coverage = FileCoverage { is_whole: true, unheld: &[] };
        let findings = self.select(&path, None, Format::Json, &text, unused, None, coverage);
        Some(SettingsFindings { path, text, findings })
    }

    /// The number of findings left out so far.
    #[must_use]
    pub(crate) fn hidden(&self) -> Hidden {
        self.hidden
    }

    /// The baseline, with the number of its findings that were found so far.
    #[must_use]
    pub(crate) fn baseline(&self) -> Option<&Baseline> {
        self.baseline.as_ref()
    }
}

/// Whether a finding tells people the same as the one before it.
fn says_the_same(again: &Finding, first: &Finding) -> bool {
    again.rule == first.rule
        && again.range == first.range
        && again.pointer == first.pointer
        && again.message == first.message
        && again.help == first.help
        && (again.fix.is_none() || again.fix == first.fix)
}
