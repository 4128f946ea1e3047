//! Readiness, which Marathon tells only while a deployment runs.

use serde_json::{Value as Json, json};

use super::proxy::{Loses, Proxy, page};
use super::{Cluster, Heard, Run, finished, web_with};

/// An app of two instances with a readiness check, which passes then.
fn checked(ready: &str, members: Json) -> Json {
    let mut app = web_with(
        json!({"portDefinitions": [{"port": 0, "name": "main"}], "labels": {"MILEPOST_READY": ready},
        "readinessChecks": [{"name": "up", "protocol": "HTTP", "path": "/r", "portName": "main", "intervalSeconds": 2,
            "timeoutSeconds": 1}]}),
    );
    if let (Some(app), Json::Object(members)) = (app.as_object_mut(), members) {
        app.extend(members);
    }
    app
}

/// A proxy that lets no event through.
fn without_events(cluster: &Cluster) -> String {
    let page = page("404 Not Found", "application/json", r#"{"message": "no such resource"}"#);
    let proxy = Proxy::start(&cluster.server.address, Loses::AllOf("GET /v2/events", page));
    format!("http://{}", proxy.address)
}

fn is_not_called_failed(run: &Run) {
    for word in ["failed", "rolled back: ", "rolling back"] {
        assert!(!run.out.contains(word) && !run.err.contains(word), "{}\n{}", run.out, run.err);
    }
}

/// Cancels the only deployment.
fn cancel(cluster: &Cluster) {
    let list = cluster.server.get("/v2/deployments");
    let id = list[0]["id"].as_str().expect("a deployment");
    assert_eq!(cluster.server.delete(&format!("/v2/deployments/{id}?force=true")).status, 202);
}

/// Waits until both instances of what is stored run.
fn both_run(cluster: &Cluster) {
    cluster.server.until("/v2/apps?embed=apps.tasks", |found| {
        let app = &found["apps"][0];
        let tasks = app["tasks"].as_array().into_iter().flatten();
        let is_new = |task: &&Json| task["state"] == "TASK_RUNNING" && task["version"] == app["version"];
        tasks.filter(is_new).count() == 2
    });
}

#[test]
fn without_events_the_end_of_a_deployment_with_readiness_checks_is_not_known() {
    let cluster = Cluster::new();
    let url = without_events(&cluster);
    let run = cluster.deploy(&checked("always", json!({})), &["--url", &url]).ended_with(8);
    is_not_called_failed(&run);
    run.says("it is not known how it ended: /web: deployment ")
        .says("the server's events could not be read, and Marathon tells readiness only while a deployment runs: 2 of 2 \
               instances of what was sent run")
        .says("; nothing was rolled back");
    assert!(cluster.all_run("/web"));
}

#[test]
fn without_events_a_cancelled_deployment_may_have_finished() {
    let never = checked("never", json!({}));
    let words = "it is not known whether it finished or was cancelled";
    let cluster = Cluster::new();
    cluster.file("x.json", &never);
    let url = without_events(&cluster);
    let child = cluster.start(&["deploy", "x.json", "--yes", "--timeout", "5m", "--url", &url]);
    both_run(&cluster);
    let wait = cluster.start(&["wait", "/web", "--timeout", "5m", "--url", &url]);
    let wait = Heard::of(wait).until("/web: ");
    cancel(&cluster);
    // Who waits for it knows no more.
    wait.end().ended_with(8).says(words);
    let run = finished(child)
        .ended_with(8)
        .says(words)
        .says("2 of 2 instances of what was sent run, 0 seen to be ready");
    is_not_called_failed(&run);
    // With events it is known.
    let cluster = Cluster::new();
    cluster.file("x.json", &never);
    let child = cluster.start(&["deploy", "x.json", "--yes", "--timeout", "5m", "--on-failure", "keep"]);
    both_run(&cluster);
    cancel(&cluster);
    finished(child).ended_with(9).says("was cancelled before it finished");
}

#[test]
fn without_events_an_instance_that_ends_after_the_deployment_is_no_cancellation() {
    let cluster = Cluster::new();
    let url = without_events(&cluster);
    // The instance that comes instead needs longer than some looks at it.
    cluster.file("x.json", &web_with(json!({"labels": {"MILEPOST_START_SECONDS": "60"}})));
    let options = ["--stable", "5s", "--timeout", "5m", "--url", &url];
    let child = cluster.start(&[&["deploy", "x.json", "--yes"], &options[..]].concat());
    let child = Heard::of(child).until("it has to stay so for 5 s");
    cluster.control("fail?id=/web&count=1");
    let run = child.end().ended_with(0).says("deployed: /web runs as sent");
    is_not_called_failed(&run);
    run.tells("it ran and fell back: 1 of 2 running");
}

/// While the old instances are stopped, the deployment tells that the new ones are ready.
#[test]
fn readiness_that_was_told_in_time_is_known_without_events() {
    let cluster = Cluster::new();
    let slow = json!({"MILEPOST_READY": "always", "MILEPOST_KILL_SECONDS": "20"});
    cluster.deploy(&checked("always", json!({"labels": slow})), &[]).ended_with(0);
    let url = without_events(&cluster);
    let changed = checked("always", json!({"cmd": "sleep 2", "labels": slow}));
    cluster.deploy(&changed, &["--url", &url]).ended_with(0).says("deployed: /web runs as sent");
}

/// What was cancelled before it got ready runs as it is stored, and nothing tells whether it is ready.
#[test]
fn without_a_deployment_readiness_is_not_known() {
    let cluster = Cluster::new();
    let never = checked("never", json!({}));
    let cancel = ["--timeout", "4s", "--on-failure", "cancel"];
    cluster.deploy(&never, &cancel).ended_with(5).says("cancelled deployment ");
    let unknown = "whether /web is ready is not known: Marathon checks that only during a deployment, and `milepost app \
                   restart /web` checks it again";
    let again = cluster.deploy(&never, &[]).ended_with(0);
    again.says(&format!("nothing to do: /web runs as written; {unknown}"));
    cluster.run(&["wait", "/web"]).ended_with(0).says(&format!("/web runs as stored; {unknown}"));
    cluster.run(&["status"]).ended_with(0).says(&format!("\n  note: {unknown}"));
    let report = cluster.run(&["status", "/web", "--format", "json"]).ended_with(0).report();
    assert_eq!(report["services"][0]["note"], unknown);
    let version = cluster.app("/web")["version"].as_str().expect("a version").to_owned();
    let back = cluster.run(&["rollback", "/web", "--to", &version, "--yes"]).ended_with(0);
    back.says(&format!("nothing to do: /web runs as in version {version}; {unknown}"));
    // Beside what is sent.
    cluster.file("both.json", &json!([never, {"id": "/db", "cmd": "sleep 1", "cpus": 0.1, "mem": 32}]));
    let run = cluster.run(&["deploy", "both.json", "--yes", "--timeout", "5m"]).ended_with(0);
    run.says(&format!("run as sent: /db, /web; {unknown}"));
    // What has no such checks, or is sent, needs no such words.
    cluster.deploy(&super::web(), &["--lock", "force"]).ended_with(0);
    for args in [&["deploy", "x.json", "--yes"][..], &["wait", "/web"], &["status"]] {
        let run = cluster.run(args).ended_with(0);
        assert!(!run.out.contains("not known"), "{}", run.out);
    }
    let sent = cluster.deploy(&checked("always", json!({})), &[]).ended_with(0);
    assert!(!sent.out.contains("not known"), "{}", sent.out);
}

/// Instances of both versions run, as many as are wanted of the new one.
#[test]
fn a_half_done_update_is_told_from_one_that_is_under_way() {
    let cluster = Cluster::new();
    cluster.deploy(&checked("always", json!({})), &[]).ended_with(0);
    let never = checked("never", json!({"cmd": "sleep 2"}));
    let cancel = ["--timeout", "4s", "--on-failure", "cancel"];
    cluster.deploy(&never, &cancel).ended_with(5).says("which stays half done");
    let versions = || cluster.server.get("/v2/apps/web/versions")["versions"].clone();
    let before = versions();
    let left = "2 of 2 instances run, 2 of an earlier definition, and no deployment is under way that replaces them: `milepost app \
                restart /web` does, `milepost rollback /web` goes back";
    let retry = |options: &[&str]| cluster.deploy(&never, options);
    let run = retry(&[]).ended_with(9).says(&format!("failed: /web: {left}; nothing was rolled back"));
    assert!(!run.out.contains("earlier version of it runs"), "{}", run.out);
    retry(&["--on-failure", "cancel"]).ended_with(9).says(left).says("no deployment had to be cancelled");
    cluster.run(&["wait", "/web", "--timeout", "5m"]).ended_with(9).says(&format!("failed: /web: {left}"));
    let status = cluster.run(&["status", "/web"]).ended_with(1).says(left);
    assert_eq!(status.out.matches("no deployment is under way").count(), 1, "{}", status.out);
    // Who waits all the same is told no other reason.
    let run =
        retry(&["--no-fail-fast", "--timeout", "3s"]).ended_with(5).says(&format!("it timed out: {left}"));
    assert!(!run.out.contains("no earlier version"), "{}", run.out);
    let report = retry(&["--report", "json"]).ended_with(9).report();
    assert_eq!(report["services"][0]["result"], "half-done", "{report}");
    assert_eq!(versions(), before);
    // One that is under way is waited for.
    assert_eq!(cluster.server.post("/v2/apps/web/restart", "").status, 200);
    retry(&["--timeout", "3s", "--on-failure", "keep"])
        .ended_with(5)
        .tells("is under way for it: waiting for that");
}

/// What Marathon says of a pod does not name its deployments.
#[test]
fn a_half_done_update_of_a_pod_is_told_too() {
    let cluster = Cluster::new();
    let of = |command: &str, healthy: &str| {
        let check = json!({"exec": {"command": {"shell": "true"}}, "gracePeriodSeconds": 3000});
        json!({"id": "/pod", "labels": {"MILEPOST_HEALTHY": healthy}, "scaling": {"kind": "fixed", "instances": 2},
            "containers": [{"name": "c", "exec": {"command": {"shell": command}}, "healthCheck": check,
                "resources": {"cpus": 0.1, "mem": 32}}]})
    };
    cluster.deploy(&of("sleep 1", "always"), &[]).ended_with(0);
    let sick = of("sleep 2", "never");
    cluster.deploy(&sick, &["--timeout", "4s", "--on-failure", "cancel"]).ended_with(5);
    let left = "2 of 2 instances run, 2 of an earlier definition, and no deployment is under way that replaces them: `milepost pod \
                kill /pod INSTANCE` ends one of them, `milepost rollback /pod` goes back";
    let run = cluster.deploy(&sick, &[]).ended_with(9).says(&format!("{left}; nothing was rolled back"));
    run.says("failed: /pod: 0 of 2 instances are healthy");
    cluster.run(&["wait", "/pod", "--timeout", "5m"]).ended_with(9).says(left);
}
