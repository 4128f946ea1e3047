//! Arrays that are sets to Marathon.

use std::collections::HashSet;

use crate::source::{Type, Value};

/// So many elements of a set are compared faster than hashed.
pub(in crate::rule) const FEW: usize = 16;

/// Elements of an array that is a set to Marathon, later duplicates left out.
pub(in crate::rule) fn distinct<'a>(elements: impl Iterator<Item = Value<'a>>) -> Vec<Value<'a>> {
    let mut kept: Vec<Value<'a>> = Vec::new();
    let mut many: HashSet<String> = HashSet::new();
    let key = |element: &Value<'_>| element.to_json().to_string();
    for element in elements {
        let is_new = if kept.len() < FEW {
            !kept.iter().any(|other| are_same(element, *other))
        } else {
            if many.is_empty() {
                many.extend(kept.iter().map(key));
            }
            many.insert(key(&element))
        };
        if is_new {
            kept.push(element);
        }
    }
    kept
}

/// Whether two values come to the same JSON.
fn are_same(one: Value<'_>, other: Value<'_>) -> bool {
    let are_strings =
        |one: &Value<'_>, other: &Value<'_>| (one.kind(), other.kind()) == (Type::String, Type::String);
    if are_strings(&one, &other) {
        return one.as_str() == other.as_str();
    }
    // Constraints: of two that differ no JSON is made.
    let mut pairs = one.elements().zip(other.elements());
    if pairs.any(|(one, other)| are_strings(&one, &other) && one.as_str() != other.as_str()) {
        return false;
    }
    one.source() == other.source() || one.to_json() == other.to_json()
}
