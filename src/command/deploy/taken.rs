//! Ids that something else has on the server: Marathon makes no app of a pod, and no group of either.

use std::collections::BTreeSet;

use crate::http::{Client, Endpoint};
use crate::marathon::{FEW, group_to_ask};
use crate::normalize::Normalized;
use crate::source::Kind;
use crate::state::{ServerState, is_below};

/// Why something cannot have its id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing was sent: {0}")]
pub(in super::super) struct TakenId(String);

/// Makes sure that what is new has no id that something of another kind has, and is not below an app or a pod.
///
/// # Errors
/// When Marathon would refuse it for that.
pub(super) fn expect_free(
    wanted: &[Normalized],
    held: &[Normalized],
    (client, endpoint): (&Client, &Endpoint),
) -> anyhow::Result<()> {
    let (wanted, held) = (ServerState::of(wanted), ServerState::of(held));
    let mut new = Vec::new();
    for (id, service) in wanted.services() {
        match held.get(id) {
            Some(held) if held.kind != service.kind => return Err(is_another_kind(id, held.kind).into()),
            Some(_) => {}
            None => new.push((id, service.kind)),
        }
    }
    let groups = new_groups(&new, &wanted, &held);
    let other = |kind: Kind| if kind == Kind::Pod { Kind::App } else { Kind::Pod };
    let services = new.iter().map(|(id, kind)| (*id, other(*kind)));
    let asked: Vec<(&str, Kind)> =
        services.chain(groups.iter().flat_map(|id| [(*id, Kind::App), (*id, Kind::Pod)])).collect();
    // What may not be asked for refuses the definition itself.
    let Ok(running) = client.running_or_all(endpoint, &asked) else { return Ok(()) };
    for (id, kind) in &new {
        if running.get(*id).is_some_and(|found| found.kind() == other(*kind)) {
            return Err(is_another_kind(id, other(*kind)).into());
        }
        let has_more_below = running.keys().any(|below| below != id && is_below(below, id));
        // Of many all services are there. A group without any is not seen then.
        let is_few = new.len() <= FEW && group_to_ask(id).is_none();
        if has_more_below || (is_few && client.group(endpoint, id).is_ok_and(|group| group.is_some())) {
            let why = format!(
                "{id} is a group on the server, and the definition is {}: give it another id, or remove the group first",
                named(*kind)
            );
            return Err(TakenId(why).into());
        }
    }
    if let Some((id, found)) = groups.iter().find_map(|id| running.get_key_value(*id)) {
        let (runs, kind) = (named(found.kind()), found.kind().name());
        let why = format!(
            "{id} runs as {runs}, and would be a group with the definitions: give them other ids, or remove the {kind} first"
        );
        return Err(TakenId(why).into());
    }
    Ok(())
}

/// The groups of what is sent that the server may not have.
fn new_groups<'i>(
    new: &[(&'i str, Kind)],
    wanted: &ServerState<'i>,
    held: &ServerState<'_>,
) -> BTreeSet<&'i str> {
    let above = new
        .iter()
        .flat_map(|(id, _)| id.char_indices().skip(1).filter(|(_, it)| *it == '/').map(|(at, _)| &id[..at]));
    let own = wanted.groups().map(|(id, _)| id).filter(|id| *id != "/");
    let is_there = |id: &str| {
        held.group_of(id).is_some() || held.services().any(|(below, _)| below != id && is_below(below, id))
    };
    above.chain(own).filter(|id| group_to_ask(id).is_none() && !is_there(id)).collect()
}

fn named(kind: Kind) -> &'static str {
    if kind == Kind::Pod { "a pod" } else { "an app" }
}

/// The sentence on a definition of the other kind than what runs.
fn is_another_kind(id: &str, runs: Kind) -> TakenId {
    let words = if runs == Kind::Pod {
        "runs as a pod, and the definition is an app: remove the pod first, or give the app another id"
    } else {
        "runs as an app, and the definition is a pod: remove the app first, or give the pod another id"
    };
    TakenId(format!("{id} {words}"))
}
