//! Pods, groups, arrays and directories, each by its own verb.

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::{Cluster, Heard};
use crate::common::each_case;

fn pod(command: &str, instances: u64) -> Json {
    json!({"id": "/pod", "scaling": {"kind": "fixed", "instances": instances}, "containers": [
        {"name": "c", "exec": {"command": {"shell": command}}, "resources": {"cpus": 0.1, "mem": 32}}]})
}

fn app(id: &str, command: &str) -> Json {
    json!({"id": id, "cmd": command, "cpus": 0.1, "mem": 32})
}

fn group(command: &str) -> Json {
    let mut web = app("web", command);
    web["dependencies"] = json!(["db"]);
    json!({"id": "/shop", "apps": [web, app("db", command)], "groups": [{"id": "back", "apps": [app("queue", command)]}]})
}

#[test]
fn a_pod_is_created_changed_scaled_and_taken_back() {
    let cluster = Cluster::new();
    cluster.deploy(&pod("sleep 1", 2), &[]).ended_with(0).says("create: starts 2 instances");
    cluster.deploy(&pod("sleep 2", 2), &[]).ended_with(0).says("replace: restarts 2 instances");
    cluster.deploy(&pod("sleep 2", 3), &[]).ended_with(0).says("scale: from 2 to 3");
    cluster.deploy(&pod("sleep 2", 3), &[]).ended_with(0).says("nothing to do");
    cluster.deploy(&pod("exit 3", 3), &[]).ended_with(6).says("TASK_FAILED");
    let status = cluster.server.get("/v2/pods/pod::status");
    assert_eq!(status["spec"]["containers"][0]["exec"]["command"]["shell"], "sleep 2");
    assert_eq!(status["status"], "STABLE");
}

#[test]
fn failures_of_old_instances_of_a_pod_do_not_count_for_the_new_ones() {
    // What events tell has a version; what a pod's status tells of a failure has none.
    each_case(["events?drop=0", "events?drop=1000"], |events| {
        let cluster = Cluster::new();
        let with_label = |command: &str, instances: u64, label: &str, value: &str| {
            let mut pod = pod(command, instances);
            pod["labels"] = json!({label: value});
            pod
        };
        // Those that are too many are killed, but end by themselves before.
        cluster.deploy(&with_label("sleep 1", 6, "MILEPOST_KILL_SECONDS", "50"), &[]).ended_with(0);
        cluster.control(events);
        cluster.file("new.json", &with_label("sleep 2", 1, "MILEPOST_START_SECONDS", "20"));
        let args = ["deploy", "new.json", "--yes", "--fail-fast", "--timeout", "5m", "--on-failure", "keep"];
        let child = Heard::of(cluster.start(&args)).until("/pod: ");
        for _ in 0..4 {
            cluster.control("fail?id=/pod");
            sleep(Duration::from_millis(1_100));
        }
        let run = child.end().ended_with(0).says("/pod runs as sent");
        assert!(!run.err.contains("TASK_FAILED"), "{}", run.err);
    });
}

#[test]
fn a_group_is_created_whole_and_changed_part_by_part() {
    let cluster = Cluster::new();
    cluster.deploy(&group("sleep 1"), &[]).ended_with(0).says("3 services run as sent");
    // Marathon refuses to replace a group with apps and a sub-group that exists.
    let run = cluster.deploy(&group("sleep 2"), &["--report", "json"]).ended_with(0);
    assert_eq!(run.report()["services"].as_array().map(Vec::len), Some(3));
    assert_eq!(cluster.app("/shop/back/queue")["cmd"], "sleep 2");
    // Only what differs is touched, and what others depend on comes first.
    let mut changed = group("sleep 2");
    changed["apps"][1]["cmd"] = json!("sleep 3");
    changed["apps"][0]["cmd"] = json!("sleep 3");
    let before = cluster.app("/shop/back/queue")["version"].clone();
    let run = cluster.deploy(&changed, &[]).ended_with(0);
    let (db, web) = (run.out.find("~ /shop/db  replace"), run.out.find("~ /shop/web  replace"));
    assert!(db.is_some() && db < web, "{}", run.out);
    assert_eq!(cluster.app("/shop/back/queue")["version"], before);
    assert!(cluster.app("/shop/db")["version"].as_str() < cluster.app("/shop/web")["version"].as_str());
}

