//! The task of an app (`TaskBuilder`).

use serde_json::{Map, Value as Json, json};

use super::{
    Endpoint, LaunchedTask, add_labels, check, docker_run, fetched, host_name, is_true, kill_policy, labels,
    limits, list, mount, object, picked_port, pulled_image, resources, safe_id, text, uris, variables, whole,
};
use crate::definition::{CheckMaker, SentCheck};
use crate::target::Settings;

pub(super) fn task(app: &Json, settings: &Settings) -> LaunchedTask {
    let id = text(app, "id");
    let task_id = format!("{}.instance-<UUID>._app.1", safe_id(id));
    let ports = AppPorts::of(app);
    let checks = list(&app["healthChecks"]);
    let makers: Vec<CheckMaker> = checks.iter().map(|of| check::maker(of, &ports.asked)).collect();
    let sent = SentCheck::among(makers.iter().copied()).index();
    let (by_marathon, by_mesos): (Vec<usize>, Vec<usize>) =
        (0..checks.len()).partition(|index| makers[*index] == CheckMaker::Marathon);
    let dropped_checks = by_mesos.into_iter().filter(|index| Some(*index) != sent).collect();
    let protocol_of = |index: usize| (index, text(&checks[index], "protocol").to_owned());
    let marathon_checks = by_marathon.into_iter().map(protocol_of).collect();
    let executor = Some(text(app, "executor")).filter(|executor| !matches!(*executor, "" | "//cmd"));
    let info = object([
        ("name", Some(host_name(id).into())),
        ("task_id", Some(json!({"value": task_id}))),
        ("resources", resources(app, &ports.taken)),
        ("executor", executor.map(|executor| custom_executor(app, executor, &task_id))),
        ("command", executor.is_none().then(|| command(app))),
        ("container", container(app, &ports, &task_id)),
        ("health_check", sent.and_then(|index| check::of_app(&checks[index], &ports.asked))),
        ("check", app.get("check").and_then(|of| check::probe(of, &ports.asked))),
        ("discovery", Some(super::discovery(id, &discovered_ports(app, &ports)))),
        ("limits", limits(app)),
        ("kill_policy", app.get("taskKillGracePeriodSeconds").and_then(Json::as_f64).map(kill_policy)),
    ]);
    LaunchedTask {
        id: id.to_owned(),
        docker_run: docker_run::arguments(&info, settings),
        info,
        fetched: fetched(list(&app["fetch"])),
        mounts: mount::of_app(app),
        networks: mount::networks(app),
        dropped_checks,
        marathon_checks,
    }
}

/// The ports of an app.
struct AppPorts<'a> {
    /// Those that the task takes of the agent.
    taken: Vec<Json>,
    /// For each mapping or definition the port that checks ask for: that of the container, or of the agent.
    asked: Vec<Json>,
    /// For each mapping the port of the agent, where it has one.
    host: Vec<Option<Json>>,
    mappings: &'a [Json],
}

impl<'a> AppPorts<'a> {
    fn of(app: &'a Json) -> Self {
        let mappings = list(&app["container"]["portMappings"]);
        let is_host = list(&app["networks"]).iter().all(|network| text(network, "mode") == "host");
        if is_host {
            let is_fixed = is_true(app, "requirePorts");
            let port = |(index, definition): (usize, &Json)| match whole(definition, "port") {
                port if is_fixed && port > 0 => port.into(),
                _ => picked_port(index),
            };
            let taken: Vec<Json> = list(&app["portDefinitions"]).iter().enumerate().map(port).collect();
            return Self { asked: taken.clone(), host: Vec::new(), taken, mappings: &[] };
        }
        let host: Vec<Option<Json>> = mappings
            .iter()
            .enumerate()
            .map(|(index, mapping)| match mapping.get("hostPort")?.as_i64()? {
                0 => Some(picked_port(index)),
                port => Some(port.into()),
            })
            .collect();
        let asked = mappings
            .iter()
            .zip(&host)
            .map(|(mapping, host)| match (whole(mapping, "containerPort"), host) {
                (0, Some(host)) => host.clone(),
                (port, _) => port.into(),
            })
            .collect();
        Self { taken: host.iter().flatten().cloned().collect(), asked, host, mappings }
    }
}

