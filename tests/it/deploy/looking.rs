//! Words beside `deploy`: `wait`, `status`, `history` and `rollback`.

use serde_json::json;

use super::{Cluster, Heard, web, web_with};
use crate::common::TestDir;
use crate::send::{Server as Stub, json as answer};

#[test]
fn wait_knows_how_it_ended() {
    let cluster = Cluster::new();
    let slow = web_with(json!({"labels": {"MILEPOST_START_SECONDS": "10"}}));
    let deployment = cluster.server.post("/v2/apps", &slow.to_string()).deployment();
    cluster.run(&["wait", &deployment, "--timeout", "5m"]).ended_with(0).says("/web runs as stored");
    cluster.run(&["wait", "web"]).ended_with(0).says("/web runs as stored");
    // A deployment that is not there any more tells nothing.
    cluster.run(&["wait", &deployment]).ended_with(2).tells("it has finished, was cancelled, or never was");
    cluster.run(&["wait", "/none"]).ended_with(2).tells("has no app and no pod of this id");
    // A cancelled one is not a success.
    let slow = web_with(json!({"cmd": "sleep 5", "labels": {"MILEPOST_START_SECONDS": "60"}}));
    let deployment = cluster.server.put("/v2/apps/web?partialUpdate=false", &slow.to_string()).deployment();
    let child = Heard::of(cluster.start(&["wait", &deployment, "--timeout", "5m"])).until("/web: ");
    let cancelled = cluster.server.delete(&format!("/v2/deployments/{deployment}?force=true"));
    assert_eq!(cancelled.status, 202);
    child.end().ended_with(9).says("was cancelled before it finished");
}

#[test]
fn status_says_what_runs_and_why_not_more() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    cluster.run(&["status"]).ended_with(0).says("/web  app").says("2/2");
    let never = json!({"id": "/never", "cmd": "sleep 1", "cpus": 5000, "mem": 32});
    cluster.server.post("/v2/apps", &never.to_string());
    cluster.server.until("/v2/queue", |queue| {
        queue["queue"][0]["processedOffersSummary"]["processedOffersCount"].as_u64() > Some(0)
    });
    let run = cluster.run(&["status"]).ended_with(1);
    run.says("0/1").says("not enough cpus (5000 wanted; 4 of 4 declined)");
    let run = cluster.run(&["status", "/web", "--format", "json"]).ended_with(0);
    assert_eq!(run.report()["services"][0]["running"], 2);
    cluster.run(&["status", "/none"]).ended_with(2);
}

#[test]
fn status_tells_of_what_a_cancelled_update_left() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    let before = cluster.app("/web")["version"].as_str().expect("a version").to_owned();
    let never = web_with(json!({"cpus": 5000}));
    let cancel = ["--on-failure", "cancel", "--timeout", "2s"];
    cluster
        .deploy(&never, &cancel)
        .ended_with(5)
        .says("cancelled deployment ")
        .says(", which stays half done");
    let run = cluster.run(&["status", "/web"]).ended_with(1).says("0/2");
    run.says(&format!("why: 2 instances of the earlier version {before} run; no deployment is under way; no offer fits 2 more instances"));
    let run = cluster.run(&["status", "/web", "--format", "json"]).ended_with(1);
    let service = run.report()["services"][0].clone();
    assert_eq!(service["earlierVersionsRunning"], 2);
    assert_eq!(service["earlierVersions"], json!([{"version": before, "running": 2}]));
}

#[test]
fn a_removal_that_is_waited_for_runs_nothing() {
    let cluster = Cluster::new();
    cluster.deploy(&web_with(json!({"labels": {"MILEPOST_KILL_SECONDS": "100"}})), &[]).ended_with(0);
    let deployment = cluster.server.delete("/v2/apps/web").deployment();
    cluster.run(&["wait", &deployment, "--timeout", "5m"]).ended_with(0).says("/web removed");
}

#[test]
fn history_shows_what_each_version_changed() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    cluster
        .deploy(&web_with(json!({"cmd": "sleep 2000", "env": {"DB_PASSWORD": "hunter2"}})), &[])
        .ended_with(0);
    let run = cluster.run(&["history", "/web"]).ended_with(0).says("(stored now)").says("sleep 2000");
    assert!(!run.out.contains("hunter2"), "{}", run.out);
    run.says("the oldest version that is known");
    let run = cluster.run(&["history", "/web", "--max", "1"]).ended_with(0);
    run.tells("1 older version");
}

