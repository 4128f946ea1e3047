//! The server's own plan for a group beside ours.

use serde_json::Value as Json;

use super::{DefinitionText, Plan, PlannedService};
use crate::deploy::action::Action;
use crate::deploy::body;
use crate::marathon::{ServerAction, ServerPlan};
use crate::normalize::{Normalized, answered};
use crate::source::Kind;
use crate::state::ServerState;
use crate::target::Settings;

/// A group that a server can tell its own plan of.
#[derive(Clone, Debug)]
pub(crate) struct AskedGroup {
    /// Its id.
    pub id: String,
    /// What is asked.
    pub body: String,
    /// The number of its text.
    text: usize,
}

/// What a server says that it would do otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OtherAction {
    /// The service.
    pub id: String,
    /// What the plan says, in words.
    pub planned: String,
    /// What the server says; nothing where it would do nothing.
    pub server: Option<ServerAction>,
}

/// The groups of these texts that a server can tell its plan of. Marathon refuses to replace one with a sub-group that exists
/// (1.11), and the plan of all groups would be about what is in no text.
pub(crate) fn asked_groups(
    texts: &[DefinitionText],
    held: &[Normalized],
    settings: &Settings,
) -> Vec<AskedGroup> {
    let held = ServerState::of(held);
    let mut asked = Vec::new();
    for (text, DefinitionText { document, kind, .. }) in texts.iter().enumerate() {
        if *kind != Kind::Group {
            continue;
        }
        let group = answered(document.root(), Kind::Group, settings);
        let id = group.id().to_owned();
        let is_refused = |(inner, _): (&str, &Json)| inner != id && held.group_of(inner).is_some();
        if id == "/" || ServerState::of([&group]).groups().any(is_refused) {
            continue;
        }
        // Relative to its own address it would be another group.
        let body = body::with_members(document.root(), vec![("id", Json::String(id.clone()))]);
        asked.push(AskedGroup { id, body, text });
    }
    asked
}

/// Where a server's plan for a group differs from ours, as far as it can be trusted. What is in no text is left out: the
/// server would remove it, and a deployment does so only where that is asked for.
pub(crate) fn otherwise(plan: &Plan, group: &AskedGroup, server: &ServerPlan) -> Vec<OtherAction> {
    let units = plan.units.iter().filter(|unit| unit.text == Some(group.text));
    let services = units.flat_map(|unit| &unit.services).filter(|service| service.kind == Kind::App);
    let differs = |service: &&PlannedService| {
        let says = server.actions.get(&service.id).copied();
        !agree(service.action, says) && !(has_open_port(service) && overstates(service.action, says))
    };
    services
        .filter(differs)
        .map(|service| OtherAction {
            id: service.id.clone(),
            planned: service.action.words(),
            server: server.actions.get(&service.id).copied(),
        })
        .collect()
}

/// Whether both are the same. Without instances every change is one of their number to Marathon.
fn agree(ours: Action, server: Option<ServerAction>) -> bool {
    match server {
        None => matches!(ours, Action::Nothing | Action::Store),
        Some(ServerAction::Start) => matches!(ours, Action::Create { .. }),
        Some(ServerAction::Restart) => matches!(ours, Action::Replace { .. }),
        Some(ServerAction::Scale) => {
            matches!(ours, Action::Scale { .. } | Action::Replace { from: 0, .. } | Action::Store)
        }
        Some(ServerAction::Stop) => matches!(ours, Action::Remove { .. }),
    }
}

/// Whether a server says more than will happen because it compares before it has picked service ports (1.11).
fn overstates(ours: Action, server: Option<ServerAction>) -> bool {
    matches!(server, Some(ServerAction::Restart | ServerAction::Scale))
        && matches!(ours, Action::Nothing | Action::Store | Action::Scale { .. })
}

/// Whether the server picks a service port of an app.
fn has_open_port(service: &PlannedService) -> bool {
    let Some(wanted) = &service.wanted else { return false };
    let is_open = |port: &Json, name: &str| port.get(name).is_none_or(|port| port.as_u64() == Some(0));
    let any = |path: &str, name: &str| {
        let list = wanted.value.pointer(path).and_then(Json::as_array);
        list.is_some_and(|list| list.iter().any(|port| is_open(port, name)))
    };
    any("/portDefinitions", "port") || any("/container/portMappings", "servicePort")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_server_overstates_is_no_difference() {
        let service = |port: u64, action| PlannedService {
            id: "/g/a".to_owned(),
            kind: Kind::App,
            action,
            wanted: Some(Normalized::stored(
                Kind::App,
                json!({"id": "/g/a", "portDefinitions": [{"port": port}]}),
            )),
            against: None,
        };
        let others = |port: u64, action, says: Option<ServerAction>| {
            let unit = super::super::Unit {
                change: None,
                services: vec![service(port, action)],
                level: 0,
                text: Some(0),
            };
            let plan = Plan { units: vec![unit], ..Plan::default() };
            let group = AskedGroup { id: "/g".to_owned(), body: String::new(), text: 0 };
            let actions = says.map(|says| ("/g/a".to_owned(), says)).into_iter().collect();
            otherwise(&plan, &group, &ServerPlan { actions }).len()
        };
        let scale = Action::Scale { from: 1, to: 2 };
        let restart = Some(ServerAction::Restart);
        for (port, action, says, expected) in [
            (0, Action::Nothing, restart, 0),
            (0, scale, restart, 0),
            (10_000, Action::Nothing, restart, 1),
            (10_000, scale, restart, 1),
            (10_000, scale, Some(ServerAction::Scale), 0),
            (0, scale, None, 1),
            (0, Action::Nothing, None, 0),
            (0, Action::Create { instances: 1 }, Some(ServerAction::Start), 0),
            (0, Action::Nothing, Some(ServerAction::Stop), 1),
            (10_000, Action::Replace { from: 0, to: 1, least: 1, most: 1 }, Some(ServerAction::Scale), 0),
        ] {
            assert_eq!(others(port, action, says), expected, "{port} {action:?} {says:?}");
        }
    }
}
