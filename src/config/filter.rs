//! From what was found in a file to what is said about it.

use crate::finding::{Finding, RatedFinding};
use crate::report::CheckedFile;
use crate::source::{Format, Kind};

use super::baseline::Baseline;
use super::exception::Exceptions;
use super::file::ProjectConfig;
use super::inline;
use super::known::is_not_checked;
use super::selection::Selection;

/// How many findings were left out, by what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// By the baseline.
    pub baseline: usize,
    /// By exceptions in the settings file.
    pub exceptions: usize,
    /// By comments.
    pub comments: usize,
}

/// Lets through what is to be reported, and keeps count of the rest.
#[derive(Clone, Debug)]
pub struct FindingFilter {
    rules: &'static [&'static str],
    choice: Selection,
    /// The settings file's path and text, and its exceptions.
    exceptions: Option<(String, String, Exceptions)>,
    baseline: Option<Baseline>,
    hidden: Hidden,
}

/// Findings about the settings file itself.
#[derive(Debug)]
pub struct UnusedExceptions {
    /// Its path.
    pub path: String,
    /// Its text.
    pub text: String,
    /// The findings.
    pub findings: Vec<RatedFinding>,
}

impl FindingFilter {
    /// Puts together what the command line and the settings file say. `rules` are the slugs of all rules.
    #[must_use]
    pub fn new(
        rules: &'static [&'static str],
        choice: Selection,
        settings: Option<ProjectConfig>,
        baseline: Option<Baseline>,
    ) -> Self {
        let exceptions = settings.map(|settings| (settings.path, settings.text, settings.exceptions));
        Self { rules, choice, exceptions, baseline, hidden: Hidden::default() }
    }

    /// What of a file's diagnostics is to be reported.
    ///
    /// Comments and exceptions see everything, so that one for a rule that is not chosen this time is not taken for
    /// unused; the baseline sees only what would be reported.
    pub fn apply(
        &mut self,
        path: &str,
        kind: Option<Kind>,
        format: Format,
        text: &str,
        mut diagnostics: Vec<Finding>,
    ) -> Vec<RatedFinding> {
        let whole = !diagnostics.iter().any(|diagnostic| is_not_checked(diagnostic.rule));
        self.hidden.comments += inline::apply(text, format, self.rules, &mut diagnostics);
        if let Some((_, _, exceptions)) = &mut self.exceptions {
            let before = diagnostics.len();
            exceptions.apply(path, whole, &mut diagnostics);
            self.hidden.exceptions += before - diagnostics.len();
        }
        self.choose(path, kind, format, text, diagnostics, whole)
    }

    /// What would be reported of a file's diagnostics; nothing is counted.
    #[must_use]
    pub fn preview(
        &self,
        path: &str,
        kind: Option<Kind>,
        format: Format,
        text: &str,
        diagnostics: Vec<Finding>,
    ) -> Vec<Finding> {
        let findings = self.clone().apply(path, kind, format, text, diagnostics);
        findings.into_iter().map(|finding| finding.finding).collect()
    }

    fn choose(
        &mut self,
        path: &str,
        kind: Option<Kind>,
        format: Format,
        text: &str,
        diagnostics: Vec<Finding>,
        whole: bool,
    ) -> Vec<RatedFinding> {
        // Nearly all are reported.
        let mut findings = Vec::with_capacity(diagnostics.len());
        findings.extend(diagnostics.into_iter().filter_map(|diagnostic| {
            let severity = self.choice.severity(&diagnostic)?;
            Some(RatedFinding { finding: diagnostic, severity })
        }));
        let Some(baseline) = &mut self.baseline else {
            return findings;
        };
        let checked = CheckedFile { path, kind, format, text, cuts: &[], findings: &findings };
        let Some(kept) = baseline.apply(&checked, whole) else {
            return findings;
        };
        self.hidden.baseline += findings.len() - kept.len();
        kept
    }

    /// What there is to say, after the last file, about the settings file itself.
    pub fn leftovers(&mut self) -> Option<UnusedExceptions> {
        let (path, text, exceptions) = self.exceptions.take()?;
        let unused = exceptions.unused();
        if unused.is_empty() {
            return None;
        }
        let findings = self.choose(&path, None, Format::Json, &text, unused, true);
        Some(UnusedExceptions { path, text, findings })
    }

    /// How many findings were left out so far.
    #[must_use]
    pub fn hidden(&self) -> Hidden {
        self.hidden
    }

    /// The baseline, with what has been met of it so far.
    #[must_use]
    pub fn baseline(&self) -> Option<&Baseline> {
        self.baseline.as_ref()
    }
}
