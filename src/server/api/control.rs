//! `/milepost/…`: what Marathon does not have. Faults on demand, the clock, and a list of both.

use serde_json::{Value as Json, json};

use super::answer::ApiReply;
use super::read::absolute;
use super::request::ApiRequest;
use crate::rule::FAULT_LABELS;
use crate::server::faults::Trouble;
use crate::server::simulate::instance::InstanceCondition;
use crate::server::simulate::timer::Which;
use crate::server::world::World;

/// Commands for the server itself.
#[derive(Debug)]
pub(crate) enum Order {
    /// It ends, as Marathon does when it gives up its leadership.
    Stop,
    /// All event streams are closed.
    Cut,
    /// This many of the next events are lost, sent twice, or sent after the one that follows.
    Events { drop: u64, duplicate: u64, swap: u64 },
    /// This many of the next answers go wrong.
    Answers(Trouble),
    /// The clock is moved on by this many milliseconds.
    Advance(u64),
    /// It starts again, with or without what it held.
    Restart { keeps_memory: bool },
    /// Another one becomes the leader: streams are closed, a proxy has no leader for a moment.
    Leader,
}

/// What can be asked for: path, parameters, what it does.
const CONTROLS: &[(&str, &str, &str)] = &[
    ("fail", "id, state=TASK_FAILED, message, count=1", "tasks of an app or pod end"),
    ("lost", "id, count=1", "the agents of tasks become unreachable"),
    (
        "events",
        "drop, duplicate, swap",
        "this many of the next events are lost, sent twice, or sent after the next",
    ),
    ("cut", "", "all event streams are closed"),
    (
        "answers",
        "refuse, status=503, html=false, truncate, slow, milliseconds",
        "this many of the next answers go wrong",
    ),
    (
        "leader",
        "",
        "another server becomes the leader: streams are closed, the next answers are a proxy's 502",
    ),
    ("restart", "memory=true", "the server starts again, with or without what it held"),
    ("advance", "seconds", "the clock is moved on"),
    (
        "check",
        "target, format=json|jsonc|yaml",
        "the definition in the body is checked, normalized and migrated; nothing is created",
    ),
    ("help", "", "this list"),
];

/// Answers a request below `/milepost/`.
pub(crate) fn answer(
    world: &mut World,
    path: &str,
    request: &ApiRequest<'_>,
) -> Result<(ApiReply, Option<Order>), ApiReply> {
    let number = |name: &str, otherwise: u64| {
        let text = request.query.first(name);
        text.map_or(Ok(otherwise), |text| {
            text.parse::<u64>()
                .map_err(|_| ApiReply::message(422, format!("{name}={text} is not a whole number")))
        })
    };
    if path != "help" && request.method == "GET" {
        return Err(ApiReply::message(405, "Method Not Allowed"));
    }
    expect_known(path, request)?;
    let order = match path {
        "help" => return Ok((ApiReply::ok(help()), None)),
        "fail" => return fail(world, request, number("count", 1)?).map(|answer| (answer, None)),
        "lost" => return lose(world, request, number("count", 1)?).map(|answer| (answer, None)),
        "cut" => Order::Cut,
        "events" => Order::Events {
            drop: number("drop", 0)?,
            duplicate: number("duplicate", 0)?,
            swap: number("swap", 0)?,
        },
        "answers" => Order::Answers(Trouble {
            refuse: number("refuse", 0)?,
            status: u16::try_from(number("status", 503)?).unwrap_or(503),
            is_html: request.query.is_on("html"),
            truncate: number("truncate", 0)?,
            slow: number("slow", 0)?,
            delay: number("milliseconds", 1_000)?,
        }),
        "leader" => Order::Leader,
        "restart" => Order::Restart { keeps_memory: request.query.switch("memory", true) },
        "advance" => {
            let seconds = request.query.first("seconds").and_then(|text| text.parse::<f64>().ok());
            let seconds = seconds.filter(|seconds| (0.0..1e9).contains(seconds));
            let missing = || ApiReply::message(422, "seconds is missing, or no number");
            Order::Advance(crate::server::world::spec::milliseconds(seconds.ok_or_else(missing)?))
        }
        _ => {
            return Err(ApiReply::message(
                404,
                format!("there is no /milepost/{path}; /milepost/help has a list"),
            ));
        }
    };
    Ok((ApiReply::ok(json!({"done": path})), Some(order)))
}

/// Refuses parameters that a path does not have: a test with a misspelt fault would test nothing.
fn expect_known(path: &str, request: &ApiRequest<'_>) -> Result<(), ApiReply> {
    let Some((_, parameters, _)) = CONTROLS.iter().find(|(name, ..)| *name == path) else { return Ok(()) };
    let mut known = parameters.split(", ").map(|each| each.split('=').next().unwrap_or_default());
    match request.query.names().find(|name| !known.clone().any(|each| each == *name)) {
        None => Ok(()),
        Some(name) if known.all(str::is_empty) => {
            Err(ApiReply::message(422, format!("/milepost/{path} has no parameters, and so no {name}")))
        }
        Some(name) => {
            Err(ApiReply::message(422, format!("/milepost/{path} has no parameter {name}, but {parameters}")))
        }
    }
}

fn help() -> Json {
    let row =
        |names: [&str; 3], of: &(&str, &str, &str)| json!({names[0]: of.0, names[1]: of.1, names[2]: of.2});
    let controls: Json = CONTROLS.iter().map(|each| row(["path", "parameters", "does"], each)).collect();
    let labels: Json = FAULT_LABELS.iter().map(|each| row(["label", "value", "does"], each)).collect();
    json!({"controls": controls, "labels": labels})
}

/// The tasks that are meant: this many of a service, those that run first.
fn meant(world: &World, request: &ApiRequest<'_>, count: u64) -> Result<Vec<Which>, ApiReply> {
    let id = request.query.first("id").map(absolute);
    let id = id.ok_or_else(|| ApiReply::message(422, "id is missing: POST /milepost/fail?id=/web"))?;
    let spec = world
        .specs
        .get(&*id)
        .ok_or_else(|| ApiReply::message(404, format!("there is no app or pod {id}")))?;
    let active = world.instances(&id).filter(|each| each.is_active());
    let which = active.map(|each| Which {
        spec: spec.id.clone(),
        instance: each.number,
        incarnation: each.incarnation,
    });
    Ok(which.take(usize::try_from(count).unwrap_or(usize::MAX)).collect())
}

fn fail(world: &mut World, request: &ApiRequest<'_>, count: u64) -> Result<ApiReply, ApiReply> {
    let condition = match request.query.first("state").unwrap_or("TASK_FAILED") {
        "TASK_FAILED" => InstanceCondition::Failed,
        "TASK_FINISHED" => InstanceCondition::Finished,
        "TASK_KILLED" => InstanceCondition::Killed,
        "TASK_GONE" => InstanceCondition::Gone,
        other => return Err(ApiReply::message(422, format!("a task cannot end as {other}"))),
    };
    let message = request.query.first("message").unwrap_or_default();
    let which = meant(world, request, count)?;
    for which in &which {
        world.ended(which, condition, message, None);
        world.settle();
    }
    Ok(ApiReply::ok(json!({"tasks": which.len()})))
}

fn lose(world: &mut World, request: &ApiRequest<'_>, count: u64) -> Result<ApiReply, ApiReply> {
    let which = meant(world, request, count)?;
    for which in &which {
        world.lost(which);
        world.settle();
    }
    Ok(ApiReply::ok(json!({"tasks": which.len()})))
}
