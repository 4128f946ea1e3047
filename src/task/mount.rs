//! What is mounted into a container, and the networks that it joins, in words.

use serde_json::Value as Json;

use super::{list, text};

/// Something that is mounted into a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MountedPart {
    /// The path in the container.
    pub(crate) target: String,
    /// What is there.
    pub(crate) source: String,
    /// `RW` or `RO`.
    pub(crate) mode: &'static str,
}

fn mode(is_read_only: bool) -> &'static str {
    if is_read_only { "RO" } else { "RW" }
}

/// What is mounted into the container of an app.
pub(super) fn of_app(app: &Json) -> Vec<MountedPart> {
    let source = |volume: &Json| {
        if let Some(host) = volume.get("hostPath").and_then(Json::as_str) {
            host.to_owned()
        } else if let Some(external) = volume.get("external") {
            format!("the {} volume {}", text(external, "provider"), text(external, "name"))
        } else if let Some(secret) = volume.get("secret").and_then(Json::as_str) {
            format!("the secret {secret}")
        } else {
            "a persistent volume".to_owned()
        }
    };
    let part = |volume: &Json| MountedPart {
        target: text(volume, "containerPath").to_owned(),
        source: source(volume),
        mode: mode(text(volume, "mode") == "RO"),
    };
    list(&app["container"]["volumes"]).iter().map(part).collect()
}

/// What is mounted into a container of a pod.
pub(super) fn of_container(pod: &Json, container: &Json) -> Vec<MountedPart> {
    let part = |mount: &Json| {
        let name = text(mount, "name");
        let volume = list(&pod["volumes"]).iter().find(|volume| text(volume, "name") == name)?;
        let source = if let Some(host) = volume.get("host").and_then(Json::as_str) {
            host.to_owned()
        } else if let Some(secret) = volume.get("secret").and_then(Json::as_str) {
            format!("the secret {secret}")
        } else if volume.get("persistent").is_some() {
            format!("the persistent volume {name}")
        } else {
            format!("the pod's volume {name}")
        };
        let is_read_only = super::is_true(mount, "readOnly");
        Some(MountedPart { target: text(mount, "mountPath").to_owned(), source, mode: mode(is_read_only) })
    };
    list(&container["volumeMounts"]).iter().filter_map(part).collect()
}

/// The networks that an app or pod joins; that of the agent is `host`.
pub(super) fn networks(of: &Json) -> Vec<String> {
    let name = |network: &Json| match text(network, "mode") {
        "container" => text(network, "name").to_owned(),
        "container/bridge" => "bridge".to_owned(),
        _ => "host".to_owned(),
    };
    let all = list(&of["networks"]);
    if all.is_empty() { vec!["host".to_owned()] } else { all.iter().map(name).collect() }
}
