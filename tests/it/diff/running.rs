//! Comparing with what runs.

use super::{GROUP, OLD, ROOT};
use crate::common::{TestDir, each_case};
use crate::send::{Behaviour, Server};

const INFO: &str = r#"{"version": "1.11.24", "marathon_config": {"default_network_name": "dcos",
    "features": ["secrets"], "mesos_role": "slave_public", "new_group_enforce_role": "Off"}}"#;

const WEB: &str = r#"{"app": {"id": "/shop/web", "cmd": "serve", "instances": 5, "role": "shop",
    "versionInfo": {"lastScalingAt": "2026-01-01T00:00:00.000Z", "lastConfigChangeAt": "2026-01-01T00:00:00.000Z"}}}"#;

fn server() -> Server {
    Server::start(Behaviour::Holds(vec![
        ("/v2/info", INFO.to_owned()),
        ("/v2/apps/shop/web", WEB.to_owned()),
        ("/v2/groups/shop", group_of(ROOT)),
    ]))
}

/// The group /shop out of the root group.
fn group_of(root: &str) -> String {
    let root: serde_json::Value = serde_json::from_str(root).expect("JSON");
    root["groups"][1].to_string()
}

#[test]
fn files_are_compared_with_what_the_server_has_of_them() {
    let server = server();
    let test = TestDir::new()
        .file("web.json", r#"{"id": "/shop/web", "cmd": "serve", "instances": 2}"#)
        .file("new.json", r#"{"id": "/shop/new", "cmd": "serve"}"#);
    let url = server.url();
    insta::assert_snapshot!(server.scrub(&test.run(&["diff", "web.json", "new.json", "--url", &url])), @r#"
    exit: 1
    ----- stdout -----
    + /shop/new (app)
      starts 1 instance

    ~ /shop/web (app)
      starts or stops instances:
        ~ /instances  5 → 2
    ----- stderr -----
    http://[SERVER] is Marathon 1.11.24: target dcos-2.2
    2 of 2 services differ: 1 new, 1 scaled
    "#);
    let asked: Vec<String> = (0..3).map(|_| server.request().line).collect();
    assert_eq!(
        asked,
        ["GET /v2/info HTTP/1.1", "GET /v2/apps/shop/new HTTP/1.1", "GET /v2/apps/shop/web HTTP/1.1"]
    );
    assert!(server.is_untouched());
}

/// `PUT /v2/apps` takes the apps of an array as updates: what they leave out stays.
#[test]
fn an_array_is_compared_as_updates() {
    let server = server();
    let test = TestDir::new().file("same.json", r#"[{"id": "/shop/web", "cmd": "serve"}]"#).file(
        "apps.json",
        r#"[{"id": "/shop/web", "cmd": "serve", "labels": {"a": "b"}}, {"id": "/shop/new", "cmd": "serve"}]"#,
    );
    let diff = |file| server.scrub(&test.run(&["diff", file, "--url", &server.url()]));
    assert!(diff("same.json").starts_with("exit: 0\n"));
    insta::assert_snapshot!(diff("apps.json"), @r#"
    exit: 1
    ----- stdout -----
    + /shop/new (app)
      starts 1 instance

    ~ /shop/web (app)
      replaces all instances:
        + /labels/a  "b"
    ----- stderr -----
    http://[SERVER] is Marathon 1.11.24: target dcos-2.2
    2 of 2 services differ: 1 new, 1 replaced
    "#);
}

#[test]
fn a_group_that_is_sent_stops_what_it_does_not_have() {
    let server = server();
    let test = TestDir::new().file("group.json", GROUP);
    insta::assert_snapshot!(server.scrub(&test.run(&["diff", "group.json", "--url", &server.url()])), @r#"
    exit: 1
    ----- stdout -----
    ~ /shop (group)
      touches nothing that runs:
        - /dependencies/0  "/other"
        ~ /enforceRole  true → false

    + /shop/batch/report (app)
      starts 1 instance

    + /shop/db (app)
      starts 2 instances

    - /shop/gone (app)
      stops 1 instance

    ~ /shop/web (app)
      replaces all instances:
        ~ /role  "shop" → "slave_public"
      starts or stops instances:
        ~ /instances  4 → 1
    ----- stderr -----
    http://[SERVER] is Marathon 1.11.24: target dcos-2.2
    4 of 4 services differ: 2 new, 1 gone, 1 replaced, 1 group changed
    "#);
}

#[test]
fn many_files_are_asked_for_at_once() {
    let server = server();
    let test = (0..20).fold(TestDir::new(), |test, number| {
        test.file(&format!("apps/{number}.json"), format!(r#"{{"id": "/shop/a{number}", "cmd": "run"}}"#))
    });
    let test = test.file("apps/web.json", r#"{"id": "/shop/web", "cmd": "serve", "instances": 4}"#);
    let output = server.scrub(&test.run(&["diff", "apps", "--url", &server.url()]));
    assert!(output.ends_with("20 of 21 services differ: 20 new\n"), "{output}");
    let asked: Vec<String> = (0..2).map(|_| server.request().line).collect();
    assert_eq!(asked, ["GET /v2/info HTTP/1.1", "GET /v2/groups/shop HTTP/1.1"]);
    assert!(server.is_untouched());
}

#[test]
fn a_server_that_is_silent_is_not_waited_for() {
    let server = Server::start(Behaviour::Silence);
    let (test, url) = (TestDir::new().file("old.json", OLD), server.url());
    let wait = ["--url", &url, "--target", "dcos-2.1", "--timeout", "1"];
    each_case([&["diff", "old.json"][..], &["export", "/shop/web"]], |args| {
        let output = test.command(&[args, &wait].concat()).output().expect("it runs");
        assert_eq!(output.status.code(), Some(5), "{}", String::from_utf8_lossy(&output.stderr));
    });
}

#[test]
fn what_is_not_a_marathon_is_reported() {
    let server = Server::start(crate::send::answer("404 Not Found", "", "<html>"));
    let test = TestDir::new().file("old.json", OLD);
    let url = server.url();
    insta::assert_snapshot!(server.scrub(&test.run(&["diff", "old.json", "--url", &url, "--target", "dcos-2.1"])), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: http://[SERVER]/v2/apps/shop/web answers 404: is this Marathon's address? DC/OS has it at /service/marathon
    "#);
}

/// Elements that only say what changes are no whole apps.
#[test]
fn an_array_of_partial_updates_is_compared_with_what_runs() {
    let server = server();
    let test = TestDir::new()
        .file("scale.json", r#"[{"id": "/shop/web", "instances": 2}, {"id": "/shop/web", "cpus": 0.5}]"#)
        .file("bad.json", r#"[{"id": "/shop/web", "cpus": "much"}]"#)
        .file("worse.json", r#"[{"id": "/shop/web", "args": ["x"]}, {"id": "/shop/new", "instances": 2}]"#);
    let diff = |file| server.scrub(&test.run(&["diff", file, "--url", &server.url()]));
    insta::assert_snapshot!(diff("scale.json"), @r#"
    exit: 1
    ----- stdout -----
    ~ /shop/web (app)
      replaces all instances:
        ~ /cpus  1 → 0.5
      starts or stops instances:
        ~ /instances  5 → 2
    ----- stderr -----
    http://[SERVER] is Marathon 1.11.24: target dcos-2.2
    1 of 1 service differs: 1 replaced
    "#);
    insta::assert_snapshot!(diff("bad.json"), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    http://[SERVER] is Marathon 1.11.24: target dcos-2.2
    error[wrong-type]: `cpus` must be a number, not a string
     --> bad.json:1:30
      |
    1 | [{"id": "/shop/web", "cpus": "much"}]
      |                              ^^^^^^ /0/cpus

    bad.json: Marathon would reject this, so it cannot be compared
    "#);
    insta::assert_snapshot!(diff("worse.json"), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    http://[SERVER] is Marathon 1.11.24: target dcos-2.2
    error[nothing-to-run]: /shop/web, changed like this: an app has `cmd` or `args`, not both
     --> worse.json:1:9
      |
    1 | [{"id": "/shop/web", "args": ["x"]}, {"id": "/shop/new", "instances": 2}]
      |         ^^^^^^^^^^^ /0
      |
      = help: remove one of the two

    error[nothing-to-run]: there is nothing to run: no `cmd`, no `args`, and no container with an image
     --> worse.json:1:38
      |
    1 | [{"id": "/shop/web", "args": ["x"]}, {"id": "/shop/new", "instances": 2}]
      |                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ /1
      |
      = help: add a `cmd`, or a container with an image

    worse.json: Marathon would reject this, so it cannot be compared
    "#);
}

#[test]
fn nothing_is_replaced_where_nothing_runs() {
    let web = |instances: u8| {
        format!(r#"{{"id": "/shop/web", "cmd": "serve", "instances": {instances}, "role": "shop"}}"#)
    };
    let test = TestDir::new()
        .file("none.json", web(0))
        .file("changed.json", web(0).replace("serve", "serve --fast"))
        .file("started.json", web(3).replace("serve", "serve --fast"))
        .file("two.json", web(2));
    insta::assert_snapshot!(test.run(&["diff", "none.json", "changed.json"]), @r#"
    exit: 1
    ----- stdout -----
    ~ /shop/web (app)
      touches nothing that runs:
        ~ /cmd  "serve" → "serve --fast"
    ----- stderr -----
    1 of 1 service differs: 1 changed without effect
    "#);
    insta::assert_snapshot!(test.run(&["diff", "none.json", "started.json"]), @r#"
    exit: 1
    ----- stdout -----
    ~ /shop/web (app)
      starts or stops instances:
        ~ /instances  0 → 3
      touches nothing that runs:
        ~ /cmd  "serve" → "serve --fast"
    ----- stderr -----
    1 of 1 service differs: 1 scaled
    "#);
    insta::assert_snapshot!(test.run(&["diff", "two.json", "changed.json"]), @r#"
    exit: 1
    ----- stdout -----
    ~ /shop/web (app)
      starts or stops instances:
        ~ /instances  2 → 0
      touches nothing that runs:
        ~ /cmd  "serve" → "serve --fast"
    ----- stderr -----
    1 of 1 service differs: 1 scaled
    "#);
    let pod = |instances: u8, command: &str| {
        format!(
            r#"{{"id": "/pod", "scaling": {{"kind": "fixed", "instances": {instances}}}, "containers": [{{"name": "c",
            "exec": {{"command": {{"shell": "{command}"}}}}, "resources": {{"cpus": 0.1, "mem": 32}}}}]}}"#
        )
    };
    let test = TestDir::new().file("old.json", pod(0, "a")).file("new.json", pod(0, "b"));
    let output = test.run(&["diff", "old.json", "new.json"]);
    assert!(!output.contains("replaces"), "{output}");
}

/// The group decides where the settings would say otherwise, as on a cluster that was upgraded from 1.x.
#[test]
fn the_group_decides_about_a_role() {
    let info = INFO.replace("Off", "Top");
    let group =
        r#"{"id": "/shop", "apps": [], "pods": [], "groups": [], "dependencies": [], "enforceRole": false}"#;
    let server =
        Server::start(Behaviour::Holds(vec![("/v2/info", info), ("/v2/groups/shop", group.to_owned())]));
    let test = TestDir::new()
        .file("new.json", r#"{"id": "/shop/new", "cmd": "serve", "role": "slave_public"}"#)
        .file("other.json", r#"{"id": "/other/new", "cmd": "serve", "role": "slave_public"}"#);
    let diff = |file| server.scrub(&test.run(&["diff", file, "--url", &server.url()]));
    assert!(diff("new.json").starts_with("exit: 1\n"), "{}", diff("new.json"));
    assert!(diff("other.json").contains("an app here cannot have the role `slave_public`"));
    let add = server.scrub(&test.run(&["app", "add", "other.json", "--url", &server.url()]));
    assert!(add.contains("nothing was sent"), "{add}");
    let add = server.scrub(&test.run(&["app", "add", "new.json", "--url", &server.url()]));
    assert!(!add.contains("cannot have the role"), "{add}");
}

/// `PUT /v2/apps` leaves what is not in the array as it is, pods of the same group among it.
#[test]
fn an_array_removes_nothing_that_runs() {
    let server = crate::serve::Server::start(&[]);
    let pod = r#"{"id": "/shop/pod", "containers": [{"name": "a", "exec": {"command": {"shell": "x"}}, "resources": {"cpus": 0.1, "mem": 32}}]}"#;
    assert_eq!(server.post("/v2/pods", pod).status, 201);
    each_case(["/shop/web", "/shop/apps/z", "/shop/other"], |id| {
        let app = format!(r#"{{"id": "{id}", "cmd": "sleep 1", "cpus": 0.1, "mem": 32}}"#);
        assert_eq!(server.post("/v2/apps?force=true", &app).status, 201);
    });
    let array = r#"[{"id": "/shop/web", "instances": 3}, {"id": "/shop/apps/z", "mem": 64}]"#;
    let test = TestDir::new().file("array.json", array);
    let url = format!("http://{}", server.address);
    let output = test.run(&["diff", "array.json", "--url", &url]);
    assert!(output.contains("~ /shop/web (app)") && output.contains("~ /shop/apps/z (app)"), "{output}");
    assert!(
        !output.contains("pod") && !output.contains("other") && output.contains("2 of 2 services"),
        "{output}"
    );
}
