//! Values that Marathon never takes, and that were meant for a field of a definition: a container in the words of Docker or
//! Compose, a command as a list, members under a name that is nearly right.
//!
//! Other tools have such values too, so that they tell only with an absolute path as `id`, which few other tools have.

use crate::source::{Type, Value};

use super::evidence::Evidence;

/// Members that say which image is meant.
const IMAGE: [&str; 4] = ["image", "img", "Image", "imageName"];

/// Whether a value is one that people write in the field of this name, or of this name itself.
pub(super) fn is_near(name: &str, value: Value<'_>) -> bool {
    match name {
        "cmd" => is_list_of_texts(value),
        "args" => value.kind() == Type::String,
        "env" | "labels" => {
            is_list_of_texts(value)
                && value.elements().all(|one| one.as_str().is_some_and(|one| one.contains('=')))
        }
        "container" => is_container(value),
        "docker" => is_docker(value),
        "containers" => is_pod_container(value),
        _ => false,
    }
}

fn is_list_of_texts(value: Value<'_>) -> bool {
    let mut elements = value.elements().peekable();
    elements.peek().is_some() && elements.all(|one| one.kind() == Type::String)
}

/// `{"docker": "nginx"}`, `{"docker": {"img": "nginx"}}`, a list of a pod's containers.
fn is_container(value: Value<'_>) -> bool {
    let docker = value.get("docker");
    docker.is_some_and(|docker| docker.kind() == Type::String || is_docker(docker))
        || value.elements().next().is_some_and(is_pod_container)
}

fn is_docker(value: Value<'_>) -> bool {
    IMAGE.iter().any(|name| value.get(name).is_some_and(|image| image.kind() == Type::String))
}

fn is_pod_container(value: Value<'_>) -> bool {
    value.get("name").is_some() && ["resources", "image", "exec"].iter().any(|name| value.get(name).is_some())
}

/// Whether a member was meant for a group's `apps` or `groups`: its name is nearly that, and it has apps.
pub(super) fn is_near_group(name: &str, value: Value<'_>) -> bool {
    let is_name = ["apps", "app", "groups", "group"].iter().any(|right| name.eq_ignore_ascii_case(right));
    let is_app = |value: Value<'_>| Evidence::of(value).is_an_app();
    is_name
        && value.elements().next().is_some_and(|first| {
            let inner = first.get("apps").and_then(|apps| apps.elements().next());
            is_app(first) || inner.is_some_and(is_app)
        })
}
