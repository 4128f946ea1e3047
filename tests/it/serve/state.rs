//! `milepost serve --state`: what a server has kept when it is started again.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::{Server, WEB};
use crate::common::{PATIENCE, TestDir, each_case};

/// Waits until the file of a server, `state.json`, is as it should be.
fn until_kept(dir: &TestDir, why_not: &str, is_kept: impl Fn(&str) -> bool) {
    let end = std::time::Instant::now() + PATIENCE;
    let file = dir.path().join("state.json");
    while !std::fs::exists(&file).expect("a directory") || !is_kept(&dir.read("state.json")) {
        assert!(std::time::Instant::now() < end, "{why_not}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_file_keeps_what_the_server_holds() {
    let dir = TestDir::new();
    let file = dir.path().join("state.json");
    let file = file.to_str().expect("UTF-8");
    let server = Server::start(&["--state", file]);
    server.post("/v2/apps", WEB);
    server.settled();
    let before = server.get("/v2/apps/shop/web")["app"].clone();
    until_kept(&dir, "nothing is written", |kept| kept.contains("/shop/web"));
    drop(server);
    let server = Server::start(&["--state", file]);
    let after = server.until("/v2/apps/shop/web", |app| app["app"]["tasksRunning"] == 2)["app"].clone();
    each_case(["version", "versionInfo", "portDefinitions", "role", "cmd"], |name| {
        assert_eq!(before[name], after[name], "{name}");
    });
    let group = server.get("/v2/groups/shop");
    assert_eq!((&group["enforceRole"], &group["apps"][0]["id"]), (&json!(true), &json!("/shop/web")));
}

#[test]
fn a_deployment_goes_on_after_a_start_with_what_was_kept() {
    let dir = TestDir::new();
    let file = dir.path().join("state.json");
    let file = file.to_str().expect("UTF-8");
    let server = Server::start(&["--state", file]);
    server.post("/v2/apps", WEB);
    server.settled();
    let first = server.get("/v2/apps/shop/web")["app"].clone();
    // It starts until somebody takes it back.
    let never = json!({"cmd": "sleep 2", "labels": {"MILEPOST_NEVER_PLACED": ""}}).to_string();
    let deployment = server.put("/v2/apps/shop/web", &never).deployment();
    until_kept(&dir, "the deployment is not written", |kept| kept.contains(&deployment));
    let before = server.get("/v2/deployments")[0].clone();
    drop(server);
    let server = Server::start(&["--state", file]);
    let after = server.get("/v2/deployments")[0].clone();
    each_case(["id", "version", "affectedApps", "currentStep", "totalSteps", "currentActions"], |name| {
        assert_eq!(before[name], after[name], "{name}");
    });
    assert_eq!(server.put("/v2/apps/shop/web", "{\"cmd\": \"sleep 3\"}").status, 409);
    // What was before can be had again, and runs.
    assert_eq!(server.delete(&format!("/v2/deployments/{deployment}")).status, 200);
    server.settled();
    let app = server.until("/v2/apps/shop/web", |app| app["app"]["tasksRunning"] == 2)["app"].clone();
    assert_eq!(app["cmd"], first["cmd"]);
    // One that ends is no longer in the file.
    until_kept(&dir, "the deployment is still in the file", |kept| !kept.contains(&deployment));
}

/// The tasks of an app that run, by version.
fn running(server: &Server, id: &str) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    let app = server.get(&format!("/v2/apps{id}"))["app"].clone();
    for task in app["tasks"].as_array().into_iter().flatten().filter(|task| task["state"] == "TASK_RUNNING") {
        *all.entry(task["version"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    all
}

/// Lets the server's clock go on.
fn advance(server: &Server, seconds: u32) {
    assert_eq!(server.post(&format!("/milepost/advance?seconds={seconds}"), "").status, 200);
}

#[test]
fn a_half_done_replacement_goes_on_with_old_and_new_instances_after_a_start() {
    let dir = TestDir::new();
    let file = dir.path().join("state.json");
    let file = file.to_str().expect("UTF-8");
    let server = Server::start(&["--state", file]);
    let app = |command: &str| {
        json!({"id": "/web", "cmd": command, "cpus": 0.1, "mem": 32, "instances": 4,
            "labels": {"MILEPOST_START_SECONDS": "600"},
            "upgradeStrategy": {"minimumHealthCapacity": 1, "maximumOverCapacity": 0.25}})
    };
    server.post("/v2/apps", &app("sleep 1").to_string());
    advance(&server, 700);
    server.settled();
    let old = server.get("/v2/apps/web")["app"]["version"].as_str().expect("a version").to_owned();
    let deployment = server.put("/v2/apps/web", &app("sleep 2").to_string()).deployment();
    let new = server.get("/v2/apps/web")["app"]["version"].as_str().expect("a version").to_owned();
    // One after another: two of four.
    while running(&server, "/web").get(&new) != Some(&2) {
        advance(&server, 10);
    }
    let ran = running(&server, "/web");
    let kept = |text: &str| {
        let state: Json = serde_json::from_str(text).unwrap_or_default();
        let ran_then = &state["deployments"][0]["running"]["/web"];
        ran_then["after"] == 2 && ran_then["before"] == ran.get(&old).copied().unwrap_or_default()
    };
    until_kept(&dir, "what runs of the step is not written", kept);
    drop(server);
    let server = Server::start(&["--state", file]);
    assert_eq!(running(&server, "/web"), ran, "at once, and as before");
    let list = server.get("/v2/deployments");
    assert_eq!((&list[0]["id"], &list[0]["currentStep"]), (&json!(deployment), &json!(1)));
    while server.get("/v2/deployments") != json!([]) {
        advance(&server, 10);
        assert!(
            running(&server, "/web").values().sum::<usize>() >= 4,
            "never fewer than the strategy allows"
        );
    }
    assert_eq!(running(&server, "/web"), BTreeMap::from([(new, 4)]));
}

#[test]
fn a_later_step_without_capacity_goes_on_after_a_start() {
    let dir = TestDir::new();
    let file = dir.path().join("state.json");
    let file = file.to_str().expect("UTF-8");
    let server = Server::start(&["--state", file]);
    // All old instances are stopped before a new one starts: that needs some that run.
    let group = |command: &str, web_starts: &str| {
        let none = json!({"minimumHealthCapacity": 0, "maximumOverCapacity": 0});
        json!({"id": "/shop", "apps": [
            {"id": "db", "cmd": command, "cpus": 0.1, "mem": 32, "labels": {"MILEPOST_START_SECONDS": "300"}},
            {"id": "web", "cmd": command, "cpus": 0.1, "mem": 32, "instances": 2, "dependencies": ["db"],
                "labels": {"MILEPOST_START_SECONDS": web_starts}, "upgradeStrategy": none}]})
    };
    server.put("/v2/groups/shop", &group("sleep 1", "9000").to_string());
    for _ in 0..4 {
        advance(&server, 9_000);
    }
    server.settled();
    let deployment = server.put("/v2/groups/shop", &group("sleep 2", "1").to_string()).deployment();
    until_kept(&dir, "the deployment is not written", |kept| kept.contains(&deployment));
    drop(server);
    let server = Server::start(&["--state", file]);
    assert_eq!(server.get("/v2/deployments")[0]["id"], deployment);
    assert_eq!(running(&server, "/shop/web").values().sum::<usize>(), 2, "it is not its turn yet");
    for _ in 0..20 {
        advance(&server, 100);
    }
    server.settled();
    let new = server.get("/v2/apps/shop/web")["app"]["version"].as_str().expect("a version").to_owned();
    assert_eq!(running(&server, "/shop/web"), BTreeMap::from([(new, 2)]));
}

#[test]
fn a_second_server_does_not_share_the_file() {
    let dir = TestDir::new();
    let file = dir.path().join("state.json");
    let server = Server::start(&["--state", file.to_str().expect("UTF-8")]);
    each_case(["state.json", "./state.json", "link.json"], |name| {
        #[cfg(unix)]
        let _ = std::os::unix::fs::symlink("state.json", dir.path().join("link.json"));
        let said = dir.run(&["serve", "--port", "0", "--state", name]);
        let told = format!("error: another milepost serve keeps its state in {name}: end it");
        assert!(said.starts_with("exit: 2\n") && said.contains(&told), "{said}");
    });
    drop(server);
    Server::start(&["--state", file.to_str().expect("UTF-8")]);
}

#[test]
fn what_was_answered_is_kept_at_once_where_a_signal_ends_it() {
    each_case(["-TERM", "-INT"], |name| {
        let dir = TestDir::new();
        let file = dir.path().join("state.json");
        let file = file.to_str().expect("UTF-8");
        let mut server = Server::start(&["--state", file]);
        server.post("/v2/apps", WEB);
        server.end(name);
        assert!(dir.read("state.json").contains("/shop/web"), "{name}");
    });
}
