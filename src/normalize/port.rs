//! Port definitions of apps, and the service ports the server picks.

use serde_json::{Value as Json, json};

use crate::source::{Pointer, Step};

use super::{Object, container, drop_empty, objects, set};

/// `ports` become `portDefinitions`, which only the host's network has.
pub(super) fn migrate(app: &mut Object, is_update: bool) {
    let old = app.remove("ports");
    if !container::is_host(app) {
        app.remove("portDefinitions");
        return;
    }
    if !app.contains_key("portDefinitions") {
        match old {
            Some(Json::Array(ports)) => {
                let definition = |port: &Json| json!({"port": port, "protocol": "tcp"});
                set(app, "portDefinitions", ports.iter().map(definition).collect::<Json>());
            }
            _ if is_update => {}
            _ => set(app, "portDefinitions", json!([{"port": 0, "protocol": "tcp", "name": "default"}])),
        }
    }
    objects(app, "portDefinitions").for_each(|definition| drop_empty(definition, &["labels"]));
}

/// Where the server will pick a service port, in apps at any depth.
pub(super) fn picked(value: &Json, at: &Pointer, found: &mut Vec<Pointer>) {
    for (list, port) in [("portDefinitions", "port"), ("container", "servicePort")] {
        let (ports, at) = match list {
            "container" => {
                (value.pointer("/container/portMappings"), at.key("container").key("portMappings"))
            }
            list => (value.get(list), at.key(list)),
        };
        for (index, entry) in ports.and_then(Json::as_array).into_iter().flatten().enumerate() {
            if entry.get(port).and_then(Json::as_i64) == Some(0) {
                found.push(at.index(index).key(port));
            }
        }
    }
    match value {
        Json::Array(apps) => {
            for (index, app) in apps.iter().enumerate() {
                picked(app, &at.and(Step::Index(index)), found);
            }
        }
        _ => {
            for name in ["apps", "groups"] {
                if let Some(members) = value.get(name) {
                    picked(members, &at.key(name), found);
                }
            }
        }
    }
}
