//! What the server would do with a group: its own plan.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::super::input::Input;
use super::super::remote::{Intent, Remote, json_of};
use super::super::{Exit, Terminal};
use crate::http::Method;
use crate::marathon::path_of_id;
use crate::util::text::listed;

/// The services of a group that a change is about.
#[derive(Debug, Default)]
pub(super) struct GroupPlan {
    /// What is done with each, in Marathon's words, in its order.
    actions: BTreeMap<String, String>,
    /// Those that are removed.
    pub(super) removed: Vec<String>,
}

impl GroupPlan {
    /// Asks the server what it would do; an exit code where it would refuse.
    pub(super) fn ask(
        remote: &Remote,
        id: &str,
        body: &str,
        input: Option<&Input>,
        term: &mut Terminal,
    ) -> anyhow::Result<Result<Self, Exit>> {
        let path = format!("{}?dryRun=true", path_of_id("v2/groups", id));
        let what = format!("group {id}");
        let intent = Intent { what: &what, undone: "was not changed" };
        let sent = (Method::PUT, path.as_str());
        let accepted = match remote.change(sent, Some(body.to_owned()), input, intent, term)? {
            Ok(accepted) => accepted,
            Err(exit) => return Ok(Err(exit)),
        };
        let mut plan = Self::default();
        let steps = json_of(&accepted);
        let steps = steps.get("steps").and_then(Json::as_array).into_iter().flatten();
        let actions = steps.filter_map(|step| step.get("actions")?.as_array().cloned()).flatten();
        for action in actions {
            let service = action.get("app").or_else(|| action.get("pod")).and_then(Json::as_str);
            let word = action.get("action").and_then(Json::as_str);
            let (Some(service), Some(word)) = (service, word) else { continue };
            // Of a service that is started and then scaled, the first is what is done.
            plan.actions.entry(service.to_owned()).or_insert_with(|| word.to_owned());
            if word.starts_with("Stop") {
                plan.removed.push(service.to_owned());
            }
        }
        Ok(Ok(plan))
    }

    /// The services that will be there.
    pub(super) fn staying(&self) -> Vec<String> {
        self.actions.keys().filter(|id| !self.removed.contains(id)).cloned().collect()
    }

    /// The plan on one line: `starts /g/a; scales /g/b; removes /g/c`.
    pub(super) fn words(&self) -> String {
        let with = |start: &str, verb: &str| {
            let ids = self.actions.iter().filter(|(_, action)| action.starts_with(start));
            let ids: Vec<String> = ids.map(|(id, _)| id.clone()).collect();
            (!ids.is_empty()).then(|| format!("{verb} {}", listed(&ids)))
        };
        let words = [
            with("Start", "starts"),
            with("Restart", "restarts"),
            with("Scale", "scales"),
            with("Stop", "removes"),
        ];
        let words: Vec<String> = words.into_iter().flatten().collect();
        if words.is_empty() { "changes no app".to_owned() } else { words.join("; ") }
    }
}
