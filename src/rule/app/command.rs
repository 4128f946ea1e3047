//! What an app runs: a command, arguments, an image.

use crate::definition::Containerizer;
use crate::finding::Stage::Canonical;
use crate::rule::shared::feature_text;
use crate::rule::view::AppView;
use crate::rule::{Context, Rule};
use crate::schema::table;
use crate::target::Release;

pub(super) static NOTHING_TO_RUN: Rule = Rule::verdict(
    "nothing-to-run",
    "An app has one of `cmd` and `args`, or a container that brings its own command",
)
.why(
    "`cmd` is a line for a shell, `args` are words for the image's entry point or a program, and an image alone runs what it \
     was built to run. With both, or without any, Marathon does not know what to start. A MESOS container without an \
     image brings no command.",
)
.bad(r#"{"id": "/web", "cpus": 0.5, "mem": 64}"#)
.good(r#"{"id": "/web", "cmd": "./web --port $PORT0", "cpus": 0.5, "mem": 64}"#);

static ONE_LETTER_CMD: Rule = Rule::verdict(
    "one-letter-cmd",
    "A `cmd` has more than one character (Marathon 1.5 and later refuse a single one)",
)
.why(
    "Marathon tries to refuse an empty command, but its check is off by one: since 1.5 it answers \"must not be an empty string\" \
     to a `cmd` of one character.",
)
.bad(r#"{"id": "/load", "cmd": "w"}"#)
.good(r#"{"id": "/load", "cmd": " w"}"#);

static CONTAINER_WITHOUT_DOCKER: Rule = Rule::verdict(
    "container-without-docker",
    "A DOCKER container, which is the default type, has `docker` with an image",
)
.why(
    "A container without a `type` is one of the Docker Engine, and that runs nothing but images. A container that is there \
     for its volumes or ports alone has the type MESOS.",
)
.bad(r#"{"id": "/web", "cmd": "./web", "container": {"volumes": [{"containerPath": "/etc/ssl",
        "hostPath": "/etc/ssl", "mode": "RO"}]}}"#)
.good(r#"{"id": "/web", "cmd": "./web", "container": {"type": "MESOS",
        "volumes": [{"containerPath": "/etc/ssl", "hostPath": "/etc/ssl", "mode": "RO"}]}}"#);

pub(crate) static PULL_CONFIG_NEEDS_UCR: Rule =
    Rule::verdict("pull-config-needs-ucr", "A pull config is for UCR: the container's type is MESOS")
        .why(
            "A pull config gives the credentials of a registry to Mesos, which fetches the image for UCR. The Docker \
             Engine fetches images by itself and knows only a `.docker/config.json` in the sandbox, which an archive in \
             `fetch` brings.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "registry.example.com/web:1",
                "pullConfig": {"secret": "pull"}}}, "secrets": {"pull": {"source": "web/pull"}}}"#)
        .good(r#"{"id": "/web", "container": {"type": "MESOS",
                "docker": {"image": "registry.example.com/web:1",
                "pullConfig": {"secret": "pull"}}}, "secrets": {"pull": {"source": "web/pull"}}}"#);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] =
    &[&NOTHING_TO_RUN, &ONE_LETTER_CMD, &CONTAINER_WITHOUT_DOCKER, &PULL_CONFIG_NEEDS_UCR];

pub(super) fn check(app: &AppView<'_>, context: &mut Context<'_>) {
    command(app, context);
    container(app, context);
}

fn command(app: &AppView<'_>, context: &mut Context<'_>) {
    let cmd = app.fields.text("cmd");
    if cmd.as_ref().is_some_and(|cmd| cmd.encode_utf16().count() == 1) {
        context
            .reject(&ONE_LETTER_CMD, Canonical, app.fields.at("cmd"), "/", "must not be an empty string")
            .describe(
                "Marathon takes a command of one character for an empty one",
                "write it with a space before it",
            );
    }
    let args = app.fields.has_any("args");
    let container = app.container.as_ref().is_some_and(|container| {
        container.docker.is_some() || container.containerizer == Containerizer::Mesos
    });
    if !runs(cmd.is_some(), args, container) {
        let (at, message, help) = if cmd.is_some() && args {
            (app.fields.at("args"), "an app has `cmd` or `args`, not both", "remove one of the two")
        } else {
            let message = "there is nothing to run: no `cmd`, no `args`, and no container with an image";
            (app.fields.value, message, "add a `cmd`, or a container with an image")
        };
        let text = "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.";
        context.reject(&NOTHING_TO_RUN, Canonical, at, "/", text).describe(message, help);
    }
}

/// Whether one of `cmd` and `args`, or a container, says what to run.
pub(super) fn runs(cmd: bool, args: bool, container: bool) -> bool {
    cmd ^ args || (!(cmd && args) && container)
}

fn container(app: &AppView<'_>, context: &mut Context<'_>) {
    let Some(container) = &app.container else { return };
    let at = container.fields.map_or(app.fields.value, |fields| fields.value);
    let Some(docker) = &container.docker else {
        if container.containerizer == Containerizer::Docker {
            context
                .reject(&CONTAINER_WITHOUT_DOCKER, Canonical, at, "/container/docker", "not defined")
                .describe(
                    "this container is one of the Docker Engine, and it has no `docker` with an image",
                    "add \"docker\" with an \"image\", or \"type\": \"MESOS\"",
                );
        }
        return;
    };
    let Some(config) = docker.object("pullConfig", &table::DOCKER_PULL_CONFIG) else { return };
    let path = "/container/docker/pullConfig";
    if container.containerizer == Containerizer::Docker {
        let text = "pullConfig is not supported with Docker containerizer";
        let answered = if context.release() < Release::V1_6 { "/container/docker" } else { path };
        let rejection = context.reject(&PULL_CONFIG_NEEDS_UCR, Canonical, config.value, answered, text);
        rejection.points_at(path).describe(
            "the Docker Engine does not read a pull config: it is for UCR, the type MESOS",
            "make the type MESOS, or give the Docker Engine an archive: `milepost wire --archive URI`",
        );
        return;
    }
    if !context.settings.secrets {
        for text in ["must be empty", &feature_text("secrets")] {
            super::secret::disabled(config.value, path, text, context);
        }
    }
    let secret = config.text("secret").unwrap_or_default();
    if !app.has_secret(&secret) {
        let text = "pullConfig.secret must refer to an existing secret";
        super::secret::undefined(app, &secret, config.at("secret"), path, path, text, context);
    }
}
