//! The tasks of `milepost task list`.

use serde::Deserialize;

use super::truth;
use crate::http::{Client, Endpoint};
use crate::marathon::GetError;

/// The columns.
pub(crate) const TASK_HEAD: [&str; 6] = ["APP", "HEALTHY", "STARTED", "HOST", "ID", "ROLE"];

/// A task of an app.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskRow {
    /// The task's id.
    pub id: String,
    /// The app.
    pub app_id: String,
    #[serde(default)]
    health_check_results: Vec<HealthResult>,
    started_at: Option<String>,
    /// The agent.
    #[serde(default)]
    pub host: String,
    role: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct HealthResult {
    #[serde(default)]
    alive: bool,
}

#[derive(Deserialize)]
struct TasksBody {
    tasks: Vec<TaskRow>,
}

/// All tasks, by app and id.
///
/// # Errors
/// When there is no answer, or not one of a Marathon.
pub(crate) fn tasks(client: &Client, endpoint: &Endpoint) -> Result<Vec<TaskRow>, GetError> {
    let TasksBody { mut tasks } = client.listed(endpoint, "v2/tasks")?;
    tasks.sort_by(|one, other| (&one.app_id, &one.id).cmp(&(&other.app_id, &other.id)));
    Ok(tasks)
}

impl TaskRow {
    /// The cells of its row.
    pub(crate) fn cells(&self) -> [String; 6] {
        [
            self.app_id.clone(),
            truth(self.health_check_results.iter().all(|result| result.alive)),
            self.started_at.clone().unwrap_or_else(|| "N/A".to_owned()),
            self.host.clone(),
            self.id.clone(),
            self.role.clone().unwrap_or_default(),
        ]
    }
}
