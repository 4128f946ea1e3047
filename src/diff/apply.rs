//! Applies changes to a value.

use serde_json::Value as Json;

use crate::source::{Pointer, Step};

use super::FieldChange;

/// The new definition, made from the old one by these changes. Equal for Marathon; where the order does not count, as
/// in sets, the order is that of the old one.
#[must_use]
pub fn apply(old: &Json, changes: &[FieldChange]) -> Json {
    let mut value = old.clone();
    for change in changes {
        if let (Some(_), Some(new)) = (&change.old, &change.new) {
            replace(&mut value, &change.path, new);
        }
    }
    // From the end, so that earlier indices stay valid.
    for change in changes.iter().rev().filter(|change| change.new.is_none()) {
        remove(&mut value, &change.path);
    }
    for change in changes {
        if let (None, Some(new)) = (&change.old, &change.new) {
            insert(&mut value, &change.path, new);
        }
    }
    value
}

fn at_mut<'j>(value: &'j mut Json, path: &Pointer) -> Option<&'j mut Json> {
    value.pointer_mut(&path.to_string())
}

/// The member may be absent: a health check may use port 0 implicitly.
fn replace(value: &mut Json, path: &Pointer, new: &Json) {
    if let Some(place) = at_mut(value, path) {
        place.clone_from(new);
    } else {
        insert(value, path, new);
    }
}

/// Removes the value at a path.
pub(crate) fn remove(value: &mut Json, path: &Pointer) {
    let Some((parent, step)) = path.parent() else { return };
    match (at_mut(value, &parent), step) {
        (Some(Json::Object(members)), Step::Key(name)) => {
            members.shift_remove(name);
        }
        (Some(Json::Array(elements)), Step::Index(index)) if *index < elements.len() => {
            elements.remove(*index);
        }
        _ => {}
    }
}

fn insert(value: &mut Json, path: &Pointer, new: &Json) {
    let Some((parent, step)) = path.parent() else { return };
    match (at_mut(value, &parent), step) {
        (Some(Json::Object(members)), Step::Key(name)) => {
            members.insert(name.clone(), new.clone());
        }
        (Some(Json::Array(elements)), Step::Index(index)) => {
            elements.insert((*index).min(elements.len()), new.clone());
        }
        _ => {}
    }
}
