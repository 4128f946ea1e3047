//! Compares two sides: by ids, and where a directory defines an id several times, for several clusters, by files.

use std::collections::{BTreeSet, HashMap};

use super::side::Side;
use crate::diff::{Changes, between};
use crate::normalize::Normalized;
use crate::state::ServerState;

/// The differences between two sides, without the files that could not be read on one of them.
pub(super) fn compare(old: &Side, new: &Side) -> anyhow::Result<Changes> {
    if !(old.is_directory && new.is_directory) {
        return Ok(between(&old.held()?, &new.held()?));
    }
    let all = [&old.failed, &old.unparsable, &new.failed, &new.unparsable];
    let failed: BTreeSet<&str> = all.into_iter().flatten().map(String::as_str).collect();
    let by_file = repeated(old).union(&repeated(new)).copied().collect::<BTreeSet<&str>>();
    let rest = |side| definitions(side, |file| !failed.contains(file) && !by_file.contains(file));
    let (one, other) = (rest(old), rest(new));
    let mut changes = between(&ServerState::of(one).exhaustive(), &ServerState::of(other).exhaustive());
    for file in by_file.into_iter().filter(|file| !failed.contains(file)) {
        let of_file = |side| ServerState::of(definitions(side, |origin| origin == file)).exhaustive();
        changes.add(file, between(&of_file(old), &of_file(new)));
    }
    changes.unread = [old.not_compared(), new.not_compared()];
    Ok(changes)
}

fn definitions(side: &Side, is_wanted: impl Fn(&str) -> bool) -> Vec<&Normalized> {
    let all = side.origins.iter().zip(&side.definitions);
    all.filter(|(origin, _)| is_wanted(origin)).map(|(_, definition)| definition).collect()
}

/// The files of a side with a service that another of its files has too.
fn repeated(side: &Side) -> BTreeSet<&str> {
    let mut files: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for (origin, definition) in side.origins.iter().zip(&side.definitions) {
        for (id, _) in ServerState::of([definition]).services() {
            files.entry(id).or_default().insert(origin);
        }
    }
    files.into_values().filter(|files| files.len() > 1).flatten().collect()
}
