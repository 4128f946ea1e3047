//! Checks that Mesos runs, and checks that Marathon runs and Mesos could: what differs between the two.

use std::borrow::Cow;

use crate::definition::{CheckMaker, NetworkMode, SentCheck};
use crate::finding::{Change, Fix, FixKind};
use crate::rule::agent::check::askable;
use crate::rule::view::AppView;
use crate::rule::view::HealthCheckView;
use crate::source::placeholder::{self, TextReader};
use crate::source::{Type, Value};
use crate::target::Release;

use super::{Context, Rule};

pub(crate) static MARATHON_HEALTH_CHECK: Rule =
    Rule::deprecated("marathon-health-check", "Mesos runs health checks, next to the task")
        .why(
            "The leading Marathon runs HTTP, HTTPS and TCP checks over the network, for every instance of every app. They \
             are deprecated since Marathon 1.4: they stop while the leader changes, count a network failure between \
             Marathon and an agent as a failure of the task, and load a large Marathon. Mesos asks 127.0.0.1 from within the \
             task's network, follows redirects, needs a path that begins with a slash, and kills at the first failure \
             where `maxConsecutiveFailures` is 0, for which Marathon never kills: a check is not moved where that would \
             matter.",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "HTTP", "path": "/health", "portIndex": 0}]}"#)
        .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/health", "portIndex": 0}]}"#)
        .fix(FixKind::Unsafe);

static SECOND_MESOS_CHECK: Rule =
    Rule::ignored("second-mesos-check", "Mesos runs every health check that is for it")
        .why(
            "Mesos takes one health check for a task. Marathon accepts commands beside each other and beside a MESOS_… check, \
             gives Mesos the first of them that it can send, and writes to its log only that the others do not run. It cannot \
             send a MESOS_… check without a port. (Marathon, `TaskBuilder`).",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "COMMAND", "command": {"value": "test -e ready"}},
                {"protocol": "MESOS_HTTP", "path": "/health", "portIndex": 0}]}"#)
        .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "COMMAND",
                "command": {"value": "test -e ready && curl -f localhost:$PORT0/health"}}]}"#);

pub(super) static RULES: &[&Rule] = &[&MARATHON_HEALTH_CHECK, &SECOND_MESOS_CHECK];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    // Marathon reads other types as defaults, which another rule reports.
    for check in app.health_checks.iter().filter(|check| check.fields.value.kind() == Type::Object) {
        by_marathon(app, check, context);
    }
    second(app, context);
}

/// Whether a template fills something in, which may be the slash.
fn is_placeholder(path: &str) -> bool {
    placeholder::find(path, TextReader::Literal).is_some()
}

/// Warns of checks that Mesos never gets (`TaskBuilder`, 1.5 … 1.11).
fn second(app: &AppView<'_>, context: &mut Context<'_>) {
    let by_mesos = |check: &HealthCheckView<'_>| check.maker() != CheckMaker::Marathon;
    // Marathon rejects these.
    if app.health_checks.iter().filter(|check| by_mesos(check) && check.protocol != "COMMAND").count() > 1 {
        return;
    }
    let (sent, which) = match app.sent_check() {
        // Another rule tells that nothing is asked.
        SentCheck::None => return,
        SentCheck::One(index) => (index, "the first"),
        SentCheck::AnyOf(index) => (index, "any one"),
    };
    for (index, check) in app.health_checks.iter().enumerate() {
        if index == sent || !by_mesos(check) {
            continue;
        }
        let found = context.warn(&SECOND_MESOS_CHECK, check.fields.at("protocol"));
        found.message = if check.maker() == CheckMaker::Nothing {
            "this check is never asked: it has no port, so that Mesos gets the other one, whose result counts for both"
                .into()
        } else {
            format!("this check never runs: Mesos runs one check of a task, and gets {which} of these")
        };
        found.help = Some("make one check of all, such as a command that tests everything".into());
    }
}

/// Whether Marathon never kills for this check.
fn never_kills(check: &HealthCheckView<'_>) -> bool {
    check.fields.int("maxConsecutiveFailures") == Some(0)
}

fn is_by_marathon(protocol: &str, has_command: bool) -> bool {
    !has_command && matches!(protocol, "HTTP" | "HTTPS" | "TCP")
}

fn by_marathon(app: &AppView<'_>, check: &HealthCheckView<'_>, context: &mut Context<'_>) {
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
    let move_ = crossing(app, check, (better, context.release()));
    let found = context.warn(&MARATHON_HEALTH_CHECK, written.unwrap_or(check.fields.value));
    let default = if written.is_some() { "" } else { " (the default)" };
    found.message =
        ["the leading Marathon runs ", check.protocol, default, " checks, far from the task"].concat();
    match move_ {
        Ok(mut changes) => {
            changes.push(match written {
                Some(written) => Change::replace(written, better),
                None => Change::insert(check.fields.value, "protocol", better),
            });
            found.help = Some(["write \"protocol\": \"", better, "\""].concat().into());
            found.fix = Some(Fix::unsafe_(["let Mesos run it: ", better].concat(), changes));
        }
        Err(help) => found.help = Some(help),
    }
}

