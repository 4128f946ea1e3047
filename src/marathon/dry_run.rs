//! What a Marathon says that it would do with a group: `PUT /v2/groups/ID?dryRun=true`.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Accepted, RefusedRequest, path_of_id};
use crate::http::{Client, ClientError, Endpoint, Method};

/// What Marathon does with a service in the steps of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServerAction {
    /// It is new.
    Start,
    /// All instances are replaced.
    Restart,
    /// Instances are started or stopped, or none is there and the definition changes.
    Scale,
    /// It is stopped and removed.
    Stop,
}

/// A server's own plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ServerPlan {
    /// What is done with each service.
    pub actions: BTreeMap<String, ServerAction>,
}

impl ServerPlan {
    /// The plan in an answer. Of a service that is started and then scaled, the first is what is done.
    fn of(answer: &Json) -> Self {
        let mut plan = Self::default();
        let steps = answer.get("steps").and_then(Json::as_array).into_iter().flatten();
        let actions = steps.filter_map(|step| step.get("actions")?.as_array()).flatten();
        for action in actions {
            let service = action.get("app").or_else(|| action.get("pod")).and_then(Json::as_str);
            let word = action.get("action").and_then(Json::as_str).and_then(ServerAction::of);
            if let (Some(service), Some(word)) = (service, word) {
                plan.actions.entry(service.to_owned()).or_insert(word);
            }
        }
        plan
    }

    /// The services that this is done with.
    pub(crate) fn with(&self, action: ServerAction) -> Vec<String> {
        let ids = self.actions.iter().filter(|(_, other)| **other == action);
        ids.map(|(id, _)| id.clone()).collect()
    }
}

impl ServerAction {
    /// `StartApplication`, `StartPod`, …
    fn of(word: &str) -> Option<Self> {
        let all = [
            ("Start", Self::Start),
            ("Restart", Self::Restart),
            ("Scale", Self::Scale),
            ("Stop", Self::Stop),
        ];
        all.into_iter().find(|(start, _)| word.starts_with(start)).map(|(_, action)| action)
    }

    /// In words, after "the server".
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Start => "starts",
            Self::Restart => "restarts",
            Self::Scale => "scales",
            Self::Stop => "removes",
        }
    }
}

impl Client {
    /// Asks what would become of a group, and changes nothing: only `true` is a dry run to Marathon.
    ///
    /// # Errors
    /// When no answer comes. A rejection is an answer.
    pub(crate) fn dry_run(
        &self,
        endpoint: &Endpoint,
        group: &str,
        body: String,
    ) -> Result<Result<ServerPlan, RefusedRequest>, ClientError> {
        let path = format!("{}?dryRun=true", path_of_id("v2/groups", group));
        let answer = self.carry_out(endpoint, Method::PUT, &path, Some(body))?;
        Ok(answer
            .map(|Accepted { body, .. }| ServerPlan::of(&serde_json::from_str(&body).unwrap_or_default())))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_action_of_a_service_is_what_is_done() {
        let action = |word: &str, id: &str| json!({"action": word, "app": id});
        let plan = ServerPlan::of(&json!({"steps": [
            {"actions": [action("StopApplication", "/g/c"), action("StartApplication", "/g/a")]},
            {"actions": [action("ScaleApplication", "/g/a"), {"action": "RestartPod", "pod": "/g/p"}, {"action": "Odd"}]},
        ]}));
        assert_eq!(plan.with(ServerAction::Start), ["/g/a"]);
        assert_eq!(plan.with(ServerAction::Stop), ["/g/c"]);
        assert_eq!(plan.with(ServerAction::Restart), ["/g/p"]);
        assert!(plan.with(ServerAction::Scale).is_empty());
    }
}
