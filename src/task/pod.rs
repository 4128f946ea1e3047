//! The tasks of a pod (`TaskGroupBuilder`).

use serde_json::{Map, Value as Json, json};

use super::{
    LaunchedTask, check, fetched, host_name, kill_policy, labels, limits, list, picked_port, resources,
    safe_id, text, uris, variables, whole,
};
use crate::target::Settings;

pub(super) fn tasks(pod: &Json, _: &Settings) -> Vec<LaunchedTask> {
    let mut picked = 0;
    let mut all = Vec::new();
    for container in list(&pod["containers"]) {
        all.push(task(pod, container, &mut picked));
    }
    all
}

fn task(pod: &Json, container: &Json, picked: &mut usize) -> LaunchedTask {
    let id = text(pod, "id");
    let name = text(container, "name");
    let endpoints = list(&container["endpoints"]);
    let ports: Vec<Json> = endpoints.iter().map(|endpoint| asked_port(endpoint, picked)).collect();
    let mut info = Map::new();
    let mut add = |name: &str, value: Option<Json>| {
        if let Some(value) = value {
            info.insert(name.to_owned(), value);
        }
    };
    add("name", Some(name.into()));
    add("task_id", Some(json!({"value": format!("{}.instance-<UUID>.{name}.1", safe_id(id))})));
    add("resources", container.get("resources").and_then(|of| resources(of, &[])));
    add("command", Some(command(pod, container, id, &ports)));
    add("container", Some(made_container(pod, container)));
    add("health_check", health_check(container, &ports));
    add("discovery", Some(discovery(id, endpoints, &ports)));
    add("limits", limits(container));
    let grace = container.get("lifecycle").and_then(|lifecycle| lifecycle.get("killGracePeriodSeconds"));
    add("kill_policy", grace.and_then(Json::as_f64).map(kill_policy));
    LaunchedTask {
        id: format!("{id}:{name}"),
        info: info.into(),
        docker_run: None,
        fetched: fetched(list(&container["artifacts"])),
        dropped_checks: Vec::new(),
    }
}

/// The port that is asked for behind an endpoint.
fn asked_port(endpoint: &Json, picked: &mut usize) -> Json {
    if let port @ 1.. = whole(endpoint, "containerPort") {
        return port.into();
    }
    match whole(endpoint, "hostPort") {
        0 => {
            *picked += 1;
            picked_port(*picked - 1)
        }
        port => port.into(),
    }
}

fn command(pod: &Json, container: &Json, id: &str, ports: &[Json]) -> Json {
    let mut own = variables(pod.get("environment"));
    own.extend(variables(container.get("environment")));
    for (endpoint, port) in list(&container["endpoints"]).iter().zip(ports) {
        let name = text(endpoint, "name").to_ascii_uppercase().replace('-', "_");
        if endpoint.get("hostPort").is_some() && whole(endpoint, "containerPort") == 0 {
            let port = port.as_str().map_or_else(|| port.to_string(), str::to_owned);
            own.push(json!({"name": format!("EP_HOST_{name}"), "value": port}));
            own.push(json!({"name": format!("ENDPOINT_{name}"), "value": port}));
        }
    }
    own.push(json!({"name": "MESOS_EXECUTOR_ID", "value": format!("instance-{}.<UUID>", safe_id(id))}));
    let mut command = json!({"environment": {"variables": own}});
    if let Some(uris) = uris(list(&container["artifacts"])) {
        command["uris"] = uris;
    }
    let exec = &container["exec"];
    match (exec["command"].get("shell"), exec["command"].get("argv")) {
        (Some(shell), _) if shell.is_string() => {
            command["value"] = shell.clone();
            command["shell"] = true.into();
        }
        (_, Some(argv)) if argv.is_array() => {
            command["shell"] = false.into();
            command["arguments"] = argv.clone();
            if exec.get("overrideEntrypoint").and_then(Json::as_bool) == Some(true) {
                command["value"] = list(argv).first().cloned().unwrap_or_default();
            }
        }
        _ => command["shell"] = false.into(),
    }
    if let Some(user) = container.get("user").or_else(|| pod.get("user")).filter(|user| user.is_string()) {
        command["user"] = user.clone();
    }
    command
}

