//! The way back from a scale-up: what ran before goes on running. Marathon stops instances that run before those that it has
//! not placed.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{Cluster, web_with};

/// So many instances, on different agents; there are three without gpus.
fn spread(instances: u64) -> Json {
    web_with(json!({"instances": instances, "constraints": [["hostname", "UNIQUE"]]}))
}

/// The tasks that run.
fn tasks(cluster: &Cluster) -> BTreeSet<String> {
    let list = cluster.app("/web")["tasks"].clone();
    let running = list.as_array().into_iter().flatten().filter(|task| task["state"] == "TASK_RUNNING");
    running.map(|task| task["id"].as_str().expect("an id").to_owned()).collect()
}

/// Two instances run, and a scale-up hangs: the cluster, these instances, and the deployment.
fn hanging() -> (Cluster, BTreeSet<String>, String) {
    let cluster = Cluster::new();
    cluster.deploy(&spread(2), &[]).ended_with(0);
    let before = tasks(&cluster);
    let deployment = cluster.server.put("/v2/apps/web", r#"{"instances": 6}"#).deployment();
    cluster.server.until("/v2/apps/web", |app| app["app"]["tasksRunning"] == 3);
    (cluster, before, deployment)
}

#[test]
fn a_failed_scale_up_is_cancelled_and_stops_nothing_that_ran() {
    let cluster = Cluster::new();
    cluster.deploy(&spread(2), &[]).ended_with(0);
    let before = tasks(&cluster);
    let run = cluster
        .deploy(&spread(6), &[])
        .ended_with(9)
        .says("it cannot succeed: no offer fits 3 more instances");
    run.says("not rolled back, because Marathon would take /web from 6 instances to 2 by stopping some that ran before, and leave 0 running")
        .says(" is cancelled, and what runs is kept");
    assert_eq!(cluster.server.get("/v2/deployments"), json!([]));
    assert!(before.is_subset(&tasks(&cluster)), "{before:?} {:?}", tasks(&cluster));
    assert_eq!(cluster.app("/web")["instances"], 6);
}

#[test]
fn a_scale_up_of_which_all_runs_is_taken_back() {
    let cluster = Cluster::new();
    cluster.deploy(&spread(2), &[]).ended_with(0);
    let before = tasks(&cluster);
    let run = cluster.deploy(&spread(3), &["--timeout", "4s", "--stable", "1h"]).ended_with(6);
    run.says("rolled back: what ran before runs again: /web");
    assert_eq!((tasks(&cluster), &cluster.app("/web")["instances"]), (before, &json!(2)));
}

#[test]
fn going_back_from_a_scale_up_that_hangs_is_refused() {
    let (cluster, before, deployment) = hanging();
    let stop = format!("`milepost deployment stop {deployment}`");
    let run = cluster.run(&["deployment", "rollback", &deployment]).ended_with(2);
    run.tells("it scales /web, 3 of 6 instances run, and Marathon would stop those before the ones that do not run yet").tells(&stop);
    let run = cluster.run(&["rollback", "/web", "--yes", "--force"]).ended_with(2);
    run.tells("has 2 instances instead of 6, of which 3 run").tells("0 would be left").tells(&stop);
    assert!(before.is_subset(&tasks(&cluster)));
    cluster.run(&["deployment", "stop", &deployment, "--yes"]).ended_with(0);
    assert!(before.is_subset(&tasks(&cluster)));
    // What never ran has nothing to lose.
    let never = json!({"id": "/never", "cmd": "sleep 1", "cpus": 5000, "mem": 32});
    cluster.server.post("/v2/apps", &never.to_string());
    let more = cluster.server.put("/v2/apps/never?force=true", r#"{"instances": 2}"#).deployment();
    cluster.run(&["deployment", "rollback", &more]).ended_with(0);
}

#[test]
fn a_plan_tells_what_fewer_instances_would_stop() {
    let (cluster, ..) = hanging();
    cluster.file("x.json", &spread(3));
    let words = "note: Marathon goes from 6 instances of /web to 3 by stopping those that run before those that do not run yet: \
        0 of 3 are left running at first";
    cluster.run(&["plan", "x.json"]).ended_with(1).says(words);
    let plan = cluster.run(&["plan", "x.json", "--format", "json"]).ended_with(1).report();
    assert!(plan["notes"][0].as_str().is_some_and(|note| words.ends_with(note)), "{plan}");
}