#[test]
fn what_is_in_no_file_is_removed_only_when_that_is_asked_for() {
    let cluster = Cluster::new();
    cluster.deploy(&group("sleep 1"), &[]).ended_with(0);
    cluster.deploy(&app("/outside", "sleep 1"), &[]).ended_with(0);
    let mut fewer = group("sleep 1");
    fewer["groups"][0]["apps"] = json!([]);
    // Without the flag it stays and is named, and the rest is deployed.
    fewer["apps"][1]["cmd"] = json!("sleep 2");
    let run = cluster.deploy(&fewer, &[]).ended_with(0);
    let run =
        run.says("! /shop/back/queue  is in a deployed group and in no file; it stays: --prune removes it");
    run.says("2 services run as sent").says("; /shop/back/queue is in no file and stays");
    assert!(cluster.all_run("/shop/back/queue"));
    assert_eq!(cluster.app("/shop/db")["cmd"], "sleep 2");
    cluster.run(&["plan", "x.json"]).ended_with(0).says("! /shop/back/queue");
    cluster.run(&["plan", "x.json", "--prune"]).ended_with(1).says("plan: 1 to remove");
    let report = cluster.deploy(&fewer, &["--report", "json"]).ended_with(0).report();
    assert_eq!(report["notInFiles"], json!(["/shop/back/queue"]));
    let run = cluster.deploy(&fewer, &["--prune"]).ended_with(0);
    run.says("- /shop/back/queue  remove: stops 1 instance").says("/shop/back/queue removed");
    assert_eq!(cluster.server.send("GET", "/v2/apps/shop/back/queue", &[], "").status, 404);
    assert!(cluster.all_run("/outside"));
}

#[test]
fn a_pod_in_a_group_is_removed_only_when_that_is_asked_for() {
    let cluster = Cluster::new();
    let mut inner = pod("sleep 1", 2);
    inner["id"] = json!("/shop/pod");
    cluster.file("pod.json", &inner);
    cluster.file("group.json", &group("sleep 1"));
    cluster.run(&["deploy", "group.json", "pod.json", "--yes"]).ended_with(0).says("4 services run as sent");
    // It is in a file.
    let both = ["deploy", "group.json", "pod.json", "--yes", "--prune"];
    cluster.run(&both).ended_with(0).says("nothing to do");
    let run = cluster.run(&["deploy", "group.json", "--yes"]).ended_with(0);
    run.says("! /shop/pod  is in a deployed group and in no file; it stays");
    assert_eq!(cluster.server.get("/v2/pods/shop/pod::status")["status"], "STABLE");
    let run = cluster.run(&["deploy", "group.json", "--yes", "--prune"]).ended_with(0);
    run.says("- /shop/pod  remove: stops 2 instances")
        .says("deployed: 3 services run as sent")
        .says("/shop/pod removed");
    assert_eq!(cluster.server.send("GET", "/v2/pods/shop/pod", &[], "").status, 404);
    assert!(cluster.all_run("/shop/web"));
}

#[test]
fn an_app_and_a_pod_do_not_take_the_id_of_each_other() {
    let cluster = Cluster::new();
    cluster.deploy(&app("/one", "sleep 1"), &[]).ended_with(0);
    let mut inner = pod("sleep 1", 1);
    inner["id"] = json!("/shop/two");
    cluster.deploy(&inner, &[]).ended_with(0);
    let mut pod = pod("sleep 1", 1);
    pod["id"] = json!("/one");
    let group = json!({"id": "/shop", "apps": [app("two", "sleep 1")]});
    let cases = [
        (pod, "/one runs as an app, and the definition is a pod"),
        (app("/shop/two", "sleep 1"), "/shop/two runs as a pod, and the definition is an app"),
        (json!([app("/shop/two", "sleep 1")]), "/shop/two runs as a pod, and the definition is an app"),
        (group, "/shop/two runs as a pod, and the definition is an app"),
    ];
    each_case(cases, |(definition, words)| {
        cluster.file("x.json", &definition);
        for command in [&["plan", "x.json"][..], &["deploy", "x.json", "--yes"]] {
            cluster.run(command).ended_with(2).tells(words);
        }
    });
    assert!(cluster.all_run("/one"));
}

