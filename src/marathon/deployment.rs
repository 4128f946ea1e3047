//! Running deployments: `GET /v2/deployments` and how to end one.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value as Json;

use super::change::reply;
use super::past::age;
use super::{GetError, RefusedRequest, Reply, Running};
use crate::http::{Client, ClientError, Endpoint, MAX_ANSWER, Method};
use crate::source::Kind;

/// A deployment that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deployment {
    /// Its id.
    pub id: String,
    /// When it was asked for, by the server's clock.
    pub version: String,
    /// How long ago that was, where it was asked for.
    pub age: Option<Duration>,
    /// The apps and pods that it changes.
    pub affected: Vec<String>,
    /// The step it is at, from 1; 0 before the first.
    pub step: usize,
    /// How many steps it has.
    pub steps: usize,
    /// What the step does: an action and the service.
    pub actions: Vec<(String, String)>,
    /// The results of readiness checks.
    pub readiness: Vec<Readiness>,
}

/// The last result of a readiness check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Readiness {
    /// The check's name.
    pub name: String,
    /// The task that was asked.
    pub task_id: String,
    /// Whether it is ready.
    pub ready: bool,
    /// What it answered.
    pub last_response: Option<ReadinessResponse>,
}

/// What a task answered to a readiness check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ReadinessResponse {
    /// The HTTP status.
    pub status: u16,
    /// The body, which may be long.
    pub body: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeploymentBody {
    id: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    affected_apps: Vec<String>,
    #[serde(default)]
    affected_pods: Vec<String>,
    #[serde(default)]
    current_actions: Vec<ActionBody>,
    #[serde(default)]
    current_step: usize,
    #[serde(default)]
    total_steps: usize,
}

/// A deployment, as its plan tells.
#[derive(Deserialize)]
struct PlanBody {
    id: String,
    #[serde(default)]
    steps: Json,
}

/// What a step of a deployment does with a service.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ActionBody {
    #[serde(default)]
    pub(super) action: String,
    pub(super) app: Option<String>,
    pub(super) pod: Option<String>,
    #[serde(default)]
    readiness_check_results: Vec<Readiness>,
}

impl ActionBody {
    /// The app or pod.
    pub(super) fn service(&self) -> Option<&str> {
        self.app.as_deref().or(self.pod.as_deref())
    }
}

impl From<DeploymentBody> for Deployment {
    fn from(body: DeploymentBody) -> Self {
        let mut affected = body.affected_apps;
        affected.extend(body.affected_pods);
        let readiness =
            body.current_actions.iter().flat_map(|action| action.readiness_check_results.clone()).collect();
        let actions = body.current_actions.into_iter();
        Self {
            id: body.id,
            version: body.version,
            age: None,
            affected,
            step: body.current_step,
            steps: body.total_steps,
            actions: actions
                .map(|action| (action.action, action.app.or(action.pod).unwrap_or_default()))
                .collect(),
            readiness,
        }
    }
}

/// The services that all steps together only scale: one that is new is started first.
fn scaled(steps: &Json) -> Vec<(String, Kind)> {
    let steps = steps.as_array().into_iter().flatten();
    // Before 0.8 a step was the list of its actions.
    let lists = steps.filter_map(|step| step.get("actions").unwrap_or(step).as_array());
    let actions: Vec<ActionBody> =
        lists.flatten().filter_map(|action| serde_json::from_value(action.clone()).ok()).collect();
    let (scales, others): (Vec<&ActionBody>, Vec<&ActionBody>) =
        actions.iter().partition(|action| action.action.starts_with("Scale"));
    let others: HashSet<Option<&str>> = others.into_iter().map(ActionBody::service).collect();
    let kind = |action: &ActionBody| if action.pod.is_some() { Kind::Pod } else { Kind::App };
    let only = scales.into_iter().filter(|action| !others.contains(&action.service()));
    only.filter_map(|action| Some((action.service()?.to_owned(), kind(action)))).collect()
}

impl Deployment {
    /// A deployment of which only the id is known.
    pub(crate) fn named(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            version: String::new(),
            age: None,
            affected: Vec::new(),
            step: 0,
            steps: 0,
            actions: Vec::new(),
            readiness: Vec::new(),
        }
    }
}

impl Client {
    /// The deployments that run.
    ///
    /// # Errors
    /// When there is no answer, or not one of a Marathon.
    pub(crate) fn deployments(&self, endpoint: &Endpoint) -> Result<Vec<Deployment>, GetError> {
        let json = self.get_json(endpoint, "v2/deployments")?;
        parse(json).ok_or_else(|| GetError::unexpected(endpoint, "v2/deployments"))
    }

    /// Notes which deployments change the pods among these services: the answer on an app names them, that on a pod does not.
    ///
    /// # Errors
    /// As [`Client::deployments`].
    pub(crate) fn note_deployments_of_pods(
        &self,
        endpoint: &Endpoint,
        found: &mut BTreeMap<String, Running>,
    ) -> Result<(), GetError> {
        if found.values().all(|running| running.kind() != Kind::Pod) {
            return Ok(());
        }
        let list = self.deployments(endpoint)?;
        for (id, running) in found.iter_mut().filter(|(_, running)| running.kind() == Kind::Pod) {
            let of_it = list.iter().filter(|deployment| deployment.affected.contains(id));
            running.deployments = of_it.map(|deployment| deployment.id.clone()).collect();
        }
        Ok(())
    }