#[test]
fn rollback_goes_to_the_only_version_before_or_to_a_named_one() {
    let cluster = Cluster::new();
    for seconds in [1, 2] {
        cluster.deploy(&web_with(json!({"cmd": format!("sleep {seconds}")})), &[]).ended_with(0);
    }
    let run = cluster.run(&["rollback", "/web", "--yes"]).ended_with(0);
    run.says("rolled back: /web runs as in version").tells("Marathon does not tell which versions have run");
    assert_eq!(cluster.app("/web")["cmd"], "sleep 1");
    // A change of the number of instances names the version that was stored before.
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    cluster.deploy(&web_with(json!({"instances": 3})), &[]).ended_with(0);
    cluster.deploy(&web_with(json!({"instances": 3, "cmd": "sleep 2"})), &[]).ended_with(0);
    let run = cluster.run(&["rollback", "/web", "--yes"]).ended_with(0);
    assert!(!run.err.contains("nothing tells"), "{}", run.err);
    assert_eq!(cluster.app("/web")["cmd"], "sleep 1000");
    let cluster = Cluster::new();
    for seconds in [1, 2, 3] {
        cluster.deploy(&web_with(json!({"cmd": format!("sleep {seconds}")})), &[]).ended_with(0);
    }
    let first = cluster.server.get("/v2/apps/web/versions")["versions"].clone();
    let mut versions: Vec<&str> =
        first.as_array().into_iter().flatten().filter_map(|it| it.as_str()).collect();
    versions.sort_unstable();
    let run = cluster.run(&["rollback", "/web", "--yes"]).ended_with(0);
    run.says(&format!("rolled back: /web runs as in version {}", versions[1]))
        .tells("is the newest earlier one");
    assert_eq!(cluster.app("/web")["cmd"], "sleep 2");
    cluster.run(&["rollback", "/web", "--to", versions[2], "--yes"]).ended_with(0);
    let second = ["rollback", "/web", "--to", versions[1]];
    cluster.run(&second).ended_with(2).tells("it cannot be confirmed without a terminal");
    let run = cluster.run(&[&second[..], &["--yes"]].concat()).ended_with(0);
    run.says("rolled back: /web runs as in version");
    assert_eq!(cluster.app("/web")["cmd"], "sleep 2");
    cluster.run(&["rollback", "/web", "--to", versions[0], "--yes"]).ended_with(0);
    assert_eq!(cluster.app("/web")["cmd"], "sleep 1");
    assert!(cluster.all_run("/web"));
    cluster.run(&["rollback", "/web", "--to", versions[0], "--yes"]).ended_with(0).says("nothing to do");
    let unknown = ["rollback", "/web", "--to", "2001-01-01T00:00:00.000Z", "--yes"];
    cluster.run(&unknown).ended_with(2).tells("has no version");
}

#[test]
fn rollback_passes_over_what_the_server_has_refused() {
    let cluster = Cluster::new();
    cluster.deploy(&web_with(json!({"cmd": "sleep 1"})), &[]).ended_with(0);
    let slow = web_with(json!({"cmd": "sleep 2", "labels": {"MILEPOST_START_SECONDS": "50"}}));
    assert_eq!(cluster.server.put("/v2/apps/web", &slow.to_string()).status, 200);
    // Marathon keeps the definition of a request that it refuses because of a lock.
    let refused = web_with(json!({"cmd": "sleep 3"}));
    assert_eq!(cluster.server.put("/v2/apps/web", &refused.to_string()).status, 409);
    cluster.server.settled();
    // A change of anything else tells what was stored then.
    let other = json!({"id": "/other", "cmd": "sleep 1", "cpus": 0.1, "mem": 32});
    cluster.deploy(&other, &[]).ended_with(0);
    cluster.deploy(&web_with(json!({"cmd": "sleep 4"})), &[]).ended_with(0);
    cluster.run(&["rollback", "/web", "--yes"]).ended_with(0).says("rolled back: /web runs as in version");
    assert_eq!(cluster.app("/web")["cmd"], "sleep 2");
    // What is later than what is stored was refused, or rolled back by Marathon itself.
    let cluster = Cluster::new();
    assert_eq!(cluster.server.post("/v2/apps", &slow.to_string()).status, 201);
    assert_eq!(cluster.server.put("/v2/apps/web", &refused.to_string()).status, 409);
    cluster.server.settled();
    let run = cluster.run(&["rollback", "/web", "--yes"]).ended_with(2);
    run.tells("knows no earlier version with another definition that may have run; there is ")
        .tells("refused, or rolled back");
    assert_eq!(cluster.app("/web")["cmd"], "sleep 2");
}

