//! Whether two values are the same.

use super::tree::{Type, Value};

/// How strictly two values are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// The value, and the spelling of each string and number.
    Spelling,
    /// The value, and the spelling of each number.
    Numbers,
    /// The value, and the digits of each number.
    Value,
}

/// Whether two values are equal. Members of an object may be in any order, but duplicates have to keep theirs. Not by
/// recursion: a text may nest deep.
pub(crate) fn is_same(one: Value<'_>, other: Value<'_>, strictness: Strictness) -> bool {
    let mut open = vec![(one, other)];
    while let Some((one, other)) = open.pop() {
        if one.kind() != other.kind() {
            return false;
        }
        let same = match one.kind() {
            Type::Array => {
                let (elements, others) = (one.elements(), other.elements());
                let before = open.len();
                open.extend(elements.zip(others));
                open.len() - before == one.elements().count()
                    && one.elements().count() == other.elements().count()
            }
            Type::Object => {
                let (members, others) = (by_name(one), by_name(other));
                let same = members.len() == others.len()
                    && members
                        .iter()
                        .zip(&others)
                        .all(|(one, other)| is_same_scalar(one.0, other.0, strictness));
                open.extend(members.into_iter().zip(others).map(|(one, other)| (one.1, other.1)));
                same
            }
            _ => is_same_scalar(one, other, strictness),
        };
        if !same {
            return false;
        }
    }
    true
}

fn by_name(object: Value<'_>) -> Vec<(Value<'_>, Value<'_>)> {
    let mut members: Vec<_> = object.members().collect();
    members.sort_by(|(one, _), (other, _)| match (one.verbatim(), other.verbatim()) {
        (Some(one), Some(other)) => one.cmp(other),
        _ => one.as_str().cmp(&other.as_str()),
    });
    members
}

fn is_same_scalar(one: Value<'_>, other: Value<'_>, strictness: Strictness) -> bool {
    if strictness == Strictness::Spelling {
        return one.source() == other.source();
    }
    match one.kind() {
        Type::Number if strictness == Strictness::Numbers => one.source() == other.source(),
        Type::Number => one.as_number() == other.as_number(),
        Type::Boolean => one.as_bool() == other.as_bool(),
        Type::String => one.as_str() == other.as_str(),
        _ => true,
    }
}
