//! Definitions of any size.

use milepost::source::Kind;
use serde_json::{Map, Value, json};

use super::{agents, app};

/// A definition with any number of elements of one sort.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Whether nothing is to be found in it; otherwise every element has a finding.
    pub(crate) is_fine: bool,
    pub(crate) definition: fn(usize) -> Value,
}

pub(crate) fn list(count: usize, element: impl Fn(usize) -> Value) -> Value {
    (0..count).map(element).collect()
}

fn map(count: usize, member: impl Fn(usize) -> (String, Value)) -> Value {
    Value::Object((0..count).map(member).collect::<Map<_, _>>())
}

/// An app with one more field.
fn app_with(field: &str, value: Value) -> Value {
    let mut app = app("/a");
    app[field] = value;
    app
}

/// An app with one more field in its container, on a bridge.
fn container_with(field: &str, value: Value) -> Value {
    let mut app = app_with("networks", json!([{"mode": "container/bridge"}]));
    app["container"][field] = value;
    app
}

/// A pod of one container, with more fields for it and the pod.
fn pod_with(pod: Value, container: Value) -> Value {
    let mut whole = json!({"id": "/p", "networks": [{"mode": "container", "name": "n"}]});
    let mut only =
        json!({"name": "c", "resources": {"cpus": 0.1, "mem": 32}, "exec": {"command": {"shell": "x"}}});
    let merge = |into: &mut Value, from: Value| {
        if let (Value::Object(into), Value::Object(from)) = (into, from) {
            into.extend(from);
        }
    };
    merge(&mut only, container);
    whole["containers"] = json!([only]);
    merge(&mut whole, pod);
    whole
}

pub(crate) fn containers(count: usize, more: &dyn Fn(usize) -> Value) -> Value {
    list(count, |n| {
        let mut container = pod_with(json!({}), more(n))["containers"][0].take();
        container["name"] = json!(format!("c{n}"));
        container
    })
}

pub(super) fn fine(name: &'static str, definition: fn(usize) -> Value) -> Case {
    Case { name, kind: Kind::App, is_fine: true, definition }
}

pub(super) fn bad(name: &'static str, definition: fn(usize) -> Value) -> Case {
    Case { name, kind: Kind::App, is_fine: false, definition }
}

pub(crate) fn cases() -> Vec<Case> {
    let groups = groups().into_iter().map(|case| Case { kind: Kind::Group, ..case });
    let pods = pods().into_iter().map(|case| Case { kind: Kind::Pod, ..case });
    let lists = apps_in_a_list().into_iter().map(|case| Case { kind: Kind::Apps, ..case });
    groups.chain(lists).chain(apps()).chain(pods).collect()
}

fn groups() -> Vec<Case> {
    vec![
        fine("apps in a group", |count| json!({"id": "/g", "apps": list(count, |n| app(&format!("a{n}")))})),
        fine("apps in a group that depend on each other", |count| {
            let depends = |n: usize| {
                let mut app = app(&format!("a{n}"));
                app["dependencies"] = json!([format!("a{}", n + 1)]);
                app
            };
            json!({"id": "/g", "apps": list(count, depends)})
        }),
        bad(
            "apps in a group, misplaced",
            |count| json!({"id": "/g", "apps": list(count, |n| app(&format!("/x/a{n}")))}),
        ),
        bad("apps in a group, unknown field", |count| {
            let odd = |n: usize| {
                let mut app = app(&format!("a{n}"));
                app["memory"] = json!(n);
                app
            };
            json!({"id": "/g", "apps": list(count, odd)})
        }),
        bad(
            "apps in a group, no id",
            |count| json!({"id": "/g", "apps": list(count, |_| json!({"cmd": "sleep 1"}))}),
        ),
        bad("apps in a group, wrong port", |count| {
            let odd = |n: usize| {
                let mut app = app(&format!("a{n}"));
                app["upgradeStrategy"] = json!({"minimumHealthCapacity": 1, "maximumOverCapacity": 1});
                app["labels"] = json!({"MARATHON_SINGLE_INSTANCE_APP": "true"});
                app["unreachableStrategy"] = json!({"inactiveAfterSeconds": 9, "expungeAfterSeconds": 1});
                app
            };
            json!({"id": "/g", "apps": list(count, odd)})
        }),
        fine(
            "groups side by side",
            |count| json!({"id": "/g", "groups": list(count, |n| json!({"id": format!("g{n}"), "apps": [app("a")]}))}),
        ),
        bad(
            "groups side by side, misplaced",
            |count| json!({"id": "/g", "groups": list(count, |n| json!({"id": format!("/x/g{n}"), "apps": [], "groups": []}))}),
        ),
        bad(
            "groups side by side, unknown field",
            |count| json!({"id": "/g", "groups": list(count, |n| json!({"id": format!("g{n}"), "labels": {"a": "b"}}))}),
        ),
        bad(
            "groups side by side, not on top",
            |count| json!({"id": "/g", "groups": list(count, |n| json!({"id": format!("g{n}"), "enforceRole": true}))}),
        ),
    ]
}

