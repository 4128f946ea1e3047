//! Apps (`AppInfo`, 1.11).

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::embed::AppEmbeds;
use super::{stats, task};
use crate::server::simulate::instance::SimulatedInstance;
use crate::server::simulate::run::FailedTask;
use crate::server::world::World;
use crate::server::world::spec::Spec;

/// A stored app. Without versions it is as Marathon shows one that it has not stored yet.
pub(crate) fn app(spec: &Spec, with_versions: bool) -> Map<String, Json> {
    let mut shown = spec.body.clone();
    shown.extend(versions(spec, with_versions));
    shown
}

fn versions(spec: &Spec, with_info: bool) -> Map<String, Json> {
    let mut shown = Map::new();
    shown.insert("version".to_owned(), spec.version.to_string().into());
    if with_info {
        let info = json!({
            "lastScalingAt": spec.scaled.to_string(),
            "lastConfigChangeAt": spec.configured.to_string(),
        });
        shown.insert("versionInfo".to_owned(), info);
    }
    shown
}

/// An app with what is asked for. What is stored is not copied: there may be thousands
/// (`cargo bench --bench serve`, the list of all groups).
#[derive(Serialize)]
pub(crate) struct ShownApp<'w> {
    #[serde(flatten)]
    stored: &'w Map<String, Json>,
    #[serde(flatten)]
    beside: Map<String, Json>,
}

/// An app with what is asked for.
pub(crate) fn info<'w>(world: &World, spec: &'w Arc<Spec>, embeds: AppEmbeds) -> ShownApp<'w> {
    let mut shown = versions(spec, true);
    let mut set = |name: &str, value: Json| {
        shown.insert(name.to_owned(), value);
    };
    if embeds.counts {
        let counts = stats::Counts::of(world.instances(&spec.id));
        set("tasksStaged", counts.staged.into());
        set("tasksRunning", counts.running.into());
        set("tasksHealthy", counts.healthy.into());
        set("tasksUnhealthy", counts.unhealthy.into());
    }
    let holder = world.deployments.holder(&spec.id);
    if embeds.deployments {
        set("deployments", holder.iter().map(|held| json!({"id": held.plan.id})).collect());
    }
    if embeds.readiness {
        let results = holder.iter().flat_map(|held| &held.readiness);
        let of_this = |instance: &SimulatedInstance| instance.first_task_id();
        let is_any = holder.is_some_and(|held| !held.readiness.is_empty());
        let own: BTreeSet<String> = world.instances(&spec.id).filter(|_| is_any).map(of_this).collect();
        let results = results.filter(|((task, _), _)| own.contains(task));
        set("readinessCheckResults", results.map(|(_, result)| result.clone()).collect());
    }
    if embeds.tasks {
        set("tasks", task::tasks_of(world, &spec.id, false).collect());
    }
    if embeds.failure
        && let Some(failure) = world.runs.get(&spec.id).and_then(|run| run.failure.as_ref())
    {
        set("lastTaskFailure", last_failure(world, spec, failure));
    }
    if embeds.stats {
        set("tasksStats", stats::stats(world, spec));
    }
    ShownApp { stored: &spec.body, beside: shown }
}

fn last_failure(world: &World, spec: &Spec, failure: &FailedTask) -> Json {
    let agent = failure.agent.and_then(|agent| world.agents.get(agent));
    json!({
        "appId": &*spec.id,
        "host": agent.map(|agent| &agent.hostname),
        "message": failure.message,
        "state": failure.condition.task_state(),
        "taskId": failure.task,
        "timestamp": failure.at.to_string(),
        "version": failure.version.to_string(),
        "slaveId": agent.map(|agent| &agent.id),
    })
}
