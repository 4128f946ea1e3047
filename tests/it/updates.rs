//! What commands for a running Marathon refuse, warn of, and take back.

use std::io::{BufRead as _, BufReader};

use serde_json::{Value as Json, json};

use crate::common::each_case;
use crate::deploy::{Cluster, Run};

fn app(id: &str, instances: u64) -> Json {
    json!({"id": id, "cmd": "sleep 3600", "cpus": 0.1, "mem": 32, "instances": instances})
}

/// A Marathon with two apps in a group.
fn cluster() -> Cluster {
    let cluster = Cluster::new();
    cluster.file("shop.json", &json!({"id": "/shop", "apps": [app("/shop/web", 2), app("/shop/db", 1)]}));
    cluster.run(&["group", "add", "shop.json"]).ended_with(0);
    cluster.server.settled();
    cluster
}

fn with_stdin(cluster: &Cluster, args: &[&str], stdin: &Json) -> Run {
    let mut command = cluster.test.command(args);
    command
        .env("MARATHON_URL", cluster.url())
        .write_stdin(stdin.to_string())
        .output()
        .expect("it runs")
        .into()
}

fn instances(cluster: &Cluster) -> [Json; 2] {
    ["/shop/web", "/shop/db"].map(|id| cluster.app(id)["instances"].clone())
}

#[test]
fn what_is_no_id_reaches_no_server() {
    let cluster = cluster();
    let of_service = [
        &["app", "show"][..],
        &["app", "start"],
        &["app", "stop"],
        &["app", "restart"],
        &["app", "kill"],
        &["app", "update"],
        &["app", "version", "list"],
        &["pod", "show"],
        &["pod", "update"],
        &["pod", "kill"],
        &["delay", "reset"],
        &["debug", "summary"],
        &["debug", "details"],
        &["deployment", "list"],
    ];
    each_case(of_service, |words| {
        for id in ["", "/", ".", "shop/*"] {
            cluster.run(&[words, &[id]].concat()).ended_with(2).tells("not the id of an app or pod");
        }
    });
    for id in ["", "/", ".", "shop/*"] {
        cluster.run(&["wait", id]).ended_with(2).tells("not the id of an app or pod");
    }
    cluster.run(&["status", ""]).ended_with(2).tells("not the id of a group");
    cluster.run(&["status", "/"]).ended_with(0).says("/shop/web");
    cluster.run(&["app", "kill", "/shop/web", "--host", ""]).ended_with(2).tells("--host");
    for words in [&["app", "remove"][..], &["pod", "remove"]] {
        for id in ["", "/", "."] {
            cluster.run(&[words, &[id, "--yes"]].concat()).ended_with(2).tells("not the id of an app or pod");
        }
    }
    each_case([&["group", "show"][..], &["group", "update"], &["group", "remove", "--yes"]], |words| {
        for id in ["", ".", "*"] {
            cluster.run(&[words, &[id]].concat()).ended_with(2).tells("not the id of a group");
        }
    });
    each_case(
        [&["deployment", "stop"][..], &["deployment", "rollback"], &["deployment", "watch"]],
        |words| {
            for id in ["", "../apps/shop/web", "../leader", "a?force=true", "."] {
                cluster.run(&[words, &[id]].concat()).ended_with(2).tells("not the id of a deployment");
            }
        },
    );
    for words in
        [&["app", "show", "/shop/web", "--app-version="][..], &["group", "show", "/shop", "--group-version="]]
    {
        cluster.run(words).ended_with(2);
    }
    assert_eq!(instances(&cluster), [2, 1]);
}

#[test]
fn all_is_scaled_only_when_it_is_meant() {
    let cluster = cluster();
    for id in ["", "."] {
        cluster.run(&["group", "scale", id, "0"]).ended_with(2).tells("not the id of a group");
    }
    cluster.run(&["group", "scale", "/", "0"]).ended_with(2).tells("--yes");
    assert_eq!(instances(&cluster), [2, 1]);
    cluster.run(&["group", "scale", "/", "2", "--yes"]).ended_with(0);
    cluster.server.settled();
    assert_eq!(instances(&cluster), [4, 2]);
}

#[test]
fn an_update_that_scales_asks_as_scaling_does() {
    let cluster = cluster();
    for factor in [0.0, 0.5, 2.0] {
        let body = json!({"scaleBy": factor});
        with_stdin(&cluster, &["group", "update", "/"], &body).ended_with(2).tells("--yes");
        let property = format!("scaleBy={factor}");
        cluster.run(&["group", "update", "/", &property]).ended_with(2).tells("--yes");
    }
    assert_eq!(instances(&cluster), [2, 1]);
    cluster.run(&["group", "update", "/", "scaleBy=2", "--yes"]).ended_with(0);
    cluster.server.settled();
    assert_eq!(instances(&cluster), [4, 2]);
}

#[test]
fn an_update_is_of_what_the_command_names() {
    let cluster = cluster();
    let other = |words: &[&str], text: Json| {
        with_stdin(&cluster, words, &text).ended_with(2).tells("the definition is of ");
    };
    other(&["app", "update", "/shop/web"], json!({"id": "/zzz/q", "cmd": "sleep 77"}));
    other(&["group", "update", "/shop"], json!({"id": "/other", "apps": []}));
    other(&["group", "update", "/other"], json!({"id": "/shop", "apps": []}));
    other(&["pod", "update", "/shop/pod", "--wait"], json!({"id": "/other", "containers": []}));
    cluster.run(&["app", "update", "/shop/web", "id=/zzz/q"]).ended_with(2);
    assert_eq!(cluster.app("/shop/web")["cmd"], "sleep 3600");
    for id in ["/shop/web", "shop/web"] {
        with_stdin(&cluster, &["app", "update", "shop/web"], &json!({"id": id, "mem": 40})).ended_with(0);
        cluster.server.settled();
    }
}

