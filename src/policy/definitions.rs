//! The apps, pods and groups of a document, each by itself: as written, and as Marathon would store it.

use serde_json::Value as Json;

use crate::definition::id::AbsoluteId;
use crate::normalize::Normalized;
use crate::source::{Kind, Type, Value};
use crate::state::ServerState;

/// A definition in a document.
pub(super) struct PolicySubject<'a> {
    /// [`Kind::App`], [`Kind::Pod`] or [`Kind::Group`].
    pub(super) kind: Kind,
    pub(super) value: Value<'a>,
    /// The group it is in, by its index in the list.
    group: Option<usize>,
}

/// All definitions of a document, a group before what is in it. The `pods` of groups are not among them, because Marathon
/// ignores them.
pub(super) fn definitions(root: Value<'_>, kind: Kind) -> Vec<PolicySubject<'_>> {
    let alone = |kind, value| PolicySubject { kind, value, group: None };
    match kind {
        Kind::App | Kind::Pod => vec![alone(kind, root)],
        Kind::Apps => root.elements().map(|app| alone(Kind::App, app)).collect(),
        Kind::Group => {
            let mut found = Vec::new();
            let mut waiting = vec![alone(Kind::Group, root)];
            while let Some(group) = waiting.pop() {
                let number = found.len();
                let inner = |kind, name| {
                    let list = group.value.get(name).into_iter().flat_map(|list| list.elements());
                    list.map(move |value| PolicySubject { kind, value, group: Some(number) })
                };
                let apps = inner(Kind::App, "apps");
                waiting.extend(inner(Kind::Group, "groups"));
                let apps: Vec<_> = apps.collect();
                found.push(group);
                found.extend(apps);
            }
            found
        }
    }
}

/// Calls `each` with every definition of a document and what Marathon would store of it.
pub(super) fn each_stored<'a>(
    root: Value<'a>,
    normalized: &Normalized,
    mut each: impl FnMut(&PolicySubject<'a>, &Json),
) {
    let definitions = definitions(root, normalized.kind);
    match normalized.kind {
        Kind::App | Kind::Pod => {
            for definition in &definitions {
                each(definition, &normalized.value);
            }
        }
        Kind::Apps => {
            let apps = definitions.iter().filter(|app| app.value.kind() == Type::Object);
            let stored = normalized.value.as_array().into_iter().flatten();
            apps.zip(stored).for_each(|(app, stored)| each(app, stored));
        }
        // Marathon orders what is in a group by its ids.
        Kind::Group => {
            let state = ServerState::of([normalized]);
            let mut ids: Vec<AbsoluteId> = Vec::with_capacity(definitions.len());
            for definition in &definitions {
                let id = definition.value.get("id").and_then(|id| id.as_str()).unwrap_or_default();
                let around = definition.group.map_or_else(AbsoluteId::root, |group| ids[group].clone());
                let id = AbsoluteId::parse(&id).canonical(&around);
                let text = id.to_string();
                let stored = match definition.kind {
                    Kind::Group => state.group_of(&text),
                    _ => state.get(&text).map(|service| service.value),
                };
                if let Some(stored) = stored {
                    each(definition, stored);
                }
                ids.push(id);
            }
        }
    }
}