fn apps_in_a_list() -> Vec<Case> {
    vec![
        fine("apps in a list", |count| list(count, |n| app(&format!("/a{n}")))),
        fine("segments of the ids of two apps, one of which depends on another", |count| {
            let id = "/a".repeat(count);
            let mut one = app(&id);
            one["dependencies"] = json!([format!("{id}b")]);
            json!([one, app(&format!("{id}/c"))])
        }),
        bad("apps in a list, refused", |count| {
            list(count, |n| {
                let mut app = app(&format!("/a{n}"));
                app["container"]["volumes"] =
                    json!([{"containerPath": "data", "mode": "RO", "persistent": {"size": 1}}]);
                app["upgradeStrategy"] = json!({"maximumOverCapacity": 1});
                app
            })
        }),
    ]
}

fn apps() -> Vec<Case> {
    let mut cases = app_lists();
    cases.extend(app_maps());
    cases.extend(agents::cases());
    cases
}

fn app_lists() -> Vec<Case> {
    vec![
        fine("port mappings", |count| {
            container_with(
                "portMappings",
                list(count, |n| json!({"containerPort": n % 60_000, "name": format!("p{n}")})),
            )
        }),
        bad("port mappings, unknown field", |count| {
            container_with("portMappings", list(count, |n| json!({"containerPort": n % 60_000, "port": n})))
        }),
        bad("port mappings, undefined network", |count| {
            container_with(
                "portMappings",
                list(count, |_| json!({"containerPort": 1, "networkNames": ["x"]})),
            )
        }),
        bad("port definitions, negative", |count| {
            let mut app = json!({"id": "/a", "cmd": "sleep 1"});
            app["portDefinitions"] =
                list(count, |n| json!({"port": n, "name": format!("p{n}"), "servicePort": 1}));
            app
        }),
        fine("constraints", |count| {
            app_with("constraints", list(count, |n| json!([format!("attribute{n}"), "CLUSTER", "x"])))
        }),
        bad("constraints, refused", |count| {
            app_with("constraints", list(count, |n| json!([format!("attribute{n}"), "BESIDE", "x"])))
        }),
        bad("constraints, wrong type", |count| app_with("constraints", list(count, |n| json!(["a", n])))),
        fine("dependencies", |count| app_with("dependencies", list(count, |n| json!(format!("/b/a{n}"))))),
        bad("dependencies, refused", |count| {
            app_with("dependencies", list(count, |n| json!(format!("/B_/a{n}"))))
        }),
        fine("health checks", |count| {
            app_with(
                "healthChecks",
                list(count, |n| json!({"protocol": "COMMAND", "command": {"value": format!("x {n}")}})),
            )
        }),
        bad("health checks, no such port", |count| {
            app_with(
                "healthChecks",
                list(count, |n| json!({"protocol": "HTTP", "path": format!("/{n}"), "portIndex": 5})),
            )
        }),
        bad("readiness checks, no such port", |count| {
            app_with(
                "readinessChecks",
                list(count, |n| json!({"name": format!("n{n}"), "portName": format!("x{n}")})),
            )
        }),
        bad("volumes, refused", |count| {
            container_with(
                "volumes",
                list(
                    count,
                    |n| json!({"containerPath": format!("a/{n}"), "mode": "RW", "persistent": {"size": 0}}),
                ),
            )
        }),
        fine("volumes", |count| {
            container_with(
                "volumes",
                list(count, |n| json!({"containerPath": format!("/a/{n}"), "hostPath": "/b", "mode": "RO"})),
            )
        }),
        fine("fetch", |count| {
            app_with("fetch", list(count, |n| json!({"uri": format!("https://example.com/{n}.tgz")})))
        }),
        bad("fetch, no URI", |count| {
            app_with("fetch", list(count, |n| json!({"uri": format!("https://[{n}")})))
        }),
        bad("networks, undefined", |count| {
            let mut app =
                app_with("networks", list(count, |n| json!({"mode": "container", "name": format!("n{n}")})));
            app["container"]["portMappings"] =
                list(count.min(100), |_| json!({"containerPort": 1, "networkNames": ["x"]}));
            app
        }),
        bad("roles, foreign", |count| {
            app_with("acceptedResourceRoles", list(count, |n| json!(format!("a b{n}"))))
        }),
    ]
}

