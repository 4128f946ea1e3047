//! Containers, networks and volumes of apps.

use serde_json::{Value as Json, json};

use crate::definition::NetworkMode;
use crate::target::{Release, Settings};

use super::{Object, default, default_with, drop_empty, len, object, objects, set, text};

/// Which kinds of volume an app has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Volumes {
    pub(super) persistent: bool,
    pub(super) external: bool,
}

impl Volumes {
    pub(super) fn of(app: &Object) -> Self {
        let volumes = app.get("container").and_then(|container| container.get("volumes"));
        let has = |name: &str| {
            volumes
                .and_then(Json::as_array)
                .is_some_and(|volumes| volumes.iter().any(|volume| volume.get(name).is_some()))
        };
        Self { persistent: has("persistent"), external: has("external") }
    }
}

pub(super) fn is_host(app: &Object) -> bool {
    let networks = app.get("networks").and_then(Json::as_array);
    networks.is_none_or(|networks| networks.is_empty() || networks.iter().any(is_of_host))
}

/// Whether a network is the host's.
fn is_of_host(network: &Json) -> bool {
    network.get("mode").and_then(Json::as_str) == Some("host")
}

/// Whether an app has a network other than the host's.
fn joins_any(app: &Object) -> bool {
    let networks = app.get("networks").and_then(Json::as_array);
    networks.is_some_and(|networks| !networks.iter().all(is_of_host))
}

/// Converts the deprecated forms of networks and port mappings. An update that joins a network gets a container.
pub(super) fn migrate(app: &mut Object, is_update: bool) {
    let address = app.get("ipAddress").cloned();
    if len(app, "networks").unwrap_or(0) == 0 {
        let docker_network = app
            .get("container")
            .and_then(|container| container.get("docker"))
            .and_then(|docker| Some(docker.get("network")?.as_str()?.to_owned()));
        if let Some(network) = old_network(docker_network.as_deref(), address.as_ref()) {
            set(app, "networks", json!([network]));
        }
    }
    let is_added = address.is_some() || is_update && joins_any(app);
    if !app.contains_key("container") && is_added {
        set(app, "container", json!({"type": "MESOS", "volumes": []}));
    }
    appc(app);
    let is_host = is_host(app);
    let definitions = len(app, "portDefinitions").or_else(|| len(app, "ports")).unwrap_or(0);
    let Some(container) = object(app, "container") else { return };
    mappings(container, address.as_ref());
    if is_host {
        container.remove("portMappings");
        return;
    }
    default_with(
        container,
        "portMappings",
        || json!([{"containerPort": 0, "servicePort": 0, "protocol": "tcp", "labels": {}, "name": "default"}]),
    );
    if let Some(Json::Array(mappings)) = container.get_mut("portMappings") {
        while mappings.len() < definitions {
            mappings.push(json!({"containerPort": 0, "servicePort": 0, "protocol": "tcp", "labels": {}}));
        }
    }
}

/// Fills in what Marathon up to 1.8 fills in for an image of App Container.
fn appc(app: &mut Object) {
    let Some(appc) = object(app, "container").and_then(|container| object(container, "appc")) else { return };
    appc.retain(|name, value| {
        ["image", "id", "labels", "forcePullImage"].contains(&name.as_str()) && !value.is_null()
    });
    default(appc, "labels", json!({}));
    default(appc, "forcePullImage", false);
}

/// The network that `container.docker.network` and `ipAddress` mean.
fn old_network(docker: Option<&str>, address: Option<&Json>) -> Option<Json> {
    if docker.is_none() && address.is_none() {
        return None;
    }
    let name = address.and_then(|address| address.get("networkName")).and_then(Json::as_str);
    let mode = NetworkMode::of_deprecated(docker, name)?;
    let labels = address.filter(|_| mode != NetworkMode::Host).and_then(|address| address.get("labels"));
    let mut network = json!({"mode": mode.word(), "labels": labels.cloned().unwrap_or_else(|| json!({}))});
    if let Some(name) = name.filter(|_| mode == NetworkMode::Container) {
        network["name"] = name.into();
    }
    Some(network)
}

