//! `milepost serve`: the embedded Marathon, over its sockets.

mod browser;
mod old_clients;
mod server;
mod state;
mod ui;

use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::common::{PATIENCE, TestDir, each_case};

pub(crate) use server::Server;

const WEB: &str = r#"{"id": "/shop/web", "cmd": "sleep 100", "cpus": 0.1, "mem": 32, "instances": 2}"#;

fn names(events: &std::sync::mpsc::Receiver<(String, Json)>, last: &str) -> Vec<String> {
    let mut found = Vec::new();
    while let Ok((name, _)) = events.recv_timeout(PATIENCE) {
        found.push(name.clone());
        if name == last {
            return found;
        }
    }
    panic!("{last} never came: {found:?}");
}

#[test]
fn an_app_is_created_read_updated_and_deleted() {
    let server = Server::start(&[]);
    let created = server.post("/v2/apps", WEB);
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(created.header("location"), Some(&*format!("http://{}/shop/web", server.address)));
    let body = created.json();
    assert_eq!((&body["portDefinitions"][0]["port"], body.get("versionInfo")), (&json!(0), None));
    assert_eq!(body["deployments"], json!([{"id": created.deployment()}]));
    server.settled();
    let app = &server.get("/v2/apps/shop/web")["app"];
    assert_eq!((&app["tasksRunning"], &app["role"]), (&json!(2), &json!("shop")));
    assert_eq!(app["portDefinitions"][0]["port"], 10_000);
    assert_eq!(app["tasks"][0]["state"], "TASK_RUNNING");
    let again = server.post("/v2/apps", WEB);
    assert_eq!(
        (again.status, again.json()["message"].as_str()),
        (409, Some("An app with id [/shop/web] already exists."))
    );
    let scaled = server.put("/v2/apps/shop/web", r#"{"instances": 3}"#);
    assert_eq!((scaled.status, &scaled.json()["deploymentId"]), (200, &json!(scaled.deployment())));
    server.settled();
    assert_eq!(server.get("/v2/apps/shop/web")["app"]["tasksRunning"], 3);
    assert_eq!(server.get("/v2/apps/shop/web/versions")["versions"].as_array().map(Vec::len), Some(2));
    assert_eq!(server.delete("/v2/apps/shop/web").status, 200);
    server.settled();
    assert_eq!(server.send("GET", "/v2/apps/shop/web", &[], "").status, 404);
    assert_eq!(server.get("/v2/groups/shop")["apps"], json!([]));
}

#[test]
fn a_refusal_is_that_of_lint() {
    let server = Server::start(&["--target", "dcos-2.2"]);
    let cases = [
        (
            r#"{"id": "/a", "cmd": 5}"#,
            422,
            json!({"message": "Invalid JSON", "details": [{"path": "/cmd", "errors": ["error.expected.jsstring"]}]}),
        ),
        (
            "{",
            400,
            json!({"message": "Invalid JSON", "details": "Unexpected end-of-input: expected close marker for Object (start marker at [Source: (byte[])\"{\"; line: 1, column: 1])"}),
        ),
        (
            r#"{"id": "/a"}"#,
            422,
            json!({"message": "Object is not valid", "details": [{"path": "/", "errors": ["AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'."]}]}),
        ),
    ];
    for (body, status, said) in cases {
        let answer = server.post("/v2/apps", body);
        assert_eq!((answer.status, answer.json()), (status, said), "{body}");
    }
    assert_eq!(server.get("/v2/apps")["apps"], json!([]));
}

#[test]
fn events_of_a_create_come_in_marathons_order() {
    let server = Server::start(&[]);
    let events = server.events(
        "?event_type=deployment_info&event_type=deployment_step_success&event_type=deployment_success",
    );
    server.post("/v2/apps", WEB);
    let order = [
        "deployment_info",
        "deployment_step_success",
        "deployment_info",
        "deployment_step_success",
        "deployment_success",
    ];
    assert_eq!(names(&events, "deployment_success"), order);
}

#[test]
fn what_a_deployment_holds_is_locked() {
    let server = Server::start(&[]);
    let big = r#"{"id": "/big", "cmd": "sleep 1", "cpus": 100000, "mem": 32}"#;
    let first = server.post("/v2/apps", big).deployment();
    let locked = server.put("/v2/apps/big", r#"{"mem": 64}"#);
    assert_eq!((locked.status, &locked.json()["deployments"]), (409, &json!([{"id": first}])));
    let queue = server.until("/v2/queue", |queue| {
        queue["queue"][0]["processedOffersSummary"]["processedOffersCount"].as_u64() > Some(0)
    });
    let reasons = &queue["queue"][0]["processedOffersSummary"]["rejectSummaryLastOffers"];
    let cpus = reasons.as_array().into_iter().flatten().find(|each| each["reason"] == "InsufficientCpus");
    assert_eq!(cpus.map(|each| &each["declined"]), Some(&json!(4)));
    let events = server.events("?event_type=deployment_failed");
    let forced = server.put("/v2/apps/big?force=true", r#"{"cpus": 0.1}"#);
    assert_eq!(forced.status, 200);
    let (_, failed) = events.recv_timeout(PATIENCE).expect("an event");
    assert_eq!((&failed["id"], &failed["reason"]), (&json!(first), &json!("The upgrade has been cancelled")));
    server.settled();
    assert_eq!(server.get("/v2/apps/big")["app"]["tasksRunning"], 1);
}

#[test]
fn a_rollback_restores_what_was_before() {
    let server = Server::start(&[]);
    server.post("/v2/apps", WEB);
    server.settled();
    let update = server.put("/v2/apps/shop/web", r#"{"cpus": 100000}"#).deployment();
    let back = server.delete(&format!("/v2/deployments/{update}"));
    assert_eq!(back.status, 200, "{}", back.text);
    server.settled();
    let app = &server.get("/v2/apps/shop/web")["app"];
    assert_eq!((&app["cpus"], &app["tasksRunning"]), (&json!(0.1), &json!(2)));
}

#[test]
fn a_version_that_is_put_back_runs_again() {
    let server = Server::start(&[]);
    server.post("/v2/apps", WEB);
    server.settled();
    let first = server.get("/v2/apps/shop/web")["app"]["version"].clone();
    server.put("/v2/apps/shop/web", r#"{"cmd": "sleep 200"}"#);
    server.settled();
    let back = server.put("/v2/apps/shop/web", &json!({"version": first}).to_string());
    assert_eq!(
        (back.status, &back.json()["deploymentId"]),
        (200, &json!(back.deployment())),
        "{}",
        back.text
    );
    server.settled();
    let app = &server.get("/v2/apps/shop/web")["app"];
    assert_eq!((&app["cmd"], &app["tasksRunning"]), (&json!("sleep 100"), &json!(2)));
    assert_eq!(server.put("/v2/apps/shop/web", r#"{"version": "2001-01-01T00:00:00.000Z"}"#).status, 404);
}

#[test]
fn a_rolling_update_keeps_to_its_capacities() {
    let server = Server::start(&[]);
    let app = r#"{"id": "/roll", "cmd": "sleep 1", "cpus": 0.1, "mem": 32, "instances": 4,
        "upgradeStrategy": {"minimumHealthCapacity": 0.5, "maximumOverCapacity": 0}}"#;
    server.post("/v2/apps", app);
    server.settled();
    let events = server.events("?event_type=status_update_event&event_type=deployment_success");
    server.put("/v2/apps/roll", r#"{"env": {"A": "b"}}"#);
    let (mut running, mut alive, mut fewest, mut most) = (4_i64, 4_i64, 4, 4);
    while let Ok((name, data)) = events.recv_timeout(PATIENCE) {
        match data["taskStatus"].as_str() {
            Some("TASK_STARTING") => alive += 1,
            Some("TASK_RUNNING") => running += 1,
            Some("TASK_KILLED") => (alive, running) = (alive - 1, running - 1),
            _ => {}
        }
        (fewest, most) = (fewest.min(running), most.max(alive));
        if name == "deployment_success" {
            break;
        }
    }
    assert_eq!((fewest, most, running), (2, 4, 4));
}

#[test]
fn labels_and_controls_make_tasks_fail() {
    let server = Server::start(&[]);
    let app = r#"{"id": "/bad", "cmd": "sleep 1", "cpus": 0.1, "mem": 32,
        "labels": {"MILEPOST_FAULT_EXIT": "3", "MILEPOST_FAULT_EXIT_TIMES": "1", "MILEPOST_FAULT_MESSAGE": "no disk"}}"#;
    server.post("/v2/apps", app);
    let failed = server.until("/v2/apps/bad", |app| app["app"].get("lastTaskFailure").is_some());
    let failure = &failed["app"]["lastTaskFailure"];
    assert_eq!((&failure["state"], &failure["message"]), (&json!("TASK_FAILED"), &json!("no disk")));
    server.settled();
    let killed = server.post("/milepost/fail?id=/bad&message=boom", "");
    assert_eq!((killed.status, killed.json()), (200, json!({"tasks": 1})));
    let after = server.until("/v2/apps/bad", |app| app["app"]["lastTaskFailure"]["message"] == "boom");
    assert_eq!(after["app"]["lastTaskFailure"]["state"], "TASK_FAILED");
    server.until("/v2/apps/bad", |app| app["app"]["tasksRunning"] == 1);
}

#[test]
fn the_server_misbehaves_when_it_is_told_to() {
    let server = Server::start(&[]);
    let control =
        |path: &str| assert_eq!(server.post(&format!("/milepost/{path}"), "").status, 200, "{path}");
    control("answers?refuse=2&status=503");
    let status = || server.send("GET", "/v2/apps", &[], "").status;
    assert_eq!([status(), status(), status()], [503, 503, 200]);
    let events = server.events("");
    control("cut");
    loop {
        match events.recv_timeout(PATIENCE) {
            Ok((name, _)) => assert!(name.starts_with("event_stream"), "{name}"),
            Err(end) => break assert_eq!(end, RecvTimeoutError::Disconnected),
        }
    }
    let events = server.events("?event_type=group_change_success");
    control("events?duplicate=50");
    server.post("/v2/apps", WEB);
    let version = |data: (String, Json)| data.1["version"].clone();
    let first = version(events.recv_timeout(PATIENCE).expect("an event"));
    assert_eq!(first, version(events.recv_timeout(PATIENCE).expect("the same again")));
    control("restart?memory=false");
    assert_eq!(server.get("/v2/apps")["apps"], json!([]));
}

#[test]
fn a_state_that_cannot_be_kept_is_told_at_the_start() {
    let test = TestDir::new();
    let said = test.run(&["serve", "--port", "0", "--state", "missing/state.json"]);
    assert!(said.starts_with("exit: 2\n") && said.contains("cannot write missing/state.json"), "{said}");
}

#[test]
fn a_misspelt_fault_is_refused() {
    let server = Server::start(&[]);
    each_case(
        [
            ("answers?refuze=3", "/milepost/answers has no parameter refuze, but refuse, status=503"),
            ("fail?id=/a&mesage=x", "/milepost/fail has no parameter mesage, but id, state"),
            ("cut?all=true", "/milepost/cut has no parameters, and so no all"),
        ],
        |(path, told)| {
            let answer = server.post(&format!("/milepost/{path}"), "");
            assert!(answer.status == 422 && answer.text.contains(told), "{path}: {answer:?}");
        },
    );
}

/// A label that no one reads does nothing, and that is said.
#[test]
fn a_misspelt_label_is_told() {
    let (mut server, lines) = Server::start_and_listen(&[]);
    let app = |labels: &str| {
        format!(r#"{{"id": "/a", "cmd": "sleep 1", "cpus": 0.1, "mem": 32, "labels": {{{labels}}}}}"#)
    };
    let put = |server: &mut Server, labels: &str| {
        let answer = server.put("/v2/apps/a?force=true", &app(labels));
        assert!(answer.status < 300, "{answer:?}");
    };
    put(&mut server, r#""team": "x", "MILEPOST_START_SECOND": "1""#);
    let told = lines.recv_timeout(PATIENCE).expect("a line");
    assert_eq!(
        told,
        "warning: /a: the label MILEPOST_START_SECOND does nothing: did you mean MILEPOST_START_SECONDS?"
    );
    put(&mut server, r#""MILEPOST_FAULT_EXIT": "one""#);
    let told = lines.recv_timeout(PATIENCE).expect("a line");
    assert_eq!(told, "warning: /a: the label MILEPOST_FAULT_EXIT does nothing: its value is CODE");
}

#[test]
fn a_virtual_clock_stands_still() {
    let server = Server::start(&["--virtual-clock"]);
    server.post("/v2/apps", WEB);
    assert_eq!(server.get("/v2/apps/shop/web")["app"]["tasksRunning"], 0);
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(server.get("/v2/queue")["queue"][0]["count"], 2);
    assert_eq!(server.post("/milepost/advance?seconds=5", "").status, 200);
    assert_eq!(server.get("/v2/apps/shop/web")["app"]["tasksRunning"], 2);
    assert_eq!(server.get("/v2/deployments"), json!([]));
}

#[test]
fn giving_up_the_leadership_ends_the_server() {
    let mut server = Server::start(&[]);
    let answer = server.delete("/v2/leader");
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({"message": "Leadership abdicated", "details": []}))
    );
    assert!(server.has_ended());
}

#[test]
fn groups_are_deployed_in_the_order_of_dependencies() {
    let server = Server::start(&[]);
    let group = r#"{"id": "/g", "apps": [
        {"id": "web", "cmd": "sleep 1", "cpus": 0.1, "mem": 32, "dependencies": ["db"]},
        {"id": "db", "cmd": "sleep 1", "cpus": 0.1, "mem": 32}]}"#;
    let events = server.events("?event_type=deployment_success");
    let created = server.post("/v2/groups", group);
    assert_eq!(created.status, 201, "{}", created.text);
    let (_, done) = events.recv_timeout(PATIENCE).expect("an event");
    let apps: Vec<Vec<&str>> = done["plan"]["steps"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|step| {
            step["actions"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|action| action["app"].as_str())
                .collect()
        })
        .collect();
    assert_eq!(apps, [vec!["/g/db", "/g/web"], vec!["/g/db"], vec!["/g/web"]]);
    let dry = server.put("/v2/groups/g?dryRun=true", r#"{"id": "/g", "apps": []}"#);
    assert_eq!(dry.json()["steps"].as_array().map(Vec::len), Some(1));
    assert_eq!(server.get("/v2/groups/g/apps").as_array().map(Vec::len), Some(2));
}

#[test]
fn a_pod_has_a_status() {
    let server = Server::start(&[]);
    let pod = r#"{"id": "/pod", "containers": [{"name": "c", "exec": {"command": {"shell": "sleep 1"}},
        "resources": {"cpus": 0.1, "mem": 32}}], "networks": [{"mode": "host"}]}"#;
    assert_eq!(server.post("/v2/pods", pod).status, 201);
    server.settled();
    let status = server.get("/v2/pods/pod::status");
    assert_eq!(
        (&status["status"], &status["instances"][0]["containers"][0]["status"]),
        (&json!("STABLE"), &json!("TASK_RUNNING"))
    );
    assert_eq!(server.delete("/v2/pods/pod").status, 202);
    server.settled();
    assert_eq!(server.send("GET", "/v2/pods/pod::status", &[], "").status, 404);
}

/// Of a check that never reaches Mesos no result comes, and the deployment stays open.
#[test]
fn a_check_that_mesos_never_gets_never_passes() {
    let server = Server::start(&[]);
    let app = r#"{"id": "/silent", "cmd": "sleep 600", "healthChecks": [{"protocol": "MESOS_TCP"}]}"#;
    assert_eq!(server.post("/v2/apps", app).status, 201);
    let running = server.until("/v2/apps/silent", |app| app["app"]["tasksRunning"] == json!(1));
    assert_eq!(running["app"]["tasksHealthy"], json!(0));
    // One that is due after it has passed by now.
    let other = r#"{"id": "/other", "cmd": "sleep 600", "healthChecks": [{"protocol": "MESOS_TCP", "portIndex": 0}]}"#;
    assert_eq!(server.post("/v2/apps", other).status, 201);
    server.until("/v2/apps/other", |app| app["app"]["tasksHealthy"] == json!(1));
    let silent = server.get("/v2/apps/silent");
    assert_eq!(silent["app"]["tasksHealthy"], json!(0), "{silent}");
    assert_eq!(silent["app"]["deployments"].as_array().map(Vec::len), Some(1), "{silent}");
}

/// A task that Mesos or Docker would refuse ends as it would there, with the message found there.
#[test]
fn a_refused_task_ends_with_its_reason() {
    let server = Server::start(&[]);
    each_case(
        [
            (
                "check",
                r#""portDefinitions": [{"port": 0}], "healthChecks": [{"protocol": "MESOS_HTTP", "path": "up", "portIndex": 0}]"#,
                "TASK_ERROR",
                "Task uses invalid health check: The path 'up' of HTTP health check must start with '/'",
            ),
            (
                "file",
                r#""fetch": [{"uri": "file://etc/docker.tar.gz"}]"#,
                "TASK_FAILED",
                "Failed to launch container: Failed to fetch all URIs for container: exited with status 1",
            ),
            (
                "user",
                r#""user": "1000""#,
                "TASK_DROPPED",
                "Failed to create executor directory: Failed to chown directory to '1000': No such user '1000'",
            ),
            (
                "docker",
                r#""container": {"type": "DOCKER", "docker": {"image": "a/b:1", "parameters": [{"key": "e", "value": "A=b"}]}}"#,
                "TASK_FAILED",
                "Container exited with status 125",
            ),
            (
                "blank",
                r#""portDefinitions": [{"port": 0}], "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/a b", "portIndex": 0,
                "gracePeriodSeconds": 0, "intervalSeconds": 1, "maxConsecutiveFailures": 1}]"#,
                "TASK_KILLED",
                "Task was killed since health check failed. Reason: 500 Internal Server Error",
            ),
        ],
        |(id, more, state, message)| {
            let app = format!(r#"{{"id": "/{id}", "cmd": "sleep 600", {more}}}"#);
            assert_eq!(server.post("/v2/apps", &app).status, 201);
            let path = format!("/v2/apps/{id}");
            let failed = server.until(&path, |app| app["app"].get("lastTaskFailure").is_some());
            let failure = &failed["app"]["lastTaskFailure"];
            assert_eq!((&failure["state"], &failure["message"]), (&json!(state), &json!(message)));
        },
    );
}
