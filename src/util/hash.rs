//! Maps with a fast hasher: with the standard library's, hashing is a tenth of the work on thousands of definitions. The
//! hasher is seeded anew in every run. It resists names made to collide less well, which can only make a run slower.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, Hash};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

pub(crate) use foldhash::fast::RandomState;

pub(crate) type Map<K, V> = HashMap<K, V, RandomState>;
pub(crate) type Set<K> = HashSet<K, RandomState>;

/// An index over a list: finds the number of an element by its key, and stores neither keys nor elements.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    table: HashTable<usize>,
    state: RandomState,
}

impl Numbers {
    /// The number of the element with this key; `key_of` gives the key of a number.
    pub(crate) fn get<'k, K: Hash + Eq + ?Sized + 'k>(
        &self,
        key: &K,
        key_of: impl Fn(usize) -> &'k K,
    ) -> Option<usize> {
        let hash = self.state.hash_one(key);
        self.table.find(hash, |number| key_of(*number) == key).copied()
    }

    /// As [`Self::get`]; where there is none, adds `number` for the key. Does not call `key_of` for `number`.
    pub(crate) fn get_or_insert<'k, K: Hash + Eq + ?Sized + 'k>(
        &mut self,
        key: &K,
        number: usize,
        key_of: impl Fn(usize) -> &'k K,
    ) -> Option<usize> {
        let hash = self.state.hash_one(key);
        let is = |number: &usize| key_of(*number) == key;
        match self.table.entry(hash, is, |number| self.state.hash_one(key_of(*number))) {
            Entry::Occupied(entry) => Some(*entry.get()),
            Entry::Vacant(entry) => {
                entry.insert(number);
                None
            }
        }
    }
}
