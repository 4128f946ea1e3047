//! Health checks (`AppValidation`, `HealthCheckConversion`).

use std::borrow::Cow;

use crate::definition::Containerizer;
use crate::finding::Stage::{self, Canonical, Conversion};
use crate::finding::{Change, Fix, FixKind};
use crate::rule::view::{AppView, HealthCheckView};
use crate::rule::{Context, Rule};
use crate::schema::table;
use crate::target::Release;

static UNKNOWN_HEALTH_CHECK_PORT: Rule =
    Rule::verdict("unknown-health-check-port", "A health check points at a port of the app").aliases(&["health-check-port"])
        .why(
            "`portIndex` counts the port mappings, or the port definitions where there are none, from 0. Where neither \
             `port` nor `portIndex` is said, there has to be exactly one port to check. A port index that is there has \
             to be right even beside `port`.",
        )
        .bad(r#"{"id": "/web", "cmd": "./web", "portDefinitions": [{"port": 0, "name": "http"}],
                "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/health", "portIndex": 1}]}"#)
        .good(r#"{"id": "/web", "cmd": "./web", "portDefinitions": [{"port": 0, "name": "http"}],
                "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/health", "portIndex": 0}]}"#);

static UNSUPPORTED_IPV6_CHECK: Rule = Rule::verdict(
    "unsupported-ipv6-check",
    "A health check over IPv6 is done by Mesos (MESOS_HTTP, MESOS_HTTPS, MESOS_TCP), of a Docker Engine container",
).aliases(&["ipv6-check"])
.why(
    "Only Mesos can check over IPv6, and only a task of the Docker Engine has an IPv6 address to check. Known since 1.6.",
)
.since(Release::V1_6)
.bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27"},
        "portMappings": [{"containerPort": 80}]}, "networks": [{"mode": "container/bridge"}],
        "healthChecks": [{"protocol": "HTTP", "portIndex": 0, "ipProtocol": "IPv6"}]}"#)
.good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27"},
        "portMappings": [{"containerPort": 80}]}, "networks": [{"mode": "container/bridge"}],
        "healthChecks": [{"protocol": "MESOS_HTTP", "portIndex": 0, "ipProtocol": "IPv6"}]}"#);

static SEVERAL_MESOS_CHECKS: Rule = Rule::verdict(
    "several-mesos-checks",
    "An app has at most one health check that Mesos does, commands not counted",
).aliases(&["one-mesos-check"])
.why(
    "Mesos itself takes one health check for a task. Checks by Marathon (HTTP, HTTPS, TCP) can stand beside it. Marathon \
     accepts commands there as well, but then only the first check runs. Two that come to the same once defaults are \
     filled in count as one.",
)
.bad(r#"{"id": "/web", "cmd": "./web", "portDefinitions": [{"port": 0}, {"port": 0}],
        "healthChecks": [{"protocol": "MESOS_HTTP", "portIndex": 0}, {"protocol": "MESOS_TCP",
        "portIndex": 1}]}"#)
.good(r#"{"id": "/web", "cmd": "./web", "portDefinitions": [{"port": 0}, {"port": 0}],
        "healthChecks": [{"protocol": "COMMAND",
        "command": {"value": "curl -f localhost:$PORT0 && nc -z localhost $PORT1"}}]}"#);

static MALFORMED_HEALTH_CHECK: Rule =
    Rule::verdict("malformed-health-check", "A health check has a protocol and the fields that go with it").aliases(&["health-check-form"])
        .why(
            "A check that runs a command has the protocol COMMAND (HTTP is the default) and neither path nor port, and \
             the other way round. Marathon's rules let the wrong form through, and it then fails with a server error.",
        )
        .bad(r#"{"id": "/web", "cmd": "./web",
                "healthChecks": [{"command": {"value": "curl -f localhost:$PORT0"}}]}"#)
        .good(r#"{"id": "/web", "cmd": "./web", "healthChecks": [{"protocol": "COMMAND",
                "command": {"value": "curl -f localhost:$PORT0"}}]}"#)
        .fix(FixKind::Safe);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] =
    &[&UNKNOWN_HEALTH_CHECK_PORT, &UNSUPPORTED_IPV6_CHECK, &SEVERAL_MESOS_CHECKS, &MALFORMED_HEALTH_CHECK];

