//! The apps of `milepost app list`.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value as Json, json};

use super::queue::waiting;
use super::{NOTHING, OnlyId, action_word};
use crate::http::{Client, Endpoint};
use crate::marathon::{Deployment, GetError};
use crate::secret_scan::{HIDDEN, conceal};

/// The columns.
pub(crate) const APP_HEAD: [&str; 10] =
    ["ID", "MEM", "CPUS", "TASKS", "HEALTH", "DEPLOYMENT", "WAITING", "CONTAINER", "CMD", "ROLE"];

/// All apps, with what the tables tell of them.
const PATH: &str = "v2/apps?embed=apps.counts&embed=apps.deployments";

/// An app.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AppRow {
    /// The id.
    pub id: String,
    #[serde(default)]
    mem: Amount,
    #[serde(default)]
    cpus: Amount,
    /// How many instances there should be.
    #[serde(default)]
    pub instances: u64,
    /// How many of them run.
    #[serde(default)]
    pub tasks_running: u64,
    #[serde(default)]
    tasks_healthy: u64,
    #[serde(default)]
    health_checks: Vec<IgnoredAny>,
    #[serde(default)]
    deployments: Vec<OnlyId>,
    container: Option<ContainerBody>,
    cmd: Option<String>,
    #[serde(default)]
    args: Option<Vec<String>>,
    role: Option<String>,
    /// What the deployments do with it.
    #[serde(skip)]
    actions: Vec<String>,
    /// It waits for offers.
    #[serde(skip)]
    waits: bool,
}

/// How much of a resource an app asks for. A value that is no number makes the others no less readable.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Amount {
    Number(f64),
    Other(String),
}

impl Default for Amount {
    fn default() -> Self {
        Self::Number(0.0)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
struct ContainerBody {
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct AppsBody {
    apps: Vec<AppRow>,
}

/// All apps, by id.
///
/// # Errors
/// When there is no answer, or not one of a Marathon.
pub(crate) fn apps(client: &Client, endpoint: &Endpoint) -> Result<Vec<AppRow>, GetError> {
    let AppsBody { mut apps } = client.listed(endpoint, PATH)?;
    if apps.is_empty() {
        return Ok(apps);
    }
    let deployments = client.deployments(endpoint)?;
    let deployments: BTreeMap<&str, &Deployment> =
        deployments.iter().map(|deployment| (deployment.id.as_str(), deployment)).collect();
    let waiting = waiting(client, endpoint)?;
    for app in &mut apps {
        app.waits = waiting.contains(&app.id);
        let of_it = app.deployments.iter().filter_map(|one| deployments.get(one.id.as_str()));
        let actions = of_it.flat_map(|deployment| &deployment.actions).filter(|(_, id)| *id == app.id);
        app.actions = actions.map(|(action, _)| action_word(action).to_owned()).collect();
    }
    apps.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(apps)
}

impl AppRow {
    /// What it runs, whole, without secrets.
    pub(crate) fn command(&self) -> String {
        let args = self.args.as_ref().filter(|args| !args.is_empty());
        let command = self.cmd.as_ref().filter(|cmd| !cmd.is_empty());
        let mut shown = command.map_or_else(|| args.map_or(Json::Null, |args| json!(args)), |cmd| json!(cmd));
        // An option in one argument says what the next one is.
        conceal(&mut shown, &[], HIDDEN);
        match shown {
            Json::String(command) => command,
            Json::Array(args) => {
                let args: Vec<&str> = args.iter().filter_map(Json::as_str).collect();
                format!("[{}]", args.join(", "))
            }
            _ => NOTHING.to_owned(),
        }
    }

    /// The cells of its row, with this text for what it runs.
    pub(crate) fn cells(&self, command: String) -> [String; 10] {
        let health = if self.health_checks.is_empty() {
            NOTHING.to_owned()
        } else {
            format!("{}/{}", self.tasks_healthy, self.tasks_running)
        };
        let deployment = match &self.actions[..] {
            [] => NOTHING.to_owned(),
            [one] => one.clone(),
            several => format!("({})", several.join(",")),
        };
        let container = self.container.as_ref().and_then(|container| container.kind.clone());
        [
            self.id.clone(),
            self.mem.to_string(),
            self.cpus.to_string(),
            format!("{}/{}", self.tasks_running, self.instances),
            health,
            deployment,
            self.waits.to_string(),
            container.unwrap_or_else(|| "MESOS".to_owned()),
            command,
            self.role.clone().unwrap_or_default(),
        ]
    }
}
