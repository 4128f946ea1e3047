//! Tasks and instances, and killing them (`AppTasksResource`, `TasksResource`, `TaskKiller`, 1.11).

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::answer::{ApiReply, ReplyResult};
use super::pods::valid_id;
use super::read::{self, absolute};
use super::request::ApiRequest;
use crate::server::show::{pod_instance, task};
use crate::server::simulate::instance::{Goal, InstanceCondition, SimulatedInstance};
use crate::server::world::change::WorldChange;
use crate::server::world::commit::Update;
use crate::server::world::{Id, World};
use crate::source::Type;

const BOTH: &str = "You cannot use scale and wipe at the same time.";

/// GET /v2/apps/{id}/tasks, also with `*` for those of a group.
pub(crate) fn app_tasks(world: &World, id: &str) -> ReplyResult {
    if let Some(group) = id.strip_suffix('*').filter(|group| group.is_empty() || group.ends_with('/')) {
        let group = absolute(group);
        if !world.groups.contains_key(&group) {
            return Err(ApiReply::no_group(&group));
        }
        let apps = world.specs_below(&group).filter(|spec| !spec.is_pod());
        let tasks: Json = apps.flat_map(|spec| task::tasks_of(world, &spec.id, false)).collect();
        return Ok(ApiReply::ok(json!({"tasks": tasks})));
    }
    let id = absolute(id);
    world.app(&id).ok_or_else(|| ApiReply::no_app(&id))?;
    Ok(ApiReply::ok(json!({"tasks": task::tasks_of(world, &id, false).collect::<Json>()})))
}

/// GET /v2/tasks
pub(crate) fn all_tasks(world: &World, request: &ApiRequest<'_>) -> ApiReply {
    let words = [request.query.all("status"), request.query.all("status[]")].concat();
    let wanted: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| matches!(*word, "running" | "staging")).collect();
    let is_wanted = |instance: &&SimulatedInstance| {
        let state = match instance.condition {
            InstanceCondition::Running => "running",
            InstanceCondition::Provisioned => "staging",
            _ => "",
        };
        wanted.is_empty() || wanted.contains(&state)
    };
    let ids = world.ids_with_instances();
    let instances = ids.iter().filter(|id| world.pod(id).is_none()).flat_map(|id| world.instances(id));
    let apps = instances.filter(|each| !each.spec.is_pod()).filter(is_wanted);
    let tasks: Json = apps
        .flat_map(|instance| instance.tasks.iter().map(move |each| task::task(world, instance, each, true)))
        .collect();
    ApiReply::ok(json!({"tasks": tasks}))
}

/// The id of the instance that a task belongs to: what is before `._app.1`, or before a container's name.
fn instance_of(task: &str) -> Option<&str> {
    let (name, rest) = task.split_once(".instance-")?;
    let uuid = rest.split('.').next()?;
    let has_task = rest.len() > uuid.len();
    (has_task && !name.is_empty()).then(|| &task[..name.len() + ".instance-".len() + uuid.len()])
}

/// DELETE /v2/apps/{id}/tasks
pub(crate) fn kill_many(world: &mut World, id: &str, request: &ApiRequest<'_>) -> ReplyResult {
    let id = absolute(id);
    let host = request.query.first("host").map(str::to_owned);
    let agents: Vec<String> = world.agents.iter().map(|agent| agent.hostname.clone()).collect();
    let is_meant = |instance: &SimulatedInstance| {
        let on = instance.agent.and_then(|agent| agents.get(agent));
        host.as_ref().is_none_or(|host| host == "*" || on == Some(host))
    };
    kill(world, &id, request, &is_meant, |_, killed| Ok(ApiReply::ok(json!({"tasks": killed}))))
}

/// DELETE /v2/apps/{id}/tasks/{task}
pub(crate) fn kill_one(world: &mut World, id: &str, task: &str, request: &ApiRequest<'_>) -> ReplyResult {
    let id = absolute(id);
    let is_meant = |instance: &SimulatedInstance| instance_of(task) == Some(&instance.id);
    kill(world, &id, request, &is_meant, |_, mut killed| match killed.pop() {
        Some(killed) => Ok(ApiReply::ok(json!({"task": killed}))),
        None => Err(ApiReply::missing(format!("Task '{task}' does not exist"))),
    })
}

