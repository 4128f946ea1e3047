//! The deployments of `milepost deployment list`.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::action_word;
use crate::http::{Client, Endpoint};
use crate::marathon::GetError;
use crate::marathon::deployment::ActionBody;

/// The columns.
pub(crate) const DEPLOYMENT_HEAD: [&str; 5] = ["APP", "POD", "ACTION", "PROGRESS", "ID"];

/// A deployment that runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeploymentRow {
    /// Its id.
    pub id: String,
    #[serde(default)]
    affected_apps: Vec<String>,
    #[serde(default)]
    affected_pods: Vec<String>,
    #[serde(default)]
    current_actions: Vec<ActionBody>,
    #[serde(default)]
    current_step: u64,
    #[serde(default)]
    total_steps: u64,
}

/// The deployments that run, by their apps and pods.
///
/// # Errors
/// When there is no answer, or not one of a Marathon.
pub(crate) fn deployments(client: &Client, endpoint: &Endpoint) -> Result<Vec<DeploymentRow>, GetError> {
    let mut rows: Vec<DeploymentRow> = client.listed(endpoint, "v2/deployments")?;
    let key = |row: &DeploymentRow| (row.affected_apps.clone(), row.affected_pods.clone(), row.id.clone());
    rows.sort_by_cached_key(key);
    Ok(rows)
}

impl DeploymentRow {
    /// Whether it changes a service.
    pub(crate) fn affects(&self, id: &str) -> bool {
        self.affected_apps.iter().chain(&self.affected_pods).any(|one| one == id)
    }

    /// The cells of its row, of several lines where it changes several services.
    pub(crate) fn cells(&self) -> [Vec<String>; 5] {
        let ids = |ids: &[String]| if ids.is_empty() { vec!["-".to_owned()] } else { ids.to_vec() };
        let services: BTreeSet<Option<&str>> = self.current_actions.iter().map(ActionBody::service).collect();
        let action = |one: &ActionBody| match one.service() {
            None => "N/A".to_owned(),
            Some(id) if services.len() > 1 => format!("{} {id}", action_word(&one.action)),
            Some(_) => action_word(&one.action).to_owned(),
        };
        let actions: Vec<String> = self.current_actions.iter().map(action).collect();
        // The step that it is at is not done yet.
        let done = self.current_step.saturating_sub(1);
        [
            ids(&self.affected_apps),
            ids(&self.affected_pods),
            actions,
            vec![format!("{done}/{}", self.total_steps)],
            vec![self.id.clone()],
        ]
    }
}
