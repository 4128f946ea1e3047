//! Collecting what Marathon would refuse.

use crate::diagnostic::{Answer, Diagnostic, Effect, Stage};
use crate::source::{Pointer, Step, Value};

use super::Rule;

/// The findings about one definition.
#[derive(Default)]
pub(super) struct Judge {
    pub(super) found: Vec<Diagnostic>,
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
        let range = at.range();
        let line = at.source().find('\n').unwrap_or(range.len());
        self.found.push(Diagnostic {
            rule: rule.slug,
            effect: Effect::Rejected,
            pointer: pointer(&path),
            message: rule.title.to_owned(),
            help: None,
            range: range.start..range.start + at.source()[..line].trim_end().len(),
            answer: Some(Answer { stage, path, error: error.into() }),
        });
        self.found.last_mut().expect("internal error: a finding was pushed just now")
    }

    /// Whether anything was refused at this stage or an earlier one.
    pub(super) fn has_failed(&self) -> bool {
        !self.found.is_empty()
    }
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
