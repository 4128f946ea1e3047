//! Everything of the API that is not about a service or a group: deployments, the queue, what the server says of itself.

use serde_json::{Value as Json, json};

use super::answer::{ApiReply, ReplyBody, ReplyResult};
use super::read::{self, absolute};
use super::request::ApiRequest;
use super::route::ApiResource;
use crate::server::deployment::revert;
use crate::server::show;
use crate::server::simulate::run::ServiceRun;
use crate::server::world::World;
use crate::server::world::commit::Update;

/// Paths of other servlets than the API's.
pub(crate) fn outside(request: &ApiRequest<'_>) -> Option<ApiReply> {
    let path = request.path;
    let is_servlet =
        |name: &str| path == name || path.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'));
    if path == "/" {
        let answer = ApiReply::empty(302).with("location", format!("http://{}/ui/", request.authority));
        return Some(answer);
    }
    let is_static = ["/ui", "/help", "/api-console", "/public"].iter().any(|name| is_servlet(name));
    if !is_static && !is_servlet("/v2/events") {
        return None;
    }
    match request.method {
        "OPTIONS" => return Some(ApiReply::empty(200).with("allow", "GET, HEAD, OPTIONS")),
        "GET" | "HEAD" => {}
        "PATCH" => return Some(ApiReply::empty(501)),
        _ => return Some(error(405)),
    }
    Some(match path {
        "/ui" => ApiReply::empty(302).with("location", "/ui/"),
        "/help" => ApiReply::empty(302).with("location", "api-console/index.html"),
        // With the right Accept header a stream was opened already.
        "/v2/events" => error(405),
        path if path.starts_with("/v2/events") => ApiReply::message(500, "URI not found"),
        _ => error(404),
    })
}

/// An error of a servlet, which sets its own headers.
fn error(status: u16) -> ApiReply {
    ApiReply::empty(status).with("cache-control", "must-revalidate,no-cache,no-store")
}

/// Answers what is left of the API.
pub(crate) fn answer(
    world: &mut World,
    resource: &ApiResource,
    method: &str,
    kind: &'static str,
    request: &ApiRequest<'_>,
) -> ReplyResult {
    match resource {
        ApiResource::Deployments => Ok(ApiReply::ok(show::deployment::all(world))),
        ApiResource::Deployment(id) => delete_deployment(world, id, request),
        ApiResource::Queue => {
            let with_offers = request.query.all("embed").iter().any(|word| word == "lastUnusedOffers");
            Ok(ApiReply::ok(show::queue::queue(world, with_offers)))
        }
        ApiResource::QueueDelay(id) => reset_delay(world, id),
        ApiResource::Info => Ok(ApiReply::ok(show::info::info(world))),
        ApiResource::Leader if method == "DELETE" => abdicate(request),
        ApiResource::Leader => Ok(ApiReply::ok(json!({"leader": world.options.address}))),
        ApiResource::Plugins => Ok(ApiReply::ok(json!({"plugins": []}))),
        ApiResource::Plugin(id) => Err(ApiReply::missing(format!("No plugin with this pluginId: {id}"))),
        ApiResource::Ping => Ok(ping(kind)),
        ApiResource::Metrics => Ok(ApiReply::ok(metrics(world))),
        ApiResource::Prometheus => {
            let text = format!("marathon_deployments_active_gauge {}\n", world.deployments.len());
            Ok(ApiReply { status: 200, headers: Vec::new(), body: ReplyBody::Text(kind, text) })
        }
        ApiResource::Logging if method == "POST" => logging(request),
        ApiResource::Logging => Ok(ApiReply::ok(json!({"ROOT": "INFO"}))),
        ApiResource::Config => Ok(ApiReply::ok(json!({}))),
        _ => Err(ApiReply::message(500, "URI not found")),
    }
}

/// DELETE /v2/leader
fn abdicate(request: &ApiRequest<'_>) -> ReplyResult {
    let places = ["backup", "restore"].into_iter().filter_map(|name| request.query.first(name));
    let bad: Vec<(String, String)> = places
        .filter(|place| !place.starts_with("file:"))
        .map(|place| ("/".to_owned(), format!("Invalid URI or unsupported scheme: {place}")))
        .collect();
    if bad.is_empty() {
        Ok(ApiReply::ok(json!({"message": "Leadership abdicated", "details": []})))
    } else {
        Err(ApiReply::invalid(&bad))
    }
}

fn ping(kind: &'static str) -> ApiReply {
    let body = if kind == "application/json" {
        ReplyBody::Json("pong".into())
    } else {
        ReplyBody::Text(kind, "pong".to_owned())
    };
    ApiReply { status: 200, headers: vec![("vary", "Accept".to_owned())], body }
}

fn logging(request: &ApiRequest<'_>) -> ReplyResult {
    let document = read::document(request.body)?;
    Ok(ApiReply::ok(document.root().to_json()))
}

fn metrics(world: &World) -> Json {
    let gauge = |value: usize| json!({"value": value});
    json!({
        "version": "3.0.0",
        "counters": {},
        "gauges": {
            "marathon.apps.active.gauge": gauge(world.specs.values().filter(|spec| !spec.is_pod()).count()),
            "marathon.pods.active.gauge": gauge(world.specs.values().filter(|spec| spec.is_pod()).count()),
            "marathon.groups.active.gauge": gauge(world.groups.len()),
            "marathon.deployments.active.gauge": gauge(world.deployments.len()),
        },
        "histograms": {},
        "meters": {},
        "timers": {},
    })
}

/// DELETE /v2/deployments/{id}: takes a deployment back, or with `force` only stops it.
fn delete_deployment(world: &mut World, id: &str, request: &ApiRequest<'_>) -> ReplyResult {
    let Some(deployment) = world.deployments.get(id) else {
        return Err(ApiReply::missing(format!("DeploymentPlan {id} does not exist")));
    };
    if request.query.is_on("force") {
        world.cancel(id);
        return Ok(ApiReply::empty(202));
    }
    let plan = deployment.plan.clone();
    let change = revert::of(world, &plan);
    let version = world.started;
    let update = Update { change, group: "/".to_owned(), version, force: true, kill: Vec::new() };
    let committed = world.commit(update).map_err(ApiReply::from)?;
    Ok(ApiReply::deployed(&committed))
}

/// DELETE /v2/queue/{id}/delay
fn reset_delay(world: &mut World, id: &str) -> ReplyResult {
    let id = absolute(id);
    let is_waiting = world.runs.get(&*id).is_some_and(ServiceRun::has_waiting);
    if !is_waiting {
        return Err(ApiReply::missing(format!("Application {id} not found in tasks queue.")));
    }
    world.reset_delay(&id);
    Ok(ApiReply::empty(204))
}
