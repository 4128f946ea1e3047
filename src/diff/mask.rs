//! Hides secrets in output.

use serde_json::Value as Json;

use crate::secret_scan::{passwords, sign};
use crate::source::{Pointer, Step};

use super::{Difference, FieldChange, What};

/// Replaces a secret; where a secret changes, the two sides have to differ as well.
const SAME: &str = "***";
const BEFORE: &str = "*** (before)";
const AFTER: &str = "*** (after)";

/// What to hide of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mask {
    /// Everything that looks like a secret: environment variables and labels by their names and values (as the rule
    /// `plain-secret` finds them), and passwords in URIs anywhere.
    Secrets,
    /// Nothing.
    Nothing,
}

impl Mask {
    /// Whether this hides anything in a definition.
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

/// Puts the old values back where the masked ones would be the same on both sides.
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

/// Hides the secrets in a value at the path of these names; elements of lists have the empty name.
fn conceal(value: &mut Json, path: &mut Vec<String>, cover: &str) {
    match value {
        Json::String(text) => {
            if is_variable(path) && sign(&path[path.len() - 1], text).is_some() {
                cover.clone_into(text);
            } else if let Some(start) = parameter(path, text) {
                text.replace_range(start.., cover);
            } else {
                let places: Vec<_> = passwords(text).collect();
                places.into_iter().rev().for_each(|place| text.replace_range(place, cover));
            }
        }
        Json::Array(elements) => {
            path.push(String::new());
            for element in elements {
                conceal(element, path, cover);
            }
            path.pop();
        }
        Json::Object(members) => {
            for (name, member) in members.iter_mut() {
                path.push(name.clone());
                conceal(member, path, cover);
                path.pop();
            }
        }
        _ => {}
    }
}

fn is_variable(path: &[String]) -> bool {
    let parent = path.len().checked_sub(2).map(|at| path[at].as_str());
    parent.is_some_and(|parent| matches!(parent, "env" | "environment" | "labels"))
}

/// The offset of the value in Docker's `--env NAME=value`, given as a parameter.
fn parameter(path: &[String], text: &str) -> Option<usize> {
    let is_parameter = matches!(path, [.., list, _, field] if list == "parameters" && field == "value");
    let (name, value) = text.split_once('=').filter(|_| is_parameter)?;
    sign(name, value).map(|_| name.len() + 1)
}
