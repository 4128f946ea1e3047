//! Arrays that are sets to Marathon, and keys that must differ.

use std::borrow::Borrow;
use std::hash::Hash;

use crate::source::{Type, Value};
use crate::util::hash::Set;

/// Up to this many keys are compared with each other, which is faster than hashing them.
const FEW: usize = 16;

/// The keys seen so far.
pub(in crate::rule) struct Seen<K> {
    few: Vec<K>,
    many: Set<K>,
}

impl<K: Eq + Hash> Seen<K> {
    pub(in crate::rule) fn new() -> Self {
        Self { few: Vec::new(), many: Set::default() }
    }

    /// Adds a key. Returns whether it is new.
    pub(in crate::rule) fn insert(&mut self, key: K) -> bool {
        if self.many.is_empty() && self.few.len() < FEW {
            let is_new = !self.few.contains(&key);
            if is_new {
                self.few.push(key);
            }
            return is_new;
        }
        self.many.extend(self.few.drain(..));
        self.many.insert(key)
    }

    pub(in crate::rule) fn contains<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.few.iter().any(|known| known.borrow() == key)
            || (!self.many.is_empty() && self.many.contains(key))
    }

    /// The number of different keys.
    pub(in crate::rule) fn len(&self) -> usize {
        self.few.len() + self.many.len()
    }
}

impl<K: Eq + Hash> FromIterator<K> for Seen<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        let mut seen = Self::new();
        for key in keys {
            seen.insert(key);
        }
        seen
    }
}

/// The first item that has the key of an earlier one; items without a key do not count.
pub(in crate::rule) fn first_repeat<T, K: Eq + Hash>(
    mut items: impl Iterator<Item = T>,
    key: impl Fn(&T) -> Option<K>,
) -> Option<T> {
    let mut seen = Seen::new();
    items.find(|item| key(item).is_some_and(|key| !seen.insert(key)))
}

/// The items without those that are the same as an earlier one: what `is_same` compares, or `key` where there are many.
pub(super) fn distinct_by<T, K: Eq + Hash>(
    items: impl Iterator<Item = T>,
    is_same: impl Fn(&T, &T) -> bool,
    key: impl Fn(&T) -> K,
) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    let mut keys: Set<K> = Set::default();
    for item in items {
        let is_new = if kept.len() < FEW {
            !kept.iter().any(|other| is_same(&item, other))
        } else {
            if keys.is_empty() {
                keys.extend(kept.iter().map(&key));
            }
            keys.insert(key(&item))
        };
        if is_new {
            kept.push(item);
        }
    }
    kept
}

/// Elements of an array that is a set to Marathon, later duplicates left out.
pub(in crate::rule) fn distinct<'a>(elements: impl Iterator<Item = Value<'a>>) -> Vec<Value<'a>> {
    distinct_by(elements, |one, other| are_same(*one, *other), |element| element.to_json().to_string())
}

/// Whether two values have the same JSON.
fn are_same(one: Value<'_>, other: Value<'_>) -> bool {
    let are_strings =
        |one: &Value<'_>, other: &Value<'_>| (one.kind(), other.kind()) == (Type::String, Type::String);
    if are_strings(&one, &other) {
        return one.as_str() == other.as_str();
    }
    // Most constraints differ in a string: no JSON is built for those.
    let mut pairs = one.elements().zip(other.elements());
    if pairs.any(|(one, other)| are_strings(&one, &other) && one.as_str() != other.as_str()) {
        return false;
    }
    one.source() == other.source() || one.to_json() == other.to_json()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_repeat_is_found_among_few_and_many() {
        let first = |numbers: &[u32]| {
            let items = numbers.iter().enumerate();
            first_repeat(items, |(_, number)| Some(**number).filter(|&number| number != 0))
                .map(|(index, _)| index)
        };
        assert_eq!(first(&[]), None);
        assert_eq!(first(&[0, 1, 0, 2, 1, 2]), Some(4));
        let mut many: Vec<u32> = (0..100).collect();
        assert_eq!(first(&many), None);
        many[20] = 0;
        many[40] = 7;
        many[90] = 3;
        assert_eq!(first(&many), Some(40));
    }

    #[test]
    fn keys_are_seen_among_few_and_many() {
        for count in [3, 100] {
            let mut seen: Seen<String> = (0..count).map(|number: u32| (number / 2).to_string()).collect();
            assert_eq!(seen.len(), count.div_ceil(2) as usize);
            assert!(seen.contains("0") && seen.contains("1") && !seen.contains("x"));
            assert!(seen.insert("x".to_owned()) && !seen.insert("0".to_owned()));
        }
    }

    #[test]
    fn duplicates_are_left_out_among_few_and_many() {
        for count in [3_u32, 16, 17, 100] {
            let numbers = (0..count).flat_map(|number| [number, number / 2]);
            let kept = distinct_by(numbers, |one, other| one == other, |number| *number);
            assert_eq!(kept.len(), count as usize);
        }
    }
}
