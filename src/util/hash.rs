//! Maps that hash quickly: of what is looked up in thousands of definitions, hashing with the standard library's hasher
//! would be a tenth of the work. Seeded anew in every run like that one, if less proof against names made to collide,
//! which a run would only be slower for.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, Hash};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

pub(crate) use foldhash::fast::RandomState;

pub(crate) type Map<K, V> = HashMap<K, V, RandomState>;
pub(crate) type Set<K> = HashSet<K, RandomState>;

/// The numbers of things that stand in a list, found by a key that they have: nothing of the list is said twice.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    table: HashTable<usize>,
    state: RandomState,
}

impl Numbers {
    /// The number of what has this key, where `key_of` tells the key of a number.
    pub(crate) fn get<'k, K: Hash + Eq + ?Sized + 'k>(
        &self,
        key: &K,
        key_of: impl Fn(usize) -> &'k K,
    ) -> Option<usize> {
        let hash = self.state.hash_one(key);
        self.table.find(hash, |number| key_of(*number) == key).copied()
    }

    /// The same. Where there is none, that is `number` from now on; `key_of` is not asked for it yet.
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
