//! What stands twice, and what stands anywhere.

use std::borrow::{Borrow, Cow};
use std::cell::OnceCell;
use std::hash::Hash;

use crate::source::Value;
use crate::util::hash::{Map, Set};

/// Keys seen so far: a few are compared, more are hashed, so that neither few nor many cost much.
pub(in crate::rule) struct Seen<K> {
    few: Vec<K>,
    many: Set<K>,
}

impl<K: Eq + Hash> Seen<K> {
    /// So many keys are compared faster than hashed.
    const FEW: usize = 16;

    pub(in crate::rule) fn new() -> Self {
        Self { few: Vec::new(), many: Set::default() }
    }

    /// Whether the key is new.
    pub(in crate::rule) fn insert(&mut self, key: K) -> bool {
        if self.many.is_empty() && self.few.len() < Self::FEW {
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

    /// How many keys differ.
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

/// The first item whose key one before it has; items without a key do not count.
pub(in crate::rule) fn first_repeat<T, K: Eq + Hash>(
    mut items: impl Iterator<Item = T>,
    key: impl Fn(&T) -> Option<K>,
) -> Option<T> {
    let mut seen = Seen::new();
    items.find(|item| key(item).is_some_and(|key| !seen.insert(key)))
}

/// The members of an object, to be asked for by name many times over; nothing is made of them before the first time.
pub(in crate::rule) struct Names<'a> {
    object: Option<Value<'a>>,
    last: OnceCell<Map<Cow<'a, str>, Value<'a>>>,
}

impl<'a> Names<'a> {
    /// Of an object that may not be there.
    pub(in crate::rule) fn of(object: Option<Value<'a>>) -> Self {
        Self { object, last: OnceCell::new() }
    }

    /// The value of the member of this name: the last one, as Marathon takes it.
    pub(in crate::rule) fn get(&self, name: &str) -> Option<Value<'a>> {
        let last = self.last.get_or_init(|| {
            let members = self.object.iter().flat_map(Value::members);
            members.map(|(key, value)| (key.as_str().unwrap_or_default(), value)).collect()
        });
        last.get(name).copied()
    }

    pub(in crate::rule) fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
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
}