/// The changes beside the protocol that let Mesos run a check with the same meaning.
///
/// # Errors
/// Why that cannot be done without a decision: what to do.
fn crossing(
    app: &AppView<'_>,
    check: &HealthCheckView<'_>,
    (better, release): (&str, Release),
) -> Result<Vec<Change>, Cow<'static, str>> {
    let is_mesos = |check: &HealthCheckView<'_>| !is_by_marathon(check.protocol, check.has_command);
    if app.health_checks.iter().any(is_mesos) {
        return Err("leave it: Mesos runs one check of a task, and this app has one already".into());
    }
    if never_kills(check) {
        return Err(format!(
            "decide first: with `maxConsecutiveFailures` 0 Marathon never kills an instance, and Mesos ({better}) kills it \
             at the first failure"
        )
        .into());
    }
    // A check that never kills stays with Marathon, beside the one that Mesos runs.
    let may_move = |check: &&HealthCheckView<'_>| !never_kills(check);
    if app.health_checks.iter().filter(may_move).count() > 1 {
        return Err(["keep one check with the protocol ", better, ": Mesos runs one per app"]
            .concat()
            .into());
    }
    if is_bound_to_host(app) {
        return Err(format!(
            "let the service listen on 127.0.0.1 too before you write {better}: Mesos asks there, and this one gets $HOST"
        )
        .into());
    }
    let mut changes = Vec::new();
    // One of Mesos has nothing to ask without it, as `check-without-port` tells.
    if CheckMaker::of(better, check.has_port || check.port_index.is_some()) == CheckMaker::Nothing
        && check.has_port_of(app.model_port_count())
    {
        changes.push(Change::insert(check.fields.value, "portIndex", 0));
    }
    if let Some(path) = check.fields.get("path").filter(|_| check.protocol != "TCP")
        && let Some(text) = path.as_str()
    {
        let is_open = is_placeholder(&text);
        if is_open && !text.starts_with('/') {
            return Err(
                format!("write {better}, with a path that begins with a slash: Mesos needs it").into()
            );
        }
        let Some(with) = askable(&text, release).or_else(|| is_open.then(|| text.clone().into_owned()))
        else {
            return Err(format!(
                "write {better}, with a path that curl can ask for: without blanks and brackets, percent-encoded"
            )
            .into());
        };
        if with != text {
            changes.push(Change::replace(path, with));
        }
    }
    // Marathon connects to the agent's port, Mesos to the container's from within its network.
    if let Some((key, port)) = check.fields.value.member("port").filter(|(_, port)| !port.is_null())
        && app.count(NetworkMode::ContainerBridge) > 0
    {
        let Some(index) = index_of_host_port(app, port) else {
            return Err(format!(
                "write \"protocol\": \"{better}\", and name the port by `portIndex`: Mesos connects within the \
                 container's network"
            )
            .into());
        };
        changes.extend([Change::rename(key, "portIndex"), Change::replace(port, index)]);
    }
    Ok(changes)
}

/// Whether the service may listen on the agent's own address only: on the host network, with `$HOST` in its command line or
/// a variable.
fn is_bound_to_host(app: &AppView<'_>) -> bool {
    if !app.is_on_host() {
        return false;
    }
    let texts = app.fields.get("cmd").into_iter().chain(app.fields.list("args"));
    let variables = app.fields.map("env").map(|(_, value)| value);
    texts.chain(variables).any(|text| text.as_str().is_some_and(|text| names_host(&text)))
}

/// Whether a text has the variable `HOST`, as a shell names it.
fn names_host(text: &str) -> bool {
    let is_end = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    text.match_indices("$HOST").any(|(at, name)| is_end(&text[at + name.len()..]))
        || text.match_indices("${HOST").any(|(at, name)| is_end(&text[at + name.len()..]))
}

/// The index of the port mapping with this port of the agent.
fn index_of_host_port(app: &AppView<'_>, port: Value<'_>) -> Option<usize> {
    let mappings = app.container.as_ref().and_then(|container| container.port_mappings.as_ref())?;
    let host_port = |mapping: Value<'_>| mapping.get("hostPort").and_then(|port| port.as_f64());
    mappings
        .iter()
        .position(|mapping| mapping.at.and_then(host_port).is_some_and(|is| Some(is) == port.as_f64()))
}

#[cfg(test)]
mod tests {
    use super::names_host;

    #[test]
    fn the_host_is_told_from_other_variables() {
        for text in ["serve $HOST:$PORT0", "--bind=${HOST}", "$HOST", "${HOST:-x}"] {
            assert!(names_host(text), "{text}");
        }
        for text in ["serve $HOSTNAME", "${HOST_IP}", "HOST", "$PORT0"] {
            assert!(!names_host(text), "{text}");
        }
    }
}
