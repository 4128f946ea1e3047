//! Apps of any size with what agents take and refuse.

use serde_json::{Value, json};

use super::definitions::{Case, bad, fine, list};

/// An app on the Docker Engine with a list in its container.
fn docker_with(field: &str, value: Value) -> Value {
    let mut app =
        json!({"id": "/a", "cmd": "sleep 1", "container": {"type": "DOCKER", "docker": {"image": "a/b:1"}}});
    app["container"][field] = value;
    app
}

fn with_parameters(count: usize, parameter: impl Fn(usize) -> (String, String)) -> Value {
    let mut app = docker_with("volumes", json!([]));
    app["container"]["docker"]["parameters"] = list(count, |n| {
        let (key, value) = parameter(n);
        json!({"key": key, "value": value})
    });
    app
}

fn with_fetch(count: usize, uri: impl Fn(usize) -> Value) -> Value {
    json!({"id": "/a", "cmd": "sleep 1", "fetch": list(count, uri)})
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        fine("parameters of docker run", |count| {
            with_parameters(count, |n| ("label".to_owned(), format!("l{n}=x")))
        }),
        bad("parameters of docker run, no options", |count| {
            with_parameters(count, |n| (format!("option{n}"), "x".to_owned()))
        }),
        bad("parameters of docker run, refused values", |count| {
            with_parameters(count, |n| ("memory".to_owned(), format!("x{n}")))
        }),
        bad("volumes, each path twice", |count| {
            let volume =
                |n: usize| json!({"containerPath": format!("/a/{}", n / 2), "hostPath": "/b", "mode": "RO"});
            docker_with("volumes", list(count.max(2), volume))
        }),
        bad("fetch, no absolute path", |count| {
            with_fetch(count, |n| json!({"uri": format!("file://etc/{n}.tgz")}))
        }),
        bad("fetch, files within files", |count| {
            let path = |n: usize| if n.is_multiple_of(2) { format!("f{n}") } else { format!("f{}/x", n - 1) };
            with_fetch(count.max(2), |n| json!({"uri": "https://example.com/a.tgz", "destPath": path(n)}))
        }),
        fine("segments of the path of a fetched file", |count| {
            let path = "a/".repeat(count) + "b";
            with_fetch(2, |n| json!({"uri": "https://example.com/a.tgz", "destPath": format!("{n}{path}")}))
        }),
        bad("health checks of Mesos, no slash", |count| {
            let check = |n: usize| json!({"protocol": "MESOS_HTTP", "path": format!("x{n}"), "port": 80});
            json!({"id": "/a", "cmd": "sleep 1", "healthChecks": list(count, check)})
        }),
    ]
}
