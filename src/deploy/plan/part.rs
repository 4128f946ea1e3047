//! The apps, pods and groups of texts, as a server would store them.

use serde_json::Value as Json;

use super::DefinitionText;
use crate::deploy::action::instances;
use crate::normalize::{Normalized, answered, updated};
use crate::source::{Document, Kind, Value};
use crate::state::ServerState;
use crate::target::Settings;

/// An app, a pod or a group of a text.
pub(super) struct TextPart<'t> {
    /// The number of the text.
    pub(super) text: usize,
    pub(super) written: Value<'t>,
    pub(super) document: &'t Document,
    pub(super) stored: Normalized,
    /// It is in an array, whose elements change what runs.
    pub(super) is_element: bool,
}

/// The parts of all texts; `counted` has the texts that count otherwise than they are written. An element of an array changes
/// what runs.
pub(super) fn parts<'t>(
    texts: &'t [DefinitionText],
    counted: &[(Option<Document>, Vec<String>)],
    old: &ServerState<'_>,
    settings: &Settings,
) -> Vec<TextPart<'t>> {
    let mut parts = Vec::new();
    for (text, DefinitionText { document, kind, .. }) in texts.iter().enumerate() {
        let root = document.root();
        if *kind != Kind::Apps {
            let counts = counted.get(text).and_then(|(document, _)| document.as_ref());
            let stored = answered(counts.map_or(root, Document::root), *kind, settings);
            parts.push(TextPart { text, written: root, document, stored, is_element: false });
            continue;
        }
        for element in root.elements() {
            let alone = answered(element, Kind::App, settings);
            let held = old.get(alone.id()).filter(|held| held.kind == Kind::App);
            let changed = held.and_then(|held| updated(held.value, element, settings));
            let is_element = changed.is_some();
            let mut stored = changed.unwrap_or(alone);
            if is_element {
                // An update keeps the role that the app has.
                stored.assumed.clear();
            }
            parts.push(TextPart { text, written: element, document, stored, is_element });
        }
    }
    parts
}

/// Gives services that run the number of instances that they have.
pub(super) fn keep_instances(stored: &mut Normalized, old: &ServerState<'_>) {
    let keep = |value: &mut Json, kind: Kind| {
        let id = value.get("id").and_then(Json::as_str).unwrap_or_default();
        let Some(held) = old.get(id).filter(|held| held.kind == kind) else { return };
        set_instances(value, kind, instances(held.value, kind));
    };
    match stored.kind {
        Kind::Group => {
            let mut open = vec![&mut stored.value];
            while let Some(group) = open.pop() {
                let Some(group) = group.as_object_mut() else { continue };
                for (name, members) in group {
                    let members = members.as_array_mut().into_iter().flatten();
                    match name.as_str() {
                        "apps" => members.for_each(|app| keep(app, Kind::App)),
                        "groups" => open.extend(members),
                        _ => {}
                    }
                }
            }
        }
        kind => keep(&mut stored.value, kind),
    }
}

fn set_instances(value: &mut Json, kind: Kind, number: u64) {
    let object = if kind == Kind::Pod { value.get_mut("scaling") } else { Some(value) };
    if let Some(object) = object.and_then(Json::as_object_mut) {
        object.insert("instances".to_owned(), number.into());
    }
}
