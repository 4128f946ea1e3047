//! What runs of a service: its stored definition, its instances, its last failure.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::address::{in_list, picked};
use super::deployment::Readiness;
use super::get::{self, GetError, MAX_ANSWER};
use super::{Resource, has_address, path_of_id};
use crate::http::{Client, Endpoint, Method, Outgoing};
use crate::source::Kind;

/// All of an app that tells how it runs (1.4 … 1.11).
const EMBED: &str = "?embed=app.tasks&embed=app.counts&embed=app.deployments&embed=app.lastTaskFailure\
    &embed=app.readiness";

/// The same in a list of apps.
const EMBED_IN_LIST: &str = "&embed=apps.tasks&embed=apps.counts&embed=apps.deployments&embed=apps.lastTaskFailure\
    &embed=apps.readiness";

/// More services than this are asked for with the list of all.
pub(crate) const FEW: usize = 8;

/// What a Marathon says of an app or pod that it has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Running {
    /// The stored definition, with the fields that the server sets.
    pub definition: Json,
    /// Its version.
    pub version: String,
    /// The last version that changed more than the number of instances, where the server says it.
    pub config_version: Option<String>,
    /// How many instances there should be.
    pub wanted: u64,
    /// The instances.
    pub instances: Vec<Instance>,
    /// The deployments that change it.
    pub deployments: Vec<String>,
    /// The last failure of an instance.
    pub failure: Option<Failure>,
    /// The results of readiness checks; only while a deployment runs.
    pub readiness: Vec<Readiness>,
}

/// An instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Instance {
    /// The task's id, or that of a pod's instance.
    pub id: String,
    /// What it does.
    pub state: InstanceState,
    /// The version of the definition that it runs.
    pub version: String,
    /// Whether its health checks pass; nothing before the first result, and without checks.
    pub is_healthy: Option<bool>,
    /// The agent.
    pub host: String,
    /// Since when it runs, by the server's clock.
    pub since: String,
}

/// What an instance does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InstanceState {
    /// It is being launched.
    Staging,
    /// All of it runs.
    Running,
    /// It has ended by itself, and is started again.
    Ended,
    /// It was killed, is being killed, or cannot be reached.
    Gone,
}

/// A failure of an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The task.
    pub task: String,
    /// The state: `TASK_FAILED`.
    pub state: String,
    /// Why, in the words of Mesos or Marathon; often empty.
    pub message: String,
    /// The agent.
    pub host: String,
    /// The agent's id in Mesos, for the address of the sandbox.
    pub agent: String,
    /// The version of the definition that it ran.
    pub version: String,
    /// When, by the server's clock.
    pub at: String,
}

impl Client {
    /// What runs of these services, by id; without those that the server does not have.
    ///
    /// # Errors
    /// The first, when there is no answer, or not one of a Marathon.
    pub(crate) fn running(
        &self,
        endpoint: &Endpoint,
        services: &[(&str, Kind)],
    ) -> Result<BTreeMap<String, Running>, GetError> {
        let paths: Vec<String> = services.iter().map(|(id, kind)| path_of(id, *kind)).collect();
        let requests =
            paths.iter().map(|path| Outgoing { method: Method::GET, path: path.clone(), json: None });
        let answers = self.exchange_all(endpoint, requests.collect(), AT_ONCE, MAX_ANSWER, |_| true);
        let mut found = BTreeMap::new();
        for (((id, kind), path), answer) in services.iter().zip(&paths).zip(answers.into_iter().flatten()) {
            let (status, _, body) = answer?;
            let Some(mut json) = get::found(endpoint, path, status, &body)? else { continue };
            let running = match kind {
                Kind::Pod => of_pod(json),
                _ if has_address(Resource::App, id) => json.get_mut("app").map(Json::take).and_then(of_app),
                _ if json.get("apps").is_some() => match picked(&mut json, id) {
                    Some(app) => of_app(app),
                    None => continue,
                },
                _ => None,
            };
            found.insert((*id).to_owned(), running.ok_or_else(|| GetError::unexpected(endpoint, path))?);
        }
        Ok(found)
    }

    /// What runs of these services, and of others where they are many.
    ///
    /// # Errors
    /// As [`Client::running`].
    pub(crate) fn running_or_all(
        &self,
        endpoint: &Endpoint,
        services: &[(&str, Kind)],
    ) -> Result<BTreeMap<String, Running>, GetError> {
        if services.len() <= FEW {
            return self.running(endpoint, services);
        }
        let with_pods = services.iter().any(|(_, kind)| *kind == Kind::Pod);
        self.all_running(endpoint, with_pods)
    }

