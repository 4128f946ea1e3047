//! The command line by which Mesos runs a container of the Docker Engine (`Docker::RunOptions`).

use serde_json::Value as Json;

use super::{is_true, list, number, plain, text};
use crate::target::{SANDBOX, Settings, docker_memory};

/// The arguments of `docker` for a task; none where another containerizer runs it.
pub(super) fn arguments(info: &Json, settings: &Settings) -> Option<Vec<String>> {
    let container = info.get("container")?;
    let docker = container.get("docker")?;
    let mut all = vec!["run".to_owned()];
    if is_true(docker, "privileged") {
        all.push("--privileged".to_owned());
    }
    let mut add = |option: &str, value: String| all.extend([option.to_owned(), value]);
    for (option, value) in bounds(info, settings.agents.cfs == Some(true)) {
        add(option, value);
    }
    for variable in environment(info) {
        add("-e", variable);
    }
    for volume in list(&container["volumes"]) {
        add("-v", mounted(volume));
    }
    add("-v", format!("<SANDBOX>:{SANDBOX}"));
    let driver = list(&container["volumes"])
        .iter()
        .find_map(|volume| volume["source"]["docker_volume"]["driver"].as_str());
    if let Some(driver) = driver {
        all.push(format!("--volume-driver={driver}"));
    }
    let mut add = |option: &str, value: String| all.extend([option.to_owned(), value]);
    let network = match text(docker, "network") {
        "BRIDGE" => "bridge",
        "USER" => list(&container["network_infos"]).first().map_or("", |network| text(network, "name")),
        _ => "host",
    };
    add("--net", network.to_owned());
    for mapping in list(&docker["port_mappings"]) {
        let (host, inner) = (plain(&mapping["host_port"]), plain(&mapping["container_port"]));
        add("-p", format!("{host}:{inner}/{}", text(mapping, "protocol")));
    }
    let command = &info["command"];
    let shell = command
        .get("value")
        .and_then(Json::as_str)
        .filter(|_| command.get("shell").and_then(Json::as_bool) != Some(false));
    if shell.is_some() {
        add("--entrypoint", "/bin/sh".to_owned());
    }
    add("--name", "mesos-<UUID>".to_owned());
    for parameter in list(&docker["parameters"]) {
        all.push(format!("--{}={}", text(parameter, "key"), text(parameter, "value")));
    }
    all.push(text(docker, "image").to_owned());
    match shell {
        Some(line) => all.extend(["-c".to_owned(), line.to_owned()]),
        None => all.extend(list(&command["arguments"]).iter().filter_map(Json::as_str).map(str::to_owned)),
    }
    Some(all)
}

/// The bounds on CPUs and memory.
fn bounds(info: &Json, has_quota: bool) -> Vec<(&'static str, String)> {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, as in Mesos")]
    let whole = |amount: f64| (amount as i64).to_string();
    let bytes = |mebibytes: f64| whole(docker_memory(mebibytes));
    let limit =
        |name: &str| info["limits"].get(name).map(|limit| limit["value"].as_f64().unwrap_or(f64::INFINITY));
    let mut all = Vec::new();
    let asked = amount(info, "cpus");
    if let Some(asked) = asked {
        all.push(("--cpu-shares", whole((asked * 1024.0).max(2.0))));
    }
    // With a limit of its own a task is bound even where agents bind none.
    let bound = limit("cpus").or(asked.filter(|_| has_quota)).filter(|bound| bound.is_finite());
    if let Some(bound) = bound {
        all.push(("--cpu-quota", whole((bound * 100_000.0).max(1000.0))));
    }
    let Some(asked) = amount(info, "mem") else { return all };
    match limit("mem") {
        None => all.push(("--memory", bytes(asked))),
        Some(limit) => {
            all.push(("--memory-reservation", bytes(asked)));
            if limit.is_finite() {
                all.push(("--memory", bytes(limit)));
            }
            if limit > asked {
                // 1000 less the thousandths of the agent's memory; on an agent with much memory:
                all.push(("--oom-score-adj", "999".to_owned()));
            }
        }
    }
    all
}

/// How much of a resource the task asks for.
fn amount(info: &Json, name: &str) -> Option<f64> {
    let resource = list(&info["resources"]).iter().find(|resource| text(resource, "name") == name)?;
    Some(number(&resource["scalar"], "value"))
}

/// The variables, sorted by name; those of Mesos beside those of the definition.
fn environment(info: &Json) -> Vec<String> {
    let own = list(&info["command"]["environment"]["variables"]);
    let mut all: Vec<(String, String)> = own
        .iter()
        .map(|variable| (text(variable, "name").to_owned(), text(variable, "value").to_owned()))
        .collect();
    all.extend([
        ("MESOS_ALLOCATION_ROLE".to_owned(), "*".to_owned()),
        ("MESOS_CONTAINER_NAME".to_owned(), "mesos-<UUID>".to_owned()),
        ("MESOS_SANDBOX".to_owned(), SANDBOX.to_owned()),
    ]);
    all.sort();
    all.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
}

/// A volume as `-v` takes it: relative paths are of the sandbox.
fn mounted(volume: &Json) -> String {
    let target = text(volume, "container_path");
    let inner = if target.starts_with('/') { target.to_owned() } else { format!("{SANDBOX}/{target}") };
    let mode = text(volume, "mode").to_ascii_lowercase();
    let host = match volume.get("host_path").and_then(Json::as_str) {
        None => volume["source"]["docker_volume"]["name"].as_str().unwrap_or_default().to_owned(),
        Some(host) if host.starts_with('/') => host.to_owned(),
        Some(host) => format!("<SANDBOX>/{host}"),
    };
    format!("{host}:{inner}:{mode}")
}