/// Converts `docker.portMappings` and `ipAddress.discovery.ports` to `portMappings`.
fn mappings(container: &mut Object, address: Option<&Json>) {
    if let Some(docker) = object(container, "docker") {
        docker.remove("network");
        if let Some(old) = docker.remove("portMappings") {
            default(container, "portMappings", old);
        }
    }
    if text(container, "type") != Some("MESOS") {
        return;
    }
    let ports = address.and_then(|address| address.pointer("/discovery/ports")).and_then(Json::as_array);
    if let Some(ports) = ports.filter(|ports| !ports.is_empty()) {
        let mapping = |port: &Json| {
            let mut mapping =
                json!({"containerPort": port["number"], "servicePort": 0, "protocol": port["protocol"]});
            for name in ["name", "labels"] {
                if let Some(value) = port.get(name) {
                    mapping[name] = value.clone();
                }
            }
            mapping
        };
        set(container, "portMappings", ports.iter().map(mapping).collect::<Json>());
    }
}

/// Fills in what Marathon fills in after its canonical rules.
pub(super) fn complete(app: &mut Object, settings: &Settings) {
    if let (Some(name), Some(Json::Array(networks))) = (&settings.default_network, app.get_mut("networks")) {
        for network in networks.iter_mut().filter_map(Json::as_object_mut) {
            if text(network, "mode") == Some("container") {
                default(network, "name", name.as_str());
            }
        }
    }
    if len(app, "networks").unwrap_or(0) == 0 {
        set(app, "networks", json!([{"mode": "host"}]));
    }
    if is_host(app) {
        return;
    }
    set(app, "requirePorts", false);
    let is_bridge = objects(app, "networks").any(|network| text(network, "mode") == Some("container/bridge"));
    default_with(app, "container", || {
        json!({"type": "MESOS", "volumes": [], "portMappings": [
            {"containerPort": 0, "servicePort": 0, "protocol": "tcp", "labels": {}, "name": "default"}
        ]})
    });
    if let Some(container) = object(app, "container").filter(|_| is_bridge) {
        objects(container, "portMappings").for_each(|mapping| default(mapping, "hostPort", 0));
    }
}

/// Drops and adds what the conversion to Marathon's own model drops and adds.
pub(super) fn convert(app: &mut Object, settings: &Settings) {
    objects(app, "networks").for_each(|network| drop_empty(network, &["labels"]));
    let Some(container) = object(app, "container") else { return };
    let is_docker = text(container, "type") == Some("DOCKER");
    if is_docker {
        container.remove("linuxInfo");
    }
    if let Some(docker) = object(container, "docker") {
        docker.remove("credential");
        if is_docker {
            docker.remove("pullConfig");
        } else {
            set(docker, "privileged", false);
            set(docker, "parameters", json!([]));
        }
    }
    for mapping in objects(container, "portMappings") {
        drop_empty(mapping, &["networkNames"]);
    }
    objects(container, "volumes").for_each(|volume| convert_volume(volume, settings));
}

fn convert_volume(volume: &mut Object, settings: &Settings) {
    if volume.contains_key("secret") {
        volume.remove("mode");
    }
    if let Some(info) = object(volume, "persistent") {
        persistent(info, settings);
    }
    let external = object(volume, "external");
    if let Some(options) = external.and_then(|external| object(external, "options")) {
        drop_empty(options, &["nodePublishSecret", "nodeStageSecret", "volumeContext"]);
        if let Some(capability) = object(options, "capability") {
            if text(capability, "accessType") == Some("block") {
                capability.remove("fsType");
                capability.remove("mountFlags");
            }
            drop_empty(capability, &["mountFlags"]);
        }
    }
}

pub(super) fn persistent(info: &mut Object, settings: &Settings) {
    if settings.release < Release::V1_8 {
        info.remove("profileName");
    }
    let has_profile = info.contains_key("profileName");
    default(info, "type", if has_profile { "mount" } else { "root" });
}

/// Keeps only the first three parts of a volume's constraints.
pub(super) fn constraints(info: &mut Object) {
    if let Some(Json::Array(constraints)) = info.get_mut("constraints") {
        constraints.iter_mut().filter_map(Json::as_array_mut).for_each(|constraint| constraint.truncate(3));
    }
    super::set::make(info, "constraints");
}
