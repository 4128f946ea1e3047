//! Collecting what Marathon would refuse, and what somebody should know.

use std::ops::Range;

use crate::diagnostic::{Answer, Diagnostic, Effect, Stage};
use crate::source::{Pointer, Step, Value, pointers};

use super::{Facts, Rule};

/// The findings about one definition.
#[derive(Default)]
pub(super) struct Judge {
    pub(super) found: Vec<Diagnostic>,
    /// Advice, with the places it is about.
    advice: Vec<(u32, Diagnostic)>,
    /// What the definition shares with others, as far as it was looked into.
    pub(super) facts: Facts,
}

impl Judge {
    /// Marathon refuses this: `path` and `error` are its own, in its notation and words. The finding's message is the
    /// rule's title until the caller says it better.
    pub(super) fn refuse(
        &mut self,
        rule: &'static Rule,
        stage: Stage,
        at: Value<'_>,
        path: impl Into<String>,
        error: impl Into<String>,
    ) -> &mut Diagnostic {
        let path = path.into();
        self.found.push(Diagnostic {
            rule: rule.slug,
            effect: Effect::Rejected,
            pointer: pointer(&path),
            message: rule.title.to_owned(),
            help: None,
            range: first_line(at),
            answer: Some(Answer { stage, path, error: error.into() }),
            fix: None,
        });
        self.found.last_mut().expect("internal error: a finding was pushed just now")
    }

    /// Marathon takes this, and somebody should know what becomes of it. The finding's message is the rule's title until
    /// the caller says it better; `at` is a value, or the name of a member.
    pub(super) fn advise(&mut self, rule: &'static Rule, at: Value<'_>) -> &mut Diagnostic {
        let diagnostic = Diagnostic {
            rule: rule.slug,
            effect: rule.effect,
            pointer: Pointer::root(),
            message: rule.title.to_owned(),
            help: None,
            range: first_line(at),
            answer: None,
            fix: None,
        };
        self.advice.push((at.place(), diagnostic));
        &mut self.advice.last_mut().expect("internal error: a finding was pushed just now").1
    }

    /// Everything found in the definition of this root.
    pub(super) fn into_found(mut self, root: Value<'_>) -> Vec<Diagnostic> {
        if self.advice.is_empty() {
            return self.found;
        }
        self.advice.sort_by_key(|(place, _)| *place);
        let places: Vec<u32> = self.advice.iter().map(|(place, _)| *place).collect();
        let advice = self.advice.into_iter().zip(pointers(root, &places));
        self.found.extend(advice.map(|((_, diagnostic), pointer)| Diagnostic { pointer, ..diagnostic }));
        self.found
    }

    /// Whether anything was refused at this stage or an earlier one.
    pub(super) fn has_failed(&self) -> bool {
        !self.found.is_empty()
    }
}

impl Diagnostic {
    /// Says what is wrong here, and what to do.
    pub(super) fn tell(&mut self, message: impl Into<String>, help: impl Into<String>) {
        self.message = message.into();
        self.help = Some(help.into());
    }
}

/// Something to say about a place, by somebody who does not have the text at hand.
#[derive(Clone, Debug)]
pub(crate) struct Remark {
    pub(crate) rule: &'static Rule,
    pub(crate) place: u32,
    pub(crate) message: String,
    pub(crate) help: String,
}

/// Puts remarks to the places that they are about.
pub(crate) fn place(root: Value<'_>, remarks: Vec<Remark>) -> Vec<Diagnostic> {
    let mut judge = Judge::default();
    for Remark { rule, place, message, help } in remarks {
        let found = judge.advise(rule, root.at_place(place));
        found.message = message;
        found.help = Some(help);
    }
    judge.into_found(root)
}

/// The bytes of a value up to the end of its first line.
fn first_line(at: Value<'_>) -> Range<usize> {
    let range = at.range();
    let line = at.source().find('\n').unwrap_or(range.len());
    range.start..range.start + at.source()[..line].trim_end().len()
}

/// Marathon's `/container/volumes(0)/mode` as a JSON pointer. Some of its paths are program text; those keep their words.
pub(super) fn pointer(path: &str) -> Pointer {
    let mut steps = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let name_end = part.find('(').unwrap_or(part.len());
        let (name, indices) = part.split_at(name_end);
        if !name.is_empty() {
            steps.push(Step::Key(name.to_owned()));
        }
        for index in indices.split(['(', ')']).filter(|index| !index.is_empty()) {
            steps.push(index.parse().map_or_else(|_| Step::Key(index.to_owned()), Step::Index));
        }
    }
    steps.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_pointers() {
        assert_eq!(pointer("/container/volumes(0)/mode").to_string(), "/container/volumes/0/mode");
        assert_eq!(pointer("/").to_string(), "");
        assert_eq!(pointer("").to_string(), "");
        assert_eq!(pointer("(0)/id").to_string(), "/0/id");
    }
}