    /// What runs of all apps and, where one is asked for, of all pods, by id.
    ///
    /// # Errors
    /// As [`Client::running`].
    pub(crate) fn all_running(
        &self,
        endpoint: &Endpoint,
        with_pods: bool,
    ) -> Result<BTreeMap<String, Running>, GetError> {
        let path = format!("v2/apps?{}", EMBED_IN_LIST.trim_start_matches('&'));
        let mut apps = self.get_json(endpoint, &path)?;
        let unexpected = || GetError::unexpected(endpoint, &path);
        let Some(Json::Array(apps)) = apps.get_mut("apps").map(Json::take) else { return Err(unexpected()) };
        let mut found = BTreeMap::new();
        for app in apps {
            let running = of_app(app).ok_or_else(unexpected)?;
            found.insert(running.id().to_owned(), running);
        }
        if with_pods {
            let Json::Array(pods) = self.get_json(endpoint, "v2/pods/::status")? else {
                return Err(GetError::unexpected(endpoint, "v2/pods/::status"));
            };
            for pod in pods {
                let running =
                    of_pod(pod).ok_or_else(|| GetError::unexpected(endpoint, "v2/pods/::status"))?;
                found.insert(running.id().to_owned(), running);
            }
        }
        Ok(found)
    }

    /// The versions of a service, oldest first; `None` where the server has no such service.
    ///
    /// # Errors
    /// As [`Client::running`].
    pub(crate) fn versions(
        &self,
        endpoint: &Endpoint,
        id: &str,
        kind: Kind,
    ) -> Result<Option<Vec<String>>, GetError> {
        let path = match kind {
            Kind::Pod => format!("{}::versions", path_of_id("v2/pods", id)),
            _ => format!("{}/versions", path_of_id("v2/apps", id)),
        };
        let (status, body) = self.get(endpoint, &path, MAX_ANSWER)?;
        let Some(json) = get::found(endpoint, &path, status, &body)? else { return Ok(None) };
        let list = json.get("versions").unwrap_or(&json);
        let mut versions: Vec<String> =
            serde_json::from_value(list.clone()).map_err(|_| GetError::unexpected(endpoint, &path))?;
        // Marathon sorts neither.
        versions.sort_unstable();
        Ok(Some(versions))
    }

    /// The definition that a service had at a version; `None` where the server does not have it any more.
    ///
    /// # Errors
    /// As [`Client::running`].
    pub(crate) fn version(
        &self,
        endpoint: &Endpoint,
        id: &str,
        kind: Kind,
        version: &str,
    ) -> Result<Option<Json>, GetError> {
        let path = match kind {
            Kind::Pod => format!("{}::versions/{version}", path_of_id("v2/pods", id)),
            _ => format!("{}/versions/{version}", path_of_id("v2/apps", id)),
        };
        let (status, body) = self.get(endpoint, &path, MAX_ANSWER)?;
        get::found(endpoint, &path, status, &body)
    }
}

/// How many services are asked for at the same time.
const AT_ONCE: usize = 8;