    /// The deployments that hold the lock that a request was refused for. Of those that are not listed only the ids are known.
    pub(crate) fn holders(&self, endpoint: &Endpoint, refusal: &RefusedRequest) -> Vec<Deployment> {
        let list = self.deployments(endpoint).unwrap_or_default();
        let holders: Vec<Deployment> =
            list.into_iter().filter(|other| refusal.locked_by.contains(&other.id)).collect();
        if holders.is_empty() {
            return refusal.locked_by.iter().map(|id| Deployment::named(id)).collect();
        }
        holders
    }

    /// Deployments with their age, and without the time of one that Marathon itself made to roll another back: its version,
    /// and the one of what it restores, is always the same, and older than those that came before it (seen on 1.11). `kind`
    /// is that of a service, where it is known; `refused` says how many requests were refused since, of each of which Marathon
    /// keeps a version.
    pub(crate) fn dated(
        &self,
        endpoint: &Endpoint,
        kind: impl Fn(&str) -> Option<Kind>,
        (mut holders, refused): (Vec<Deployment>, usize),
    ) -> Vec<Deployment> {
        let now = self.time_there(endpoint);
        for holder in &mut holders {
            holder.age = now.and_then(|now| age(&holder.version, now));
            let Some((id, kind)) = holder.affected.iter().find_map(|id| Some((id, kind(id)?))) else {
                continue;
            };
            let versions = self.versions(endpoint, id, kind).ok().flatten();
            let newer = |versions: &Vec<String>| versions.iter().filter(|it| **it > holder.version).count();
            if versions.as_ref().is_some_and(|versions| newer(versions) > refused) {
                holder.version.clear();
                holder.age = None;
            }
        }
        holders
    }

    /// The apps and pods whose number of instances is all that a deployment changes; none where there is none of this id.
    ///
    /// # Errors
    /// As [`Client::deployments`].
    pub(crate) fn only_scaled(&self, endpoint: &Endpoint, id: &str) -> Result<Vec<(String, Kind)>, GetError> {
        let json = self.get_json(endpoint, "v2/deployments")?;
        let plans: Vec<PlanBody> =
            serde_json::from_value(json).map_err(|_| GetError::unexpected(endpoint, "v2/deployments"))?;
        Ok(plans.iter().find(|plan| plan.id == id).map(|plan| scaled(&plan.steps)).unwrap_or_default())
    }

    /// Stops a deployment where it is. `None` where there is none of this id.
    ///
    /// # Errors
    /// When no answer comes. A rejection is an answer.
    pub(crate) fn stop_deployment(
        &self,
        endpoint: &Endpoint,
        id: &str,
    ) -> Result<Option<Reply>, ClientError> {
        let path = format!("v2/deployments/{id}?force=true");
        let answer = self.exchange(endpoint, Method::DELETE, &path, None, MAX_ANSWER)?;
        Ok(match answer.0 {
            404 => None,
            202 => Some(Reply::Accepted { deployment: id.to_owned() }),
            _ => Some(reply(&endpoint.below(&path), &answer, None)),
        })
    }
}

/// The deployments in an answer. One entry that cannot be read makes it no answer of a Marathon.
pub(super) fn parse(json: Json) -> Option<Vec<Deployment>> {
    let bodies: Vec<DeploymentBody> = serde_json::from_value(json).ok()?;
    Some(bodies.into_iter().map(Deployment::from).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_deployment_says_what_it_does() {
        let body = json!([{"id": "d", "steps": [], "version": "2026-11-21T05:55:09.502Z", "affectedApps": ["/a"],
            "affectedPods": ["/p"], "currentActions": [{"action": "RestartApplication", "app": "/a",
            "readinessCheckResults": [{"name": "up", "taskId": "t", "ready": false,
            "lastResponse": {"status": 504, "contentType": "text/plain", "body": "x"}}]}, {"action": "StartPod", "pod": "/p"}],
            "currentStep": 1, "totalSteps": 2}]);
        let found = parse(body).expect("deployments").remove(0);
        assert_eq!(found.affected, ["/a", "/p"]);
        assert_eq!((found.step, found.steps), (1, 2));
        assert_eq!(found.actions[1], ("StartPod".to_owned(), "/p".to_owned()));
        assert_eq!(found.readiness[0].last_response.as_ref().map(|last| last.status), Some(504));
        assert!(parse(json!({"message": "x"})).is_none());
    }

    #[test]
    fn what_is_only_scaled_is_told_from_what_is_new_or_replaced() {
        let action = |name: &str, member: &str, id: &str| json!({"action": name, member: id});
        let steps = json!([
            {"actions": [action("StartApplication", "app", "/new")]},
            {"actions": [action("ScaleApplication", "app", "/new"), action("ScaleApplication", "app", "/more")]},
            {"actions": [action("RestartApplication", "app", "/other"), action("ScalePod", "pod", "/pod")]},
        ]);
        let expected = [("/more".to_owned(), Kind::App), ("/pod".to_owned(), Kind::Pod)];
        assert_eq!(scaled(&steps), expected);
        assert_eq!(scaled(&json!([[action("ScaleApplication", "app", "/more")]])), expected[..1]);
        assert!(scaled(&json!(null)).is_empty());
    }
}