#[test]
fn what_an_update_does_not_do_is_told() {
    let cluster = cluster();
    let update = |property: &str| {
        let run = cluster.run(&["app", "update", "/shop/web", property]).ended_with(0);
        cluster.server.settled();
        run
    };
    cluster.run(&["app", "update", "/shop/web", "cpuss=2"]).ended_with(1).tells("did you mean `cpus`?");
    update("mem=32").tells("nothing of it changes the app");
    let changed = update("mem=33");
    assert!(!changed.err.contains("warning"), "{}", changed.err);
    let group = json!({"nosuch": 1, "apps": [app("web", 2), app("db", 1)]});
    with_stdin(&cluster, &["group", "update", "/shop"], &group).ended_with(1).tells("nosuch");
}

#[test]
fn options_for_waiting_need_it() {
    let cluster = cluster();
    let more: [&[&str]; 7] = [
        &["--timeout", "5s"],
        &["--on-failure", "keep"],
        &["--lock", "wait"],
        &["--stable", "5s"],
        &["--fail-fast"],
        &["--concurrency", "9"],
        &["--report", "json"],
    ];
    each_case(more, |options| {
        for words in [&["app", "update", "/shop/web", "mem=40"][..], &["group", "update", "/shop", "apps=[]"]]
        {
            cluster.run(&[words, options].concat()).ended_with(2).tells("--wait");
        }
    });
    assert_eq!(instances(&cluster), [2, 1]);
    assert_eq!(cluster.app("/shop/web")["mem"], 32.0);
}

#[test]
fn a_group_goes_back_as_a_deployment_does() {
    let cluster = cluster();
    // Slowly enough that few instances of it fail while it is taken back.
    let broken =
        json!({"id": "web", "cmd": "exit 1", "cpus": 0.1, "mem": 32, "instances": 2, "backoffSeconds": 5});
    let update = |apps: Json, more: &[&str]| {
        let words = [&["group", "update", "/shop", "--wait", "--timeout", "5m", "--yes"], more].concat();
        with_stdin(&cluster, &words, &json!({ "apps": apps }))
    };
    // The one is broken, the other removed, and the third is new.
    update(json!([broken, app("new", 1)]), &[]).ended_with(6).says("rolled back");
    cluster.server.settled();
    assert_eq!(instances(&cluster), [2, 1]);
    assert_eq!(cluster.app("/shop/web")["cmd"], "sleep 3600");
    assert_eq!(cluster.server.send("GET", "/v2/apps/shop/new", &[], "").status, 404);
    update(json!([broken, app("db", 1)]), &["--on-failure", "keep", "--report", "json"]).ended_with(9);
    assert_eq!(cluster.app("/shop/web")["cmd"], "exit 1");
    let all = json!([app("web", 2), app("db", 1)]);
    update(all.clone(), &["--force"]).ended_with(0).says("/shop/web");
    update(all, &[]).ended_with(0).says("nothing to do");
    update(json!([{"id": "web", "cmdd": "x"}]), &[]).ended_with(3);
    // What is not in the update stays.
    cluster.run(&["group", "update", "/shop", "groups=[]", "--wait", "--timeout", "5m"]).ended_with(0);
    assert_eq!(instances(&cluster), [2, 1]);
}

#[test]
fn an_unknown_task_scales_nothing() {
    let cluster = cluster();
    let unknown = "none.instance-11111111-2222-3333-4444-555555555555._app.1";
    for options in [&["--scale"][..], &["--scale", "--json"]] {
        let run = cluster.run(&[&["task", "kill", unknown], options].concat());
        run.ended_with(2).tells("task-ids seems to be unknown");
    }
    let ids = cluster.run(&["task", "list", "/shop/web", "-q"]).out;
    let known = ids.lines().next().expect("a task");
    cluster.run(&["task", "kill", "--scale", known, unknown]).ended_with(2).tells(unknown);
    cluster.server.settled();
    assert_eq!(instances(&cluster), [1, 1]);
}

#[test]
fn a_row_of_apps_is_one_line() {
    let cluster = Cluster::new();
    let mut lines = app("/u/nl", 1);
    lines["cmd"] = json!("echo a\necho b");
    cluster.file("nl.json", &lines);
    cluster.run(&["app", "add", "nl.json"]).ended_with(0);
    cluster.server.settled();
    let listed = cluster.run(&["app", "list"]).ended_with(0);
    assert_eq!(listed.out.lines().count(), 2, "{}", listed.out);
    assert!(listed.out.contains("echo a\\necho b"), "{}", listed.out);
}

/// A list that is watched goes on when the server has failed to answer once.
#[test]
fn a_watched_list_goes_on_after_a_failure() {
    let cluster = cluster();
    let mut child = cluster.start(&["app", "list", "--watch=1"]);
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
    let mut next_head = || lines.find(|line| line.starts_with("ID")).is_some();
    assert!(next_head());
    cluster.control("answers?refuse=1&status=502");
    assert!(next_head() && next_head());
    child.kill().expect("it runs");
    child.wait().expect("it has ended");
}
