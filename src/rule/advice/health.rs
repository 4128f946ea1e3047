//! Health checks: whether there is one, what runs it, and whether its port exists.

use crate::definition::NetworkMode;
use crate::finding::{Change, Fix, FixKind};
use crate::rule::app::AppView;
use crate::rule::view::HealthCheckView;
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

static MARATHON_HEALTH_CHECK: Rule =
    Rule::deprecated("marathon-health-check", "Mesos runs health checks, next to the task")
        .why(
            "The leading Marathon runs HTTP, HTTPS and TCP checks over the network, for every instance of every app. They \
             are deprecated since Marathon 1.4: they stop while the leader changes, count a network failure between \
             Marathon and an agent as a failure of the task, and load a large Marathon.",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "HTTP", "path": "/health", "portIndex": 0}]}"#)
        .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/health", "portIndex": 0}]}"#)
        .fix(FixKind::Unsafe);

static FOREIGN_CHECK_PORT: Rule =
    Rule::risky("foreign-check-port", "The `port` of a health check is one of the app's ports")
        .why(
            "A check with a literal `port` uses that port, whatever ports the app gets. If the app does not have it, the \
             check fails for ever and Marathon kills the instances again and again, or the port belongs to another task \
             and the check passes.",
        )
        .bad(r#"{"id": "/web", "cmd": "serve 8080", "portDefinitions": [{"port": 8080}],
                "requirePorts": true, "healthChecks": [{"protocol": "MESOS_HTTP",
                "path": "/health", "port": 8081}]}"#)
        .good(r#"{"id": "/web", "cmd": "serve 8080", "portDefinitions": [{"port": 8080}],
                "requirePorts": true, "healthChecks": [{"protocol": "MESOS_HTTP",
                "path": "/health", "portIndex": 0}]}"#);

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
    &[&NO_HEALTH_CHECK, &MARATHON_HEALTH_CHECK, &FOREIGN_CHECK_PORT, &SLOW_CHECK_TIMEOUT, &IDLE_CHECK_FIELD];

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
    let by_network = app.health_checks.iter().filter(|check| check.protocol != "COMMAND").count();
    // Marathon reads other types as defaults, which another rule reports.
    for check in app.health_checks.iter().filter(|check| check.fields.value.kind() == Type::Object) {
        by_marathon(app, check, by_network == 1, context);
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

fn by_marathon(app: &AppView<'_>, check: &HealthCheckView<'_>, is_only: bool, context: &mut Context<'_>) {
    let better = match check.protocol {
        "HTTP" => "MESOS_HTTP",
        "HTTPS" => "MESOS_HTTPS",
        "TCP" => "MESOS_TCP",
        _ => return,
    };
    if check.has_command {
        return;
    }
    let written = check.fields.get("protocol");
    let found = context.warn(&MARATHON_HEALTH_CHECK, written.unwrap_or(check.fields.value));
    let default = if written.is_some() { "" } else { " (the default)" };
    found.message =
        ["the leading Marathon runs ", check.protocol, default, " checks, far from the task"].concat();
    if !is_only {
        found.help =
            Some(["keep one check with the protocol ", better, ": Mesos runs one per app"].concat().into());
        return;
    }
    found.help = Some(["write \"protocol\": \"", better, "\""].concat().into());
    let mut changes = match written {
        Some(written) => vec![Change::replace(written, better)],
        None => vec![Change::insert(check.fields.value, "protocol", better)],
    };
    // Marathon connects to the agent's port, Mesos to the container's from within its network.
    if let Some((key, port)) = check.fields.value.member("port").filter(|(_, port)| !port.is_null())
        && app.count(NetworkMode::ContainerBridge) > 0
    {
        let Some(index) = index_of_host_port(app, port) else {
            found.help = Some(
                format!(
                    "write \"protocol\": \"{better}\", and name the port by `portIndex`: Mesos connects within the \
                     container's network"
                )
                .into(),
            );
            return;
        };
        changes.extend([Change::rename(key, "portIndex"), Change::replace(port, index)]);
    }
    found.fix = Some(Fix::unsafe_(["let Mesos run it: ", better].concat(), changes));
}

/// The index of the port mapping with this port of the agent.
fn index_of_host_port(app: &AppView<'_>, port: Value<'_>) -> Option<usize> {
    let mappings = app.container.as_ref().and_then(|container| container.port_mappings.as_ref())?;
    let host_port = |mapping: Value<'_>| mapping.get("hostPort").and_then(|port| port.as_f64());
    mappings
        .iter()
        .position(|mapping| mapping.at.and_then(host_port).is_some_and(|is| Some(is) == port.as_f64()))
}

fn port(app: &AppView<'_>, check: &HealthCheckView<'_>, context: &mut Context<'_>) {
    let Some(port) =
        check.fields.int("port").filter(|_| check.protocol != "COMMAND" && check.port_index.is_none())
    else {
        return;
    };
    let is_outside = check.protocol.starts_with("MESOS_") || app.count(NetworkMode::ContainerBridge) == 0;
    let mappings = app.container.as_ref().and_then(|container| container.port_mappings.as_ref());
    let number = |value: Value<'_>, name: &str| {
        let number = if value.as_number().is_some() { Some(value) } else { value.get(name) };
        number.and_then(|number| number.as_f64())
    };
    #[expect(clippy::cast_precision_loss, reason = "a port has five digits")]
    let port_as_written = port as f64;
    let is = |value: Option<Value<'_>>, names: &[&str]| {
        value.is_some_and(|value| names.iter().any(|name| number(value, name) == Some(port_as_written)))
    };
    let is_known = match mappings {
        // Mesos connects from within the container's network, Marathon from outside.
        Some(mappings) if is_outside => {
            mappings.iter().any(|mapping| is(mapping.at, &["containerPort", "number"]))
        }
        Some(mappings) => mappings.iter().any(|mapping| is(mapping.at, &["hostPort"])),
        None => app.port_definitions.iter().flatten().any(|definition| is(definition.at, &["port"])),
    };
    if is_known {
        return;
    }
    let found = context.warn(&FOREIGN_CHECK_PORT, check.fields.at("port"));
    let kind = match mappings {
        Some(_) if is_outside => "container port",
        Some(_) => "host port",
        None => "port",
    };
    found.message = format!("this app has no {kind} {port}");
    found.help = Some("name the port by `portIndex`, its index in the list of the app's ports".into());
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
        // Servers answer with `ignoreHttp1xx: false` and a delay of 15 seconds.
        let is_default = |value: &Value<'_>| match name {
            "ignoreHttp1xx" => value.as_bool() == Some(false),
            "delaySeconds" => value.as_f64() == Some(15.0),
            _ => false,
        };
        let Some(value) = check.fields.get(name).filter(|value| !is_default(value)) else { continue };
        let found = context.warn(&IDLE_CHECK_FIELD, value);
        found.message = format!("Marathon drops the `{name}` of a {} check", check.protocol);
        found.help = Some(if name == "path" { "write MESOS_HTTP, or remove it" } else { "remove it" }.into());
        found.fix = Some(Fix::safe(format!("remove `{name}`"), [Change::remove(check.fields.value, value)]));
    }
}
