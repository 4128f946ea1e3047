//! Where a pod's judges write down what they find.

use std::borrow::Cow;

use crate::finding::{Finding, Fix, Stage, marathon_pointer};
use crate::rule::{Context, Rule};
use crate::source::Value;
use crate::target::{Release, Settings};

/// A judge with the settings that its rules depend on.
pub(super) struct Bench<'j> {
    context: &'j mut Context,
    pub(super) settings: &'j Settings,
}

impl<'j> Bench<'j> {
    pub(super) fn new(context: &'j mut Context, settings: &'j Settings) -> Self {
        Self { context, settings }
    }

    /// Whether the target is of the release line `since` or a later one.
    pub(super) fn knows(&self, since: Release) -> bool {
        self.settings.release >= since
    }

    /// Refused by the rules of the canonical API.
    pub(super) fn reject(
        &mut self,
        rule: &'static Rule,
        at: Value<'_>,
        path: impl AsRef<str>,
        error: impl Into<String>,
    ) -> Rejection<'_> {
        self.reject_at_stage(Stage::Canonical, rule, at, path, error)
    }

    /// As [`Self::refuse`], at another stage.
    pub(super) fn reject_at_stage(
        &mut self,
        stage: Stage,
        rule: &'static Rule,
        at: Value<'_>,
        path: impl AsRef<str>,
        error: impl Into<String>,
    ) -> Rejection<'_> {
        let place = path.as_ref();
        let before = self.context.found.len();
        let path = match stage {
            Stage::Canonical => answer_path(place, self.settings.release),
            _ => place.to_owned(),
        };
        self.context.reject(rule, stage, at, path, error).pointer = marathon_pointer(place);
        Rejection { found: &mut self.context.found, before, release: self.settings.release }
    }
}

/// The path in the answer for what is wrong at `place`. Up to 1.5, one that leads through an optional object ends there.
fn answer_path(place: &str, release: Release) -> String {
    /// Optional objects whose insides have rules.
    const OPTIONAL: [&str; 4] = ["/scheduling", "/scaling", "/healthCheck", "/image"];
    if release > Release::V1_5 {
        return place.to_owned();
    }
    let owner = if place.starts_with("/containers(") { place.find(')').map_or(0, |end| end + 1) } else { 0 };
    let Some(name) = OPTIONAL.into_iter().find(|name| place[owner..].starts_with(name)) else {
        return place.to_owned();
    };
    let (path, inside) = place.split_at(owner + name.len());
    match inside.rfind('(').map(|start| &inside[start..]) {
        // A character of a role's name: two collections, one within the other.
        Some(_) if inside.contains("Roles") => format!("{path}value/value"),
        Some(index) => format!("{path}{index}"),
        None => path.to_owned(),
    }
}

/// What was just found, to be told in words for people and to be given what else Marathon says of it.
pub(super) struct Rejection<'b> {
    found: &'b mut Vec<Finding>,
    before: usize,
    release: Release,
}

impl Rejection<'_> {
    /// Marathon says the same thing once more, at another path or in other words.
    pub(super) fn also(self, path: impl AsRef<str>, error: impl Into<String>) -> Self {
        let path = answer_path(path.as_ref(), self.release);
        let finding = self.also_says(error);
        if let Some(answer) = finding.found.last_mut().and_then(|again| again.answer.as_mut()) {
            answer.path = path;
        }
        finding
    }

    /// As [`Self::also`], at the same path.
    pub(super) fn also_says(self, error: impl Into<String>) -> Self {
        if let Some(mut again) = self.found.last().cloned()
            && let Some(answer) = &mut again.answer
        {
            answer.error = error.into();
            self.found.push(again);
        }
        self
    }

    /// The finding stands where Marathon's path does not lead.
    pub(super) fn stands_at(self, place: &str) -> Self {
        self.found[self.before..].iter_mut().for_each(|found| found.pointer = marathon_pointer(place));
        self
    }

    /// What is wrong here, and what to do about it.
    pub(super) fn tell(self, message: impl Into<String>, help: impl Into<Cow<'static, str>>) -> Self {
        let (message, help) = (message.into(), help.into());
        for found in &mut self.found[self.before..] {
            found.message.clone_from(&message);
            found.help = Some(help.clone()).filter(|help| !help.is_empty());
        }
        self
    }

    /// What would mend it.
    pub(super) fn mend(self, fix: Box<Fix>) {
        if let Some(found) = self.found.last_mut() {
            found.fix = Some(fix);
        }
    }
}
