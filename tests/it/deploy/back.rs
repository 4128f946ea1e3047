//! Ways back: to what ran, and nowhere else; and what is told of them.

use serde_json::json;

use super::{Cluster, Heard, web, web_with};
use crate::common::each_case;

/// The id of the only deployment that runs.
fn under_way(cluster: &Cluster) -> String {
    let list = cluster.server.get("/v2/deployments");
    assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
    list[0]["id"].as_str().expect("an id").to_owned()
}

/// Of what never ran no rollback is made, also not where something ran before it: nothing tells that any more.
#[test]
fn what_never_ran_is_no_way_back() {
    let strategy = json!({"minimumHealthCapacity": 0, "maximumOverCapacity": 0});
    let of = |command: &str| web_with(json!({"cmd": command, "upgradeStrategy": strategy}));
    let check = json!([{"protocol": "HTTP", "path": "/", "portIndex": 0, "gracePeriodSeconds": 1, "intervalSeconds": 1,
        "timeoutSeconds": 1, "maxConsecutiveFailures": 2}]);
    let sick = |command: &str| {
        let mut app = of(command);
        app["healthChecks"] = check.clone();
        app["labels"] = json!({"MILEPOST_HEALTHY": "never"});
        app
    };
    each_case(
        [
            (None, of("exit 1"), of("exit 2")),
            (Some(of("sleep 1")), of("exit 1"), of("exit 2")),
            (None, sick("sleep 2"), of("exit 2")),
        ],
        |(before, first, second)| {
            let cluster = Cluster::new();
            if let Some(before) = before {
                cluster.deploy(&before, &[]).ended_with(0);
            }
            cluster.deploy(&first, &["--on-failure", "keep"]).ended_with(9);
            let run = cluster.deploy(&second, &["--lock", "force"]).ended_with(9);
            assert!(!run.err.contains("rolling back"), "{}", run.err);
            run.says("not rolled back, because no earlier version of /web is known to have run: deployment ")
                .says(" is cancelled, and what was sent stays stored")
                .says("`milepost rollback /web --to VERSION` goes to one");
            assert_eq!(cluster.server.get("/v2/deployments"), json!([]));
            assert_eq!(cluster.app("/web")["cmd"], "exit 2");
        },
    );
}

#[test]
fn what_had_no_instances_is_a_way_back() {
    let cluster = Cluster::new();
    cluster.deploy(&web_with(json!({"instances": 0})), &[]).ended_with(0);
    let run = cluster.deploy(&web_with(json!({"cmd": "exit 1"})), &[]).ended_with(6);
    run.tells("rolling back /web to version 2")
        .says("rolled back: /web is stopped again: 0 instances, as before");
    assert_eq!(cluster.app("/web")["instances"], 0);
}

#[test]
fn a_rollback_that_does_not_come_to_its_end_says_what_goes_on() {
    let cluster = Cluster::new();
    cluster
        .deploy(&web_with(json!({"cpus": 5000})), &["--on-failure", "keep", "--timeout", "2s"])
        .ended_with(5);
    let never = cluster.app("/web")["version"].as_str().expect("a version").to_owned();
    cluster.deploy(&web(), &["--lock", "force"]).ended_with(0);
    let back = ["rollback", "/web", "--to", &never, "--yes", "--timeout", "3s"];
    let run = cluster.run(&back).ended_with(5);
    let id = under_way(&cluster);
    let run = run.says(&format!(
        "; deployment {id} goes on and holds the lock of /web: `milepost wait {id}` waits for it"
    ))
    .says(&format!("`milepost deployment stop {id}` ends it where it is; the definition of version {never} is stored now"));
    let now = cluster.app("/web")["version"].as_str().expect("a version").to_owned();
    assert_ne!(now, never, "the server stores it anew");
    run.says(&format!("is stored now, as version {now}, and `milepost rollback /web --to VERSION"));
    // Who waits for it is told the same.
    let run = cluster.run(&["wait", "/web", "--timeout", "2s"]).ended_with(5);
    run.says(&format!("deployment {id} goes on and holds the lock of /web"));
}

#[test]
fn a_deployment_that_is_kept_is_named() {
    let cluster = Cluster::new();
    let run = cluster.deploy(&web_with(json!({"cmd": "exit 1"})), &["--on-failure", "keep"]).ended_with(9);
    let id = under_way(&cluster);
    run.says(&format!("nothing was rolled back; deployment {id} goes on and holds the lock of /web"));
}

