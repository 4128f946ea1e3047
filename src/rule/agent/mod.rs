//! What Mesos and Docker refuse after Marathon has accepted it: one file per area, on the model of the task that Marathon
//! builds ([`task`]).
//!
//! The rules are those of Mesos 1.11 and Docker 20.10. What depends on the agents is decided by `context.settings.agents`; where
//! it is not known, it is a risk.

pub(in crate::rule) mod check;
mod command;
mod constraint;
mod fetch;
mod identity;
mod image;
mod linux;
mod loopback;
mod network;
mod parameter;
mod path;
mod pod;
mod port;
mod resource;
mod task;
mod volume;
mod volume_driver;

use crate::finding::{Effect, Finding, Refusal, Refuser};
use crate::schema::table;
use crate::source::Value;
use crate::source::placeholder::{self, TextReader};

use super::view::AppView;
use super::{Context, Fields, Rule};
use task::Task;

/// The rules of this room.
pub(super) static RULES: [&[&Rule]; 15] = [
    check::RULES,
    command::RULES,
    constraint::RULES,
    fetch::RULES,
    identity::RULES,
    image::RULES,
    linux::RULES,
    loopback::RULES,
    network::RULES,
    parameter::RULES,
    pod::RULES,
    port::RULES,
    resource::RULES,
    volume::RULES,
    volume_driver::RULES,
];

/// What becomes of the tasks of an app.
pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    if context.is_brief {
        return;
    }
    let task = Task::of_app(app, context.settings);
    check::app(app, context);
    command::task(&task, context);
    command::environment(&task, None, context);
    constraint::app(app, context);
    fetch::files(app.fields.list("fetch").chain(app.fields.list("uris")), context);
    identity::app(app, context);
    image::task(&task, context);
    linux::app(app, &task, context);
    loopback::app(app, context);
    network::app(app, &task, context);
    parameter::app(app, &task, context);
    port::app(app, &task, context);
    resource::app(app, &task, context);
    volume::task(&task, context);
}

/// What becomes of the tasks of a pod.
pub(super) fn pod(pod: &Fields<'_>, context: &mut Context<'_>) {
    if context.is_brief {
        return;
    }
    constraint::pod(pod, context);
    identity::pod(pod, context);
    linux::pod(pod, context);
    network::pod(pod, context);
    pod::pod(pod, context);
    resource::executor(pod, context);
    let placement = pod.get("scheduling").and_then(|scheduling| scheduling.get("placement"));
    let roles = placement.and_then(|placement| placement.get("acceptedResourceRoles"));
    port::roles(roles, context);
    for container in pod.list("containers") {
        let container = Fields::of(container, &table::POD_CONTAINER);
        check::container(&container, context);
        fetch::files(container.list("artifacts"), context);
        port::container(&container, roles, context);
        let task = Task::of_container(pod, container);
        command::task(&task, context);
        command::environment(&task, pod.get("environment"), context);
        image::task(&task, context);
        resource::container(&task, context);
        volume::task(&task, context);
    }
}

/// Reports that `by` refuses the tasks, with these words.
#[cold]
fn refuse<'c>(
    context: &'c mut Context<'_>,
    rule: &'static Rule,
    at: Value<'_>,
    by: Refuser,
    said: impl Into<String>,
) -> &'c mut Finding {
    let found = context.warn(rule, at);
    found.effect = Effect::Fails;
    found.refusal = Some(Box::new(Refusal { by, message: said.into() }));
    found
}

/// What the executor reports where `docker run` ends before anything runs, having written this.
fn docker_run_failed(stderr: &str) -> String {
    format!("Container exited with status 125; stderr: {stderr}")
}

/// What `docker` writes for an error of the Docker Engine.
fn engine_error(error: &str) -> String {
    format!("docker: Error response from daemon: {error}.")
}

/// What is reported for an error of the Docker Engine.
fn engine_failed(error: &str) -> String {
    docker_run_failed(&engine_error(error))
}

/// What `docker` writes where runc cannot create a container.
fn runtime_error(error: &str) -> String {
    engine_error(&format!(
        "failed to create shim task: OCI runtime create failed: runc create failed: {error}: unknown"
    ))
}

/// Whether a template fills something into a text, which changes what it says.
fn is_open(text: &str) -> bool {
    placeholder::find(text, TextReader::Plain).is_some()
}