fn made_container(pod: &Json, container: &Json) -> Json {
    let mut made = json!({"type": "MESOS"});
    let volumes: Vec<Json> =
        list(&container["volumeMounts"]).iter().filter_map(|mount| volume(pod, mount)).collect();
    if !volumes.is_empty() {
        made["volumes"] = volumes.into();
    }
    if let Some(image) = container.get("image").filter(|image| image.is_object()) {
        let mut docker = json!({"name": image["id"]});
        if let Some(secret) = image.get("pullConfig").and_then(|config| config.get("secret")) {
            docker["config"] = json!({"type": "REFERENCE", "reference": {"name": secret}});
        }
        let mut of = json!({"type": "DOCKER", "docker": docker});
        if let Some(is_forced) = image.get("forcePull").and_then(Json::as_bool) {
            of["cached"] = (!is_forced).into();
        }
        made["mesos"] = json!({"image": of});
    }
    let mut linux = json!({"share_cgroups": false});
    if let Some(ipc) = container["linuxInfo"].get("ipcInfo").filter(|ipc| ipc.is_object()) {
        linux["ipc_mode"] = ipc["mode"].clone();
        if let Some(size) = ipc.get("shmSize").filter(|size| size.is_number()) {
            linux["shm_size"] = size.clone();
        }
    }
    made["linux_info"] = linux;
    if container.get("tty").and_then(Json::as_bool) == Some(true) {
        made["tty_info"] = json!({});
    }
    made
}

fn volume(pod: &Json, mount: &Json) -> Option<Json> {
    let name = text(mount, "name");
    let volume = list(&pod["volumes"]).iter().find(|volume| text(volume, "name") == name)?;
    let is_read_only = mount.get("readOnly").and_then(Json::as_bool) == Some(true);
    let mut made =
        json!({"container_path": mount["mountPath"], "mode": if is_read_only { "RO" } else { "RW" }});
    if let Some(host) = volume.get("host").filter(|host| host.is_string()) {
        made["host_path"] = host.clone();
    } else if volume.get("secret").is_some_and(Json::is_string) {
        return None;
    } else {
        let path =
            if volume.get("persistent").is_some() { name.to_owned() } else { format!("volumes/{name}") };
        made["source"] = json!({"type": "SANDBOX_PATH", "sandbox_path": {"type": "PARENT", "path": path}});
    }
    Some(made)
}

fn health_check(container: &Json, ports: &[Json]) -> Option<Json> {
    let of = container.get("healthCheck").filter(|check| check.is_object())?;
    let mut all = check::times(of);
    let port = |asked: &Json| {
        let name = text(asked, "endpoint");
        let index =
            list(&container["endpoints"]).iter().position(|endpoint| text(endpoint, "name") == name)?;
        ports.get(index)
    };
    if let Some(http) = of.get("http").filter(|http| http.is_object()) {
        let protocol = text(http, "scheme").to_ascii_uppercase();
        check::asked(&mut all, if protocol == "HTTPS" { "HTTPS" } else { "HTTP" }, port(http)?, http);
    } else if let Some(tcp) = of.get("tcp").filter(|tcp| tcp.is_object()) {
        check::asked(&mut all, "TCP", port(tcp)?, tcp);
    } else {
        let command = &of.get("exec")?["command"];
        let made = match command.get("argv") {
            Some(argv) => json!({"value": list(argv).first(), "arguments": argv, "shell": false}),
            None => json!({"value": text(command, "shell"), "shell": true}),
        };
        all.insert("command".into(), made);
        all.insert("type".into(), "COMMAND".into());
    }
    Some(all.into())
}

fn discovery(id: &str, endpoints: &[Json], ports: &[Json]) -> Json {
    let mut all = Vec::new();
    for (endpoint, number) in endpoints.iter().zip(ports) {
        let protocols = list(&endpoint["protocol"]);
        let names: Vec<&str> = protocols.iter().filter_map(Json::as_str).collect();
        for protocol in if names.is_empty() { vec!["tcp"] } else { names } {
            let mut port = json!({"number": number, "name": endpoint["name"], "protocol": protocol});
            let labels = labels(endpoint.get("labels"));
            if !labels.is_empty() {
                port["labels"] = json!({"labels": labels});
            }
            all.push(port);
        }
    }
    let ports = if all.is_empty() { json!({}) } else { json!({"ports": all}) };
    json!({"visibility": "FRAMEWORK", "name": host_name(id), "ports": ports})
}
