//! What a Marathon lists, in the columns of its tables: apps, pods, groups, deployments, tasks, what waits for offers.
//!
//! Each kind of row is read directly from the answer, so that a list of many services is in memory once.

mod app;
mod deployment;
mod group;
mod pod;
mod queue;
mod task;

use serde::Deserialize;

pub(crate) use app::{APP_HEAD, AppRow, apps};
pub(crate) use deployment::{DEPLOYMENT_HEAD, DeploymentRow, deployments};
pub(crate) use group::{GROUP_HEAD, GroupRow, groups};
pub(crate) use pod::{POD_HEAD, PodRow, pods};
pub(crate) use queue::{DELAY_HEAD, DETAILS_HEAD, QUEUE_HEAD, QueueRow, SUMMARY_HEAD, queued};
pub(crate) use task::{TASK_HEAD, TaskRow, tasks};

/// The cell of what there is nothing of.
const NOTHING: &str = "---";

/// The name of an action of a deployment, as the tables show it.
fn action_word(action: &str) -> &str {
    match action {
        "ResolveArtifacts" => "artifacts",
        "ScaleApplication" | "ScalePod" => "scale",
        "StartApplication" | "StartPod" => "start",
        "StopApplication" | "StopPod" => "stop",
        "RestartApplication" | "RestartPod" => "restart",
        "KillAllOldTasksOf" => "kill-tasks",
        other => other,
    }
}

/// `True` or `False`, as the tables of `dcos marathon` show it.
fn truth(value: bool) -> String {
    if value { "True" } else { "False" }.to_owned()
}

/// A text, or the sign for nothing.
fn or_nothing(text: Option<String>) -> String {
    text.filter(|text| !text.is_empty()).unwrap_or_else(|| NOTHING.to_owned())
}

/// Anything with an id.
#[derive(Clone, Debug, Deserialize)]
struct OnlyId {
    id: String,
}
