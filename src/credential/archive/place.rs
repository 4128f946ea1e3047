//! The entry that fetches an archive already, changed so that the Docker Engine finds the credentials.

use serde_json::Value as Json;

use crate::credential::definitions::LocatedService;
use crate::credential::plan::{RefusalReason, WireChange, WirePlan, WireRefusal};
use crate::definition::Fetched;
use crate::finding::Effect;
use crate::source::{Type, Value};
use crate::target::Release;

use super::{Archive, elements, is_of};

/// Where the archive is fetched already.
pub(super) struct FetchPlace<'a> {
    list: &'static str,
    index: usize,
    entry: Value<'a>,
    file: Fetched<'a>,
}

/// The entry that fetches the archive; of several one in which the Docker Engine finds it, if there is one.
pub(super) fn place_of<'a>(
    archive: &Archive,
    lists: [(&'static str, Option<Value<'a>>); 2],
) -> Option<FetchPlace<'a>> {
    let places = lists.into_iter().flat_map(|(list, entries)| {
        let of_archive = elements(entries).enumerate().filter(|(_, entry)| is_of(entry, &archive.uri));
        of_archive.filter_map(move |(index, entry)| {
            let file = Fetched::of(&entry, Release::LATEST)?;
            Some(FetchPlace { list, index, entry, file })
        })
    });
    let mut places: Vec<FetchPlace<'a>> = places.collect();
    let best = places.iter().position(|place| place.file.made_readable() == place.file).unwrap_or(0);
    (!places.is_empty()).then(|| places.swap_remove(best))
}

/// Changes an entry in which the Docker Engine would not find the archive.
pub(super) fn make_readable(
    definition: &LocatedService<'_>,
    archive: &Archive,
    place: &FetchPlace<'_>,
    plan: &mut WirePlan,
) -> Result<(), WireRefusal> {
    let FetchPlace { list, index, entry, file } = place;
    let made = file.made_readable();
    if made == *file {
        return Ok(());
    }
    if entry.kind() != Type::Object {
        return Err(no_destination(definition, archive, entry.range()));
    }
    let pointer = definition.pointer.key(*list).index(*index);
    let mut changed = Vec::new();
    for (member, old, new) in [
        ("extract", file.extract, made.extract),
        ("executable", file.executable, made.executable),
        ("cache", file.cache, made.cache),
    ] {
        if old != new {
            plan.changes.push(WireChange::Set(pointer.key(member), new.into()));
            changed.push(format!("{member} {new}"));
        }
    }
    if made.destination != file.destination {
        let path = made.destination.as_deref().map(Json::from);
        let written = made.written_path();
        plan.changes.push(match path {
            Some(path) => WireChange::Set(pointer.key("destPath"), path),
            None => WireChange::Remove(pointer.key("destPath")),
        });
        changed.push(format!("written as {written}"));
    }
    let changed = changed.join(", ");
    plan.done.push(format!("fetch of {archive}: {changed}"));
    plan.note(
        entry.range().start,
        format!(
            "the Docker Engine would not find the credentials in {archive} as it is fetched now: {changed}"
        ),
    );
    Ok(())
}

/// Refuses an archive that the entries of `uris` cannot have unpacked.
pub(super) fn no_destination(
    definition: &LocatedService<'_>,
    archive: &Archive,
    range: std::ops::Range<usize>,
) -> WireRefusal {
    let path = archive.fetched().written_path().to_owned();
    WireRefusal::clash(RefusalReason {
        rule: &crate::rule::UNEXTRACTED_ARCHIVE,
        effect: Effect::Ignored,
        pointer: definition.pointer.key("uris"),
        range,
        message: format!(
            "{} lists its files in `uris`, which cannot say \"destPath\": \"{path}\": without it the Docker Engine does not \
             find the credentials in {archive}",
            definition.name()
        ),
        help: "write the files in `fetch`, as {\"uri\": URI}; or give the archive a name that ends in .tar.gz, in lower case \
               and without a query"
            .to_owned(),
    })
}
