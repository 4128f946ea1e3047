//! Checks that Mesos runs: paths that it refuses, and checks that never reach it.

use crate::finding::{Change, Fix, FixKind, Refuser};
use crate::rule::view::{AppView, HealthCheckView};
use crate::schema::table;
use crate::source::{Type, Value};

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
            "Mesos gives the path to curl as it is. A blank or a control character makes the request malformed, and curl \
             reads brackets as a range of addresses: the check fails whatever the service answers, and Mesos kills the \
             task again and again. (Mesos, `src/checks/checker_process.cpp`).",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/are you there", "portIndex": 0}]}"#)
        .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/are%20you%20there", "portIndex": 0}]}"#);

static CHECK_WITHOUT_PORT: Rule =
    Rule::ignored("check-without-port", "A check that Mesos runs has a port")
        .why(
            "Where an app names no ports, Marathon adds one for the task and none for its checks. A MESOS_… check without \
             `portIndex` or `port` then has nothing to ask, and is left out of the task: the task runs, Marathon waits for \
             a result that never comes, and the deployment never ends. (Marathon, `AppNormalization`, `HealthCheck`).",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/"}]}"#)
        .good(r#"{"id": "/web", "cmd": "serve $PORT0", "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/",
                "portIndex": 0}]}"#)
        .fix(FixKind::Unsafe);

pub(super) static RULES: &[&Rule] = &[&RELATIVE_CHECK_PATH, &UNASKABLE_CHECK_PATH, &CHECK_WITHOUT_PORT];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    // Marathon reads other types as defaults, which another rule reports.
    let checks = app.health_checks.iter().filter(|check| check.fields.value.kind() == Type::Object);
    // Mesos gets the first one that has something to ask.
    let mut is_first = true;
    for check in checks.filter(|check| is_by_mesos(check)) {
        if check.protocol.starts_with("MESOS_") && !check.has_port && check.port_index.is_none() {
            without_port(check, context);
        } else if std::mem::take(&mut is_first) && check.protocol.starts_with("MESOS_HTTP") {
            path(check.fields.get("path"), context);
        }
    }
    let check = app.fields.object("check", &table::APP_CHECK);
    let http = check.and_then(|check| check.object("http", &table::APP_HTTP_CHECK));
    path(http.and_then(|http| http.get("path")), context);
}

pub(super) fn container(container: &Fields<'_>, context: &mut Context<'_>) {
    let check = container.object("healthCheck", &table::HEALTH_CHECK);
    let http = check.and_then(|check| check.object("http", &table::HTTP_CHECK));
    path(http.and_then(|http| http.get("path")), context);
}

fn is_by_mesos(check: &HealthCheckView<'_>) -> bool {
    check.protocol.starts_with("MESOS_") || check.protocol == "COMMAND"
}

fn path(path: Option<Value<'_>>, context: &mut Context<'_>) {
    let Some(path) = path else { return };
    let Some(text) = path.as_str().filter(|text| !is_open(text)) else { return };
    if !text.starts_with('/') {
        let with = format!("/{text}");
        let said = format!(
            "Task uses invalid health check: The path '{text}' of HTTP health check must start with '/'"
        );
        let found = refuse(context, &RELATIVE_CHECK_PATH, path, Refuser::Master, said);
        found.message =
            "the Mesos master refuses every task with this check: its path does not begin with a slash"
                .into();
        let help = format!("write {with:?}");
        found.help = Some(help.clone().into());
        found.fix = Some(Fix::unsafe_(help, [Change::replace(path, with)]));
    } else if let Some(odd) = text.chars().find(|c| *c <= ' ' || *c == '\u{7f}' || matches!(c, '[' | ']')) {
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
}

fn without_port(check: &HealthCheckView<'_>, context: &mut Context<'_>) {
    let found = context.warn(&CHECK_WITHOUT_PORT, check.fields.at("protocol"));
    found.message =
        "Mesos never gets this check, and the deployment never ends: it has no port, and the app names none"
            .into();
    found.help = Some("add \"portIndex\": 0".into());
    found.fix =
        Some(Fix::unsafe_("ask the app's first port", [Change::insert(check.fields.value, "portIndex", 0)]));
}
