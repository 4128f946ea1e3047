//! What runs of a service: its stored definition, its instances, its last failure.

mod pod;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::address::{in_list, picked};
use super::deployment::Readiness;
use super::get::{self, GetError, MAX_ANSWER};
use super::{Resource, has_address, path_of_id};
use crate::http::{Client, Endpoint, Method, Outgoing};
use crate::source::Kind;
use pod::of_pod;

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
    /// Of a pod: the tasks of its containers that have not ended.
    pub tasks: Vec<String>,
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
    /// The version of the definition that it ran; of a pod nothing where its status does not tell.
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
            tasks: Vec::new(),
        }
    }
}
