//! Checks that Mesos runs: paths that it refuses, and checks that never reach it.

use crate::definition::{CheckMaker, NetworkMode, SentCheck};
use crate::finding::{Change, Fix, FixKind, Refuser};
use crate::rule::view::{AppView, HealthCheckView};
use crate::schema::table;
use crate::source::{Type, Value};
use crate::target::Release;

use super::{Context, Fields, Rule, is_open, refuse};

static RELATIVE_CHECK_PATH: Rule =
    Rule::fails("relative-check-path", "The path of a check that Mesos runs begins with a slash")
        .why(
            "The Mesos master refuses a task whose HTTP check has a path without a slash at its start, so that no instance \
             ever starts; of a pod it refuses all containers. Marathon accepts such a path, and adds the slash only for \
             the checks that it runs itself. (Mesos, `src/common/validation.cpp`, 1.2 and later).",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "MESOS_HTTP", "path": "health", "portIndex": 0}]}"#)
        .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/health", "portIndex": 0}]}"#)
        .fix(FixKind::Unsafe);

static UNASKABLE_CHECK_PATH: Rule =
    Rule::fails("unaskable-check-path", "The path of a check that Mesos runs is one that curl can ask for")
        .why(
            "Mesos gives the path to curl as it is. A blank or a control character makes the request malformed, and before \
             Mesos 1.5 curl reads brackets as a range of addresses: the check fails whatever the service answers, and Mesos kills the \
             task again and again. (Mesos, `src/checks/checker_process.cpp`).",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/are you there", "portIndex": 0}]}"#)
        .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/are%20you%20there", "portIndex": 0}]}"#);

pub(crate) static CHECK_WITHOUT_PORT: Rule =
    Rule::ignored("check-without-port", "A check that Mesos runs has a port")
        .why(
            "Where an app names no ports, Marathon adds one for the task and none for its checks. A MESOS_… check without \
             `portIndex` or `port` then has nothing to ask, and is left out of the task: the task runs, Marathon waits for \
             a result that never comes, and the deployment never ends. Beside a COMMAND check it is only never asked: Mesos \
             gets the command, whose result counts for both. An update of an app that exists adds the port index. (Marathon, \
             `AppNormalization`, `HealthCheck`, `MarathonHealthCheckManager`).",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/"}]}"#)
        .good(r#"{"id": "/web", "cmd": "serve $PORT0", "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/",
                "portIndex": 0}]}"#)
        .fix(FixKind::Unsafe);

static PORT_ZERO: Rule =
    Rule::fails("check-on-port-zero", "A check that Mesos runs asks for a port that is known")
        .why(
            "On a container network a mapping with neither `containerPort` nor `hostPort` gets a port at random, which the \
             task finds in $PORT0 and nothing else knows: the check asks for port 0, and Mesos kills the task again and again. \
             (Marathon, `HealthCheck`).",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "container": {"type": "MESOS", "portMappings": [{"containerPort": 0}]},
                "networks": [{"mode": "container", "name": "dcos"}],
                "healthChecks": [{"protocol": "MESOS_TCP", "portIndex": 0}]}"#)
        .good(r#"{"id": "/web", "cmd": "serve 8080", "container": {"type": "MESOS",
                "portMappings": [{"containerPort": 8080}]}, "networks": [{"mode": "container", "name": "dcos"}],
                "healthChecks": [{"protocol": "MESOS_TCP", "portIndex": 0}]}"#)
        .since(Release::V1_5);

static ON_UDP: Rule =
    Rule::risky("check-on-udp-port", "A check asks a port for TCP")
        .why(
            "All checks but commands connect by TCP. At a port that is for UDP only nothing answers, and the instance is \
             killed again and again, unless the service listens for TCP on the same number, as DNS servers do.",
        )
        .bad(r#"{"id": "/log", "cmd": "syslogd", "portDefinitions": [{"port": 0, "protocol": "udp"}],
                "healthChecks": [{"protocol": "MESOS_TCP", "portIndex": 0}]}"#)
        .good(r#"{"id": "/log", "cmd": "syslogd", "portDefinitions": [{"port": 0, "protocol": "udp,tcp"}],
                "healthChecks": [{"protocol": "MESOS_TCP", "portIndex": 0}]}"#);

