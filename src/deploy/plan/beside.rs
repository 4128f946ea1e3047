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
    /// The server does not have it, so that it is sent as a whole.
    pub is_new: bool,
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
        let mut members = vec![("id", Json::String(id.clone()))];
        let is_new = held.group_of(&id).is_none();
        if !is_new && document.root().get("enforceRole").is_some() {
            // A deployment leaves that of a group that exists, and a null is nothing to Marathon.
            members.push(("enforceRole", Json::Null));
        }
        let body = body::with_members(document.root(), members);
        asked.push(AskedGroup { id, body, is_new, text });
    }
    asked
}

/// Where a server's plan for a group differs from ours, as far as it can be trusted. What is in no text is left out: the
/// server would remove it, and a deployment does so only where that is asked for.
pub(crate) fn otherwise(plan: &Plan, group: &AskedGroup, server: &ServerPlan) -> Vec<OtherAction> {
    let units = plan.units.iter().filter(|unit| unit.text == Some(group.text));
    let services = units.flat_map(|unit| &unit.services).filter(|service| service.kind == Kind::App);
    let differing = |service: &PlannedService| {
        let server = server.actions.get(&service.id).copied();
        let is_overstated = has_port(service) && overstates(service.action, server);
        (!is_overstated && !agree(service.action, server)).then(|| OtherAction {
            id: service.id.clone(),
            planned: service.action.words(),
            server,
        })
    };
    services.filter_map(differing).collect()
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

/// Whether a server says more than will happen: to a dry run an app with service ports is another one (1.11).
fn overstates(ours: Action, server: Option<ServerAction>) -> bool {
    matches!(server, Some(ServerAction::Restart | ServerAction::Scale))
        && matches!(ours, Action::Nothing | Action::Store | Action::Scale { .. })
}

/// Whether an app has a service port.
fn has_port(service: &PlannedService) -> bool {
    let Some(wanted) = &service.wanted else { return false };
    ["/portDefinitions", "/container/portMappings"].iter().any(|path| {
        wanted.value.pointer(path).and_then(Json::as_array).is_some_and(|ports| !ports.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Unit;
    use super::*;

    #[test]
    fn what_a_server_overstates_is_no_difference() {
        let others = |ports: Json, action, says: Option<ServerAction>| {
            let wanted = Normalized::stored(Kind::App, json!({"id": "/g/a", "portDefinitions": ports}));
            let (id, kind, wanted) = ("/g/a".to_owned(), Kind::App, Some(wanted));
            let services = vec![PlannedService { id, kind, action, wanted, against: None }];
            let unit = Unit { change: None, services, level: 0, text: Some(0) };
            let plan = Plan { units: vec![unit], ..Plan::default() };
            let group = AskedGroup { id: "/g".to_owned(), body: String::new(), is_new: false, text: 0 };
            let actions = says.map(|says| ("/g/a".to_owned(), says)).into_iter().collect();
            otherwise(&plan, &group, &ServerPlan { actions }).len()
        };
        let (none, one) = (json!([]), json!([{"port": 0}]));
        let scale = Action::Scale { from: 1, to: 2 };
        let restart = Some(ServerAction::Restart);
        for (ports, action, says, expected) in [
            (&one, Action::Nothing, restart, 0),
            (&one, scale, restart, 0),
            (&none, Action::Nothing, restart, 1),
            (&none, scale, restart, 1),
            (&none, scale, Some(ServerAction::Scale), 0),
            (&one, scale, None, 1),
            (&one, Action::Nothing, None, 0),
            (&one, Action::Create { instances: 1 }, Some(ServerAction::Start), 0),
            (&one, Action::Nothing, Some(ServerAction::Stop), 1),
            (&none, Action::Replace { from: 0, to: 1, least: 1, most: 1 }, Some(ServerAction::Scale), 0),
        ] {
            assert_eq!(others(ports.clone(), action, says), expected, "{ports} {action:?} {says:?}");
        }
    }
}