fn kill(
    world: &mut World,
    id: &str,
    request: &ApiRequest<'_>,
    is_meant: &dyn Fn(&SimulatedInstance) -> bool,
    answer: impl FnOnce(&World, Vec<Json>) -> ReplyResult,
) -> ReplyResult {
    let (scale, wipe) = (request.query.is_on("scale"), request.query.is_on("wipe"));
    if scale && wipe {
        return Err(ApiReply::message(400, BOTH));
    }
    if scale {
        let meant = world.instances(id).filter(|each| each.is_active() && is_meant(each));
        let meant: Vec<u64> = meant.map(|each| each.number).collect();
        return scale_down(world, &[(id.to_owned(), meant)], request);
    }
    if !world.specs.contains_key(id) {
        return Err(ApiReply::no_app(id));
    }
    let meant: Vec<u64> = world.instances(id).filter(|each| is_meant(each)).map(|each| each.number).collect();
    let mut shown = Vec::new();
    for number in &meant {
        if let Some(instance) = world.instance(id, *number) {
            shown.extend(instance.tasks.iter().map(|each| task::task(world, instance, each, false)));
        }
    }
    end(world, id, &meant, wipe);
    answer(world, shown)
}

/// Kills instances; with `wipe` they are forgotten, and others take their place.
fn end(world: &mut World, id: &str, numbers: &[u64], wipe: bool) {
    let Some(id) = world.runs.get_key_value(id).map(|(id, _)| id.clone()) else { return };
    for number in numbers {
        if wipe {
            wipe_out(world, &id, *number);
        } else {
            world.kill(&id, *number);
        }
    }
    if wipe && let Some(spec) = world.specs.get(&id).cloned() {
        let left = world.instances(&id).filter(|each| each.goal == Goal::Running).count();
        let missing = spec.instances().saturating_sub(left);
        world.launch(&spec, missing);
    }
}

fn wipe_out(world: &mut World, id: &Id, number: u64) {
    world.set_goal(id, number, Goal::Decommissioned);
}

/// Scales services down by the instances that are killed.
fn scale_down(world: &mut World, meant: &[(String, Vec<u64>)], request: &ApiRequest<'_>) -> ReplyResult {
    let mut change = WorldChange::default();
    for (id, numbers) in meant {
        let is_known = world.runs.get(id.as_str()).is_some_and(|run| !run.instances.is_empty());
        if !is_known {
            return Err(ApiReply::message(404, format!("Path '{id}' does not exist")));
        }
        if let Some(spec) = world.app(id) {
            let mut spec = spec.as_ref().clone();
            spec.set_instances(spec.instances().saturating_sub(numbers.len()));
            change.put_spec(world, spec);
        }
    }
    let kill = meant.iter().flat_map(|(_, numbers)| numbers.iter().copied()).collect();
    let version = world.new_version();
    let update = Update { change, group: "/".to_owned(), version, force: request.query.is_on("force"), kill };
    let committed = world.commit(update).map_err(ApiReply::from)?;
    Ok(ApiReply::deployed(&committed))
}