pub(super) static RULES: &[&Rule] =
    &[&RELATIVE_CHECK_PATH, &UNASKABLE_CHECK_PATH, &CHECK_WITHOUT_PORT, &PORT_ZERO, &ON_UDP];

/// The release that knows `check` of apps; earlier ones drop it.
const WITH_CHECKS: Release = Release::V1_8;

/// The release that comes with Mesos 1.5, which tells curl to read no ranges in addresses (`--globoff`).
const WITHOUT_RANGES: Release = Release::V1_6;

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    // Marathon reads other types as defaults, which another rule reports.
    for check in app.health_checks.iter().filter(|check| check.fields.value.kind() == Type::Object) {
        on_udp(app, check, context);
    }
    match app.sent_check() {
        SentCheck::None => without_port(app, context),
        SentCheck::One(index) => {
            let check = &app.health_checks[index];
            if check.protocol.starts_with("MESOS_HTTP") {
                health_path(check.fields.get("path"), context);
            }
            port_zero(app, check, context);
        }
        // Mesos may get another one.
        SentCheck::AnyOf(_) => {}
    }
    if context.release() < WITH_CHECKS {
        return;
    }
    let check = app.fields.object("check", &table::APP_CHECK);
    let http = check.and_then(|check| check.object("http", &table::APP_HTTP_CHECK));
    // One without a port is not sent.
    let http = http.filter(|http| http.has("port") || http.has("portIndex"));
    // Its result is only reported, so that it may fail.
    relative(http.and_then(|http| http.get("path")), "check", context);
}

pub(super) fn container(container: &Fields<'_>, context: &mut Context<'_>) {
    let check = container.object("healthCheck", &table::HEALTH_CHECK);
    let http = check.and_then(|check| check.object("http", &table::HTTP_CHECK));
    health_path(http.and_then(|http| http.get("path")), context);
}

/// Reports the path of a health check, whose failures end the task.
fn health_path(path: Option<Value<'_>>, context: &mut Context<'_>) {
    relative(path, "health check", context);
    let Some(path) = path else { return };
    let Some(text) = path.as_str().filter(|text| text.starts_with('/') && !is_open(text)) else { return };
    let Some(odd) = text.chars().find(|c| is_odd(*c, context.release())) else { return };
    let said = if matches!(odd, '[' | ']') {
        "curl exited with status 3: curl: (3) bad range in URL"
    } else {
        "curl exited with status 3: curl: (3) URL using bad/illegal format or missing URL"
    };
    let found = refuse(context, &UNASKABLE_CHECK_PATH, path, Refuser::HealthCheck, said);
    found.message = format!(
        "this check never passes: curl, which asks for the path, cannot take the `{}` in it",
        odd.escape_default()
    );
    found.help = Some(format!("write it percent-encoded: %{:02X}", u32::from(odd)).into());
}

/// Reports a path that does not begin with a slash; `what` is how Mesos calls what has it.
fn relative(path: Option<Value<'_>>, what: &str, context: &mut Context<'_>) {
    let Some(path) = path else { return };
    let Some(text) = path.as_str().filter(|text| !text.starts_with('/') && !is_open(text)) else { return };
    let with = askable(&text, context.release());
    let said = format!("Task uses invalid {what}: The path '{text}' of HTTP {what} must start with '/'");
    let found = refuse(context, &RELATIVE_CHECK_PATH, path, Refuser::Master, said);
    found.message =
        "the Mesos master refuses every task with this check: its path does not begin with a slash".into();
    let Some(with) = with else {
        found.help = Some("write a path that begins with a slash, such as \"/health\"".into());
        return;
    };
    let help = format!("write {with:?}");
    found.help = Some(help.clone().into());
    found.fix = Some(Fix::unsafe_(help, [Change::replace(path, with)]));
}

