//! Health checks: whether there is one, who does it, and whether it can find what it asks for.

use crate::definition::NetworkMode;
use crate::finding::{Change, Fix, FixKind};
use crate::rule::app::AppView;
use crate::rule::view::HealthCheckView;
use crate::source::{Type, Value};

use super::{Context, Fields, Rule};

static NO_HEALTH_CHECK: Rule = Rule::risky("no-health-check", "A service with ports has a health check")
    .why(
        "Without a health check an instance counts as healthy from the moment its process runs. An upgrade then stops \
         the old instances before the new ones answer, load balancers send requests to instances that are not ready, \
         and one that hangs is never replaced.",
    )
    .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0, "name": "http"}]}"#)
    .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0, "name": "http"}],
            "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/health", "portIndex": 0}]}"#);

static MARATHON_HEALTH_CHECK: Rule =
    Rule::deprecated("marathon-health-check", "Health checks are done by Mesos, next to the task")
        .why(
            "HTTP, HTTPS and TCP checks are done by the leading Marathon, over the network, for every instance of \
             every app. They are deprecated since Marathon 1.4: they stop while the leader changes, count a network \
             between Marathon and an agent as sickness of the task, and keep a large Marathon busy.",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "HTTP", "path": "/health", "portIndex": 0}]}"#)
        .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/health", "portIndex": 0}]}"#)
        .fix(FixKind::Unsafe);

static FOREIGN_CHECK_PORT: Rule =
    Rule::risky("foreign-check-port", "The `port` of a health check is one of the app's")
        .why(
            "A check with a literal `port` asks that port whatever the app was given. If it is none of the app's ports, \
             the check fails for ever and the instances are killed again and again, or it finds another task's port \
             there and says that all is well.",
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
            "With a timeout longer than the interval checks by Marathon overlap, and those by Mesos come later than \
             the interval says. An instance that hangs is replaced after maxConsecutiveFailures times the longer of \
             both, not when the interval lets one expect it.",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "MESOS_TCP", "portIndex": 0, "intervalSeconds": 5}]}"#)
        .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "MESOS_TCP", "portIndex": 0, "intervalSeconds": 5,
                "timeoutSeconds": 4}]}"#);

static IDLE_CHECK_FIELD: Rule =
    Rule::ignored("idle-check-field", "A health check has only fields that its protocol knows")
        .why(
            "Marathon stores of a health check what its protocol has a use for, and drops the rest: `path` of a TCP \
             check, `delaySeconds` of a check it does itself, `portIndex` of a command, `ignoreHttp1xx` of any.",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "MESOS_TCP", "portIndex": 0, "path": "/health"}]}"#)
        .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "MESOS_HTTP", "portIndex": 0, "path": "/health"}]}"#)
        .fix(FixKind::Safe);

pub(super) static RULES: &[&Rule] =
    &[&NO_HEALTH_CHECK, &MARATHON_HEALTH_CHECK, &FOREIGN_CHECK_PORT, &SLOW_CHECK_TIMEOUT, &IDLE_CHECK_FIELD];

pub(super) fn app(app: &AppView<'_>, context: &mut Context) {
    if app.health_checks.is_empty() {
        if app.instances() > 0
            && let Some(at) = written_ports(app)
        {
            tell_missing(
                at,
                "set `healthChecks`, such as [{\"protocol\": \"MESOS_HTTP\", \"path\": \"/\"}]",
                context,
            );
        }
        return;
    }
    let by_network = app.health_checks.iter().filter(|check| check.protocol != "COMMAND").count();
    // What is no object is read as defaults, which is said already.
    for check in app.health_checks.iter().filter(|check| check.fields.value.kind() == Type::Object) {
        by_marathon(app, check, by_network == 1, context);
        port(app, check, context);
        timeout(&check.fields, context);
        idle_fields(check, context);
    }
}

pub(super) fn container(container: &Fields<'_>, context: &mut Context) {
    if container.has("healthCheck") {
        return;
    }
    if let Some(endpoints) = container.get("endpoints").filter(|list| has_tcp(*list)) {
        tell_missing(endpoints, "give the container a `healthCheck` of one of its endpoints", context);
    }
}

