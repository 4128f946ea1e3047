//! Tasks (`EnrichedTask`, 1.11).

use serde_json::{Value as Json, json};

use crate::server::simulate::instance::{SimulatedInstance, SimulatedTask};
use crate::server::world::World;

/// The address that the simulated cluster gives to every task that runs.
pub(crate) fn addresses(task: &SimulatedTask) -> Json {
    if task.has_address { json!([{"ipAddress": "127.0.2.1", "protocol": "IPv4"}]) } else { json!([]) }
}

/// The results of an instance's health checks: none before the first.
fn health(instance: &SimulatedInstance) -> Json {
    let known = instance.health.iter().filter(|health| health.is_alive.is_some());
    known
        .map(|health| {
            let mut result = json!({
                "alive": health.is_alive,
                "consecutiveFailures": health.failures,
                "instanceId": format!("instance [{}]", instance.id),
            });
            let times = [
                ("firstSuccess", health.first_success),
                ("lastSuccess", health.last_success),
                ("lastFailure", health.last_failure.as_ref().map(|(at, _)| *at)),
            ];
            for (name, time) in times {
                if let Some(time) = time {
                    result[name] = time.to_string().into();
                }
            }
            if let Some((_, reason)) = &health.last_failure {
                result["lastFailureCause"] = reason.as_str().into();
            }
            result
        })
        .collect()
}

/// A task of an instance. Only the list of all tasks has the service ports.
pub(crate) fn task(
    world: &World,
    instance: &SimulatedInstance,
    task: &SimulatedTask,
    with_service_ports: bool,
) -> Json {
    let agent = instance.agent.and_then(|agent| world.agents.get(agent));
    let service_ports = if with_service_ports { instance.spec.service_ports() } else { Vec::new() };
    let volumes: Json = instance.volumes.iter().map(|id| volume(instance, id)).collect();
    let mut shown = json!({
        "appId": &*instance.spec.id,
        "healthCheckResults": health(instance),
        "host": agent.map(|agent| &agent.hostname),
        "id": instance.task_id(&task.name),
        "ipAddresses": addresses(task),
        "ports": if task.condition.is_terminal() { &[][..] } else { &instance.ports },
        "servicePorts": service_ports,
        "slaveId": agent.map(|agent| &agent.id),
        "state": task.condition.task_state(),
        "localVolumes": volumes,
        "role": instance.spec.role(),
    });
    // An ended task has no version any more.
    if !task.condition.is_terminal() {
        shown["version"] = instance.spec.version.to_string().into();
    }
    if let Some(agent) = agent {
        let places = [("region", &agent.region), ("zone", &agent.zone)];
        for (name, value) in places {
            if let Some(value) = value {
                shown[name] = value.as_str().into();
            }
        }
    }
    for (name, time) in [("stagedAt", task.staged), ("startedAt", task.started)] {
        if let Some(time) = time {
            shown[name] = time.to_string().into();
        }
    }
    shown
}

fn volume(instance: &SimulatedInstance, id: &str) -> Json {
    let volumes = instance.spec.list(&["container", "volumes"]);
    let path = volumes
        .filter(|volume| volume.get("persistent").is_some())
        .find_map(|volume| volume.get("containerPath").and_then(Json::as_str))
        .unwrap_or_default();
    let name = instance.spec.id.trim_start_matches('/').replace('/', "_");
    json!({
        "runSpecId": &*instance.spec.id,
        "containerPath": path,
        "uuid": id,
        "persistenceId": format!("{name}#{path}#{id}"),
    })
}

/// The tasks of a service's instances.
pub(crate) fn tasks_of<'w>(
    world: &'w World,
    id: &str,
    with_service_ports: bool,
) -> impl Iterator<Item = Json> + use<'w> {
    let all = world.instances(id);
    all.flat_map(move |instance| {
        instance.tasks.iter().map(move |each| task(world, instance, each, with_service_ports))
    })
}
