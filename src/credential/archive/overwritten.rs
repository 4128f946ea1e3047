//! Archives that put credentials into a sandbox in which others are, too.

use crate::credential::Look;
use crate::credential::container;
use crate::credential::definitions::LocatedService;
use crate::credential::plan::RefusalReason;
use crate::definition::{Containerizer, Fetched, Unpacking};
use crate::finding::{Effect, Finding};
use crate::source::Type;
use crate::target::Release;

use super::shown;

/// The archives of an app on the Docker Engine that hold credentials beside others, as a look into them shows.
pub(in crate::credential) fn overwritten(
    definition: &LocatedService<'_>,
    look: fn(&str) -> Look,
) -> Vec<Finding> {
    let is_engines = !definition.is_pod
        && container::of(definition).is_ok_and(|container| container.containerizer == Containerizer::Docker);
    let mut found = Vec::new();
    if !is_engines {
        return found;
    }
    let lists = ["fetch", "uris"].into_iter().filter_map(|name| Some((name, definition.get(name)?)));
    let entries = lists.flat_map(|(name, list)| {
        list.elements().enumerate().map(move |(index, entry)| (name, index, entry)).collect::<Vec<_>>()
    });
    let mut first: Option<(Fetched<'_>, bool)> = None;
    for (name, index, entry) in entries {
        let Some(file) = Fetched::of(&entry, Release::LATEST) else { continue };
        if file.unpacking() != Unpacking::Archive {
            continue;
        }
        let is_called_so = file.credentials().is_some_and(|found| found.unread.is_none());
        let holds_some = match look(&file.uri) {
            Look::Holds(_) | Look::HoldsMore(_) => true,
            Look::Nothing => false,
            Look::Unknown => is_called_so,
        };
        if !holds_some {
            continue;
        }
        let Some((other, other_is_called_so)) = &first else {
            first = Some((file, is_called_so));
            continue;
        };
        if (is_called_so && *other_is_called_so) || *other == file {
            continue;
        }
        let reason = RefusalReason {
            rule: &crate::rule::OVERWRITTEN,
            effect: Effect::Ignored,
            pointer: definition.pointer.key(name).index(index),
            range: entry.get("uri").filter(|_| entry.kind() == Type::Object).unwrap_or(entry).range(),
            message: format!(
                "`{}` and `{}` both put `.docker/config.json` into the sandbox, and which one stays cannot be told",
                shown(&other.uri),
                shown(&file.uri)
            ),
            help: "put the credentials of all registries into one archive, and fetch only that".to_owned(),
        };
        found.push(reason.into_finding());
    }
    found
}