/// Whether curl cannot ask for a path with this character.
fn is_odd(c: char, release: Release) -> bool {
    c <= ' ' || c == '\u{7f}' || matches!(c, '[' | ']') && release < WITHOUT_RANGES
}

/// The path that is meant by one that curl cannot ask for: without blanks around it, of a URL what follows the host, and with a
/// slash. Nothing where it still cannot be asked for.
pub(in crate::rule) fn askable(text: &str, release: Release) -> Option<String> {
    let text = text.trim();
    let path = match text.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => text,
    };
    let with = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    (!with.contains(|c| is_odd(c, release))).then_some(with)
}

/// Reports a check by TCP of a port that is for UDP.
fn on_udp(app: &AppView<'_>, check: &HealthCheckView<'_>, context: &mut Context<'_>) {
    if check.protocol == "COMMAND" || check.has_command || check.has_port {
        return;
    }
    let Some(index) = check.port_index.and_then(|index| usize::try_from(index).ok()) else { return };
    let port = match app.port_mappings().nth(index) {
        Some(mapping) => mapping.at,
        None => app.port_definitions.as_ref().and_then(|all| all.get(index)?.at),
    };
    if !port.and_then(|port| port.get("protocol")).is_some_and(|protocol| protocol.is_str("udp")) {
        return;
    }
    let found = context.warn(&ON_UDP, check.fields.at("portIndex"));
    found.message =
        "this check never passes unless the service listens for TCP on the same number: its port is for UDP"
            .into();
    found.help = Some("check a port for TCP, or write a COMMAND check".into());
}

/// Reports a check of a port that only the task knows.
fn port_zero(app: &AppView<'_>, check: &HealthCheckView<'_>, context: &mut Context<'_>) {
    let is_container = app.networks.first().is_some_and(|network| network.mode == NetworkMode::Container);
    if !is_container || check.protocol == "COMMAND" || check.has_port || context.release() < Release::V1_5 {
        return;
    }
    let Some(index) = check.port_index.and_then(|index| usize::try_from(index).ok()) else { return };
    let Some(mapping) = app.port_mappings().nth(index).filter(|mapping| !mapping.has_host_port) else {
        return;
    };
    let Some(at) = mapping.at else { return };
    if at.get("containerPort").and_then(|port| port.as_f64()).unwrap_or(0.0) != 0.0 {
        return;
    }
    let at = check.fields.at("portIndex");
    let said = "curl: (7) Failed to connect to 127.0.0.1 port 0: Connection refused";
    let found = refuse(context, &PORT_ZERO, at, Refuser::HealthCheck, said);
    found.message = "this check never passes: it asks for port 0, as the port mapping names no port".into();
    found.help = Some("write the `containerPort` that the service listens on".into());
}

/// Reports checks for Mesos where it gets none.
fn without_port(app: &AppView<'_>, context: &mut Context<'_>) {
    let ports = app.model_port_count();
    let unsent = |check: &&HealthCheckView<'_>| check.maker() == CheckMaker::Nothing;
    // Marathon rejects one where the app has no port, or several.
    for check in app.health_checks.iter().filter(unsent).filter(|check| check.has_port_of(ports)) {
        let found = context.warn(&CHECK_WITHOUT_PORT, check.fields.at("protocol"));
        found.message =
            "Mesos never gets this check, and the deployment never ends: it has no port, and the app names none"
                .into();
        found.help = Some("add \"portIndex\": 0".into());
        let change = Change::insert(check.fields.value, "portIndex", 0);
        found.fix = Some(Fix::unsafe_("ask the app's first port", [change]));
    }
}