fn command(app: &Json) -> Json {
    let mut command = json!({"environment": {"variables": variables(app.get("env"))}});
    if let Some(uris) = uris(list(&app["fetch"])) {
        command["uris"] = uris;
    }
    let has_container = app.get("container").is_some_and(Json::is_object);
    if let Some(cmd) = app.get("cmd").filter(|cmd| cmd.is_string()) {
        command["value"] = cmd.clone();
    } else {
        command["shell"] = false.into();
        let args = list(&app["args"]);
        if !args.is_empty() {
            command["arguments"] = args.into();
            if !has_container {
                command["value"] = args[0].clone();
            }
        }
    }
    if let Some(user) = app.get("user").filter(|user| user.is_string()) {
        command["user"] = user.clone();
    }
    command
}

/// An executor of the app's own, which gets the command as its arguments.
fn custom_executor(app: &Json, executor: &str, task_id: &str) -> Json {
    let mut command = command(app);
    let words: Vec<&str> = list(&app["args"]).iter().filter_map(Json::as_str).collect();
    let arguments = app.get("cmd").and_then(Json::as_str).map_or_else(|| words.join(" "), str::to_owned);
    command["value"] = format!("chmod ug+rx '{executor}' && exec '{executor}' {arguments}").into();
    json!({"executor_id": {"value": format!("marathon-{task_id}")}, "command": command})
}

fn container(app: &Json, ports: &AppPorts<'_>, task_id: &str) -> Option<Json> {
    let container = app.get("container").filter(|container| container.is_object())?;
    let is_docker = text(container, "type") == "DOCKER";
    let mut made = json!({"type": if is_docker { "DOCKER" } else { "MESOS" }});
    let volumes: Vec<Json> = list(&container["volumes"]).iter().filter_map(volume).collect();
    if !volumes.is_empty() {
        made["volumes"] = volumes.into();
    }
    let docker = container.get("docker").filter(|docker| docker.is_object());
    let networks = list(&app["networks"]);
    if is_docker {
        made["docker"] = of_docker(docker?, networks, ports, task_id);
    } else if let Some(docker) = docker {
        let image = pulled_image(&docker["image"], docker);
        let is_cached = !is_true(docker, "forcePullImage");
        made["mesos"] = json!({"image": {"type": "DOCKER", "docker": image, "cached": is_cached}});
    } else {
        made["mesos"] = json!({});
    }
    let info = linux_info(&container["linuxInfo"]);
    if !is_docker && !info.is_empty() {
        made["linux_info"] = info.into();
    }
    let joined = networks.iter().filter(|network| text(network, "mode") == "container");
    let infos: Vec<Json> = joined.map(|network| network_info(network, ports, is_docker)).collect();
    if !infos.is_empty() {
        made["network_infos"] = infos.into();
    }
    Some(made)
}

fn network_info(network: &Json, ports: &AppPorts<'_>, is_docker: bool) -> Json {
    if is_docker {
        return json!({"name": network["name"]});
    }
    let mut info = json!({"name": network["name"], "ip_addresses": [{}], "labels": {}});
    add_labels(&mut info, &labels(network.get("labels")));
    let mapped = ports.mappings.iter().zip(&ports.host).zip(&ports.asked);
    let mappings: Vec<Json> = mapped
        .filter_map(|((mapping, host), inner)| {
            Some(json!({"host_port": host.as_ref()?, "container_port": inner, "protocol": text(mapping, "protocol")}))
        })
        .collect();
    if !mappings.is_empty() {
        info["port_mappings"] = mappings.into();
    }
    info
}

