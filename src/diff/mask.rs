//! Hides secrets in output.

use serde_json::Value as Json;

use crate::secret_scan;
use crate::source::{Pointer, Step};

use super::{Difference, FieldChange, What, apply};

/// Replaces a secret; where a secret changes, the two sides have to differ as well.
const SAME: &str = "***";
const BEFORE: &str = "*** (before)";
const AFTER: &str = "*** (after)";

/// What to hide of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mask {
    /// Everything that looks like a secret by its name or its form.
    Secrets,
    /// Nothing.
    Nothing,
}

impl Mask {
    /// Whether this hides anything in a definition.
    #[must_use]
    pub fn hides_in(self, definition: &Json) -> bool {
        self == Self::Secrets && secret_scan::conceal(&mut definition.clone(), &[], SAME)
    }

    /// The difference as it may be shown.
    #[must_use]
    pub fn difference(self, difference: &Difference) -> Difference {
        let mut shown = difference.clone();
        if self == Self::Nothing {
            return shown;
        }
        match &mut shown.what {
            What::Added(value) | What::Removed(value) => {
                secret_scan::conceal(value, &[], SAME);
            }
            What::Changed { old, changes } => {
                let whole = [old.clone(), apply(old, changes)];
                for FieldChange { path, old, new, .. } in changes.iter_mut() {
                    let is_changed = old.is_some() && new.is_some();
                    let (before, after) = if is_changed { (BEFORE, AFTER) } else { (SAME, SAME) };
                    let is_beside = whole.iter().any(|whole| is_beside_a_name(whole, path));
                    for (value, cover) in [(old, before), (new, after)] {
                        match value {
                            Some(Json::String(text)) if is_beside => cover.clone_into(text),
                            Some(value) => conceal_at(value, path, cover),
                            None => {}
                        }
                    }
                }
                let places: Vec<&FieldChange> =
                    changes.iter().filter(|change| change.new.is_some()).collect();
                secret_scan::conceal(old, &[], SAME);
                restore(old, &places);
            }
        }
        shown
    }
}

/// Whether what is beside a place says that it is a secret: an option before it, or the name of its pair.
fn is_beside_a_name(whole: &Json, path: &Pointer) -> bool {
    let Some((parent, step)) = path.parent() else { return false };
    match (whole.pointer(&parent.to_string()), step) {
        (Some(Json::Array(elements)), Step::Index(index)) => secret_scan::is_secret_element(elements, *index),
        (Some(Json::Object(members)), Step::Key(name)) if matches!(name.as_str(), "value" | "Value") => {
            let names = ["name", "key", "Name", "Key"].iter().filter_map(|key| members.get(*key)?.as_str());
            names.into_iter().any(secret_scan::names_a_secret)
        }
        _ => false,
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
    secret_scan::conceal(value, &names.collect::<Vec<_>>(), cover);
}
