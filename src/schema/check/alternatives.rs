//! Values that may have one of several types. The first alternative that reads wins; if none does, Marathon reports what
//! the last one lacks, and milepost what the meant one lacks.

use crate::finding::{Effect, Finding, Fix, FixKind};
use crate::source::{Type, Value};

use super::super::shape::{Shape, UnionShape};
use super::super::suggest;
use super::super::type_error::{Ignored, TypeError};
use super::Checker;

impl<'a> Checker<'a> {
    pub(super) fn union(&mut self, value: Value<'a>, union: &'static UnionShape) {
        if let Some(instead) = union.any_string
            && let Some(text) = value.as_str()
        {
            if !text.eq_ignore_ascii_case(instead) {
                self.ignore(value, &Ignored::AnyString { instead });
            }
            return;
        }
        let minor = self.release.minor();
        let is_known =
            |member: &&'static Shape| !matches!(member, Shape::Object(object) if object.since > minor);
        if let Some(member) =
            union.members.iter().filter(is_known).find(|member| self.try_shape(value, member))
        {
            // Check again to report what Marathon ignores inside.
            if !self.trying && matches!(member, Shape::Object(_)) {
                self.union_member(value, union, member);
            }
            return;
        }
        self.failed = true;
        if self.trying {
            return;
        }
        let Some(last) = union.members.iter().rfind(is_known) else { return };
        let before = self.found.len();
        self.read(value, last);
        let answers = self.found.split_off(before);
        match union.meant(&value) {
            _ if value.kind() != Type::Object => self.reject(value, &TypeError::NoAlternative(union)),
            Some(meant) => self.read(value, meant),
            None => {}
        }
        let causes = self.found.split_off(before);
        self.found.extend(join(answers, causes));
    }

    /// Checks the alternative that fits; if another one was meant, reports why that one does not fit.
    fn union_member(&mut self, value: Value<'a>, union: &'static UnionShape, member: &'static Shape) {
        let before = self.found.len();
        self.read(value, member);
        if self.found.len() == before {
            return;
        }
        let Some(meant) = union.meant(&value).filter(|meant| !std::ptr::eq(*meant, member)) else {
            return;
        };
        let failed = self.failed;
        let dropped = self.found.split_off(before);
        self.read(value, meant);
        self.failed = failed;
        let causes = self.found.split_off(before);
        self.found.extend(join_ignored(dropped, causes, member));
    }
}

/// Joins Marathon's answers to a value that fits no alternative with the real causes.
fn join(answers: Vec<Finding>, causes: Vec<Finding>) -> Vec<Finding> {
    let mut causes: std::collections::VecDeque<_> =
        causes.into_iter().filter(|cause| cause.effect == Effect::Rejected).collect();
    let mut joined = Vec::new();
    for answer in answers.into_iter().filter(|answer| answer.effect == Effect::Rejected) {
        joined.push(match causes.pop_front() {
            Some(cause) if cause.pointer == answer.pointer => Finding { answer: answer.answer, ..cause },
            Some(cause) => {
                let said = answer.answer.as_ref().map_or_else(String::new, |answer| answer.path.clone());
                let note = format!("Marathon itself will report {said}");
                let help = cause.help.map_or_else(|| note.clone(), |help| format!("{help} ({note})"));
                let help = Some(help.into());
                Finding { answer: answer.answer, help, ..cause }
            }
            None => {
                let help = Some("fix the finding before it, and this one goes away".into());
                Finding { help, ..answer }
            }
        });
    }
    joined.extend(causes.into_iter().map(|cause| Finding { answer: None, ..cause }));
    joined
}

/// Joins what Marathon ignores in a value with the reasons why the value does not fit the meant alternative.
fn join_ignored(dropped: Vec<Finding>, causes: Vec<Finding>, taken: &Shape) -> Vec<Finding> {
    let rejected = |cause: &Finding| cause.effect == Effect::Rejected;
    if !causes.iter().any(rejected) {
        return dropped;
    }
    let Shape::Object(taken) = taken else {
        return dropped;
    };
    let note = format!("Marathon accepts it and silently reads {}", suggest::article(taken.name));
    causes
        .into_iter()
        .filter(rejected)
        .map(|cause| {
            let help = cause.help.map_or_else(|| note.clone(), |help| format!("{help}. {note}"));
            // The definition runs today; fixed, it means something else, which the rules may reject.
            let fix = cause.fix.map(|fix| Box::new(Fix { kind: FixKind::Unsafe, ..*fix }));
            Finding { effect: Effect::Ignored, answer: None, help: Some(help.into()), fix, ..cause }
        })
        .collect()
}