/// Where ports are said that something can connect to.
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

fn tell_missing(at: Value<'_>, help: &'static str, context: &mut Context) {
    let found = context.warn(&NO_HEALTH_CHECK, at);
    found.message = "this has ports and no health check: it counts as healthy while it runs".into();
    found.help = Some(help.into());
}

fn by_marathon(app: &AppView<'_>, check: &HealthCheckView<'_>, is_only: bool, context: &mut Context) {
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
    let default = if written.is_some() { "" } else { ", which is the default," };
    found.message =
        [check.protocol, default, " is checked by the leading Marathon, not where the task runs"].concat();
    if !is_only {
        found.help =
            Some(["have one check, of the protocol ", better, ": Mesos does one for an app"].concat().into());
        return;
    }
    found.help = Some(["write \"protocol\": \"", better, "\""].concat().into());
    let mut changes = match written {
        Some(written) => vec![Change::replace(written, better)],
        None => vec![Change::insert(check.fields.value, "protocol", better)],
    };
    // Marathon asks the agent's port, Mesos the container's from within its network.
    if let Some((key, port)) = check.fields.value.member("port").filter(|(_, port)| !port.is_null())
        && app.count(NetworkMode::ContainerBridge) > 0
    {
        let Some(index) = index_of_host_port(app, port) else {
            found.help = Some(
                format!(
                    "write \"protocol\": \"{better}\", and name the port by `portIndex`: Mesos asks it within the \
                     container's network"
                )
                .into(),
            );
            return;
        };
        changes.extend([Change::rename(key, "portIndex"), Change::replace(port, index)]);
    }
    found.fix = Some(Fix::unsafe_(["let Mesos do it: ", better].concat(), changes));
}

/// Which port mapping has this port of the agent.
fn index_of_host_port(app: &AppView<'_>, port: Value<'_>) -> Option<usize> {
    let mappings = app.container.as_ref().and_then(|container| container.port_mappings.as_ref())?;
    let host_port = |mapping: Value<'_>| mapping.get("hostPort").and_then(|port| port.as_f64());
    mappings
        .iter()
        .position(|mapping| mapping.at.and_then(host_port).is_some_and(|is| Some(is) == port.as_f64()))
}

fn port(app: &AppView<'_>, check: &HealthCheckView<'_>, context: &mut Context) {
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
        // Mesos asks from within the container's network, Marathon from outside.
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
    found.help = Some("name the port by `portIndex`, its place in the list of the app's ports".into());
}

fn timeout(check: &Fields<'_>, context: &mut Context) {
    if !check.has("timeoutSeconds") && !check.has("intervalSeconds") {
        return;
    }
    // Marathon's defaults, all releases.
    let given = check.int("timeoutSeconds");
    let (timeout, interval) = (given.unwrap_or(20), check.int("intervalSeconds").unwrap_or(60));
    // Many have the same number twice, and it does no harm.
    if timeout <= interval {
        return;
    }
    let at = if given.is_some() { "timeoutSeconds" } else { "intervalSeconds" };
    let found = context.warn(&SLOW_CHECK_TIMEOUT, check.at(at));
    let default = if given.is_some() { "" } else { " (the default)" };
    found.message =
        format!("a check may take {timeout} seconds{default}, and the next is due after {interval}");
    found.help = Some(format!("set `timeoutSeconds` to less than {interval}").into());
}

fn idle_fields(check: &HealthCheckView<'_>, context: &mut Context) {
    let is = |names: &[&str]| names.contains(&check.protocol);
    let idle = [
        ("path", is(&["TCP", "MESOS_TCP"])),
        ("delaySeconds", is(&["HTTP", "HTTPS", "TCP"])),
        ("portIndex", is(&["COMMAND"])),
        ("ignoreHttp1xx", true),
    ];
    for (name, _) in idle.into_iter().filter(|(_, is_idle)| *is_idle) {
        // `ignoreHttp1xx: false` and a delay of 15 seconds are what servers answer with.
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
