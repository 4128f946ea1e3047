//! Findings that are meant to stay, listed in milepost.toml: plain JSON has no comments.

use std::ops::Range;

use crate::finding::{Effect, Finding, Rule, Scope};
use crate::source::Pointer;
use crate::util::path::is_within;

use super::filter::FileCoverage;
use super::paths::{Base, PathPattern};
use super::pattern::RulePattern;

pub(super) static UNUSED_EXCEPTION: Rule =
    Rule::risky("unused-exception", "An exception in milepost.toml still has something to except")
        .about(Scope::Settings)
        .why(
        "An exception outlives what it was written for: the file is fixed, and the next finding at that place goes \
         unseen. It is reported only when the files it is about were checked.",
    )
    .example("[[lint.exception]]\npath = \"web.json\"\nrule = \"unpinned-image\"\nreason = \"a test image\"\n\nweb.json has a \
              pinned image now.");

/// An entry of the list.
#[derive(Clone, Debug)]
pub(super) struct Exception {
    pub(super) path: String,
    pub(super) files: PathPattern,
    /// The location in the definition, and everything below it; without one, the whole file.
    pub(super) pointer: Option<String>,
    pub(super) rule: RulePattern,
    /// Its range in the settings file.
    pub(super) range: Range<usize>,
}

/// The list, with the use of each entry.
#[derive(Clone, Debug)]
pub(crate) struct Exceptions {
    list: Vec<(Exception, ExceptionUse)>,
    base: Base,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ExceptionUse {
    /// None of its files was checked.
    NotCovered,
    /// One was, and had no such finding.
    Unused,
    Used,
}

impl Exceptions {
    pub(super) fn new(list: Vec<Exception>, base: Base) -> Self {
        let list = list.into_iter().map(|exception| (exception, ExceptionUse::NotCovered)).collect();
        Self { list, base }
    }

    /// Removes the excepted findings of a file.
    pub(super) fn apply(&mut self, path: &str, coverage: FileCoverage<'_>, findings: &mut Vec<Finding>) {
        if self.list.is_empty() {
            return;
        }
        let relative = self.base.relative(path);
        let is_about = |index: &usize| self.list[*index].0.files.has(&relative);
        let about: Vec<usize> = (0..self.list.len()).filter(is_about).collect();
        for &index in &about {
            let (exception, state) = &mut self.list[index];
            if *state == ExceptionUse::NotCovered && coverage.has_all_of(&exception.rule) {
                *state = ExceptionUse::Unused;
            }
        }
        if about.is_empty() {
            return;
        }
        findings.retain(|finding| {
            let mut excepted = false;
            // All entries that match are used, not only the first.
            for &index in &about {
                let (exception, state) = &mut self.list[index];
                if exception.matches(finding) {
                    *state = ExceptionUse::Used;
                    excepted = true;
                }
            }
            !excepted
        });
    }

    /// A finding about the settings file for each entry without a finding, although its files were checked.
    pub(super) fn unused(&self) -> Vec<Finding> {
        let unused = self.list.iter().filter(|(_, state)| *state == ExceptionUse::Unused);
        unused.map(|(exception, _)| exception.unused()).collect()
    }
}

impl Exception {
    fn matches(&self, finding: &Finding) -> bool {
        self.rule.matches(finding.rule)
            && self.pointer.as_ref().is_none_or(|pointer| {
                // JSON output has Marathon's pointer, text output the real one: either may have been copied.
                let said = finding.said();
                is_at_or_below(&finding.pointer, pointer)
                    || said.is_some_and(|said| is_at_or_below(&said, pointer))
            })
    }

    fn unused(&self) -> Finding {
        let place = match &self.pointer {
            Some(pointer) => format!("{} at {pointer}", self.path),
            None => self.path.clone(),
        };
        Finding {
            rule: &UNUSED_EXCEPTION,
            // The next finding there would go unseen.
            effect: Effect::Risky,
            pointer: Pointer::root(),
            message: format!("`{}` is no longer found in {place}", self.rule.as_str()),
            help: Some("remove the exception, or correct its path or pointer".into()),
            range: self.range.clone(),
            answer: None,
            refusal: None,
            fix: None,
        }
    }
}

fn is_at_or_below(pointer: &Pointer, place: &str) -> bool {
    is_within(&pointer.to_string(), place)
}