fn path_of(id: &str, kind: Kind) -> String {
    match kind {
        Kind::Pod => format!("{}::status", path_of_id("v2/pods", id)),
        _ if has_address(Resource::App, id) => format!("{}{EMBED}", path_of_id("v2/apps", id)),
        _ => in_list(id, EMBED_IN_LIST),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AppBody {
    #[serde(default)]
    version: String,
    version_info: Option<RunningVersionInfo>,
    #[serde(default)]
    instances: u64,
    #[serde(default)]
    tasks: Vec<TaskBody>,
    #[serde(default)]
    deployments: Vec<OnlyId>,
    last_task_failure: Option<FailureBody>,
    #[serde(default)]
    readiness_check_results: Vec<Readiness>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RunningVersionInfo {
    last_config_change_at: Option<String>,
}

#[derive(Deserialize)]
struct OnlyId {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TaskBody {
    id: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    health_check_results: Vec<HealthBody>,
    #[serde(default)]
    host: String,
    #[serde(default)]
    started_at: Option<String>,
}

#[derive(Deserialize)]
struct HealthBody {
    #[serde(default)]
    alive: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FailureBody {
    task_id: String,
    state: String,
    message: String,
    host: String,
    slave_id: Option<String>,
    version: String,
    timestamp: String,
}

impl Running {
    /// The id.
    pub(crate) fn id(&self) -> &str {
        self.definition.get("id").and_then(Json::as_str).unwrap_or_default()
    }

    /// [`Kind::App`] or [`Kind::Pod`].
    pub(crate) fn kind(&self) -> Kind {
        if self.definition.get("containers").is_some() { Kind::Pod } else { Kind::App }
    }
}

/// An app as `GET /v2/apps/ID` answers it.
fn of_app(definition: Json) -> Option<Running> {
    let body = AppBody::deserialize(&definition).ok()?;
    definition.get("id")?.as_str()?;
    let instances = body.tasks.into_iter().map(Instance::of_task).collect();
    let failure = body.last_task_failure.map(|failure| Failure {
        task: failure.task_id,
        state: failure.state,
        message: failure.message,
        host: failure.host,
        agent: failure.slave_id.unwrap_or_default(),
        version: failure.version,
        at: failure.timestamp,
    });
    Some(Running {
        version: body.version,
        config_version: body.version_info.and_then(|info| info.last_config_change_at),
        wanted: body.instances,
        instances,
        deployments: body.deployments.into_iter().map(|deployment| deployment.id).collect(),
        failure,
        readiness: body.readiness_check_results,
        definition,
    })
}

impl Instance {
    fn of_task(task: TaskBody) -> Self {
        let checks = &task.health_check_results;
        Self {
            state: match task.state.as_str() {
                "TASK_RUNNING" => InstanceState::Running,
                "TASK_STAGING" | "TASK_STARTING" | "TASK_CREATED" => InstanceState::Staging,
                "TASK_FAILED" | "TASK_ERROR" | "TASK_DROPPED" | "TASK_FINISHED" => InstanceState::Ended,
                _ => InstanceState::Gone,
            },
            is_healthy: (!checks.is_empty()).then(|| checks.iter().all(|check| check.alive)),
            id: task.id,
            version: task.version,
            host: task.host,
            since: task.started_at.unwrap_or_default(),
        }
    }
}

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
struct RunningContainer {
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Termination {
    #[serde(rename = "instanceID")]
    instance_id: String,
    terminated_at: String,
    message: Option<String>,
    containers: Vec<TerminatedContainer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct TerminatedContainer {
    container_id: String,
    last_known_state: Option<String>,
    termination: Option<ContainerEnd>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct ContainerEnd {
    exit_code: Option<i64>,
    message: Option<String>,
}

/// A pod as `GET /v2/pods/ID::status` answers it.
fn of_pod(status: Json) -> Option<Running> {
    let body: PodBody = serde_json::from_value(status).ok()?;
    let definition = body.spec;
    definition.get("id")?.as_str()?;
    let version = definition.get("version").and_then(Json::as_str).unwrap_or_default().to_owned();
    Some(Running {
        config_version: None,
        wanted: definition.pointer("/scaling/instances").and_then(Json::as_u64).unwrap_or(1),
        instances: body.instances.into_iter().map(Instance::of_pod).collect(),
        // See `Client::note_deployments_of_pods`.
        deployments: Vec::new(),
        failure: body.termination_history.into_iter().next().map(Failure::of_pod),
        readiness: Vec::new(),
        version,
        definition,
    })
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
            version: instance.spec_reference.rsplit('/').next().unwrap_or_default().to_owned(),
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
    /// The failure that a pod remembers. It has no version: instances of earlier versions are stopped, not failed.
    fn of_pod(ended: Termination) -> Self {
        let container = ended.containers.iter().find(|container| {
            !matches!(container.last_known_state.as_deref(), None | Some("TaskKilled" | "TaskRunning"))
        });
        let end = container.and_then(|container| container.termination.as_ref());
        let exit = end.and_then(|end| end.exit_code).map(|code| format!("exit code {code}"));
        let words = [end.and_then(|end| end.message.clone()), ended.message, exit];
        let words: Vec<String> = words.into_iter().flatten().filter(|text| !text.is_empty()).collect();
        Self {
            // Each start of a container has a number, so that two failures of one instance differ.
            task: container.map_or(ended.instance_id, |container| container.container_id.clone()),
            state: container
                .and_then(|container| container.last_known_state.as_deref())
                .map(mesos_state)
                .unwrap_or_default(),
            message: words.join(", "),
            at: ended.terminated_at,
            ..Self::default()
        }
    }
}
