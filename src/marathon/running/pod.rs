//! What runs of a pod, as its status tells it.

use serde::Deserialize;
use serde_json::Value as Json;

use super::{Failure, Instance, InstanceState, Running};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodBody {
    spec: Json,
    #[serde(default)]
    instances: Vec<PodInstance>,
    #[serde(default)]
    termination_history: Vec<Termination>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodInstance {
    id: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    status_since: String,
    agent_hostname: Option<String>,
    #[serde(default)]
    spec_reference: String,
    #[serde(default)]
    containers: Vec<RunningContainer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RunningContainer {
    container_id: Option<String>,
    #[serde(default)]
    conditions: Vec<OnlyCondition>,
}

#[derive(Deserialize)]
struct OnlyCondition {
    #[serde(default)]
    name: String,
    #[serde(default)]
    value: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Termination {
    #[serde(rename = "instanceID")]
    instance_id: String,
    started_at: String,
    terminated_at: String,
    message: Option<String>,
    containers: Vec<TerminatedContainer>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct TerminatedContainer {
    container_id: String,
    last_known_state: Option<String>,
    termination: Option<ContainerEnd>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ContainerEnd {
    exit_code: Option<i64>,
    message: Option<String>,
}

/// A pod as `GET /v2/pods/ID::status` answers it.
pub(super) fn of_pod(status: Json) -> Option<Running> {
    let body: PodBody = serde_json::from_value(status).ok()?;
    let failure = body.termination_history.first().map(|ended| {
        let version = body.version_of(ended).unwrap_or_default().to_owned();
        Failure { version, ..Failure::of_pod(ended) }
    });
    let definition = body.spec;
    definition.get("id")?.as_str()?;
    let version = definition.get("version").and_then(Json::as_str).unwrap_or_default().to_owned();
    Some(Running {
        config_version: None,
        wanted: definition.pointer("/scaling/instances").and_then(Json::as_u64).unwrap_or(1),
        instances: body.instances.into_iter().map(Instance::of_pod).collect(),
        // See `Client::note_deployments_of_pods`.
        deployments: Vec::new(),
        failure,
        readiness: Vec::new(),
        version,
        definition,
    })
}

impl PodBody {
    /// The version that an instance ran when it ended. Only the instance itself tells, which is started again with the same
    /// id; one that keeps volumes may run another version then.
    fn version_of(&self, ended: &Termination) -> Option<&str> {
        let instance = self.instances.iter().find(|instance| instance.id == ended.instance_id)?;
        let mut ended_tasks = ended.containers.iter().map(|container| &*container.container_id);
        let (launch, ended_launch) = (instance.tasks().next(), ended_tasks.next());
        let is_another_launch =
            launch.is_some_and(|task| ended_launch.is_none_or(|of| launch_of(of) != launch_of(task)));
        let keeps_volumes = self
            .spec
            .get("volumes")
            .and_then(Json::as_array)
            .is_some_and(|volumes| volumes.iter().any(|volume| volume.get("persistent").is_some()));
        let version = instance.version();
        // What had started before there was a version did not run it.
        let is_older = !ended.started_at.is_empty() && *ended.started_at < *version;
        let is_known = !(is_older || is_another_launch && keeps_volumes);
        Some(version).filter(|_| is_known)
    }
}

/// Which launch of an instance a task is of: `2` of `shop_cart.instance-….main.2`.
fn launch_of(task: &str) -> Option<&str> {
    task.rsplit('.').next()
}

impl PodInstance {
    /// The version of the definition that it runs.
    fn version(&self) -> &str {
        self.spec_reference.rsplit('/').next().unwrap_or_default()
    }

    /// The tasks of its containers that have not ended.
    fn tasks(&self) -> impl Iterator<Item = &str> {
        self.containers.iter().filter_map(|container| container.container_id.as_deref())
    }
}

impl Instance {
    fn of_pod(instance: PodInstance) -> Self {
        let checks: Vec<bool> = instance
            .containers
            .iter()
            .flat_map(|container| &container.conditions)
            .filter(|condition| condition.name == "healthy")
            .map(|condition| condition.value == "true")
            .collect();
        Self {
            state: match instance.status.as_str() {
                "STABLE" => InstanceState::Running,
                // Unreachable, or a container is not healthy.
                "DEGRADED" if !checks.is_empty() => InstanceState::Running,
                "PENDING" | "STAGING" => InstanceState::Staging,
                _ => InstanceState::Gone,
            },
            is_healthy: (!checks.is_empty()).then(|| checks.iter().all(|passes| *passes)),
            version: instance.version().to_owned(),
            tasks: instance.tasks().map(str::to_owned).collect(),
            id: instance.id,
            host: instance.agent_hostname.unwrap_or_default(),
            since: instance.status_since,
        }
    }
}

/// `TASK_FAILED` for `TaskFailed`, as a pod's history spells it.
fn mesos_state(camel: &str) -> String {
    let mut state = String::new();
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() && !state.is_empty() {
            state.push('_');
        }
        state.push(letter.to_ascii_uppercase());
    }
    state
}

impl Failure {
    /// The failure that a pod remembers, which has no version.
    fn of_pod(ended: &Termination) -> Self {
        let container = ended.containers.iter().find(|container| {
            !matches!(container.last_known_state.as_deref(), None | Some("TaskKilled" | "TaskRunning"))
        });
        let end = container.and_then(|container| container.termination.as_ref());
        let exit = end.and_then(|end| end.exit_code).map(|code| format!("exit code {code}"));
        let words = [end.and_then(|end| end.message.clone()), ended.message.clone(), exit];
        let words: Vec<String> = words.into_iter().flatten().filter(|text| !text.is_empty()).collect();
        Self {
            // Each start of a container has a number, so that two failures of one instance differ.
            task: container
                .map_or_else(|| ended.instance_id.clone(), |container| container.container_id.clone()),
            state: container
                .and_then(|container| container.last_known_state.as_deref())
                .map(mesos_state)
                .unwrap_or_default(),
            message: words.join(", "),
            at: ended.terminated_at.clone(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The version of the failure that a status tells of, whose task was of launch 2.
    fn version_of_failure(reference: &str, launch: u32, started: &str, volumes: &Json) -> Option<String> {
        let status = json!({
            "spec": {"id": "/p", "version": "2026-01-02T00:00:00.000Z", "volumes": volumes},
            "instances": [{
                "id": "p.instance-1",
                "specReference": format!("/v2/pods/p::versions/{reference}"),
                "containers": [{"name": "c"}, {"name": "d", "containerId": format!("p.instance-1.d.{launch}")}],
            }],
            "terminationHistory": [{
                "instanceID": "p.instance-1", "startedAt": started, "terminatedAt": started,
                "containers": [{"containerId": "p.instance-1.c.2", "lastKnownState": "TaskFailed"}],
            }],
        });
        Some(of_pod(status)?.failure?.version)
    }

    #[test]
    fn the_version_of_a_failure_is_that_of_its_instance() {
        let [old, new] = ["2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"];
        let later = "2026-01-03T00:00:00.000Z";
        let volumes = json!([{"name": "data", "persistent": {"size": 1}}]);
        let of = |reference, launch, started, volumes: &Json| {
            version_of_failure(reference, launch, started, volumes).expect("a failure")
        };
        assert_eq!(of(old, 2, later, &json!([])), old);
        assert_eq!(of(new, 2, later, &json!([])), new);
        assert_eq!(of(new, 3, later, &json!([])), new, "started again, with the same definition");
        assert_eq!(of(new, 2, later, &volumes), new);
        assert_eq!(of(new, 3, later, &volumes), "", "may have been started again with another definition");
        assert_eq!(of(new, 2, old, &json!([])), "", "started before there was this version");
    }
}
