//! The order of an object's members: as the models declare them.

use crate::schema::{ObjectShape, SCHEMA_FIELD, Shape};
use crate::source::{Type, Value};

use super::outline::OutlineItem;

/// The rank of a member that no model knows: after all known ones.
const UNKNOWN: u16 = 1000;

/// The model's fields of `value`, if it is an object of a model.
pub(super) fn object_of(shape: Option<&'static Shape>, value: Value<'_>) -> Option<&'static ObjectShape> {
    match shape? {
        Shape::Object(object) => Some(object),
        Shape::Union(union) => match union.meant(&value) {
            Some(Shape::Object(object)) => Some(object),
            _ => None,
        },
        _ => None,
    }
}

/// The rank of a member among its neighbours. `$schema`, which editors read, and the merge keys of YAML come first.
pub(super) fn rank(object: &ObjectShape, key: &Value<'_>) -> u16 {
    match object.field(key) {
        Some(index) => u16::from(object.rank(index)) + 1,
        None if key.is_str(SCHEMA_FIELD) || key.is_str("<<") => 0,
        None => UNKNOWN,
    }
}

/// Sets the shapes of the entries of `parent`, and puts them in the order of the model where `reorder` says so.
pub(super) fn arrange(parent: &OutlineItem<'_>, entries: &mut [OutlineItem<'_>], reorder: bool) {
    let of_each = match parent.shape {
        Some(Shape::List { items, .. }) => Some(*items),
        Some(Shape::Map { values, .. }) => Some(*values),
        _ => None,
    };
    if of_each.is_some() {
        for entry in entries.iter_mut() {
            entry.shape = of_each;
        }
        return;
    }
    let Some(object) = object_of(parent.shape, parent.value).filter(|_| parent.value.kind() == Type::Object)
    else {
        return;
    };
    for entry in entries.iter_mut() {
        let index = entry.key.and_then(|key| object.field(&key));
        entry.shape = index.map(|index| &object.fields[index].shape);
    }
    if reorder {
        // A stable sort keeps the order of duplicate names, of which the last one counts.
        entries.sort_by_key(|entry| entry.key.map_or(UNKNOWN, |key| rank(object, &key)));
    }
}
