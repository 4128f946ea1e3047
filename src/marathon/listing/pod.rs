//! The pods of `milepost pod list`.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::queue::waiting;
use super::truth;
use crate::http::{Client, Endpoint};
use crate::marathon::GetError;

/// The columns.
pub(crate) const POD_HEAD: [&str; 7] =
    ["ID+TASKS", "INSTANCES", "VERSION", "STATUS", "STATUS SINCE", "WAITING", "ROLE"];

/// A pod.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PodRow {
    /// The id.
    pub id: String,
    spec: SpecBody,
    #[serde(default)]
    instances: Vec<IgnoredAny>,
    #[serde(default)]
    status: String,
    #[serde(default)]
    status_since: String,
    /// It waits for offers.
    #[serde(skip)]
    waits: bool,
}

#[derive(Clone, Debug, Deserialize)]
struct SpecBody {
    #[serde(default)]
    containers: Vec<NameBody>,
    version: Option<String>,
    role: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct NameBody {
    name: String,
}

/// All pods, by id.
///
/// # Errors
/// When there is no answer, or not one of a Marathon.
pub(crate) fn pods(client: &Client, endpoint: &Endpoint) -> Result<Vec<PodRow>, GetError> {
    let mut pods: Vec<PodRow> = client.listed(endpoint, "v2/pods/::status")?;
    if pods.is_empty() {
        return Ok(pods);
    }
    let waiting = waiting(client, endpoint)?;
    for pod in &mut pods {
        pod.waits = waiting.contains(&pod.id);
        pod.spec.containers.sort_by(|one, other| one.name.cmp(&other.name));
    }
    pods.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(pods)
}

impl PodRow {
    /// The cells of its row; the first has a line for each container.
    pub(crate) fn cells(&self) -> [Vec<String>; 7] {
        let names = self.spec.containers.iter().map(|container| format!(" |-{}", container.name));
        [
            std::iter::once(self.id.clone()).chain(names).collect(),
            vec![self.instances.len().to_string()],
            vec![self.spec.version.clone().unwrap_or_else(|| "-".to_owned())],
            vec![self.status.clone()],
            vec![self.status_since.clone()],
            vec![truth(self.waits)],
            vec![self.spec.role.clone().unwrap_or_default()],
        ]
    }
}
