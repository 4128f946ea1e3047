//! Findings that somebody has looked at and means to keep, listed beside the definitions: plain JSON has no comments.

use std::ops::Range;

use globset::GlobSet;

use crate::finding::{Answer, Effect, Finding, Rule};
use crate::source::Pointer;

use super::paths::Base;
use super::pattern::RulePattern;

pub(super) static UNUSED_EXCEPTION: Rule =
    Rule::risky("unused-exception", "An exception in milepost.toml still has something to except").why(
        "An exception outlives what it was written for: the file is mended, and the next finding at that place goes \
         unseen. It is reported only when the files it is about were looked at.",
    );

/// An entry of the list.
#[derive(Clone, Debug)]
pub(super) struct Exception {
    pub(super) path: String,
    /// The place in the definition, and everything below it; without one, the whole file.
    pub(super) pointer: Option<String>,
    pub(super) rule: RulePattern,
    /// Where it stands in the settings file.
    pub(super) range: Range<usize>,
}

/// The list, and what of it was of use.
#[derive(Clone, Debug)]
pub struct Exceptions {
    list: Vec<(Exception, ExceptionUse)>,
    /// The entries' paths, in the order of the list.
    paths: GlobSet,
    base: Base,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ExceptionUse {
    /// No file it is about was looked at.
    NotCovered,
    /// One was, and nothing was found there.
    Unused,
    Used,
}

impl Exceptions {
    pub(super) fn new(list: Vec<Exception>, paths: GlobSet, base: Base) -> Self {
        Self {
            list: list.into_iter().map(|exception| (exception, ExceptionUse::NotCovered)).collect(),
            paths,
            base,
        }
    }

    /// Takes out of a file's diagnostics what is excepted. `whole` says whether all of the file was checked.
    pub(super) fn apply(&mut self, path: &str, whole: bool, diagnostics: &mut Vec<Finding>) {
        if self.list.is_empty() {
            return;
        }
        let about = self.paths.matches(self.base.relative(path));
        for &index in about.iter().filter(|_| whole) {
            let state = &mut self.list[index].1;
            *state = if *state == ExceptionUse::NotCovered { ExceptionUse::Unused } else { *state };
        }
        if about.is_empty() {
            return;
        }
        diagnostics.retain(|diagnostic| {
            let mut excepted = false;
            // All that match are of use, not only the first.
            for &index in &about {
                let (exception, state) = &mut self.list[index];
                if exception.matches(diagnostic) {
                    *state = ExceptionUse::Used;
                    excepted = true;
                }
            }
            !excepted
        });
    }

    /// A diagnostic about the settings file for each entry that nothing was found for, though its files were checked.
    pub(super) fn unused(&self) -> Vec<Finding> {
        let unused = self.list.iter().filter(|(_, state)| *state == ExceptionUse::Unused);
        unused.map(|(exception, _)| exception.unused()).collect()
    }
}

impl Exception {
    fn matches(&self, diagnostic: &Finding) -> bool {
        self.rule.matches(diagnostic.rule)
            && self.pointer.as_ref().is_none_or(|pointer| {
                // JSON output says where Marathon sees it, the text where it is: either may have been copied.
                let said = diagnostic.answer.as_deref().and_then(Answer::pointer);
                is_at_or_below(&diagnostic.pointer, pointer)
                    || said.is_some_and(|said| is_at_or_below(&said, pointer))
            })
    }

    fn unused(&self) -> Finding {
        let place = match &self.pointer {
            Some(pointer) => format!("{} at {pointer}", self.path),
            None => self.path.clone(),
        };
        Finding {
            rule: UNUSED_EXCEPTION.slug,
            // What it is kept for is gone; the next finding there would go unseen.
            effect: Effect::Risky,
            pointer: Pointer::root(),
            message: format!("`{}` is not found in {place} any more", self.rule.as_str()),
            help: Some("remove the exception, or correct its path or pointer".into()),
            range: self.range.clone(),
            answer: None,
            fix: None,
        }
    }
}

fn is_at_or_below(pointer: &Pointer, place: &str) -> bool {
    pointer.to_string().strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
