//! Names that an object has twice.

use std::collections::{HashMap, HashSet};

use crate::source::Value;

use super::super::fast_path::hash;
use super::Checker;

impl<'a> Checker<'a> {
    /// The indices of the members that a later one of the same name overrides.
    pub(super) fn overridden(&mut self, object: Value<'a>) -> HashSet<usize> {
        if self.all_differ(object) {
            return HashSet::new();
        }
        let mut last = HashMap::new();
        let names = object.members().map(|(key, _)| key.as_str().unwrap_or_default());
        names.enumerate().filter_map(|(index, name)| last.insert(name, index)).collect()
    }

    /// Whether the names of all members surely differ. Gives up early on names with colliding hashes, which an attacker
    /// could choose.
    fn all_differ(&mut self, object: Value<'a>) -> bool {
        const PROBES: usize = 8;
        let count = object.members().count();
        if count < 2 {
            return true;
        }
        let room = (count * 2).next_power_of_two();
        let shift = 32 - room.trailing_zeros().min(32);
        self.names.clear();
        self.names.resize(room + PROBES, 0);
        object.members().all(|(key, _)| {
            let hash = hash(&key);
            let at = hash.checked_shr(shift).unwrap_or(0) as usize;
            let free = self.names[at..at + PROBES].iter_mut().find(|slot| **slot == 0 || **slot == hash);
            match free {
                Some(slot) if *slot == 0 => {
                    *slot = hash;
                    true
                }
                _ => false,
            }
        })
    }
}
