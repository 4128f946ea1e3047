//! The tasks of a pod (`TaskGroupBuilder`).

use serde_json::{Value as Json, json};

use super::{
    Endpoint, LaunchedTask, check, fetched, is_true, kill_policy, limits, list, mount, object, picked_port,
    plain, pulled_image, resources, safe_id, text, uris, variables, whole,
};

pub(super) fn tasks(pod: &Json) -> Vec<LaunchedTask> {
    let mut picked = 0;
    list(&pod["containers"]).iter().map(|container| task(pod, container, &mut picked)).collect()
}

fn task(pod: &Json, container: &Json, picked: &mut usize) -> LaunchedTask {
    let id = text(pod, "id");
    let name = text(container, "name");
    let endpoints = list(&container["endpoints"]);
    let ports: Vec<EndpointPorts> =
        endpoints.iter().map(|endpoint| EndpointPorts::of(endpoint, picked)).collect();
    let grace = container.get("lifecycle").and_then(|lifecycle| lifecycle.get("killGracePeriodSeconds"));
    let info = object([
        ("name", Some(name.into())),
        ("task_id", Some(json!({"value": format!("{}.instance-<UUID>.{name}.1", safe_id(id))}))),
        ("resources", container.get("resources").and_then(|of| resources(of, &[]))),
        ("command", Some(command(pod, container, id, &ports))),
        ("container", Some(made_container(pod, container))),
        ("health_check", health_check(container, &ports)),
        ("discovery", Some(super::discovery(id, &discovered_ports(pod, endpoints, &ports)))),
        ("limits", limits(container)),
        ("kill_policy", grace.and_then(Json::as_f64).map(kill_policy)),
    ]);
    LaunchedTask {
        id: format!("{id}:{name}"),
        info,
        docker_run: None,
        fetched: fetched(list(&container["artifacts"])),
        mounts: mount::of_container(pod, container),
        networks: mount::networks(pod),
        dropped_checks: Vec::new(),
        marathon_checks: Vec::new(),
    }
}

/// The ports of an endpoint.
struct EndpointPorts {
    /// That of the agent, where it has one.
    host: Option<Json>,
    /// The one that is asked for behind it.
    asked: Json,
}

impl EndpointPorts {
    fn of(endpoint: &Json, picked: &mut usize) -> Self {
        let mut pick = || {
            *picked += 1;
            picked_port(*picked - 1)
        };
        let host = endpoint.get("hostPort").and_then(Json::as_i64);
        let host = host.map(|port| if port == 0 { pick() } else { port.into() });
        let asked = match (whole(endpoint, "containerPort"), &host) {
            (port @ 1.., _) => port.into(),
            (_, Some(host)) => host.clone(),
            (_, None) => pick(),
        };
        Self { host, asked }
    }
}

fn command(pod: &Json, container: &Json, id: &str, ports: &[EndpointPorts]) -> Json {
    let mut own = variables(pod.get("environment"));
    own.extend(variables(container.get("environment")));
    for (endpoint, port) in list(&container["endpoints"]).iter().zip(ports) {
        let name = text(endpoint, "name").to_ascii_uppercase().replace('-', "_");
        if endpoint.get("hostPort").is_some() && whole(endpoint, "containerPort") == 0 {
            let port = plain(&port.asked);
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
            if is_true(exec, "overrideEntrypoint") {
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
        let mut of = json!({"type": "DOCKER", "docker": pulled_image(&image["id"], image)});
        if let Some(is_forced) = image.get("forcePull").and_then(Json::as_bool) {
            of["cached"] = (!is_forced).into();
        }
        made["mesos"] = json!({"image": of});
    }
    let mut linux = json!({"share_cgroups": false});
    for (name, value) in super::app::linux_info(&container["linuxInfo"]) {
        linux[name] = value;
    }
    made["linux_info"] = linux;
    if is_true(container, "tty") {
        made["tty_info"] = json!({});
    }
    made
}

fn volume(pod: &Json, mount: &Json) -> Option<Json> {
    let name = text(mount, "name");
    let volume = list(&pod["volumes"]).iter().find(|volume| text(volume, "name") == name)?;
    let is_read_only = is_true(mount, "readOnly");
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

fn health_check(container: &Json, ports: &[EndpointPorts]) -> Option<Json> {
    let of = container.get("healthCheck").filter(|check| check.is_object())?;
    let mut all = check::times(of);
    let port = |asked: &Json| {
        let name = text(asked, "endpoint");
        let index =
            list(&container["endpoints"]).iter().position(|endpoint| text(endpoint, "name") == name)?;
        Some(&ports.get(index)?.asked)
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

/// The ports by which other services find the task: none for an endpoint that names no protocol.
fn discovered_ports(pod: &Json, endpoints: &[Json], ports: &[EndpointPorts]) -> Vec<Json> {
    let mut all: Vec<Endpoint<'_>> = Vec::new();
    for (of, ports) in endpoints.iter().zip(ports) {
        let protocols = list(&of["protocol"]).iter().filter_map(Json::as_str).collect();
        all.push(Endpoint { of, protocols, host: ports.host.clone(), inner: whole(of, "containerPort") });
    }
    super::discovered_ports(list(&pod["networks"]), &all)
}
