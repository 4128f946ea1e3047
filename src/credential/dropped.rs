//! Archives of credentials that a definition fetches, and that UCR does not read.

use std::collections::BTreeSet;

use crate::definition::{CredentialsForm, Fetched, Unpacking};
use crate::source::{Pointer, Value};
use crate::target::Release;

use super::archive::{Look, shown};
use super::definitions::LocatedService;
use super::plan::{WireChange, WireNote, WirePlan};

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
            drop_from((definition.value, entries), definition.pointer.key(list), (look, reader), plan);
        }
    }
}

/// Removes the archive that only the Docker Engine reads from what an app or a container of a pod (`owner`) fetches, and
/// names the others. It is the only one that is called so, or a look into it shows credentials, and the command does not
/// use it.
pub(super) fn drop_from(
    (owner, entries): (Value<'_>, Value<'_>),
    pointer: Pointer,
    (look, reader): (fn(&str) -> Look, ArchiveReader),
    plan: &mut WirePlan,
) {
    let all = || entries.elements().enumerate();
    let held: Vec<_> =
        all().filter_map(|(index, entry)| Some((index, entry, contents(&entry, look)?))).collect();
    // An archive of another name is none where one is called so.
    let known = held.iter().filter(|(.., (_, holds))| *holds != Contents::Unknown);
    let is_alone = known.map(|(.., (uri, _))| uri).collect::<BTreeSet<_>>().len() == 1;
    let commands = commands(owner);
    let mut archives = Vec::new();
    for (index, entry, (uri, holds)) in held {
        let is_named = is_named_by(&commands, &entry);
        let note = match holds {
            Contents::Credentials | Contents::Called if is_named => {
                ", because the command names what is in it"
            }
            Contents::Credentials => {
                archives.push((index, entry.range().start, uri));
                continue;
            }
            Contents::Called if is_alone => {
                archives.push((index, entry.range().start, uri));
                continue;
            }
            Contents::Called => {
                ": which archive holds the credentials cannot be told here; if it is this one, remove it: UCR does not \
                 read them"
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
    for (_, offset, uri) in &archives {
        let uri = shown(uri);
        plan.done.push(format!("no more fetch of {uri}"));
        let text = format!("{uri} is no longer fetched: UCR does not read credentials in the sandbox");
        plan.dropped.push(WireNote { offset: *offset, text });
    }
    plan.changes.push(if archives.len() == all().count() {
        WireChange::Remove(pointer)
    } else {
        WireChange::RemoveElements(pointer, archives.into_iter().map(|(index, ..)| index).collect())
    });
}

/// The command of an app or of a container of a pod.
fn commands(owner: Value<'_>) -> String {
    let command = owner.get("exec").and_then(|exec| exec.get("command"));
    let texts = [owner.get("cmd"), command.and_then(|command| command.get("shell"))];
    let lists = [owner.get("args"), command.and_then(|command| command.get("argv"))];
    let all = texts.into_iter().flatten();
    let all = all.chain(lists.into_iter().flatten().flat_map(|list| list.elements()));
    all.filter_map(|text| text.as_str()).collect::<Vec<_>>().join("\n")
}

/// Whether a command names a fetched file, or where credentials are unpacked.
fn is_named_by(commands: &str, entry: &Value<'_>) -> bool {
    let Some(file) = Fetched::of(entry, Release::LATEST) else { return false };
    let written = file.plain_path();
    let name = written.rsplit('/').next().unwrap_or_default();
    [name, ".docker"].into_iter().any(|name| !name.is_empty() && commands.contains(name))
}

/// What a fetched file holds that matters to UCR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contents {
    /// Credentials of Docker: it is where they are read, or a look into it shows them.
    Credentials,
    /// It is called like an archive of credentials, and cannot be looked into.
    Called,
    /// Credentials, and files that the app may need.
    Both,
    /// It is an archive that cannot be looked into.
    Unknown,
}

/// The URI of an entry of `fetch` or `uris`, and what it holds; nothing for a file that is none of Docker's.
pub(super) fn contents(entry: &Value<'_>, look: fn(&str) -> Look) -> Option<(String, Contents)> {
    let file = Fetched::of(entry, Release::LATEST)?;
    let called = file.credentials().map(|found| match (found.form, found.unread) {
        (CredentialsForm::Archive, None) => Contents::Called,
        (_, None) => Contents::Credentials,
        // The Docker Engine did not read it either, so it may be for the app.
        (_, Some(_)) => Contents::Unknown,
    });
    let holds = if file.unpacking() == Unpacking::Archive {
        match look(&file.uri) {
            Look::Holds(_) => Some(Contents::Credentials),
            Look::HoldsMore(_) => Some(Contents::Both),
            Look::Unknown => called.or(Some(Contents::Unknown)),
            Look::Nothing => None,
        }
    } else {
        called
    };
    Some((file.uri.into_owned(), holds?))
}
