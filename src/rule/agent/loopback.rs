//! Services that listen where Mesos does not ask.

use crate::rule::view::AppView;
use crate::source::Value;

use super::{Context, Rule};

static ASKS_LOOPBACK: Rule =
    Rule::risky("mesos-check-asks-loopback", "A service listens where Mesos asks for its health")
        .why(
            "The checks MESOS_HTTP, MESOS_HTTPS and MESOS_TCP connect to 127.0.0.1 (`::1` for IPv6) in the network of the task. \
             A service on the network of the agent that binds $HOST, the agent's address, does not listen there: the check \
             is refused, and Mesos kills the task again and again. (Mesos, `src/checks/checker_process.cpp`).",
        )
        .bad(r#"{"id": "/web", "cmd": "serve --bind $HOST --port $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "MESOS_TCP", "portIndex": 0}]}"#)
        .good(r#"{"id": "/web", "cmd": "serve --bind 0.0.0.0 --port $PORT0", "portDefinitions": [{"port": 0}],
                "healthChecks": [{"protocol": "MESOS_TCP", "portIndex": 0}]}"#);

pub(super) static RULES: &[&Rule] = &[&ASKS_LOOPBACK];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    let Some(check) = app.health_checks.iter().find(|check| check.protocol.starts_with("MESOS_")) else {
        return;
    };
    if !app.is_on_host() {
        return;
    }
    let binds = |text: &Value<'_>| text.as_str().is_some_and(|text| binds_host(&text));
    let cmd = app.fields.get("cmd").filter(binds);
    let Some(at) = cmd.or_else(|| app.fields.list("args").find(binds)) else { return };
    let found = context.warn(&ASKS_LOOPBACK, at);
    found.message = format!(
        "this listens on $HOST, the agent's address, and {} asks 127.0.0.1: it may find nothing there",
        check.protocol
    );
    found.help =
        Some("bind 0.0.0.0, or let Marathon ask, with HTTP or TCP in place of the MESOS_ check".into());
}

/// Whether a command line gives $HOST to an option that says where to listen: `--bind=$HOST`, `-listen ${HOST}:$PORT0`.
fn binds_host(text: &str) -> bool {
    /// What such options are called, or end with.
    const NAMES: [&str; 5] = ["bind", "listen", "bind-address", "listen-address", "bind_address"];
    text.match_indices("$HOST").chain(text.match_indices("${HOST}")).any(|(at, variable)| {
        let after = text[at + variable.len()..].chars().next();
        let before = text[..at].trim_end_matches(['"', '\'', ' ', '=']);
        let option = before.rsplit([' ', '\t']).next().unwrap_or_default();
        let name = option.trim_start_matches('-');
        let is_option = name.len() < option.len() && before.len() < at;
        is_option
            && !after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
            && NAMES.iter().any(|known| {
                name.strip_suffix(known)
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with(['.', '-', '_']))
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_say_where_to_listen_are_told_from_others() {
        for text in [
            "serve --bind $HOST --port $PORT0",
            "serve -listen=\"${HOST}:$PORT0\"",
            "java -jar x.jar --server.bind=$HOST",
            "serve --http-listen-address '$HOST'",
        ] {
            assert!(binds_host(text), "{text}");
        }
        for text in [
            "curl http://$HOST:$PORT0/",
            "serve --advertise $HOST --bind 0.0.0.0",
            "serve --bind $HOSTNAME",
            "serve --db $HOST",
            "bind $HOST",
            "serve --rebind $HOST",
        ] {
            assert!(!binds_host(text), "{text}");
        }
    }
}