/// Services are sent one by one, so that the server's own `enforceRole` decides their roles.
#[test]
fn the_enforce_role_of_a_group_that_exists_decides() {
    let written = |enforces: Option<bool>| {
        let mut group = json!({"id": "/shop", "apps": [app("web", "sleep 1")],
            "groups": [{"id": "back", "apps": [app("queue", "sleep 1")]}]});
        if let Some(enforces) = enforces {
            group["enforceRole"] = enforces.into();
        }
        group
    };
    each_case([true, false], |enforces| {
        let cluster = Cluster::new();
        cluster.deploy(&written(Some(enforces)), &[]).ended_with(0);
        let role = if enforces { "shop" } else { "slave_public" };
        each_case([None, Some(true), Some(false)], |says| {
            let run = cluster.deploy(&written(says), &[]).ended_with(0).says("nothing to do");
            let differs = says.is_some_and(|says| says != enforces);
            assert_eq!(run.out.contains("a deployment does not change it"), differs, "{}", run.out);
        });
        // A change, and a new app.
        let mut changed = written(Some(!enforces));
        changed["apps"] = json!([app("web", "sleep 2"), app("new", "sleep 1")]);
        cluster.deploy(&changed, &[]).ended_with(0).says("run as sent");
        for id in ["/shop/web", "/shop/new", "/shop/back/queue"] {
            assert_eq!(cluster.app(id)["role"], role, "{id}");
        }
        assert_eq!(cluster.server.get("/v2/groups/shop")["enforceRole"], enforces);
        cluster.run(&["plan", "x.json"]).ended_with(0).says("nothing to do");
    });
}

#[test]
fn an_array_changes_what_runs_and_creates_the_rest() {
    let cluster = Cluster::new();
    let mut first = app("/a", "sleep 1");
    first["labels"] = json!({"kept": "yes"});
    cluster.deploy(&first, &[]).ended_with(0);
    let array = json!([{"id": "/a", "cmd": "sleep 2"}, app("/b", "sleep 1")]);
    cluster.deploy(&array, &[]).ended_with(0).says("2 services run as sent");
    let changed = cluster.app("/a");
    assert_eq!((&changed["cmd"], &changed["labels"]), (&json!("sleep 2"), &json!({"kept": "yes"})));
    // A new app has one port, whatever it came in.
    assert_eq!(cluster.app("/b")["portDefinitions"].as_array().map(Vec::len), Some(1));
    cluster.deploy(&array, &[]).ended_with(0).says("nothing to do");
}

#[test]
fn a_directory_is_one_deployment_with_its_dependencies_first() {
    let cluster = Cluster::new();
    let mut web = app("/z/web", "sleep 1");
    web["dependencies"] = json!(["/z/db"]);
    std::fs::create_dir(cluster.test.path().join("all")).expect("made");
    cluster.file("all/a.json", &web);
    cluster.file("all/b.json", &app("/z/db", "sleep 1"));
    cluster.file("all/c.json", &pod("sleep 1", 1));
    let run = cluster.run(&["deploy", "all", "--yes"]).ended_with(0);
    let (first, second) = (run.out.find("step 1:"), run.out.find("step 2:"));
    let (db, web) = (run.out.find("+ /z/db  create"), run.out.find("+ /z/web  create"));
    assert!(first < db && db < second && second < web, "{}", run.out);
    cluster.file("all/d.json", &app("/z/db", "sleep 9"));
    cluster.run(&["deploy", "all", "--yes"]).ended_with(2).tells("several definitions of /z/db");
}

#[test]
fn a_refusal_in_the_middle_says_what_was_done() {
    // The target that is named has secrets, and the server does not.
    let cluster = Cluster::with(&["--target", "bare"]);
    let mut refused = app("/b", "sleep 1");
    refused["secrets"] = json!({"password": {"source": "b/password"}});
    refused["env"] = json!({"PASSWORD": {"secret": "password"}});
    for (name, app) in
        [("a.json", app("/a", "sleep 1")), ("b.json", refused), ("c.json", app("/c", "sleep 1"))]
    {
        cluster.file(name, &app);
    }
    let files = ["deploy", "a.json", "b.json", "c.json", "--yes", "--concurrency", "1"];
    let run = cluster.run(&[&files[..], &["--target", "marathon-1.11"]].concat()).ended_with(3);
    run.says("/b was refused: the server answers 422").says("done: /a").says("not sent: /c");
    assert!(cluster.all_run("/a"));
    assert_eq!(cluster.server.send("GET", "/v2/apps/c", &[], "").status, 404);
}

#[test]
fn a_failure_in_the_middle_says_what_was_not_sent() {
    let cluster = Cluster::new();
    let after = |id: &str, command: &str, other: &str| {
        let mut app = app(id, command);
        app["dependencies"] = json!([other]);
        app
    };
    let parts =
        json!([app("/t/a", "sleep 1"), after("/t/b", "exit 1", "/t/a"), after("/t/c", "sleep 1", "/t/b")]);
    let run = cluster.deploy(&parts, &["--on-failure", "keep"]).ended_with(9);
    run.says("failed: /t/b: ").says("; not sent: /t/c; nothing was rolled back");
    let run = cluster.deploy(&parts, &["--lock", "force", "--report", "json"]);
    let report = run.report();
    let sentence = report["sentence"].as_str().expect("a sentence");
    assert!(sentence.contains("; not sent: /t/c; "), "{sentence}");
}
