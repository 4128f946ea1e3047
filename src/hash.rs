//! Maps that hash quickly: of what is looked up in thousands of definitions, hashing with the standard library's hasher
//! would be a tenth of the work. Seeded anew in every run like that one, if less proof against names made to collide,
//! which a run would only be slower for.

use std::collections::{HashMap, HashSet};

pub(crate) use foldhash::fast::RandomState;

pub(crate) type Map<K, V> = HashMap<K, V, RandomState>;
pub(crate) type Set<K> = HashSet<K, RandomState>;
