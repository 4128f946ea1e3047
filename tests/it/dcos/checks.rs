//! `app update`, `pod update` and `group update` are checked for the server before they are sent.

use serde_json::json;

use super::{app, pod, with_stdin};
use crate::common::each_case;

#[test]
fn what_marathon_would_refuse_or_ignore_is_not_sent() {
    let cluster = super::cluster();
    let version = cluster.server.get("/v2/apps/cli/web")["app"]["version"].clone();
    each_case(
        [
            (&["cpus=-1"][..], "/cpus"),
            (&["cpus=abc"], "must be a number"),
            (&[r#"labels={"x":1}"#], "/labels/x"),
            (&["instance=3"], "instances"),
            (&["nosuchkey=1"], "nosuchkey"),
            (&[r#"container={"docker":{"imagee":"a/b"}}"#], "image"),
        ],
        |(properties, told)| {
            let run = cluster.run(&[&["app", "update", "/cli/web"], properties].concat()).ended_with(1);
            run.tells(told).tells("nothing was sent").tells("--no-check");
        },
    );
    with_stdin(&cluster, &["app", "update", "/cli/web"], r#"{"instance": 3}"#).ended_with(1).tells("-:1:2");
    assert_eq!(cluster.server.get("/v2/apps/cli/web")["app"]["version"], version);
    let unchecked = |words: &[&str]| cluster.run(&[words, &["--no-check"]].concat());
    unchecked(&["app", "update", "/cli/web", "nosuchkey=1"]).ended_with(0);
    cluster.server.settled();
    unchecked(&["app", "update", "/cli/web", "cpus=-1"]).ended_with(3).tells("error.min");
    cluster
        .run(&["app", "update", "/cli/web", "mem=32"])
        .ended_with(0)
        .tells("nothing of it changes the app");
    let waits = ["app", "update", "/cli/web", "nosuchkey=1", "--wait", "--timeout", "60s"];
    cluster.run(&waits).ended_with(1).tells("nosuchkey");
    unchecked(&waits).ended_with(0).says("nothing to do");
    cluster
        .run(&["app", "update", "/cli/web", &format!("version={}", version.as_str().expect("a version"))])
        .ended_with(0);
}

#[test]
fn names_that_are_no_fields_are_not_sent() {
    let cluster = super::cluster();
    let version = cluster.server.get("/v2/apps/cli/web")["app"]["version"].clone();
    each_case(
        [
            ("labels.x=1", r#"write labels='{"x": "1"}', which replaces the whole of `labels`"#),
            ("labels[x]=1", r#"write labels='{"x": "1"}', which replaces the whole of `labels`"#),
            ("tasks=1", "`tasks` comes from a server's answer"),
            ("tasksRunning=1", "`tasksRunning` comes from a server's answer"),
            ("_note=1", "`_note` is no field of an app"),
        ],
        |(property, told)| {
            for more in [&[][..], &["--wait"], &["cpus=0.2"]] {
                let words = [&["app", "update", "/cli/web", property], more].concat();
                let run = cluster.run(&words).ended_with(1);
                run.tells(told).tells("nothing was sent").tells("--no-check");
            }
        },
    );
    for property in ["labels.x=1", "pods=[]"] {
        cluster
            .run(&["group", "update", "/cli", property])
            .ended_with(1)
            .tells(property.split('=').next().expect("a name"))
            .tells("nothing was sent");
    }
    assert_eq!(cluster.server.get("/v2/apps/cli/web")["app"]["version"], version);
    // The secret in a name's value is not repeated.
    let run = cluster.run(&["app", "update", "/cli/web", "env.DB_PASSWORD=hunter22"]).ended_with(1);
    let run = run.tells("`env.DB_PASSWORD`");
    assert!(!run.err.contains("hunter22"), "{}", run.err);
    cluster.run(&["app", "update", "/cli/web", "labels.x=1", "--no-check"]).ended_with(0);
    cluster.server.settled();
}

#[test]
fn groups_and_pods_are_checked_too() {
    let cluster = super::cluster();
    cluster.file("g.json", &json!({"id": "/g", "apps": [app("a", 1)]}));
    cluster.run(&["group", "add", "g.json"]).ended_with(0);
    cluster.server.settled();
    let update = |text: &str, words: &[&str]| {
        with_stdin(&cluster, &[&["group", "update", "/g"], words].concat(), text)
    };
    let misspelt = json!({"apps": [{"id": "a", "cmd": "sleep 3600", "instance": 2}]}).to_string();
    update(&misspelt, &[]).ended_with(1).tells("instances").tells("nothing was sent");
    update(&misspelt, &["--no-check"]).ended_with(0);
    cluster.server.settled();
    update(r#"{"apps": [{"id": "q"}]}"#, &[]).ended_with(1).tells("nothing to run");
    update(r#"{"apps": [{"id": "q"}]}"#, &["--no-check"]).ended_with(3);
    let mut odd = pod("/cli/pod");
    odd["environmnt"] = json!({});
    let pods = |words: &[&str]| {
        with_stdin(&cluster, &[&["pod", "update", "/cli/pod"], words].concat(), &odd.to_string())
    };
    pods(&[]).ended_with(1).tells("`environment`").tells("nothing was sent");
    pods(&["--no-check"]).ended_with(0);
}