#[test]
fn a_lock_stops_a_rollback_as_it_does_a_deployment() {
    let cluster = Cluster::new();
    for seconds in [1, 2] {
        cluster.deploy(&web_with(json!({"cmd": format!("sleep {seconds}")})), &[]).ended_with(0);
    }
    let versions = || cluster.server.get("/v2/apps/web/versions")["versions"].clone();
    let slow = web_with(json!({"cmd": "sleep 3", "labels": {"MILEPOST_START_SECONDS": "100"}}));
    let holder = cluster.server.put("/v2/apps/web?partialUpdate=false", &slow.to_string()).deployment();
    let before = versions();
    let first = before.as_array().into_iter().flatten().filter_map(|it| it.as_str()).min().expect("one");
    let back = ["rollback", "/web", "--to", first, "--yes"];
    let run = cluster.run(&back).ended_with(4);
    run.tells(&format!("error: /web is locked by deployment {holder} (since ")).tells(
        " ago) of /web, at step 1 of 1 (--lock wait waits until it has ended, --lock force cancels it)",
    );
    // Nothing was sent: a refused definition would be in the list of versions.
    assert_eq!(versions(), before);
    let run = cluster.run(&[&back[..], &["--lock", "wait"]].concat()).ended_with(0);
    run.tells(&format!("waiting for the lock: deployment {holder}"))
        .says("rolled back: /web runs as in version");
    assert_eq!(cluster.app("/web")["cmd"], "sleep 1");
    // Other commands name it as well.
    let holder = cluster.server.put("/v2/apps/web?partialUpdate=false", &slow.to_string()).deployment();
    let run = cluster.run(&["app", "restart", "/web"]).ended_with(4);
    run.tells(&format!("locked by deployment {holder} (since ")).tells(" ago) of /web, at step 1 of 1");
}

/// What is sent again after its first run was killed is waited for, and taken back where it fails.
#[test]
fn what_is_under_way_already_is_waited_for() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    let of = |members| web_with(members);
    let again = |definition: &serde_json::Value, options: &[&str]| {
        cluster.file("x.json", definition);
        Heard::of(cluster.start(&["deploy", "x.json", "--yes"])).until("/web: ").signal("-KILL").end();
        let id = under_way(&cluster);
        let run = cluster.deploy(definition, options);
        run.tells(&format!(
            "/web is stored already, and deployment {id} is under way for it: waiting for that"
        ))
    };
    let never = of(json!({"cmd": "sleep 3", "cpus": 5000}));
    let run = again(&never, &["--timeout", "8s"]).ended_with(6);
    run.tells("rolling back /web to version 2").says("rolled back: what ran before runs again: /web");
    assert_eq!(cluster.app("/web")["cmd"], "sleep 1000");
    assert!(cluster.all_run("/web"));
    let run = again(&never, &["--timeout", "3s", "--on-failure", "cancel"]).ended_with(5);
    run.says("cancelled deployment ");
    // What was cancelled half way does not run by itself, and is taken back, too.
    let run = cluster.deploy(&never, &["--timeout", "8s"]).ended_with(6);
    run.says("rolled back: what ran before runs again: /web");
    assert!(cluster.all_run("/web"));
    let slow = of(json!({"cmd": "sleep 2", "labels": {"MILEPOST_START_SECONDS": "30"}}));
    again(&slow, &[]).ended_with(0).says("nothing to do: /web runs as written");
}

#[test]
fn what_others_have_begun_goes_on_where_there_is_no_way_back() {
    let cluster = Cluster::new();
    let never = web_with(json!({"cpus": 5000}));
    let id = cluster.server.post("/v2/apps", &never.to_string()).deployment();
    let run = cluster.deploy(&never, &["--timeout", "3s"]).ended_with(5);
    run.says(&format!(
        "not rolled back, because deployment {id} was under way before, and no earlier version of /web is known to have run"
    ))
    .says(&format!("it goes on; `milepost deployment stop {id}` ends it"));
    assert_eq!(under_way(&cluster), id);
    // One that changes other services as well is not ended for one of them.
    let cluster = Cluster::new();
    let part = |id: &str| json!({"id": id, "cmd": "sleep 1", "cpus": 5000, "mem": 32});
    let group = json!({"id": "/g", "apps": [part("/g/a"), part("/g/b")]});
    let id = cluster.server.post("/v2/groups", &group.to_string()).deployment();
    let run = cluster.deploy(&part("/g/a"), &["--timeout", "3s"]).ended_with(5);
    run.says(&format!("deployment {id} was under way before, and it also changes /g/b: it goes on"));
    let run = cluster.deploy(&part("/g/a"), &["--timeout", "3s", "--on-failure", "cancel"]).ended_with(5);
    run.says(&format!("not cancelled: {id}, because it also changes /g/b"));
    assert_eq!(under_way(&cluster), id);
    cluster.file("a.json", &part("/g/a"));
    cluster.run(&["plan", "a.json"]).ended_with(0).says(&format!("deployment {id} is under way for it"));
}

/// That it runs is said once; and when it does not any more.
#[test]
fn what_falls_back_is_told() {
    let cluster = Cluster::new();
    cluster.file("x.json", &web_with(json!({"labels": {"MILEPOST_START_SECONDS": "30"}})));
    let child = cluster.start(&["deploy", "x.json", "--yes", "--timeout", "5m", "--stable", "6s"]);
    let child = Heard::of(child).until("/web: runs: 2 of 2 running; it has to stay so for 6 s");
    cluster.control("fail?id=/web&count=1");
    let run = child.until("it ran and fell back: 1 of 2 running").end().ended_with(0);
    let again = "/web: runs again: 2 of 2 running; it has to stay so for 6 s; 1 instance has ended by itself";
    let run = run.tells(again).says("deployed: /web runs as sent");
    assert!(!run.err.contains("done"), "{}", run.err);
    assert_eq!(run.err.matches("runs: 2 of 2 running").count(), 1, "{}", run.err);
}
