//! Port definitions of apps, and the service ports the server picks.

use serde_json::{Value as Json, json};

use crate::source::{Pointer, Step};

use super::{Object, container, drop_empty, objects, set};

/// Converts `ports` to `portDefinitions`, which only the host's network has.
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
            _ if is_update => set(app, "portDefinitions", json!([])),
            _ => set(app, "portDefinitions", json!([{"port": 0, "protocol": "tcp", "name": "default"}])),
        }
    }
    objects(app, "portDefinitions").for_each(|definition| drop_empty(definition, &["labels"]));
}

/// Finds the service ports that the server will pick, in apps at any depth; `path` leads to `value`.
pub(super) fn picked(value: &Json, path: &mut Vec<Step>, found: &mut Vec<Pointer>) {
    let lists: [(&[&str], &str); 2] =
        [(&["portDefinitions"], "port"), (&["container", "portMappings"], "servicePort")];
    for (list, port) in lists {
        let entries = list.iter().try_fold(value, |value, name| value.get(name)).and_then(Json::as_array);
        for (index, entry) in entries.into_iter().flatten().enumerate() {
            if entry.get(port).and_then(Json::as_i64) == Some(0) {
                let inner = list.iter().map(|name| Step::Key((*name).to_owned()));
                let inner = inner.chain([Step::Index(index), Step::Key(port.to_owned())]);
                found.push(path.iter().cloned().chain(inner).collect());
            }
        }
    }
    let mut enter = |step: Step, value: &Json| {
        path.push(step);
        picked(value, path, found);
        path.pop();
    };
    match value {
        Json::Array(apps) => apps.iter().enumerate().for_each(|(index, app)| enter(Step::Index(index), app)),
        _ => {
            for name in ["apps", "groups"] {
                if let Some(members) = value.get(name) {
                    enter(Step::Key(name.to_owned()), members);
                }
            }
        }
    }
}
