//! What the server would do with a group: its own plan.

use std::collections::BTreeSet;

use anyhow::bail;

use super::super::input::Input;
use super::super::remote::{Intent, Remote};
use super::super::{Exit, Terminal};
use crate::marathon::{ServerAction, ServerPlan};
use crate::util::text::listed;

/// Asks the server what it would do with a group; an exit code where it would refuse.
pub(super) fn ask(
    remote: &Remote,
    id: &str,
    body: &str,
    input: Option<&Input>,
    term: &mut Terminal,
) -> anyhow::Result<Result<ServerPlan, Exit>> {
    match remote.client.dry_run(&remote.endpoint, id, body.to_owned())? {
        Ok(plan) => Ok(Ok(plan)),
        Err(refusal) if refusal.is_uncertain() => bail!(
            "group {id}: nothing was changed: {} at {} answers {} to a dry run: {}",
            refusal.who(),
            remote.endpoint,
            refusal.status,
            refusal.message
        ),
        Err(refusal) => {
            let intent = Intent { what: &format!("group {id}"), undone: "was not changed" };
            Ok(Err(remote.refused(&refusal, input, intent, term)?))
        }
    }
}

/// The services of a plan that will be there.
pub(super) fn staying(plan: &ServerPlan) -> Vec<String> {
    let staying = plan.actions.iter().filter(|(_, action)| **action != ServerAction::Stop);
    staying.map(|(id, _)| id.clone()).collect()
}

/// A plan on one line: `starts /g/a; scales /g/b; removes /g/c`. Asked what it would do, Marathon also says that it restarts
/// what the group names and nothing changes, which it does not do: where the services that change are known, only these.
pub(super) fn words(plan: &ServerPlan, changed: Option<&BTreeSet<String>>) -> String {
    let all = [ServerAction::Start, ServerAction::Restart, ServerAction::Scale, ServerAction::Stop];
    let words = all.map(|action| {
        let mut ids = plan.with(action);
        if let (ServerAction::Restart, Some(changed)) = (action, changed) {
            ids.retain(|id| changed.contains(id));
        }
        (!ids.is_empty()).then(|| format!("{} {}", action.words(), listed(&ids)))
    });
    let words: Vec<String> = words.into_iter().flatten().collect();
    if words.is_empty() { "changes no app".to_owned() } else { words.join("; ") }
}