fn app_maps() -> Vec<Case> {
    vec![
        fine("secrets in the environment", |count| {
            app_with("env", map(count, |n| (format!("DB{n}_PASSWORD"), json!(format!("hunter2-SECRET{n}")))))
        }),
        fine("labels", |count| app_with("labels", map(count, |n| (format!("LABEL_{n}"), json!("x"))))),
        bad("labels, wrong type", |count| {
            app_with("labels", map(count, |n| (format!("LABEL_{n}"), json!(n))))
        }),
        fine("env", |count| app_with("env", map(count, |n| (format!("VARIABLE_{n}"), json!("x"))))),
        bad("env, wrong type", |count| app_with("env", map(count, |n| (format!("VARIABLE_{n}"), json!(n))))),
        bad("env, undefined secrets", |count| {
            app_with("env", map(count, |n| (format!("VARIABLE_{n}"), json!({"secret": format!("s{n}")}))))
        }),
        fine("secrets", |count| {
            let mut app = app_with(
                "env",
                map(count, |n| (format!("VARIABLE_{n}"), json!({"secret": format!("s{n}")}))),
            );
            app["secrets"] = map(count, |n| (format!("s{n}"), json!({"source": "a"})));
            app
        }),
        bad("secrets, unknown field", |count| {
            app_with("secrets", map(count, |n| (format!("s{n}"), json!({"source": "a", "value": "b"}))))
        }),
        bad("unknown fields", |count| {
            let mut app = app("/a");
            for n in 0..count {
                app[format!("field{n}")] = json!(n);
            }
            app
        }),
        bad("unknown fields of the first app", |count| {
            let mut app = app("/a");
            for n in 0..count {
                app[format!("field{n}")] = json!(n);
            }
            json!([app])
        }),
    ]
}

fn pods() -> Vec<Case> {
    vec![
        fine("pod containers", |count| {
            pod_with(json!({"containers": containers(count, &|_| json!({}))}), json!({}))
        }),
        bad("pod containers, refused", |count| {
            let limits =
                |_| json!({"resourceLimits": {"cpus": 0.01}, "healthCheck": {"http": {"endpoint": "x"}}});
            pod_with(json!({"containers": containers(count, &limits)}), json!({}))
        }),
        bad("pod containers, unknown field", |count| {
            pod_with(json!({"containers": containers(count, &|n| json!({"cpus": n}))}), json!({}))
        }),
        fine("pod endpoints", |count| {
            let endpoints = list(count, |n| json!({"name": format!("e{n}"), "containerPort": n + 1}));
            pod_with(json!({}), json!({"endpoints": endpoints}))
        }),
        bad("pod endpoints, refused", |count| {
            let endpoints = list(count, |n| json!({"name": format!("e{n}"), "networkNames": ["m"]}));
            pod_with(json!({}), json!({"endpoints": endpoints}))
        }),
        fine("pod environment", |count| {
            pod_with(json!({"environment": map(count, |n| (format!("V_{n}"), json!("x")))}), json!({}))
        }),
        bad("pod environment, undefined secrets", |count| {
            let environment = map(count, |n| (format!("V_{n}"), json!({"secret": format!("t{n}")})));
            let secrets = map(count, |n| (format!("s{n}"), json!({"source": "a"})));
            pod_with(json!({"environment": environment, "secrets": secrets}), json!({}))
        }),
        fine("pod secrets", |count| {
            let environment = map(count, |n| (format!("V_{n}"), json!({"secret": format!("s{n}")})));
            let secrets = map(count, |n| (format!("s{n}"), json!({"source": "a"})));
            pod_with(json!({"environment": environment, "secrets": secrets}), json!({}))
        }),
        fine("pod volumes", |count| {
            let volumes = list(count, |n| json!({"name": format!("v{n}")}));
            let mounts = list(count, |n| json!({"name": format!("v{n}"), "mountPath": "a"}));
            pod_with(json!({"volumes": volumes}), json!({"volumeMounts": mounts}))
        }),
        bad("pod volumes, unused and undefined", |count| {
            let volumes = list(count, |n| json!({"name": format!("v{n}")}));
            let mounts = list(count, |n| json!({"name": format!("w{n}"), "mountPath": "a"}));
            pod_with(json!({"volumes": volumes}), json!({"volumeMounts": mounts}))
        }),
        fine("pod constraints", |count| {
            let constraints = list(count, |n| json!({"fieldName": format!("a{n}"), "operator": "UNIQUE"}));
            pod_with(json!({"scheduling": {"placement": {"constraints": constraints}}}), json!({}))
        }),
        bad("pod constraints, refused", |count| {
            let constraints = list(count, |n| json!({"fieldName": format!("a{n}"), "operator": "MAX_PER"}));
            pod_with(json!({"scheduling": {"placement": {"constraints": constraints}}}), json!({}))
        }),
        bad("pod roles, refused", |count| {
            let roles = list(count, |n| json!(format!("a b{n}")));
            pod_with(json!({"scheduling": {"placement": {"acceptedResourceRoles": roles}}}), json!({}))
        }),
        bad("pod networks, twice", |count| {
            let networks =
                list(count, |n| json!({"mode": "container", "name": format!("n{}", n % count.max(2) / 2)}));
            pod_with(json!({"networks": networks}), json!({}))
        }),
    ]
}
