//! Keeping secrets out of what is shown.

use serde_json::Value as Json;

use crate::secret_scan::{passwords, sign};
use crate::source::{Pointer, Step};

use super::{Difference, FieldChange, What};

/// What stands in place of a secret; where it differs, the two sides have to differ as well.
const SAME: &str = "***";
const BEFORE: &str = "*** (before)";
const AFTER: &str = "*** (after)";

/// What of a definition is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mask {
    /// All but what looks like a secret: variables of the environment and labels by their names and by what they look
    /// like (as the rule `plain-secret` knows them), passwords in URIs anywhere.
    Secrets,
    /// Everything.
    Nothing,
}

impl Mask {
    /// Whether there is something in a definition that is not shown.
    #[must_use]
    pub fn hides_in(self, definition: &Json) -> bool {
        let mut shown = definition.clone();
        if self == Self::Secrets {
            conceal(&mut shown, &mut Vec::new(), SAME);
        }
        shown != *definition
    }

    /// The difference as it may be shown.
    #[must_use]
    pub fn difference(self, difference: &Difference) -> Difference {
        let mut shown = difference.clone();
        if self == Self::Nothing {
            return shown;
        }
        match &mut shown.what {
            What::Added(value) | What::Removed(value) => conceal(value, &mut Vec::new(), SAME),
            What::Changed { old, changes } => {
                for FieldChange { path, old, new, .. } in changes.iter_mut() {
                    let is_changed = old.is_some() && new.is_some();
                    let (before, after) = if is_changed { (BEFORE, AFTER) } else { (SAME, SAME) };
                    old.as_mut().into_iter().for_each(|value| conceal_at(value, path, before));
                    new.as_mut().into_iter().for_each(|value| conceal_at(value, path, after));
                }
                let places: Vec<&FieldChange> =
                    changes.iter().filter(|change| change.new.is_some()).collect();
                conceal(old, &mut Vec::new(), SAME);
                restore(old, &places);
            }
        }
        shown
    }
}

/// Puts what was before back in place of what both sides have, so that a masked change is one.
fn restore(old: &mut Json, changes: &[&FieldChange]) {
    for change in changes {
        let place = old.pointer_mut(&change.path.to_string());
        if let (Some(place), Some(before)) = (place, &change.old) {
            place.clone_from(before);
        }
    }
}

fn conceal_at(value: &mut Json, path: &Pointer, cover: &str) {
    let names = path.steps().iter().map(|step| match step {
        Step::Key(name) => name.clone(),
        Step::Index(_) => String::new(),
    });
    conceal(value, &mut names.collect(), cover);
}

/// Conceals what is secret in a value to which these names lead; elements of lists have none.
fn conceal(value: &mut Json, way: &mut Vec<String>, cover: &str) {
    match value {
        Json::String(text) => {
            if is_variable(way) && sign(&way[way.len() - 1], text).is_some() {
                cover.clone_into(text);
            } else if let Some(start) = parameter(way, text) {
                text.replace_range(start.., cover);
            } else {
                let places: Vec<_> = passwords(text).collect();
                places.into_iter().rev().for_each(|place| text.replace_range(place, cover));
            }
        }
        Json::Array(elements) => {
            way.push(String::new());
            for element in elements {
                conceal(element, way, cover);
            }
            way.pop();
        }
        Json::Object(members) => {
            for (name, member) in members.iter_mut() {
                way.push(name.clone());
                conceal(member, way, cover);
                way.pop();
            }
        }
        _ => {}
    }
}

fn is_variable(way: &[String]) -> bool {
    let parent = way.len().checked_sub(2).map(|at| way[at].as_str());
    parent.is_some_and(|parent| matches!(parent, "env" | "environment" | "labels"))
}

/// Where the value of Docker's `--env NAME=value` is, given as a parameter.
fn parameter(way: &[String], text: &str) -> Option<usize> {
    let is_parameter = matches!(way, [.., list, _, field] if list == "parameters" && field == "value");
    let (name, value) = text.split_once('=').filter(|_| is_parameter)?;
    sign(name, value).map(|_| name.len() + 1)
}
