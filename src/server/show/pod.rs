//! Pods and their status (`PodStatusConversion`, 1.11).

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::task::addresses;
use crate::server::simulate::instance::{InstanceCondition, SimulatedInstance, SimulatedTask};
use crate::server::simulate::run::ServiceRun;
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
    status_of(world, spec, &pod_in_status(spec))
}

/// A pod's status in a group.
pub(crate) fn status_in_group(world: &World, spec: &Arc<Spec>) -> Json {
    status_of(world, spec, &pod(spec).into())
}

fn status_of(world: &World, spec: &Arc<Spec>, shown: &Json) -> Json {
    let launched = || world.instances(&spec.id).filter(|each| !each.tasks.is_empty());
    let instances: Vec<Json> = launched().map(|each| instance(world, each)).collect();
    let steady = launched().filter(|each| instance_status(each) == "STABLE").count();
    let summary = if steady >= spec.instances() { "STABLE" } else { "DEGRADED" };
    let changed = launched().map(|each| each.since).max().unwrap_or(world.now);
    let history: Json = world.runs.get(&spec.id).and_then(termination).into_iter().collect();
    json!({
        "id": &*spec.id,
        "spec": shown,
        "status": summary,
        "statusSince": changed.to_string(),
        "instances": instances,
        "terminationHistory": history,
        "lastUpdated": world.now.to_string(),
        "lastChanged": changed.to_string(),
    })
}

fn instance_status(instance: &SimulatedInstance) -> &'static str {
    match instance.condition {
        InstanceCondition::Scheduled | InstanceCondition::Provisioned => "PENDING",
        InstanceCondition::Starting => "STAGING",
        InstanceCondition::Running if instance.is_healthy() == Some(false) => "DEGRADED",
        InstanceCondition::Running => "STABLE",
        InstanceCondition::Unreachable | InstanceCondition::UnreachableInactive => "DEGRADED",
        InstanceCondition::Error
        | InstanceCondition::Dropped
        | InstanceCondition::Failed
        | InstanceCondition::Finished
        | InstanceCondition::Killed
        | InstanceCondition::Gone => "TERMINAL",
    }
}

/// An instance of a pod.
pub(crate) fn instance(world: &World, instance: &SimulatedInstance) -> Json {
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
        "resources": resources(|name| {
            let own = spec.at(&["executorResources", name]).and_then(Json::as_f64).unwrap_or(0.0);
            let alive = spec.list(&["containers"]).zip(&instance.tasks).filter(|(_, task)| is_alive(task));
            alive.map(|(defined, _)| amount(defined, name)).fold(own, |sum, one| sum + one)
        }),
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

fn is_alive(task: &SimulatedTask) -> bool {
    matches!(
        task.condition,
        InstanceCondition::Provisioned | InstanceCondition::Starting | InstanceCondition::Running
    )
}

/// What a container takes of a resource.
fn amount(defined: &Json, name: &str) -> f64 {
    defined.pointer(&format!("/resources/{name}")).and_then(Json::as_f64).unwrap_or(0.0)
}

fn resources(of: impl Fn(&str) -> f64) -> Json {
    json!({"cpus": of("cpus"), "mem": of("mem"), "disk": of("disk"), "gpus": of("gpus")})
}

fn networks(spec: &Spec, instance: &SimulatedInstance) -> Json {
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
    instance: &SimulatedInstance,
    index: usize,
    defined: &Json,
    task: &SimulatedTask,
    ports: &mut impl Iterator<Item = u16>,
) -> Json {
    let is_alive = is_alive(task);
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
        shown["resources"] = resources(|name| amount(defined, name));
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

/// The last failure, for as long as the instance has the task that failed: until it is launched again.
fn termination(run: &ServiceRun) -> Option<Json> {
    let failure = run.failure.as_ref()?;
    let has_it =
        |each: &&SimulatedInstance| each.tasks.iter().any(|task| each.task_id(&task.name) == failure.task);
    let instance = run.instances.values().find(has_it)?;
    let known = format!("Task{}", failure.condition.name());
    Some(json!({
        "instanceID": instance.id,
        "startedAt": instance.active_since.unwrap_or(failure.at).to_string(),
        "terminatedAt": failure.at.to_string(),
        "message": failure.message,
        "containers": [{"containerId": failure.task, "lastKnownState": known}],
    }))
}
