//! Health checks and checks as Mesos gets them.

use serde_json::{Map, Value as Json, json};

use crate::definition::CheckMaker;

use super::{number, text, whole};

/// Who makes a health check of an app with these ports.
pub(super) fn maker(check: &Json, ports: &[Json]) -> CheckMaker {
    CheckMaker::of(text(check, "protocol"), port(check, ports).is_some())
}

/// The port that a health check asks.
fn port<'j>(check: &'j Json, ports: &'j [Json]) -> Option<&'j Json> {
    let index = || usize::try_from(check.get("portIndex")?.as_i64()?).ok();
    check.get("port").filter(|port| port.is_number()).or_else(|| ports.get(index()?))
}

/// A health check of an app; none where it has no port to ask.
pub(super) fn of_app(check: &Json, ports: &[Json]) -> Option<Json> {
    let protocol = text(check, "protocol");
    let mut all = times(check);
    if let Some(command) = check.get("command").filter(|command| command.is_object()) {
        all.insert("command".into(), json!({"value": text(command, "value"), "shell": true}));
        all.insert("type".into(), "COMMAND".into());
        return Some(all.into());
    }
    asked(&mut all, protocol, port(check, ports)?, check);
    Some(all.into())
}

/// Adds what is asked: HTTP, HTTPS or TCP on a port.
pub(super) fn asked(all: &mut Map<String, Json>, protocol: &str, port: &Json, of: &Json) {
    let ip = of.get("ipProtocol").and_then(Json::as_str).unwrap_or("IPv4");
    if protocol.ends_with("TCP") {
        all.insert("tcp".into(), json!({"port": port, "protocol": ip}));
        all.insert("type".into(), "TCP".into());
        return;
    }
    let scheme = if protocol.ends_with("HTTPS") { "https" } else { "http" };
    let mut http = json!({"port": port, "scheme": scheme, "protocol": ip});
    if let Some(path) = of.get("path").filter(|path| path.is_string()) {
        http["path"] = path.clone();
    }
    all.insert("http".into(), http);
    all.insert("type".into(), "HTTP".into());
}

/// How often and how long a check is made.
fn pauses(check: &Json) -> Map<String, Json> {
    let names = [
        ("delay_seconds", "delaySeconds"),
        ("interval_seconds", "intervalSeconds"),
        ("timeout_seconds", "timeoutSeconds"),
    ];
    names.into_iter().map(|(name, field)| (name.to_owned(), Json::from(number(check, field)))).collect()
}

/// How often and how long a health check is made, and how often it may fail.
pub(super) fn times(check: &Json) -> Map<String, Json> {
    let mut all = pauses(check);
    all.insert("grace_period_seconds".into(), number(check, "gracePeriodSeconds").into());
    all.insert("consecutive_failures".into(), whole(check, "maxConsecutiveFailures").into());
    all
}

/// The `check` of an app.
pub(super) fn probe(check: &Json, ports: &[Json]) -> Option<Json> {
    let mut all = pauses(check);
    let port = |of: &Json| {
        let index = of
            .get("portIndex")
            .and_then(Json::as_u64)
            .map_or(0, |index| usize::try_from(index).unwrap_or(usize::MAX));
        of.get("port").filter(|port| port.is_number()).or_else(|| ports.get(index)).cloned()
    };
    if let Some(http) = check.get("http").filter(|http| http.is_object()) {
        let mut asked = json!({"port": port(http)?});
        if let Some(path) = http.get("path").filter(|path| path.is_string()) {
            asked["path"] = path.clone();
        }
        all.insert("http".into(), asked);
        all.insert("type".into(), "HTTP".into());
    } else if let Some(tcp) = check.get("tcp").filter(|tcp| tcp.is_object()) {
        all.insert("tcp".into(), json!({"port": port(tcp)?}));
        all.insert("type".into(), "TCP".into());
    } else {
        let command = check.get("exec").and_then(|exec| exec.get("command"))?;
        all.insert("command".into(), json!({"command": {"value": text(command, "shell"), "shell": true}}));
        all.insert("type".into(), "COMMAND".into());
    }
    Some(all.into())
}
