//! Pods and their status (`PodStatusConversion`, 1.11).

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::task::addresses;
use crate::server::simulate::instance::{Condition, Instance, Task};
use crate::server::simulate::run::Failure;
use crate::server::time::Time;
use crate::server::world::World;
use crate::server::world::spec::Spec;

/// A stored pod.
pub(crate) fn pod(spec: &Spec) -> Map<String, Json> {
    let mut shown = spec.body.clone();
    shown.insert("version".to_owned(), spec.version.to_string().into());
    shown
}

/// A pod as it is in a status: without what is empty.
fn pod_in_status(spec: &Spec) -> Json {
    let mut shown = pod(spec);
    if let Some(scheduling) = shown.get_mut("scheduling").and_then(Json::as_object_mut)
        && scheduling.get("placement").and_then(Json::as_object).is_some_and(Map::is_empty)
    {
        scheduling.remove("placement");
    }
    shown.into()
}

/// A pod's status.
pub(crate) fn status(world: &World, spec: &Arc<Spec>) -> Json {
    let run = world.runs.get(&spec.id);
    let launched = || world.instances(&spec.id).iter().filter(|each| !each.tasks.is_empty());
    let instances: Vec<Json> = launched().map(|each| instance(world, each)).collect();
    let stable = launched().filter(|each| instance_status(each) == "STABLE").count();
    let word = if stable >= spec.instances() { "STABLE" } else { "DEGRADED" };
    let changed = launched().map(|each| each.since).max().unwrap_or(world.now);
    let history: Json = run.and_then(|run| run.failure.as_ref()).into_iter().filter_map(termination).collect();
    json!({
        "id": &*spec.id,
        "spec": pod_in_status(spec),
        "status": word,
        "statusSince": changed.to_string(),
        "instances": instances,
        "terminationHistory": history,
        "lastUpdated": world.now.to_string(),
        "lastChanged": changed.to_string(),
    })
}

fn instance_status(instance: &Instance) -> &'static str {
    match instance.condition {
        Condition::Scheduled | Condition::Provisioned => "PENDING",
        Condition::Starting => "STAGING",
        Condition::Running if instance.is_healthy() == Some(false) => "DEGRADED",
        Condition::Running => "STABLE",
        Condition::Unreachable | Condition::UnreachableInactive => "DEGRADED",
        Condition::Failed | Condition::Finished | Condition::Killed | Condition::Gone => "TERMINAL",
    }
}

/// An instance of a pod.
pub(crate) fn instance(world: &World, instance: &Instance) -> Json {
    let spec = &instance.spec;
    let agent = instance.agent.and_then(|agent| world.agents.get(agent));
    let mut ports = instance.ports.iter().copied();
    let containers: Json = spec
        .list(&["containers"])
        .zip(&instance.tasks)
        .enumerate()
        .map(|(index, (defined, task))| container(instance, index, defined, task, &mut ports))
        .collect();
    let has_network = instance.tasks.iter().any(|task| task.started.is_some());
    let networks: Json = if has_network { networks(spec, instance) } else { json!([]) };
    let mut shown = json!({
        "id": instance.id,
        "status": instance_status(instance),
        "statusSince": instance.since.to_string(),
        "conditions": [],
        "agentHostname": agent.map(|agent| &agent.hostname),
        "agentId": agent.map(|agent| &agent.id),
        "resources": resources(|name| spec.resource(name)),
        "networks": networks,
        "containers": containers,
        "specReference": format!("/v2/pods{}::versions/{}", spec.id, spec.version),
        "localVolumes": [],
        "lastUpdated": instance.since.to_string(),
        "lastChanged": instance.since.to_string(),
        "role": spec.role(),
    });
    if let Some(agent) = agent {
        for (name, value) in [("agentRegion", &agent.region), ("agentZone", &agent.zone)] {
            if let Some(value) = value {
                shown[name] = value.as_str().into();
            }
        }
    }
    shown
}

fn resources(of: impl Fn(&str) -> f64) -> Json {
    json!({"cpus": of("cpus"), "mem": of("mem"), "disk": of("disk"), "gpus": of("gpus")})
}

fn networks(spec: &Spec, instance: &Instance) -> Json {
    let Some(task) = instance.tasks.iter().find(|task| task.started.is_some()) else { return json!([]) };
    let address: Json = addresses(task)
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|address| address.get("ipAddress").cloned())
        .collect();
    let of = |network: &Json| {
        let mut shown = json!({"addresses": address});
        if let Some(name) = network.get("name") {
            shown["name"] = name.clone();
        }
        shown
    };
    spec.list(&["networks"]).map(of).collect()
}

fn container(
    instance: &Instance,
    index: usize,
    defined: &Json,
    task: &Task,
    ports: &mut impl Iterator<Item = u16>,
) -> Json {
    let is_alive = matches!(task.condition, Condition::Provisioned | Condition::Starting | Condition::Running);
    let since = task.since.to_string();
    let health = defined.get("healthCheck").and_then(|_| {
        let before = instance.spec.list(&["containers"]).take(index);
        let at = before.filter(|each| each.get("healthCheck").is_some()).count();
        instance.health.get(at)?.is_alive
    });
    let endpoint = |endpoint: &Json| {
        let mut shown = json!({"name": endpoint.get("name")});
        if endpoint.get("hostPort").is_some() {
            shown["allocatedHostPort"] = ports.next().into();
        }
        if let Some(health) = health {
            shown["healthy"] = health.into();
        }
        shown
    };
    let listed = defined.get("endpoints").and_then(Json::as_array).into_iter().flatten();
    let endpoints: Vec<Json> = listed.map(endpoint).collect();
    let mut shown = json!({
        "name": task.name,
        "status": task.condition.task_state(),
        "statusSince": since,
        "conditions": health.map_or_else(|| json!([]), |health| condition(health, task.since)),
        "endpoints": if is_alive { endpoints } else { Vec::new() },
        "lastUpdated": since,
        "lastChanged": since,
    });
    if is_alive {
        shown["containerId"] = instance.task_id(&task.name).into();
        let of = |name: &str| defined.pointer(&format!("/resources/{name}")).and_then(Json::as_f64).unwrap_or(0.0);
        shown["resources"] = resources(of);
    }
    shown
}

fn condition(is_healthy: bool, since: Time) -> Json {
    let since = since.to_string();
    json!([{
        "name": "healthy",
        "value": is_healthy.to_string(),
        "reason": "health-reported-by-mesos",
        "lastUpdated": since,
        "lastChanged": since,
    }])
}

/// An instance that failed.
fn termination(failure: &Failure) -> Option<Json> {
    let instance = failure.instance.as_ref()?;
    let ended = instance.tasks.iter().filter(|task| task.condition.is_terminal());
    let containers: Json = ended
        .map(|task| {
            let known = match task.condition {
                Condition::Failed => "TaskFailed",
                Condition::Finished => "TaskFinished",
                Condition::Gone => "TaskGone",
                _ => "TaskKilled",
            };
            json!({"containerId": instance.task_id(&task.name), "lastKnownState": known})
        })
        .collect();
    Some(json!({
        "instanceID": instance.id,
        "startedAt": instance.active_since.unwrap_or(failure.at).to_string(),
        "terminatedAt": failure.at.to_string(),
        "message": failure.message,
        "containers": containers,
    }))
}
