//! Everything of the API that is not about a service or a group: deployments, the queue, what the server says of itself.

use serde_json::{Value as Json, json};

use super::answer::{Answer, Body, Outcome};
use super::read::{self, absolute};
use super::request::Request;
use super::route::Resource;
use crate::server::deployment::revert;
use crate::server::show;
use crate::server::world::World;
use crate::server::world::commit::Update;

/// Paths of other servlets than the API's.
pub(crate) fn outside(request: &Request<'_>) -> Option<Answer> {
    let path = request.path;
    let is_servlet = |name: &str| path == name || path.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'));
    if path == "/" {
        let answer = Answer::empty(302).with("location", format!("http://{}/ui/", request.authority));
        return Some(answer);
    }
    let is_static = ["/ui", "/help", "/api-console", "/public"].iter().any(|name| is_servlet(name));
    if !is_static && !is_servlet("/v2/events") {
        return None;
    }
    match request.method {
        "OPTIONS" => return Some(Answer::empty(200).with("allow", "GET, HEAD, OPTIONS")),
        "GET" | "HEAD" => {}
        "PATCH" => return Some(Answer::empty(501)),
        _ => return Some(error(405)),
    }
    Some(match path {
        "/ui" => Answer::empty(302).with("location", "/ui/"),
        "/help" => Answer::empty(302).with("location", "api-console/index.html"),
        // With the right Accept header a stream was opened already.
        "/v2/events" => error(405),
        path if path.starts_with("/v2/events") => Answer::message(500, "URI not found"),
        _ => error(404),
    })
}

/// An error of a servlet, which sets its own headers.
fn error(status: u16) -> Answer {
    Answer::empty(status).with("cache-control", "must-revalidate,no-cache,no-store")
}

/// Answers what is left of the API.
pub(crate) fn answer(
    world: &mut World,
    resource: &Resource,
    method: &str,
    kind: &'static str,
    request: &Request<'_>,
) -> Outcome {
    match resource {
        Resource::Deployments => Ok(Answer::ok(show::deployment::all(world))),
        Resource::Deployment(id) => delete_deployment(world, id, request),
        Resource::Queue => {
            let with_offers = request.query.all("embed").iter().any(|word| word == "lastUnusedOffers");
            Ok(Answer::ok(show::queue::queue(world, with_offers)))
        }
        Resource::QueueDelay(id) => reset_delay(world, id),
        Resource::Info => Ok(Answer::ok(show::info::info(world))),
        Resource::Leader if method == "DELETE" => Ok(Answer::ok(json!({"message": "Leadership abdicated"}))),
        Resource::Leader => Ok(Answer::ok(json!({"leader": world.options.address}))),
        Resource::Plugins => Ok(Answer::ok(json!({"plugins": []}))),
        Resource::Plugin(id) => Err(Answer::missing(format!("No plugin with this pluginId: {id}"))),
        Resource::Ping => Ok(ping(kind)),
        Resource::Metrics => Ok(Answer::ok(metrics(world))),
        Resource::Logging if method == "POST" => logging(request),
        Resource::Logging => Ok(Answer::ok(json!({"ROOT": "INFO"}))),
        Resource::Config => Ok(Answer::ok(json!({}))),
        _ => Err(Answer::message(500, "URI not found")),
    }
}

fn ping(kind: &'static str) -> Answer {
    let body = if kind == "application/json" { Body::Json("pong".into()) } else { Body::Text(kind, "pong".to_owned()) };
    Answer { status: 200, headers: vec![("vary", "Accept".to_owned())], body }
}

fn logging(request: &Request<'_>) -> Outcome {
    let document = read::document(request.body)?;
    Ok(Answer::ok(document.root().to_json()))
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
fn delete_deployment(world: &mut World, id: &str, request: &Request<'_>) -> Outcome {
    let Some(deployment) = world.deployments.get(id) else {
        return Err(Answer::missing(format!("DeploymentPlan {id} does not exist")));
    };
    if request.query.is_on("force") {
        world.cancel(id);
        return Ok(Answer::empty(202));
    }
    let plan = deployment.plan.clone();
    let change = revert::of(world, &plan);
    let version = world.started;
    let update = Update { change, group: "/".to_owned(), version, force: true, kill: Vec::new() };
    let committed = world.commit(update).map_err(Answer::from)?;
    Ok(Answer::deployed(&committed))
}

/// DELETE /v2/queue/{id}/delay
fn reset_delay(world: &mut World, id: &str) -> Outcome {
    let id = absolute(id);
    let is_waiting = world.runs.get(&*id).is_some_and(|run| run.scheduled() > 0);
    if !is_waiting {
        return Err(Answer::missing(format!("Application {id} not found in tasks queue.")));
    }
    world.reset_delay(&id);
    Ok(Answer::empty(204))
}
