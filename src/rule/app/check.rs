//! Checks, which are not health checks (since Marathon 1.8; `CheckConversion`).

use crate::definition::Containerizer;
use crate::finding::Stage::{Conversion, Model};
use crate::rule::view::{AppView, Fields};
use crate::rule::{Context, Rule};
use crate::schema::table;
use crate::target::Release;

static MALFORMED_CHECK: Rule = Rule::verdict(
    "malformed-check",
    "A check is one of `http`, `tcp` and `exec`, in a form Marathon can carry out",
).aliases(&["check-form"])
.why(
    "Marathon answers with a server error when it cannot convert a check: one of several kinds or of none, \
         one over HTTPS, or a command in the form of `argv`. The last one does more damage: Marathon stores the \
         app all the same, and no list of apps or groups can be read until it is deleted.",
)
.since(Release::V1_8)
.bad(r#"{"id": "/web", "cmd": "./web", "check": {"exec": {"command": {"argv": ["./check", "--fast"]}}}}"#)
.good(r#"{"id": "/web", "cmd": "./web", "check": {"exec": {"command": {"shell": "./check --fast"}}}}"#);

static CHECK_ON_DOCKER: Rule =
    Rule::verdict("check-on-docker", "A `check` is for UCR: the Docker Engine has none")
        .why("Checks are carried out by Mesos' own executor. Health checks work with both engines.")
        .since(Release::V1_8)
        .bad(
            r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27"}},
                "check": {"tcp": {"port": 80}}}"#,
        )
        .good(
            r#"{"id": "/web", "container": {"type": "MESOS", "docker": {"image": "nginx:1.27"}},
                "check": {"tcp": {"port": 80}}}"#,
        );

static UNKNOWN_CHECK_PORT: Rule = Rule::verdict("unknown-check-port", "A check points at a port of the app").aliases(&["check-port"])
    .why(
        "`portIndex` counts the port mappings, or the port definitions where there are none, from 0. Where a check says \
         neither `port` nor `portIndex`, there has to be exactly one port.",
    )
    .since(Release::V1_8)
    .bad(r#"{"id": "/web", "cmd": "./web", "portDefinitions": [{"port": 0}],
            "check": {"http": {"path": "/", "portIndex": 1}}}"#)
    .good(r#"{"id": "/web", "cmd": "./web", "portDefinitions": [{"port": 0}],
            "check": {"http": {"path": "/", "portIndex": 0}}}"#);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[&MALFORMED_CHECK, &CHECK_ON_DOCKER, &UNKNOWN_CHECK_PORT];

/// The rules of the internal model for an app with this number of ports.
pub(super) fn model(app: &AppView<'_>, ports: usize, context: &mut Context<'_>) {
    if context.release() < Release::V1_8 {
        return;
    }
    let Some(check) = app.fields.object("check", &table::APP_CHECK) else { return };
    if app.containerizer() == Some(Containerizer::Docker) {
        let text = "AppDefinition must not use 'checks' if using docker";
        context.reject(&CHECK_ON_DOCKER, Model, check.value, "/", text).describe(
            "the Docker Engine does no checks",
            "make the container's type MESOS, or write a health check",
        );
    }
    let by_port =
        check.object("http", &table::APP_HTTP_CHECK).or_else(|| check.object("tcp", &table::APP_TCP_CHECK));
    let Some(by_port) = by_port else { return };
    let is_known = match by_port.int("portIndex") {
        Some(index) => usize::try_from(index).is_ok_and(|index| index < ports),
        None => by_port.has("port") || ports == 1,
    };
    if !is_known {
        let text = "check port index must address an element of the ports array or container port mappings.";
        let message = match by_port.int("portIndex") {
            Some(index) => format!("there is no port {index}: the app has {ports}, counted from 0"),
            None => format!("the app has {ports} ports, and this does not say which one"),
        };
        let help = "write the `portIndex` of a port definition or port mapping, or a `port`";
        context
            .reject(&UNKNOWN_CHECK_PORT, Model, by_port.at("portIndex"), "/check/get", text)
            .describe(message, help);
    }
}

/// Checks what fails in the conversion, which Marathon answers with status 500.
pub(super) fn convert(app: &AppView<'_>, context: &mut Context<'_>) {
    if context.release() < Release::V1_8 {
        return;
    }
    let Some(check) = app.fields.object("check", &table::APP_CHECK) else { return };
    let forms = ["http", "tcp", "exec"].iter().filter(|form| check.has(form)).count();
    if forms != 1 {
        let text = "illegal RAML Check: expected one of http, tcp or exec checks";
        context.reject(&MALFORMED_CHECK, Conversion, check.value, "", text).describe(
            format!("a check is one of `http`, `tcp` and `exec`, and this has {forms} of them"),
            "keep one",
        );
        return;
    }
    if let Some(http) =
        check.object("http", &table::APP_HTTP_CHECK).filter(|http| http.word("scheme") == Some("HTTPS"))
    {
        let text = "HTTPS (of class mesosphere.marathon.raml.HttpScheme$Https$)";
        context.reject(&MALFORMED_CHECK, Conversion, http.at("scheme"), "", text).describe(
            "a check's scheme is HTTP: Marathon cannot carry out HTTPS",
            "check over HTTP or TCP, or use a health check of protocol MESOS_HTTPS",
        );
    }
    if let Some(exec) = check.object("exec", &table::COMMAND_CHECK) {
        argv(&exec, context);
    }
}

/// Rejects a command in the form of `argv`: Marathon stores it and cannot read it again.
fn argv(exec: &Fields<'_>, context: &mut Context<'_>) {
    use crate::schema::{Shape, fits};
    static SHELL: Shape = Shape::Object(&table::SHELL_COMMAND);
    let Some(command) = exec.get("command").filter(|command| !fits(*command, &SHELL)) else { return };
    let words: Vec<_> =
        Fields::of(command, &table::ARGV_COMMAND).list("argv").filter_map(|word| word.as_str()).collect();
    let text = format!("ArgvList(List({})) (of class mesosphere.marathon.state.ArgvList)", words.join(", "));
    context.reject(&MALFORMED_CHECK, Conversion, command, "", text).describe(
        "a check's command is a `shell` line: with `argv` Marathon stores an app it can no longer read",
        "write {\"shell\": …}",
    );
}