/// POST /v2/tasks/delete
pub(crate) fn kill_by_ids(world: &mut World, request: &ApiRequest<'_>) -> ReplyResult {
    let document = read::document(request.body)?;
    let root = document.root();
    if root.kind() != Type::Object {
        return Err(ApiReply::unparsable("", &format!("{} is not an object", root.to_json())));
    }
    let Some(ids) = root.get("ids").filter(|ids| !ids.is_null()) else {
        return Err(ApiReply::unparsable("", &format!("'ids' is undefined on object: {}", root.to_json())));
    };
    let ids: Vec<String> = ids.elements().filter_map(|id| id.as_str().map(Cow::into_owned)).collect();
    let (scale, wipe) = (request.query.is_on("scale"), request.query.is_on("wipe"));
    if scale && wipe {
        return Err(ApiReply::message(400, BOTH));
    }
    if let Some(bad) = ids.iter().find(|id| instance_of(id).is_none()) {
        let message = format!(
            "Invalid task id '{bad}'. [taskId {bad} no valid identifier (of class java.lang.String)]"
        );
        return Err(ApiReply::message(400, message));
    }
    let named: BTreeSet<&str> = ids.iter().filter_map(|task| instance_of(task)).collect();
    let mut meant: Vec<(String, Vec<u64>)> = Vec::new();
    for (id, run) in &world.runs {
        let is_meant = |each: &&SimulatedInstance| named.contains(each.id.as_str());
        let numbers: Vec<u64> = run.instances.values().filter(is_meant).map(|each| each.number).collect();
        if !numbers.is_empty() {
            meant.push((id.to_string(), numbers));
        }
    }
    if scale {
        return scale_down(world, &meant, request);
    }
    let mut shown = Vec::new();
    for (id, numbers) in meant {
        for number in &numbers {
            if let Some(instance) = world.instance(&id, *number) {
                shown.extend(instance.tasks.iter().map(|each| task::task(world, instance, each, false)));
            }
        }
        end(world, &id, &numbers, wipe);
    }
    Ok(ApiReply::ok(json!({"tasks": shown})))
}

/// What an instance's id has to match.
const INSTANCE: &str = r"must fully match regular expression '^(.+)\.(instance-|marathon-)([^\.]+)$'";

fn is_instance_id(id: &str) -> bool {
    let split = id.rsplit_once(".instance-").or_else(|| id.rsplit_once(".marathon-"));
    split.is_some_and(|(name, rest)| !name.is_empty() && !rest.is_empty() && !rest.contains('.'))
}

/// `DELETE /v2/pods/{id}::instances/{instance}`
pub(crate) fn kill_pod_instance(
    world: &mut World,
    id: &str,
    instance: &str,
    request: &ApiRequest<'_>,
) -> ReplyResult {
    let id = valid_id(id)?;
    if !is_instance_id(instance) {
        return Err(ApiReply::invalid(&[("/".to_owned(), INSTANCE.to_owned())]));
    }
    let mut shown = kill_pods(world, &id, &[instance.to_owned()], request)?;
    match shown.pop() {
        Some(shown) => Ok(ApiReply::ok(shown)),
        None => Err(ApiReply::missing(format!("Task '{instance}' does not exist"))),
    }
}

/// `DELETE /v2/pods/{id}::instances`
pub(crate) fn kill_pod_instances(world: &mut World, id: &str, request: &ApiRequest<'_>) -> ReplyResult {
    let id = valid_id(id)?;
    let document = read::document(request.body)?;
    if document.root().kind() != Type::Array {
        return Err(ApiReply::unparsable("", "error.expected.jsarray"));
    }
    let ids: Vec<String> =
        document.root().elements().filter_map(|id| id.as_str().map(Cow::into_owned)).collect();
    let bad: Vec<(String, String)> = ids
        .iter()
        .enumerate()
        .filter(|(_, id)| !is_instance_id(id))
        .map(|(index, _)| (format!("({index})"), INSTANCE.to_owned()))
        .collect();
    if !bad.is_empty() {
        return Err(ApiReply::invalid(&bad));
    }
    let shown = kill_pods(world, &id, &ids, request)?;
    Ok(ApiReply::ok(shown.into()))
}

fn kill_pods(
    world: &mut World,
    id: &str,
    ids: &[String],
    request: &ApiRequest<'_>,
) -> Result<Vec<Json>, ApiReply> {
    if !world.specs.contains_key(id) {
        return Err(ApiReply::message(404, format!("Path '{id}' does not exist")));
    }
    let named: BTreeSet<&String> = ids.iter().collect();
    let meant: Vec<u64> =
        world.instances(id).filter(|each| named.contains(&each.id)).map(|each| each.number).collect();
    let shown = meant
        .iter()
        .filter_map(|number| Some(pod_instance::killed(world, world.instance(id, *number)?)))
        .collect();
    end(world, id, &meant, request.query.is_on("wipe"));
    Ok(shown)
}
