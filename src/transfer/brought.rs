//! What a run has brought to a registry already: it takes a blob from another repository of its own more quickly than from here.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Blobs that a registry has, and a repository that has each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Brought(Arc<Mutex<HashMap<String, String>>>);

impl Brought {
    fn known(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a repository has a blob.
    pub(super) fn note(&self, digest: &str, repository: &str) {
        self.known().entry(digest.to_owned()).or_insert_with(|| repository.to_owned());
    }

    /// Another repository that has a blob.
    pub(super) fn elsewhere(&self, digest: &str, repository: &str) -> Option<String> {
        self.known().get(digest).filter(|other| *other != repository).cloned()
    }

    /// The repositories that have some of these blobs; of no blobs, those that have any.
    pub(super) fn sources<'d>(&self, digests: impl IntoIterator<Item = &'d str>) -> BTreeSet<String> {
        let known = self.known();
        let mut digests = digests.into_iter().peekable();
        if digests.peek().is_none() {
            return known.values().cloned().collect();
        }
        digests.filter_map(|digest| known.get(digest).cloned()).collect()
    }
}
