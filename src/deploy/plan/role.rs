//! Groups that exist: the server's own `enforceRole` decides the roles of what is in them, because a deployment sends their
//! services one by one.

use serde_json::Value as Json;

use super::DefinitionText;
use crate::definition::id::AbsoluteId;
use crate::source::{Document, Format, Kind, Value, services};
use crate::target::{Release, Settings};

/// The definition of a group as it counts on a server with these settings, where that is not as it is written, and notes on
/// what does not count.
pub(super) fn of_text(text: &DefinitionText, settings: &Settings) -> (Option<Document>, Vec<String>) {
    let counted = Some(text).filter(|text| text.kind == Kind::Group);
    let counted = counted.and_then(|text| as_it_counts(text.document.root(), settings));
    counted.map_or_else(Default::default, |(document, notes)| (Some(document), notes))
}

fn as_it_counts(group: Value<'_>, settings: &Settings) -> Option<(Document, Vec<String>)> {
    if settings.release < Release::V1_9 {
        return None;
    }
    let mut json = group.to_json();
    let mut notes = Vec::new();
    let is_root = id_of(&json).is_root();
    let tops: Vec<&mut Json> = if is_root {
        json.get_mut("groups").and_then(Json::as_array_mut)?.iter_mut().collect()
    } else {
        vec![&mut json]
    };
    let mut is_changed = false;
    for top in tops {
        let id = id_of(top);
        let (Some(enforces), 1) = (settings.roles.enforces(id.first()), id.depth()) else { continue };
        let Some(members) = top.as_object_mut() else { continue };
        let written = members.insert("enforceRole".to_owned(), enforces.into());
        is_changed |= written.as_ref() != Some(&enforces.into());
        if let Some(written) = written.and_then(|written| written.as_bool()).filter(|it| *it != enforces) {
            notes.push(format!(
                "enforceRole of {id} is {written} in the file and {enforces} on the server, and stays so: a deployment does not \
                 change it, `PATCH /v2/groups{id}` does"
            ));
        }
    }
    let document = is_changed.then(|| Document::parse(json.to_string(), Format::Json).ok()).flatten()?;
    Some((document, notes))
}

/// What is to be known of a group below a top-level one that does not exist yet: its services get Marathon's own role now, and
/// that of the top-level group with their next update (`RoleSettings.forService` of 1.9 to 1.11 looks at the group that was
/// there before).
pub(super) fn of_new_group(text: &DefinitionText, settings: &Settings) -> Option<String> {
    let root = text.document.root();
    let id = AbsoluteId::parse(&root.get("id")?.as_str()?).canonical(&AbsoluteId::root());
    let top = id.first();
    let is_new = text.kind == Kind::Group && id.depth() > 1 && settings.roles.enforces(top).is_none();
    let takes_over = settings.new_groups_enforce_role && settings.release >= Release::V1_9;
    let has_open_role =
        || services(root, text.kind, (), |_, ()| ()).iter().any(|service| is_open(service.value));
    if !is_new || !takes_over || top == settings.mesos_role || !has_open_role() {
        return None;
    }
    Some(format!(
        "the group /{top} does not exist yet: Marathon gives the role {} to what is in {id} now, and the role {top} with the next \
         update, which replaces all instances; make the group first with `milepost group add --id /{top}`",
        settings.mesos_role
    ))
}

/// Whether a service has no role.
fn is_open(service: Value<'_>) -> bool {
    service.get("role").is_none_or(|role| role.is_null())
}

fn id_of(group: &Json) -> AbsoluteId {
    let id = group.get("id").and_then(Json::as_str).unwrap_or("/");
    AbsoluteId::parse(id).canonical(&AbsoluteId::root())
}