fn of_docker(docker: &Json, networks: &[Json], ports: &AppPorts<'_>, task_id: &str) -> Json {
    let network = match networks.first().map_or("host", |network| text(network, "mode")) {
        "container" => "USER",
        "container/bridge" => "BRIDGE",
        _ => "HOST",
    };
    let mut parameters: Vec<Json> = list(&docker["parameters"]).to_vec();
    parameters.push(json!({"key": "label", "value": format!("MESOS_TASK_ID={task_id}")}));
    let mut made = json!({
        "image": docker["image"],
        "network": network,
        "privileged": is_true(docker, "privileged"),
        "parameters": parameters,
        "force_pull_image": is_true(docker, "forcePullImage"),
    });
    let mut mappings = Vec::new();
    for ((mapping, host), inner) in ports.mappings.iter().zip(&ports.host).zip(&ports.asked) {
        let Some(host) = host else { continue };
        // One for each protocol.
        for protocol in text(mapping, "protocol").split(',') {
            mappings.push(json!({"host_port": host, "container_port": inner, "protocol": protocol}));
        }
    }
    if !mappings.is_empty() {
        made["port_mappings"] = mappings.into();
    }
    made
}

fn volume(volume: &Json) -> Option<Json> {
    let mut made = json!({"container_path": volume["containerPath"], "mode": text(volume, "mode")});
    if let Some(host) = volume.get("hostPath").filter(|host| host.is_string()) {
        made["host_path"] = host.clone();
    } else if let Some(external) =
        volume.get("external").filter(|external| text(external, "provider") == "dvdi")
    {
        let driver = external["options"].get("dvdi/driver").cloned().unwrap_or_default();
        made["source"] =
            json!({"type": "DOCKER_VOLUME", "docker_volume": {"driver": driver, "name": external["name"]}});
    } else {
        // Persistent volumes are resources, and secrets are added by a plugin.
        return None;
    }
    Some(made)
}

/// What is sent of a `linuxInfo`.
pub(super) fn linux_info(info: &Json) -> Map<String, Json> {
    let mut made = Map::new();
    if let Some(ipc) = info.get("ipcInfo").filter(|ipc| ipc.is_object()) {
        made.insert("ipc_mode".into(), ipc["mode"].clone());
        if let Some(size) = ipc.get("shmSize").filter(|size| size.is_number()) {
            made.insert("shm_size".into(), size.clone());
        }
    }
    if let Some(seccomp) = info.get("seccomp").filter(|seccomp| seccomp.is_object()) {
        let mut sent = json!({"unconfined": is_true(seccomp, "unconfined")});
        if let Some(name) = seccomp.get("profileName").filter(|name| name.is_string()) {
            sent["profile_name"] = name.clone();
        }
        made.insert("seccomp".into(), sent);
    }
    made
}

/// The ports by which other services find the task.
fn discovered_ports(app: &Json, ports: &AppPorts<'_>) -> Vec<Json> {
    let definitions = list(&app["portDefinitions"]).iter().zip(&ports.taken);
    let mut all: Vec<Endpoint<'_>> = Vec::new();
    if ports.mappings.is_empty() {
        all.extend(definitions.map(|(of, number)| endpoint(of, Some(number.clone()), 0)));
    }
    let mappings = ports.mappings.iter().zip(&ports.host);
    all.extend(mappings.map(|(of, host)| endpoint(of, host.clone(), whole(of, "containerPort"))));
    super::discovered_ports(list(&app["networks"]), &all)
}

/// A mapping or definition of ports, with its port of the agent and the one in the container.
fn endpoint(of: &Json, host: Option<Json>, inner: i64) -> Endpoint<'_> {
    let protocols = of.get("protocol").and_then(Json::as_str).unwrap_or("tcp").split(',').collect();
    Endpoint { of, protocols, host, inner }
}
