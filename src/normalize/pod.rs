//! Pods.

use serde_json::{Value as Json, json};

use crate::definition::id::AbsoluteId;
use crate::rule::Roles;
use crate::schema::table;
use crate::target::{Release, Settings};

use super::{Object, app, container, default, drop_empty, drop_unstored, object, objects, set, text};

pub(super) fn normalize(mut pod: Object, settings: &Settings) -> Object {
    let id = AbsoluteId::parse(text(&pod, "id").unwrap_or_default()).canonical(&AbsoluteId::root());
    networks(&mut pod, settings);
    if settings.release >= Release::V1_9 {
        default(&mut pod, "role", &*Roles::alone(&id, settings).default);
    }
    set(&mut pod, "id", id.to_string());
    default(&mut pod, "scaling", json!({"kind": "fixed", "instances": 1}));
    scheduling(&mut pod, settings);
    default(&mut pod, "executorResources", json!({"cpus": 0.1, "mem": 32, "disk": 10}));
    objects(&mut pod, "containers").for_each(|container| convert(container, settings));
    for volume in objects(&mut pod, "volumes") {
        if let Some(info) = object(volume, "persistent") {
            container::persistent(info, settings);
            container::constraints(info);
        }
    }
    if pod.get("legacySharedCgroups") == Some(&Json::Bool(false)) {
        pod.remove("legacySharedCgroups");
    }
    drop_unstored(&mut pod, &table::POD);
    drop_empty(&mut pod, &["environment", "labels", "networks", "secrets", "volumes"]);
    pod
}

fn networks(pod: &mut Object, settings: &Settings) {
    let mut has_container = false;
    for network in objects(pod, "networks") {
        if text(network, "mode") == Some("container") {
            has_container = true;
            if let Some(name) = &settings.default_network {
                default(network, "name", name.as_str());
            }
        }
        drop_empty(network, &["labels"]);
    }
    for container in objects(pod, "containers") {
        for endpoint in objects(container, "endpoints") {
            if !has_container {
                default(endpoint, "hostPort", 0);
            }
            drop_empty(endpoint, &["labels", "networkNames", "protocol"]);
        }
    }
}

fn scheduling(pod: &mut Object, settings: &Settings) {
    let is_resident = objects(pod, "volumes").any(|volume| volume.contains_key("persistent"));
    default(pod, "scheduling", json!({}));
    let Some(scheduling) = object(pod, "scheduling") else { return };
    let delay = if settings.release < Release::V1_8 { 3600 } else { 300 };
    default(scheduling, "backoff", json!({"backoff": 1, "backoffFactor": 1.15, "maxLaunchDelay": delay}));
    if let Some(backoff) = object(scheduling, "backoff") {
        for name in ["backoff", "maxLaunchDelay"] {
            to_milliseconds(backoff, name);
        }
    }
    let upgrade = if is_resident { (0.5, 0.0) } else { (1.0, 1.0) };
    default(
        scheduling,
        "upgrade",
        json!({"minimumHealthCapacity": upgrade.0, "maximumOverCapacity": upgrade.1}),
    );
    default(scheduling, "killSelection", "YOUNGEST_FIRST");
    let unreachable = if is_resident {
        json!("disabled")
    } else {
        json!({"inactiveAfterSeconds": 0, "expungeAfterSeconds": 0})
    };
    default(scheduling, "unreachableStrategy", unreachable);
    if settings.release >= Release::V1_6 {
        default(scheduling, "placement", json!({}));
    }
    if let Some(placement) = object(scheduling, "placement") {
        super::set::make(placement, "acceptedResourceRoles");
        super::set::make(placement, "constraints");
        drop_empty(placement, &["acceptedResourceRoles", "constraints"]);
    }
    if settings.release < Release::V1_6 {
        drop_empty(scheduling, &["placement"]);
    }
}

/// Marathon stores durations in nanoseconds and returns whole milliseconds.
fn to_milliseconds(of: &mut Object, name: &str) {
    let Some(seconds) = of.get(name).and_then(Json::as_f64) else { return };
    let milliseconds = ((seconds * 1e9 + 0.5).floor() / 1e6).floor();
    set(of, name, milliseconds / 1e3);
}

fn convert(container: &mut Object, settings: &Settings) {
    container.remove("check");
    app::unlimited(container);
    for mount in objects(container, "volumeMounts").filter(|_| settings.release >= Release::V1_6) {
        default(mount, "readOnly", false);
    }
    if let Some(image) = object(container, "image") {
        drop_empty(image, &["labels"]);
    }
    drop_empty(container, &["artifacts", "endpoints", "environment", "labels", "volumeMounts"]);
}
