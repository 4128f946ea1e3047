//! Health checks: whether there is one, and whether its port exists. What runs them: [`super::mesos_check`].

use crate::definition::NetworkMode;
use crate::finding::{Change, Effect, Fix, FixKind};
use crate::rule::view::AppView;
use crate::rule::view::HealthCheckView;
use crate::schema::integer;
use crate::source::{Type, Value};

use super::{Context, Fields, Rule};

static NO_HEALTH_CHECK: Rule = Rule::risky("no-health-check", "A service with ports has a health check")
    .why(
        "Without a health check an instance counts as healthy as soon as its process runs. An upgrade then stops the old \
         instances before the new ones answer, load balancers send requests to instances that are not ready, and \
         Marathon never replaces one that hangs.",
    )
    .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0, "name": "http"}]}"#)
    .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0, "name": "http"}],
            "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/health", "portIndex": 0}]}"#);

static FOREIGN_CHECK_PORT: Rule =
    Rule::risky("foreign-check-port", "On a bridge network the `port` of a check by Marathon is a host port of the app")
        .why(
            "Marathon asks the agent's address for a literal `port`. On a bridge network only the host ports of the app's \
             mappings are its own there: any other port is closed, so that Marathon kills the instances again and again, \
             or belongs to another task, and the check passes. Checks by Mesos ask from within the container; on the \
             host network, and where the app has an address of its own, any port may be right.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"},
                "portMappings": [{"containerPort": 80}]}, "networks": [{"mode": "container/bridge"}],
                "healthChecks": [{"protocol": "HTTP", "path": "/health", "port": 80}]}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"},
                "portMappings": [{"containerPort": 80}]}, "networks": [{"mode": "container/bridge"}],
                "healthChecks": [{"protocol": "HTTP", "path": "/health", "portIndex": 0}]}"#);

static SLOW_CHECK_TIMEOUT: Rule =
    Rule::risky("slow-check-timeout", "A health check times out before the next one is due")
        .why(
            "With a timeout longer than the interval, checks by Marathon overlap, and checks by Mesos come later than the \
             interval says. Marathon replaces an instance that hangs after maxConsecutiveFailures times the longer of \
             both, later than the interval suggests.",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "MESOS_TCP", "portIndex": 0, "intervalSeconds": 5}]}"#)
        .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "MESOS_TCP", "portIndex": 0, "intervalSeconds": 5,
                "timeoutSeconds": 4}]}"#);

static IDLE_CHECK_FIELD: Rule =
    Rule::ignored("idle-check-field", "A health check has only fields that its protocol uses")
        .why(
            "Marathon stores only the fields of a health check that its protocol uses, and drops the rest: `path` of a TCP \
             check, `delaySeconds` of a check that Marathon runs itself, `portIndex` of a command, `ignoreHttp1xx` of \
             any.",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "MESOS_TCP", "portIndex": 0, "path": "/health"}]}"#)
        .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "MESOS_HTTP", "portIndex": 0, "path": "/health"}]}"#)
        .fix(FixKind::Safe);

pub(super) static RULES: &[&Rule] =
    &[&NO_HEALTH_CHECK, &FOREIGN_CHECK_PORT, &SLOW_CHECK_TIMEOUT, &IDLE_CHECK_FIELD];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    if app.health_checks.is_empty() {
        if app.instances() > 0
            && let Some(at) = written_ports(app)
        {
            warn_missing(
                at,
                "set `healthChecks`, such as [{\"protocol\": \"MESOS_HTTP\", \"path\": \"/\"}]",
                context,
            );
        }
        return;
    }
    // Marathon reads other types as defaults, which another rule reports.
    for check in app.health_checks.iter().filter(|check| check.fields.value.kind() == Type::Object) {
        port(app, check, context);
        timeout(&check.fields, context);
        idle_fields(check, context);
    }
}

pub(super) fn container(container: &Fields<'_>, context: &mut Context<'_>) {
    if container.has("healthCheck") {
        return;
    }
    if let Some(endpoints) = container.get("endpoints").filter(|list| has_tcp(*list)) {
        warn_missing(endpoints, "give the container a `healthCheck` of one of its endpoints", context);
    }
}

/// The value that declares ports that something can connect to.
fn written_ports<'a>(app: &AppView<'a>) -> Option<Value<'a>> {
    let container = app.container.as_ref();
    let fields = container.and_then(|container| container.fields.as_ref());
    let mappings = container.filter(|container| {
        container.port_mappings.iter().flatten().any(|mapping| mapping.at.is_some_and(|at| !is_udp(at)))
    });
    if let Some(container) = mappings {
        let docker = container.docker.as_ref();
        let new = fields.and_then(|fields| fields.get("portMappings"));
        return new
            .or_else(|| docker.and_then(|docker| docker.get("portMappings")))
            .or(Some(app.fields.value));
    }
    let mut definitions = app.port_definitions.iter().flatten();
    definitions
        .any(|port| port.at.is_some_and(|at| !is_udp(at)))
        .then(|| app.fields.get("portDefinitions").unwrap_or_else(|| app.fields.at("ports")))
}

