//! Archives of credentials that a definition fetches, and that UCR does not read.

use crate::definition::{Fetched, Unpacking};
use crate::source::{Pointer, Value};
use crate::target::Release;

use super::archive::{Look, shown};
use super::definitions::LocatedService;
use super::plan::{WireChange, WirePlan};

/// What read the archives so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ArchiveReader {
    /// The definition is moved to UCR now.
    WasDockerEngine,
    /// It ran on UCR all along, and nothing read them.
    Ucr,
}

/// Removes the archives of an app's lists.
pub(super) fn drop_of_app(
    definition: &LocatedService<'_>,
    look: fn(&str) -> Look,
    reader: ArchiveReader,
    plan: &mut WirePlan,
) {
    for list in ["fetch", "uris"] {
        if let Some(entries) = definition.get(list) {
            drop_from(entries, definition.pointer.key(list), (look, reader), plan);
        }
    }
}

/// Removes the archive that only the Docker Engine reads, and names the others.
pub(super) fn drop_from(
    entries: Value<'_>,
    pointer: Pointer,
    (look, reader): (fn(&str) -> Look, ArchiveReader),
    plan: &mut WirePlan,
) {
    let (mut archives, mut count) = (Vec::new(), 0);
    for (index, entry) in entries.elements().enumerate() {
        count += 1;
        let Some((uri, holds)) = contents(&entry, look) else { continue };
        let note = match holds {
            Contents::Credentials => {
                archives.push((index, uri));
                continue;
            }
            Contents::Both => {
                ", because it has other files than credentials of Docker, which UCR does not read"
            }
            // Nothing changes for it.
            Contents::Unknown if reader == ArchiveReader::Ucr => continue,
            Contents::Unknown => "; if it holds credentials of Docker, remove it: UCR does not read them",
        };
        plan.note(entry.range().start, format!("{} is still fetched{note}", shown(&uri)));
    }
    if archives.is_empty() {
        return;
    }
    plan.done.extend(archives.iter().map(|(_, uri)| format!("no more fetch of {}", shown(uri))));
    plan.changes.push(if archives.len() == count {
        WireChange::Remove(pointer)
    } else {
        WireChange::RemoveElements(pointer, archives.into_iter().map(|(index, _)| index).collect())
    });
}

/// What a fetched file holds that matters to UCR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contents {
    /// Credentials of Docker: it is called like them, or is an archive of them.
    Credentials,
    /// Credentials, and files that the app may need.
    Both,
    /// It is an archive that cannot be looked into.
    Unknown,
}

/// The URI of an entry of `fetch` or `uris`, and what it holds; nothing for a file that is none of Docker's.
pub(super) fn contents(entry: &Value<'_>, look: fn(&str) -> Look) -> Option<(String, Contents)> {
    let file = Fetched::of(entry, Release::LATEST)?;
    let called = || file.credentials().map(|_| Contents::Credentials);
    let holds = if file.unpacking() == Unpacking::Archive {
        match look(&file.uri) {
            Look::Holds(_) => Some(Contents::Credentials),
            Look::HoldsMore(_) => Some(Contents::Both),
            Look::Unknown => called().or(Some(Contents::Unknown)),
            Look::Nothing => called(),
        }
    } else {
        called()
    };
    Some((file.uri.into_owned(), holds?))
}