pub(super) fn check(app: &AppView<'_>, context: &mut Context<'_>) {
    let ports = app.port_count();
    for (index, check) in app.health_checks.iter().enumerate() {
        let path = || format!("/healthChecks({index})");
        let by_marathon = !check.has_command && matches!(check.protocol, "HTTP" | "HTTPS" | "TCP");
        if by_marathon && !check.has_port_of(ports) {
            reject_port(check, ports, &path(), Canonical, context);
        }
        let by_mesos = matches!(check.protocol, "MESOS_HTTP" | "MESOS_HTTPS" | "MESOS_TCP");
        if context.release() >= Release::V1_6
            && check.fields.word("ipProtocol") == Some("IPv6")
            && !(by_mesos && app.containerizer() == Some(Containerizer::Docker))
        {
            let text =
                "IPv6 can only be used for container type DOCKER and Mesos http/https/tcp health checks";
            let message = if by_mesos {
                "only a container of the Docker Engine has an IPv6 address to check".to_owned()
            } else {
                format!("a check of protocol {} is not done over IPv6", check.protocol)
            };
            context.reject(&UNSUPPORTED_IPV6_CHECK, Canonical, check.fields.at("ipProtocol"), path(), text).describe(
                message,
                "remove `ipProtocol`, or let Mesos check a container of type DOCKER: MESOS_HTTP, MESOS_TCP",
            );
        }
    }
    let is_mesos = |check: &&HealthCheckView<'_>| {
        check.has_command || !matches!(check.protocol, "HTTP" | "HTTPS" | "TCP")
    };
    let mesos = app.health_checks.iter().filter(is_mesos).count();
    let commands = app.health_checks.iter().filter(|check| check.has_command).count();
    if mesos - commands > 1 {
        let text = "AppDefinition can contain at most one Mesos health check";
        context.reject(&SEVERAL_MESOS_CHECKS, Canonical, app.fields.at("healthChecks"), "/", text).describe(
            format!("Mesos does one check for a task, and here are {}", mesos - commands),
            "keep one of them, or make one command that checks all",
        );
    }
}

/// Rejects the port of a check.
pub(super) fn reject_port(
    check: &HealthCheckView<'_>,
    ports: usize,
    path: &str,
    stage: Stage,
    context: &mut Context<'_>,
) {
    let text =
        "Health check port indices must address an element of the ports array or container port mappings.";
    let (message, help) = match (check.port_index, ports) {
        (Some(index), 0) => (
            format!("there is no port {index}: the app has none"),
            "add `portDefinitions`, or `portMappings` on a bridge or container network".to_owned(),
        ),
        (Some(index), _) => (
            format!("there is no port {index}: the app has {ports}, counted from 0"),
            format!("write a `portIndex` from 0 to {}", ports - 1),
        ),
        (None, 0) => ("the app has no port to check".to_owned(), "add one, or write \"port\"".to_owned()),
        (None, _) => (
            format!("the app has {ports} ports, and this does not say which one"),
            "add \"portIndex\"".to_owned(),
        ),
    };
    context
        .reject(&UNKNOWN_HEALTH_CHECK_PORT, stage, check.fields.at("portIndex"), path, text)
        .describe(message, help);
}

/// Checks what fails in the conversion, which Marathon answers with status 500.
pub(super) fn convert(app: &AppView<'_>, context: &mut Context<'_>) {
    for check in &app.health_checks {
        let at = check.fields.value;
        if check.has_command {
            if check.fields.has("path") || check.has_port {
                let text = format!("Invalid combination of HealthCheck parameters in {}", printed(check));
                context
                    .reject(&MALFORMED_HEALTH_CHECK, Conversion, at, "", text)
                    .describe("a check with a `command` has neither `path` nor `port`", "remove them");
            } else if check.protocol != "COMMAND" {
                let text = format!("illegal protocol {} specified with command", check.protocol);
                let help = "write \"protocol\": \"COMMAND\"";
                context
                    .reject(&MALFORMED_HEALTH_CHECK, Conversion, check.fields.at("protocol"), "", text)
                    .describe(
                        format!("a check with a `command` has the protocol COMMAND, not {}", check.protocol),
                        help,
                    )
                    .fix(Fix::safe(help, [as_command(check)]));
            }
        } else if check.protocol == "COMMAND" {
            let text = "illegal protocol COMMAND for non-command health check";
            context
                .reject(&MALFORMED_HEALTH_CHECK, Conversion, check.fields.at("protocol"), "", text)
                .describe(
                    "a check of protocol COMMAND needs a `command`",
                    "add \"command\": {\"value\": …}, or name another protocol",
                );
        }
    }
}

/// The change that gives a check the protocol COMMAND.
fn as_command(check: &HealthCheckView<'_>) -> Change {
    match check.fields.get("protocol") {
        Some(protocol) => Change::replace(protocol, "COMMAND"),
        None => Change::insert(check.fields.value, "protocol", "COMMAND"),
    }
}

/// A check as Scala prints it (1.8 and later; older releases put other words around a similar text).
fn printed(check: &HealthCheckView<'_>) -> String {
    let fields = &check.fields;
    let option = |value: Option<String>| value.map_or("None".to_owned(), |value| format!("Some({value})"));
    let command = fields.object("command", &table::APP_COMMAND_CHECK);
    let command = command.and_then(|command| Some(format!("AppCommandCheck({})", command.text("value")?)));
    let ignores = fields.get("ignoreHttp1xx").and_then(|value| value.as_bool());
    format!(
        "AppHealthCheck({},{},{},{},{},{},{},{},{},{},{},{})",
        option(command),
        check.number("gracePeriodSeconds"),
        option(ignores.map(|given| given.to_string())),
        check.number("intervalSeconds"),
        check.number("maxConsecutiveFailures"),
        option(fields.text("path").map(Cow::into_owned)),
        option(fields.int("port").map(|port| port.to_string())),
        option(check.port_index.map(|index| index.to_string())),
        check.protocol,
        fields.word("ipProtocol").unwrap_or("IPv4"),
        check.number("timeoutSeconds"),
        check.number("delaySeconds"),
    )
}