fn is_udp(port: Value<'_>) -> bool {
    port.get("protocol").is_some_and(|protocol| protocol.is_str("udp"))
}

fn has_tcp(endpoints: Value<'_>) -> bool {
    endpoints.elements().any(|endpoint| {
        let Some(protocols) = endpoint.get("protocol") else { return true };
        protocols.elements().next().is_none() || protocols.elements().any(|protocol| !protocol.is_str("udp"))
    })
}

fn warn_missing(at: Value<'_>, help: &'static str, context: &mut Context<'_>) {
    let found = context.warn(&NO_HEALTH_CHECK, at);
    found.message = "this has ports but no health check: it counts as healthy as long as it runs".into();
    found.help = Some(help.into());
}

/// Marathon asks the agent, unless the app is on a container network (`HealthCheckWorker.check`,
/// `NetworkInfo.effectiveIpAddress`).
fn port(app: &AppView<'_>, check: &HealthCheckView<'_>, context: &mut Context<'_>) {
    let by_marathon = matches!(check.protocol, "HTTP" | "HTTPS" | "TCP");
    let Some(port) = check.fields.int("port").filter(|_| by_marathon && check.port_index.is_none()) else {
        return;
    };
    let mappings = app.container.as_ref().and_then(|container| container.port_mappings.as_ref());
    let Some(mappings) = mappings.filter(|_| app.count(NetworkMode::ContainerBridge) > 0) else { return };
    let position = |name: &str| {
        let number = |mapping: Value<'_>| integer(mapping.get(name)?.as_number()?, true);
        mappings.iter().position(|mapping| mapping.at.and_then(number) == Some(port))
    };
    if position("hostPort").is_some() {
        return;
    }
    let found = context.warn(&FOREIGN_CHECK_PORT, check.fields.at("port"));
    found.message = format!("Marathon asks port {port} of the agent, which none of the app's mappings has");
    found.help = Some(match position("containerPort") {
        Some(index) => format!("write \"portIndex\": {index} in its place").into(),
        None => "name the port by `portIndex`, its index in the list of the app's port mappings".into(),
    });
}

fn timeout(check: &Fields<'_>, context: &mut Context<'_>) {
    if !check.has("timeoutSeconds") && !check.has("intervalSeconds") {
        return;
    }
    // Marathon's defaults, all releases.
    let given = check.int("timeoutSeconds");
    let (timeout, interval) = (given.unwrap_or(20), check.int("intervalSeconds").unwrap_or(60));
    // Equal numbers are common and harmless.
    if timeout <= interval {
        return;
    }
    let at = if given.is_some() { "timeoutSeconds" } else { "intervalSeconds" };
    let found = context.warn(&SLOW_CHECK_TIMEOUT, check.at(at));
    let default = if given.is_some() { "" } else { " (the default)" };
    found.message =
        format!("a check may take {timeout} seconds{default}, but the next one is due after {interval}");
    found.help = Some(format!("set `timeoutSeconds` to less than {interval}").into());
}

fn idle_fields(check: &HealthCheckView<'_>, context: &mut Context<'_>) {
    let is = |names: &[&str]| names.contains(&check.protocol);
    let idle = [
        ("path", is(&["TCP", "MESOS_TCP"])),
        ("delaySeconds", is(&["HTTP", "HTTPS", "TCP"])),
        ("portIndex", is(&["COMMAND"])),
        ("ignoreHttp1xx", true),
    ];
    for (name, _) in idle.into_iter().filter(|(_, is_idle)| *is_idle) {
        // Servers, the dashboard of DC/OS and Marathon's own pages write defaults out.
        let is_default = |value: &Value<'_>| match name {
            "ignoreHttp1xx" => value.as_bool() == Some(false),
            "delaySeconds" => value.as_f64() == Some(15.0),
            "portIndex" => value.as_f64() == Some(0.0),
            _ => value.is_str("/") || value.is_str(""),
        };
        let Some(value) = check.fields.get(name).filter(|value| !is_default(value)) else { continue };
        let found = context.warn(&IDLE_CHECK_FIELD, value);
        found.message = format!("Marathon drops the `{name}` of a {} check", check.protocol);
        found.help = Some(if name == "path" { "write MESOS_HTTP, or remove it" } else { "remove it" }.into());
        found.fix = Some(Fix::safe(format!("remove `{name}`"), [Change::remove(check.fields.value, value)]));
        if name != "path" {
            // The check does what it says without it.
            found.effect = Effect::Risky;
        }
    }
}
