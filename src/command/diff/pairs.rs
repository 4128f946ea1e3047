//! Compares two sides: by ids, and where a directory defines an id several times, for several clusters, by files.

use std::collections::{BTreeMap, BTreeSet};

use super::side::Side;
use crate::command::Terminal;
use crate::diff::{Changes, between};
use crate::normalize::Normalized;
use crate::state::ServerState;

/// A service with several definitions, which nothing tells apart: it is not compared.
pub(super) struct Unpaired {
    id: String,
    /// The files of the old and of the new side that define it.
    files: [BTreeSet<String>; 2],
}

/// What was compared, and what was not.
pub(super) struct Comparison {
    pub(super) changes: Changes,
    pub(super) unpaired: Vec<Unpaired>,
}

impl Comparison {
    /// Two states, without the services that a side has several definitions of; without an old side it is a server's.
    pub(super) fn of(states: [&ServerState<'_>; 2], old: Option<&Side>, new: &Side) -> Self {
        let repeated: BTreeSet<&str> = states.iter().flat_map(|state| state.duplicates()).copied().collect();
        let mut changes = between(states[0], states[1]);
        let files = |side: &Side, id: &str| -> BTreeSet<String> {
            side.defining(id).into_iter().map(str::to_owned).collect()
        };
        let unpaired = repeated.into_iter().map(|id| {
            changes.leave_out(id, None);
            let of_old = old.map(|side| files(side, id)).unwrap_or_default();
            Unpaired { id: id.to_owned(), files: [of_old, files(new, id)] }
        });
        let unpaired = unpaired.collect();
        Self { changes, unpaired }
            .with_unread([old.map(Side::not_compared).unwrap_or_default(), new.not_compared()])
    }

    /// Adds the files that were not compared: those of the sides, and those of services that nothing tells apart.
    fn with_unread(mut self, of_sides: [Vec<String>; 2]) -> Self {
        self.changes.unread = of_sides;
        for (index, unread) in self.changes.unread.iter_mut().enumerate() {
            let files: BTreeSet<&String> =
                self.unpaired.iter().flat_map(|unpaired| &unpaired.files[index]).collect();
            unread.extend(files.into_iter().cloned());
        }
        self
    }

    /// Whether everything on the new side was compared, and is as it was.
    pub(super) fn is_unchanged(&self) -> bool {
        let Self { changes, unpaired } = self;
        let is_whole = unpaired.is_empty() && changes.unread.iter().all(Vec::is_empty);
        is_whole && changes.is_empty() && changes.only_new.is_empty()
    }

    /// Names the services that were not compared and the files that define them, at the end of the output; whether there
    /// are any.
    pub(super) fn list_unpaired(&self, sides: [&str; 2], term: &mut Terminal) -> std::io::Result<bool> {
        for Unpaired { id, files } in &self.unpaired {
            let of_side = |index: usize| {
                let list: Vec<&str> = files[index].iter().map(String::as_str).collect();
                (!list.is_empty()).then(|| format!("{} of {}", list.join(", "), sides[index]))
            };
            let of_sides: Vec<String> = [0, 1].into_iter().filter_map(of_side).collect();
            let advice = match &files[..] {
                [old, new] if !old.is_empty() && !new.is_empty() => {
                    "; name the files of one service alike on both sides, or compare two files"
                }
                _ => "; leave one",
            };
            writeln!(
                term.err(),
                "error: not compared: {id}, which has several definitions: {}{advice}",
                of_sides.join("; ")
            )?;
        }
        Ok(!self.unpaired.is_empty())
    }
}

/// The differences between two sides, without the files that could not be read on one of them.
pub(super) fn compare(old: &Side, new: &Side) -> Comparison {
    if !(old.is_directory && new.is_directory) {
        return Comparison::of([&old.held(), &new.held()], Some(old), new);
    }
    let all = [&old.failed, &old.unparsable, &new.failed, &new.unparsable];
    let failed: BTreeSet<&str> = all.into_iter().flatten().map(String::as_str).collect();
    let files = files_by_id(old, new);
    let repeated: BTreeMap<&str, &Files<'_>> =
        files.iter().filter(|(_, files)| files.are_several()).map(|(id, files)| (*id, files)).collect();
    let by_file: BTreeSet<&str> = repeated.values().flat_map(|files| files.all()).collect();
    let rest = |side| definitions(side, |file| !failed.contains(file) && !by_file.contains(file));
    let (one, other) = (rest(old), rest(new));
    let mut changes = between(&ServerState::of(one).exhaustive(), &ServerState::of(other).exhaustive());
    for file in by_file.into_iter().filter(|file| !failed.contains(file)) {
        let of_file = |side| ServerState::of(definitions(side, |origin| origin == file)).exhaustive();
        changes.add(file, between(&of_file(old), &of_file(new)));
    }
    let mut unpaired = Vec::new();
    for (id, files) in repeated {
        let alone = files.alone();
        // On one side alone it is a file that came or went.
        if alone.iter().all(|files| !files.is_empty()) {
            alone.iter().flatten().for_each(|file| changes.leave_out(id, Some(file)));
            let files = alone.map(|files| files.into_iter().map(str::to_owned).collect());
            unpaired.push(Unpaired { id: id.to_owned(), files });
        }
    }
    Comparison { changes, unpaired }.with_unread([old.not_compared(), new.not_compared()])
}

fn definitions(side: &Side, is_wanted: impl Fn(&str) -> bool) -> Vec<&Normalized> {
    let all = side.origins.iter().zip(&side.definitions);
    all.filter(|(origin, _)| is_wanted(origin)).map(|(_, definition)| definition).collect()
}

/// The files of the old and of the new side that define a service.
#[derive(Default)]
struct Files<'s>([BTreeSet<&'s str>; 2]);

impl<'s> Files<'s> {
    /// Whether a side has several.
    fn are_several(&self) -> bool {
        self.0.iter().any(|files| files.len() > 1)
    }

    fn all(&self) -> impl Iterator<Item = &'s str> {
        self.0.iter().flatten().copied()
    }

    /// Those that the other side does not have.
    fn alone(&self) -> [BTreeSet<&'s str>; 2] {
        let [old, new] = &self.0;
        [old - new, new - old]
    }
}

/// The files of each service.
fn files_by_id<'s>(old: &'s Side, new: &'s Side) -> BTreeMap<&'s str, Files<'s>> {
    let mut files: BTreeMap<&str, Files<'_>> = BTreeMap::new();
    for (index, side) in [old, new].into_iter().enumerate() {
        for (origin, definition) in side.origins.iter().zip(&side.definitions) {
            for (id, _) in ServerState::of([definition]).services() {
                files.entry(id).or_default().0[index].insert(origin);
            }
        }
    }
    files
}
