//! Marathon's events: what each says (`Events.scala`, 1.11).

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::deployment::plan::{DeploymentAction, DeploymentPlan};
use super::probe::Probe;
use super::show;
use super::simulate::timer::Which;
use super::time::Time;
use super::world::spec::Spec;
use super::world::{Id, World};

/// An event that was not sent yet.
#[derive(Clone, Debug)]
pub(crate) struct ServerEvent {
    pub(crate) name: &'static str,
    pub(crate) body: Map<String, Json>,
}

/// An event as it is sent.
#[derive(Clone, Debug)]
pub(crate) struct SentEvent {
    pub(crate) name: &'static str,
    /// The body, on one line.
    pub(crate) data: Arc<str>,
}

/// Events that wait to be sent, and requests of checks that wait to be made.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    is_wanted: bool,
    events: Vec<SentEvent>,
    probes: Vec<Probe>,
}

impl Outbox {
    /// Whether anyone listens.
    pub(crate) fn is_wanted(&self) -> bool {
        self.is_wanted
    }

    pub(crate) fn want(&mut self, is_wanted: bool) {
        self.is_wanted = is_wanted;
    }

    pub(crate) fn push(&mut self, event: ServerEvent, now: Time) {
        let ServerEvent { name, mut body } = event;
        body.insert("eventType".to_owned(), name.into());
        body.insert("timestamp".to_owned(), now.to_string().into());
        self.events.push(SentEvent { name, data: Json::Object(body).to_string().into() });
    }

    pub(crate) fn probe(&mut self, probe: Probe) {
        self.probes.push(probe);
    }

    /// Takes what waits.
    pub(crate) fn take(&mut self) -> (Vec<SentEvent>, Vec<Probe>) {
        (std::mem::take(&mut self.events), std::mem::take(&mut self.probes))
    }
}

fn event(name: &'static str, body: Json) -> ServerEvent {
    let body = if let Json::Object(body) = body { body } else { Map::new() };
    ServerEvent { name, body }
}

/// Actions as Marathon writes them.
pub(crate) fn actions(actions: &[DeploymentAction]) -> Json {
    let kind = |action: &DeploymentAction| if action.spec.is_pod() { "pod" } else { "app" };
    actions.iter().map(|action| json!({"action": action.name(), kind(action): &*action.spec.id})).collect()
}

/// The steps of a plan as Marathon writes them.
pub(crate) fn steps(plan: &DeploymentPlan) -> Json {
    plan.steps.iter().map(|step| json!({"actions": actions(step)})).collect()
}

fn plan_of(plan: &DeploymentPlan) -> Json {
    json!({"id": plan.id, "steps": steps(plan), "version": plan.version.to_string()})
}

pub(crate) fn deployment_success(plan: &DeploymentPlan) -> ServerEvent {
    event("deployment_success", json!({"id": plan.id, "plan": plan_of(plan)}))
}

pub(crate) fn deployment_failed(plan: &DeploymentPlan, reason: &str) -> ServerEvent {
    event("deployment_failed", json!({"id": plan.id, "plan": plan_of(plan), "reason": reason}))
}

/// `deployment_info` or one of `deployment_step_…`; steps count from 1.
pub(crate) fn deployment_step(name: &'static str, plan: &DeploymentPlan, step: usize) -> ServerEvent {
    let current = step.checked_sub(1).and_then(|index| plan.steps.get(index)).map_or(&[][..], Vec::as_slice);
    event(name, json!({"plan": plan_of(plan), "currentStep": {"actions": actions(current)}}))
}

pub(crate) fn group_change_success(group: &str, version: Time) -> ServerEvent {
    event("group_change_success", json!({"groupId": group, "version": version.to_string()}))
}

pub(crate) fn group_change_failed(group: &str, version: Time, reason: &str) -> ServerEvent {
    event("group_change_failed", json!({"groupId": group, "version": version.to_string(), "reason": reason}))
}

pub(crate) fn api_post(client: &str, uri: &str, app: &Map<String, Json>) -> ServerEvent {
    event("api_post_event", json!({"clientIp": client, "uri": uri, "appDefinition": app}))
}