/// Of what a failed deployment was taken back from, only the last one is known to have failed.
#[test]
fn rollback_passes_over_what_was_taken_back() {
    let cluster = Cluster::new();
    let of = |command: &str| web_with(json!({"cmd": command}));
    for command in ["sleep 1", "sleep 2"] {
        cluster.deploy(&of(command), &[]).ended_with(0);
    }
    for bad in ["exit 1", "exit 2"] {
        cluster.deploy(&of(bad), &[]).ended_with(6);
    }
    cluster.run(&["rollback", "/web", "--yes"]).ended_with(0).says("rolled back: /web runs as in version");
    assert_eq!(cluster.app("/web")["cmd"], "sleep 1");
}

/// Marathon keeps the last failure only, of one version.
#[test]
fn rollback_passes_over_what_has_failed_as_another_version() {
    let cluster = Cluster::new();
    let of = |command: &str| web_with(json!({"cmd": command}));
    cluster.deploy(&of("sleep 1001"), &[]).ended_with(0);
    cluster.deploy(&of("exit 1"), &["--on-failure", "keep"]).ended_with(9);
    let bad = cluster.app("/web")["version"].as_str().expect("a version").to_owned();
    cluster.deploy(&of("sleep 1002"), &["--lock", "force"]).ended_with(0);
    cluster.deploy(&of("exit 1"), &[]).ended_with(6);
    let failed = cluster.app("/web")["lastTaskFailure"]["version"].as_str().expect("a version").to_owned();
    assert_ne!(failed, bad);
    let run = cluster.run(&["rollback", "/web", "--yes"]).ended_with(0);
    run.tells(&format!("{bad}, whose definition has failed as version {failed}; --to goes there"));
    assert_eq!(cluster.app("/web")["cmd"], "sleep 1001");
}

#[test]
fn why_a_question_is_refused_is_told() {
    let stub = Stub::start(answer("422 Unprocessable Entity", r#"{"message": "no such embed"}"#));
    let url = stub.url();
    let said = TestDir::new().run(&["history", "/web", "--target", "marathon-1.11", "--url", &url]);
    assert!(said.starts_with("exit: 2\n") && said.contains("answers 422: no such embed"), "{said}");
}

/// What Marathon says of a pod does not name the deployments that change it.
#[test]
fn a_deployment_of_a_pod_is_under_way_as_that_of_an_app() {
    let cluster = Cluster::new();
    let of = |command: &str, cpus: f64| {
        json!({"id": "/pod", "containers": [{"name": "c", "exec": {"command": {"shell": command}},
            "resources": {"cpus": cpus, "mem": 32}}]})
    };
    let id = cluster.server.post("/v2/pods", &of("sleep 1", 5000.0).to_string()).deployment();
    let one = cluster.run(&["status", "/pod"]).ended_with(1).says(&format!("why: deployment {id}"));
    assert!(!one.out.contains("no deployment is under way"), "{}", one.out);
    cluster.run(&["status"]).ended_with(1).says(&format!("why: deployment {id}"));
    let report = cluster.run(&["status", "/pod", "--format", "json"]).ended_with(1).report();
    assert_eq!(report["services"][0]["deployments"], json!([id]));
    cluster.file("x.json", &of("sleep 1", 5000.0));
    cluster.run(&["plan", "x.json"]).ended_with(0).says(&format!("deployment {id} is under way for it"));
}

#[test]
fn a_plan_tells_what_is_stored_and_does_not_run() {
    let cluster = Cluster::new();
    let never = web_with(json!({"cpus": 5000}));
    assert_eq!(cluster.server.post("/v2/apps", &never.to_string()).status, 201);
    cluster.file("web.json", &never);
    let run = cluster.run(&["plan", "web.json"]).ended_with(0).says("nothing to do");
    run.tells("warning: /web is stored as it is written, and 0 of 2 instances run");
    cluster.deploy(&web(), &["--lock", "force"]).ended_with(0);
    cluster.file("web.json", &web());
    let run = cluster.run(&["plan", "web.json"]).ended_with(0);
    assert!(!run.err.contains("warning"), "{}", run.err);
}
