//! Marathon's HTTP API: a request becomes an answer, and maybe a change of the world.

pub(crate) mod answer;
mod apps;
mod control;
mod group_update;
mod groups;
mod jackson;
mod kill;
mod pods;
mod read;
pub(crate) mod request;
pub(crate) mod route;
mod selector;
mod system;

use answer::{ApiReply, ReplyResult};
use request::{ApiRequest, negotiated};
use route::ApiResource;

use super::world::World;

pub(crate) use control::Order;

/// Answers a request, and hands over commands for the server itself.
pub(crate) fn answer(world: &mut World, request: &ApiRequest<'_>) -> (ApiReply, Option<Order>) {
    if request.path.trim_end_matches('/') == "/v2/leader" && request.method == "DELETE" {
        return match routed(world, request) {
            Ok(answer) => (answer, Some(Order::Stop)),
            Err(answer) => (answer, None),
        };
    }
    let outcome = if let Some(path) = request.path.strip_prefix("/milepost/") {
        match control::answer(world, path, request) {
            Ok((answer, order)) => return (answer, order),
            Err(answer) => Err(answer),
        }
    } else {
        routed(world, request)
    };
    world.settle();
    (outcome.unwrap_or_else(|answer| answer), None)
}

fn routed(world: &mut World, request: &ApiRequest<'_>) -> ReplyResult {
    request::check_path(request.path)?;
    if let Some(answer) = system::outside(request) {
        return Ok(answer);
    }
    let Some(resource) = route::resource(request.path) else {
        return Err(ApiReply::message(500, "URI not found"));
    };
    let method = if request.method == "HEAD" { "GET" } else { request.method };
    if method == "OPTIONS" {
        return Ok(ApiReply::empty(200)
            .with("allow", resource.allowed())
            .with("content-type", "application/json"));
    }
    if !resource.methods().contains(&method) {
        return Err(ApiReply::message(405, "Method Not Allowed"));
    }
    let kind = negotiated(request.accept, resource.produces());
    if kind.is_none() && resource == ApiResource::Ping {
        return Ok(ApiReply::empty(204));
    }
    let Some(kind) = kind else { return Err(ApiReply::message(406, "Not Acceptable")) };
    if resource.consumes_json()
        && (!request.body.is_empty() || request.content_type.is_some())
        && method != "GET"
    {
        request.check_content_type()?;
    }
    dispatch(world, &resource, method, kind, request)
}

fn dispatch(
    world: &mut World,
    resource: &ApiResource,
    method: &str,
    kind: &'static str,
    request: &ApiRequest<'_>,
) -> ReplyResult {
    use ApiResource as R;
    match (resource, method) {
        (R::Apps, "GET") => apps::list(world, request),
        (R::Apps, "POST") => apps::create(world, request),
        (R::Apps, _) => apps::update_all(world, request),
        (R::App(id), "GET") => apps::show(world, id, request),
        (R::App(id), "DELETE") => apps::delete(world, id, request),
        (R::App(id), _) => apps::update(world, id, request),
        (R::Restart(id), "POST") => apps::restart(world, id, request),
        (R::Restart(id), _) => apps::delete(world, &format!("{id}/restart"), request),
        (R::AppTasks(id), "GET") => kill::app_tasks(world, id),
        (R::AppTasks(id), _) => kill::kill_many(world, id, request),
        (R::AppTask(id, task), _) => kill::kill_one(world, id, task, request),
        (R::AppVersions(id), _) => apps::versions(world, id),
        (R::AppVersion(id, version), _) => apps::version(world, id, version),
        (R::Groups, "GET") => groups::show(world, "/", request),
        (R::Groups, "POST") => groups::create(world, "/", request),
        (R::Groups, "PUT") => groups::update(world, "/", request),
        (R::Groups, _) => groups::delete(world, "/", request),
        (R::Group(id), "GET") => groups::show(world, id, request),
        (R::Group(id), "POST") => groups::create(world, id, request),
        (R::Group(id), "PUT") => groups::update(world, id, request),
        (R::Group(id), "PATCH") => groups::patch(world, id, request),
        (R::Group(id), _) => groups::delete(world, id, request),
        (R::Pods, "GET") => Ok(pods::list(world)),
        (R::Pods, _) => pods::create(world, request),
        (R::Pod(id), "GET") => pods::show(world, id),
        (R::Pod(id), "PUT") => pods::update(world, id, request),
        (R::Pod(id), _) => pods::delete(world, id, request),
        (R::PodStatuses, _) => Ok(pods::statuses(world)),
        (R::PodStatus(id), _) => pods::status(world, id),
        (R::PodVersions(id), _) => pods::versions(world, id),
        (R::PodVersion(id, version), _) => pods::version(world, id, version),
        (R::PodInstances(id), _) => kill::kill_pod_instances(world, id, request),
        (R::PodInstance(id, instance), _) => kill::kill_pod_instance(world, id, instance, request),
        (R::Tasks, _) => Ok(kill::all_tasks(world, request)),
        (R::KillTasks, _) => kill::kill_by_ids(world, request),
        (other, _) => system::answer(world, other, method, kind, request),
    }
}