/// One of `pod_…_event`.
pub(crate) fn pod_changed(name: &'static str, client: &str, uri: &str) -> ServerEvent {
    event(name, json!({"clientIp": client, "uri": uri}))
}

pub(crate) fn app_terminated(id: &str) -> ServerEvent {
    event("app_terminated_event", json!({"appId": id}))
}

pub(crate) fn instance_changed(world: &World, id: &Id, number: u64) -> ServerEvent {
    let Some(instance) = world.instance(id, number) else {
        return event("instance_changed_event", json!({}));
    };
    let agent = instance.agent.and_then(|agent| world.agents.get(agent));
    event(
        "instance_changed_event",
        json!({
            "instanceId": instance.id,
            "condition": instance.shown_condition().name(),
            "runSpecId": &**id,
            "agentId": agent.map(|agent| &agent.id),
            "host": agent.map(|agent| &agent.hostname),
            "runSpecVersion": instance.spec.version.to_string(),
        }),
    )
}

/// Of one task of an instance, by its number.
pub(crate) fn status_update(world: &World, which: &Which, task: usize, message: &str) -> ServerEvent {
    let found = world.instance(&which.spec, which.instance);
    let Some((instance, task)) = found.and_then(|each| Some((each, each.tasks.get(task)?))) else {
        return event("status_update_event", json!({}));
    };
    let agent = instance.agent.and_then(|agent| world.agents.get(agent));
    event(
        "status_update_event",
        json!({
            "slaveId": agent.map(|agent| &agent.id),
            "taskId": instance.task_id(&task.name),
            "taskStatus": task.condition.task_state(),
            "message": message,
            "appId": &*which.spec,
            "host": agent.map(|agent| &agent.hostname),
            "ipAddresses": show::task::addresses(task),
            "ports": instance.ports,
            "version": instance.spec.version.to_string(),
        }),
    )
}

pub(crate) fn instance_health_changed(world: &World, which: &Which, is_healthy: Option<bool>) -> ServerEvent {
    let instance = world.instance(&which.spec, which.instance);
    event(
        "instance_health_changed_event",
        json!({
            "instanceId": instance.map(|each| &each.id),
            "runSpecId": &*which.spec,
            "healthy": is_healthy,
            "runSpecVersion": instance.map(|each| each.spec.version.to_string()),
        }),
    )
}

pub(crate) fn health_status_changed(world: &World, which: &Which, is_alive: bool) -> ServerEvent {
    let instance = world.instance(&which.spec, which.instance);
    event(
        "health_status_changed_event",
        json!({
            "appId": &*which.spec,
            "instanceId": instance.map(|each| &each.id),
            "version": instance.map(|each| each.spec.version.to_string()),
            "alive": is_alive,
        }),
    )
}

pub(crate) fn failed_health_check(spec: &Spec, instance: &str, check: &Json) -> ServerEvent {
    event("failed_health_check_event", json!({"appId": &*spec.id, "healthCheck": check, "taskId": instance}))
}

pub(crate) fn unhealthy_instance_kill(world: &World, which: &Which, reason: &str) -> ServerEvent {
    let Some(instance) = world.instance(&which.spec, which.instance) else {
        return event("unhealthy_instance_kill_event", json!({}));
    };
    let agent = instance.agent.and_then(|agent| world.agents.get(agent));
    event(
        "unhealthy_instance_kill_event",
        json!({
            "appId": &*which.spec,
            "taskId": instance.first_task_id(),
            "instanceId": instance.id,
            "version": instance.spec.version.to_string(),
            "reason": reason,
            "host": agent.map(|agent| &agent.hostname),
            "slaveId": agent.map(|agent| &agent.id),
        }),
    )
}

pub(crate) fn add_health_check(spec: &Spec, check: &Json) -> ServerEvent {
    let body = json!({"appId": &*spec.id, "healthCheck": check, "version": spec.version.to_string()});
    event("add_health_check_event", body)
}

pub(crate) fn remove_health_check(spec: &Spec) -> ServerEvent {
    event("remove_health_check_event", json!({"appId": &*spec.id}))
}

/// `event_stream_attached` or `event_stream_detached`.
pub(crate) fn stream(name: &'static str, client: &str) -> ServerEvent {
    event(name, json!({"remoteAddress": client}))
}
