//! `milepost diff`

mod recorded;
#[cfg(feature = "net")]
mod running;

use serde_json::Value as Json;

use super::common::{TestDir, each_case};

const OLD: &str = r#"{
  "id": "/shop/web", "cmd": "serve", "instances": 2, "cpus": 0.5,
  "container": {"type": "DOCKER", "docker": {"image": "nginx:1.24", "network": "BRIDGE",
    "portMappings": [{"containerPort": 80, "hostPort": 0}]}},
  "env": {"DB_PASSWORD": "letmein2", "DB": "postgres://web:hunter2@db.example/web", "LEVEL": "info"},
  "uris": ["https://files.example/x.tgz", "https://files.example/docker.tar.gz"],
  "constraints": [["hostname", "UNIQUE"], ["rack", "GROUP_BY"]],
  "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/health"}]
}"#;

/// The same in today's spelling, with everything that could be noise.
const SAME: &str = r#"{
  "id": "shop/web", "cmd": "serve", "instances": 2, "cpus": 0.50, "mem": 128.0, "disk": 0,
  "networks": [{"mode": "container/bridge"}],
  "container": {"type": "DOCKER", "docker": {"image": "nginx:1.24"},
    "portMappings": [{"containerPort": 80, "hostPort": 0, "servicePort": 10007, "protocol": "tcp"}]},
  "env": {"LEVEL": "info", "DB": "postgres://web:hunter2@db.example/web", "DB_PASSWORD": "letmein2"},
  "fetch": [{"uri": "https://files.example/x.tgz", "extract": true}, {"uri": "https://files.example/docker.tar.gz"}],
  "constraints": [["rack", "GROUP_BY"], ["hostname", "UNIQUE"]],
  "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/health", "portIndex": 0}],
  "versionInfo": {"lastScalingAt": "2026-01-01T00:00:00.000Z", "lastConfigChangeAt": "2026-01-01T00:00:00.000Z"},
  "tasksRunning": 2, "role": "shop"
}"#;

const NEW: &str = r#"{
  "id": "/shop/web", "cmd": "serve --port 8080 --log-level debug --with-a-long-list-of-options", "instances": 3, "cpus": 0.5,
  "networks": [{"mode": "container/bridge"}],
  "container": {"type": "DOCKER", "docker": {"image": "nginx:1.25"},
    "portMappings": [{"containerPort": 9000, "hostPort": 0}, {"containerPort": 80, "hostPort": 0}]},
  "env": {"DB_PASSWORD": "letmein3", "DB": "postgres://web:hunter3@db.example/web", "KEY": {"secret": "key"}},
  "secrets": {"key": {"source": "shop/key"}},
  "executorResources": {"cpus": 0.2},
  "fetch": [{"uri": "https://files.example/docker.tar.gz"}],
  "constraints": [["rack", "GROUP_BY"], ["zone", "GROUP_BY"]],
  "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/health2", "portIndex": 1}]
}"#;

fn test_dir() -> TestDir {
    TestDir::new().file("old.json", OLD).file("same.json", SAME).file("new.json", NEW)
}

#[test]
fn old_and_new_spelling_and_what_a_server_fills_in_are_no_difference() {
    insta::assert_snapshot!(test_dir().run(&["diff", "old.json", "same.json"]), @r#"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    note: service ports picked by the server are not differences: /shop/web /container/portMappings/0/servicePort (10007)
    no difference in 1 service
    "#);
}

#[test]
fn changes_are_grouped_by_what_they_cause() {
    insta::assert_snapshot!(test_dir().run(&["diff", "old.json", "new.json"]), @r#"
    exit: 1
    ----- stdout -----
    ~ /shop/web (app)
      replaces all instances:
        ~ /cmd
            "serve"
          → "serve --port 8080 --log-level debug --with-a-long-list-of-options"
        ~ /container/docker/image  "nginx:1.24" → "nginx:1.25"
        + /container/portMappings/0
            { "containerPort": 9000, "hostPort": 0, "labels": {}, "servicePort": 0, "protocol": "tcp" }
        ~ /env/DB_PASSWORD  "*** (before)" → "*** (after)"
        ~ /env/DB  "*** (before)" → "*** (after)"
        - /env/LEVEL  "info"
        + /env/KEY  { "secret": "key" }
        - /constraints/0  ["hostname", "UNIQUE"]
        + /constraints/1  ["zone", "GROUP_BY"]
        ~ /healthChecks/0/path  "/health" → "/health2"
        ~ /healthChecks/0/portIndex  0 → 1
        - /fetch/0
            { "uri": "https://files.example/x.tgz", "extract": true, "executable": false, "cache": false }
        + /secrets  { "key": { "source": "shop/key" } }
      starts or stops instances:
        ~ /instances  2 → 3
      touches nothing that runs:
        + /executorResources  { "cpus": 0.2, "disk": 10, "mem": 32 }
    ----- stderr -----
    1 of 1 service differs: 1 replaced
    "#);
}

#[test]
fn secrets_are_shown_to_who_asks() {
    let test = test_dir();
    each_case(["text", "unified", "json"], |format| {
        let hidden = test.run(&["diff", "old.json", "new.json", "--format", format]);
        for secret in ["letmein", "hunter"] {
            assert!(!hidden.contains(secret), "{hidden}");
        }
        let shown = test.run(&["diff", "old.json", "new.json", "--format", format, "--show-secrets"]);
        for secret in ["letmein2", "letmein3", "hunter2", "hunter3"] {
            assert!(shown.contains(secret), "{shown}");
        }
    });
}

#[test]
fn the_unified_form_has_only_what_differs() {
    insta::assert_snapshot!(test_dir().run(&["diff", "old.json", "new.json", "--format", "unified"]), @r#"
    exit: 1
    ----- stdout -----
    --- old.json /shop/web
    +++ new.json /shop/web
    @@ -1,10 +1,10 @@
     {
       "id": "/shop/web",
    -  "cmd": "serve",
    +  "cmd": "serve --port 8080 --log-level debug --with-a-long-list-of-options",
       "container": {
         "type": "DOCKER",
         "docker": {
    -      "image": "nginx:1.24",
    +      "image": "nginx:1.25",
           "forcePullImage": false,
           "privileged": false,
           "parameters": []
    @@ -12,6 +12,13 @@
         "volumes": [],
         "portMappings": [
           {
    +        "containerPort": 9000,
    +        "hostPort": 0,
    +        "servicePort": 0,
    +        "protocol": "tcp",
    +        "labels": {}
    +      },
    +      {
             "containerPort": 80,
             "hostPort": 0,
             "servicePort": 0,
    @@ -25,14 +32,19 @@
       "mem": 128,
       "disk": 0,
       "gpus": 0,
    -  "instances": 2,
    +  "executorResources": {
    +    "cpus": 0.2,
    +    "mem": 32,
    +    "disk": 10
    +  },
    +  "instances": 3,
       "constraints": [
         [
    -      "hostname",
    -      "UNIQUE"
    +      "rack",
    +      "GROUP_BY"
         ],
         [
    -      "rack",
    +      "zone",
           "GROUP_BY"
         ]
       ],
    @@ -44,19 +56,20 @@
       ],
       "requirePorts": false,
       "env": {
    -    "DB_PASSWORD": "*** (before)",
    -    "DB": "*** (before)",
    -    "LEVEL": "info"
    +    "DB_PASSWORD": "*** (after)",
    +    "DB": "*** (after)",
    +    "KEY": {
    +      "secret": "key"
    +    }
       },
       "labels": {},
    +  "secrets": {
    +    "key": {
    +      "source": "shop/key"
    +    }
    +  },
       "fetch": [
         {
    -      "uri": "https://files.example/x.tgz",
    -      "extract": true,
    -      "executable": false,
    -      "cache": false
    -    },
    -    {
           "uri": "https://files.example/docker.tar.gz",
           "extract": true,
           "executable": false,
    @@ -66,8 +79,8 @@
       "healthChecks": [
         {
           "protocol": "MESOS_HTTP",
    -      "path": "/health",
    -      "portIndex": 0,
    +      "path": "/health2",
    +      "portIndex": 1,
           "ipProtocol": "IPv4",
           "gracePeriodSeconds": 300,
           "intervalSeconds": 60,
    ----- stderr -----
    1 of 1 service differs: 1 replaced
    "#);
}

#[test]
fn json_is_for_programs() {
    let output =
        test_dir().command(&["diff", "old.json", "new.json", "--format", "json"]).output().expect("it runs");
    let document: Json = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(document["version"], 1);
    assert_eq!(document["differences"][0]["id"], "/shop/web");
    let changes = document["differences"][0]["changes"].as_array().expect("a list");
    let of = |path: &str| changes.iter().find(|change| change["path"] == path).expect("it changes");
    assert_eq!(of("/instances")["causes"], "scale");
    assert_eq!((&of("/instances")["old"], &of("/instances")["new"]), (&Json::from(2), &Json::from(3)));
    assert_eq!(of("/container/docker/image")["causes"], "restart");
    assert_eq!(of("/executorResources")["causes"], "nothing");
    assert!(of("/executorResources").get("old").is_none());
}

const GROUP: &str = r#"{"id": "/shop", "apps": [{"id": "web", "cmd": "serve"}, {"id": "db", "cmd": "store", "instances": 2}],
  "groups": [{"id": "batch", "apps": [{"id": "report", "cmd": "report"}]}]}"#;

/// As `GET /v2/groups` answers, with other things that run, and a pod, which a group that is sent does not touch.
const ROOT: &str = r#"{"id": "/", "apps": [], "pods": [], "dependencies": [], "version": "2026-01-01T00:00:00.000Z", "groups": [
  {"id": "/other", "apps": [{"id": "/other/x", "cmd": "run", "instances": 1}], "pods": [], "groups": [], "dependencies": []},
  {"id": "/shop", "apps": [{"id": "/shop/web", "cmd": "serve", "instances": 4}, {"id": "/shop/gone", "cmd": "gone", "instances": 1}],
   "pods": [{"id": "/shop/pod", "containers": [{"name": "c", "resources": {"cpus": 0.1, "mem": 32}}]}],
   "groups": [], "dependencies": ["/other"], "enforceRole": true}]}"#;

#[test]
fn a_group_is_compared_with_what_a_larger_one_has_of_it() {
    let test = TestDir::new().file("group.json", GROUP).file("root.json", ROOT);
    insta::assert_snapshot!(test.run(&["diff", "root.json", "group.json"]), @r#"
    exit: 1
    ----- stdout -----
    ~ /shop (group)
      touches nothing that runs:
        - /dependencies/0  "/other"

    + /shop/batch/report (app)
      starts 1 instance

    + /shop/db (app)
      starts 2 instances

    - /shop/gone (app)
      stops 1 instance

    ~ /shop/web (app)
      starts or stops instances:
        ~ /instances  4 → 1
    ----- stderr -----
    note: not compared, because it is not in group.json: 2 services of root.json, such as /other/x
    4 of 4 services differ: 2 new, 1 gone, 1 scaled, 1 group changed
    "#);
}

#[test]
fn directories_are_compared_service_by_service() {
    let web = |image: &str| {
        format!(
            r#"{{"id": "/web", "cmd": "run", "container": {{"type": "MESOS", "docker": {{"image": "{image}"}}}}}}"#
        )
    };
    let pod = r#"{"id": "/pod", "scaling": {"kind": "fixed", "instances": 2},
        "containers": [{"name": "c", "exec": {"command": {"shell": "run"}}, "resources": {"cpus": 0.1, "mem": 32}}]}"#;
    let test = TestDir::new()
        .file("before/web.json", web("nginx:1"))
        .file("before/old.yaml", "id: /old\ncmd: sleep 1\n")
        .file("before/same.json", r#"{"id": "/same", "cmd": "run"}"#)
        .file("after/deeper/web.json", web("nginx:2"))
        .file("after/package.json", r#"{"name": "no-definition"}"#)
        .file("after/pod.json", pod)
        .file("after/same.json", r#"{"id": "/same", "cmd": "run", "cpus": 1}"#);
    insta::assert_snapshot!(test.run(&["diff", "before", "after"]), @r#"
    exit: 1
    ----- stdout -----
    - /old (app)
      stops 1 instance

    + /pod (pod)
      starts 2 instances

    ~ /web (app)
      replaces all instances:
        ~ /container/docker/image  "nginx:1" → "nginx:2"
    ----- stderr -----
    3 of 4 services differ: 1 new, 1 gone, 1 replaced
    "#);
}

#[test]
fn two_services_are_compared_whatever_their_ids_are() {
    let test = TestDir::new()
        .file("dev.json", r#"{"id": "/dev/web", "cmd": "serve", "instances": 1}"#)
        .file("prod.json", r#"{"id": "/prod/web", "cmd": "serve", "instances": 9}"#);
    insta::assert_snapshot!(test.run(&["diff", "dev.json", "prod.json", "--target", "marathon-1.8"]), @r#"
    exit: 1
    ----- stdout -----
    ~ /prod/web (app)
      another service to Marathon, as the id differs:
        ~ /id  "/dev/web" → "/prod/web"
      starts or stops instances:
        ~ /instances  1 → 9
    ----- stderr -----
    1 of 1 service differs: 1 under another id
    "#);
}

#[test]
fn what_cannot_be_compared_is_reported() {
    let test = test_dir()
        .file("refused.json", r#"{"id": "/shop/Web", "cmd": "serve"}"#)
        .file("group.json", GROUP)
        .file("twice/a.json", r#"{"id": "/a", "cmd": "run"}"#)
        .file("twice/b.json", r#"{"id": "a", "cmd": "run 2"}"#)
        .file("empty/x.txt", "");
    let all: Vec<String> = [
        &["diff", "old.json", "refused.json"][..],
        &["diff", "old.json"],
        &["diff", "-", "-"],
        &["diff", "old.json", "none.json"],
        &["diff", "old.json", "twice"],
        &["diff", "old.json", "empty"],
        &["diff", "old.json", "group.json"],
    ]
    .into_iter()
    .map(|args| format!("$ {}\n{}", args.join(" "), test.run(args)))
    .collect();
    insta::assert_snapshot!(all.join("\n"), @r#"
    $ diff old.json refused.json
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error[malformed-value]: `id` must be a path of lower-case letters, digits, dashes and dots, each part beginning and ending with a letter or digit: `/team/my-app`
     --> refused.json:1:8
      |
    1 | {"id": "/shop/Web", "cmd": "serve"}
      |        ^^^^^^^^^^^ /id
      |
      = help: write "/shop/web"

    refused.json: Marathon would reject this, so it cannot be compared

    $ diff old.json
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: 1 input to compare: name two, the old and the new one, or give --url to compare with what runs

    $ diff - -
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: standard input cannot be both sides

    $ diff old.json none.json
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot read none.json: No such file or directory (os error 2)

    $ diff old.json twice
    exit: 2
    ----- stdout -----
    - /shop/web (app)
      stops 2 instances
    ----- stderr -----
    1 of 1 service differs: 1 gone
    error: not compared: /a, which has several definitions: a.json, b.json of twice; leave one

    $ diff old.json empty
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: empty: found no definitions: there is no .json, .jsonc, .yaml or .yml file

    $ diff old.json group.json
    exit: 1
    ----- stdout -----
    ~ /shop/web (app)
      replaces all instances:
        ~ /cpus  0.5 → 1
        - /container
            { "type": "DOCKER", "docker": { "image": "nginx:1.24", "privileged": false, "parameters": [], "forcePullImage": false }, "volumes": [], "portMappings": [{ "containerPort": 80, "hostPort": 0, "labels": {}, "servicePort": 0, "protocol": "tcp" }] }
        - /env  { "DB_PASSWORD": "***", "DB": "***", "LEVEL": "info" }
        - /constraints  [["hostname", "UNIQUE"], ["rack", "GROUP_BY"]]
        - /healthChecks
            [{ "protocol": "MESOS_HTTP", "path": "/health", "delaySeconds": 15, "gracePeriodSeconds": 300, "intervalSeconds": 60, "ipProtocol": "IPv4", "maxConsecutiveFailures": 3, "timeoutSeconds": 20, "portIndex": 0 }]
        - /fetch
            [{ "uri": "https://files.example/x.tgz", "extract": true, "executable": false, "cache": false }, { "uri": "https://files.example/docker.tar.gz", "extract": true, "executable": false, "cache": false }]
        ~ /networks/0/mode  "container/bridge" → "host"
        + /portDefinitions  [{ "port": 0, "protocol": "tcp", "name": "default" }]
      starts or stops instances:
        ~ /instances  2 → 1
    ----- stderr -----
    note: not compared, because it is not in old.json: 2 services of group.json, such as /shop/batch/report
    1 of 1 service differs: 1 replaced
    "#);
}

#[cfg(unix)]
#[test]
fn another_program_can_show_it() {
    let test = test_dir();
    let run = |program: &str, new: &str| {
        test.command(&["diff", "old.json", new])
            .env("MILEPOST_EXTERNAL_DIFF", program)
            .env("PATH", "/usr/bin:/bin")
            .output()
            .expect("it runs")
    };
    let shown = run("diff -r -U0", "new.json");
    assert_eq!(shown.status.code(), Some(1));
    let text = String::from_utf8(shown.stdout).expect("UTF-8");
    assert!(
        text.contains(
            "
-  \"instances\": 2,
"
        ) && text.contains(
            "
+  \"instances\": 3,
"
        ),
        "{text}"
    );
    assert!(!text.contains("letmein"), "{text}");
    assert_eq!(run("false", "new.json").status.code(), Some(1));
    assert_eq!(run("true", "new.json").status.code(), Some(0));
    assert_eq!(run("false", "same.json").status.code(), Some(0), "there is nothing to show");
    let failed = run("ls --no-such-option", "new.json");
    assert_eq!(failed.status.code(), Some(2));
    let missing = run("no-such-program", "new.json");
    assert_eq!(missing.status.code(), Some(2));
    let words = String::from_utf8(missing.stderr).expect("UTF-8");
    assert!(words.starts_with("error: MILEPOST_EXTERNAL_DIFF: cannot run `no-such-program`"), "{words}");
}

#[test]
fn json_names_the_files_that_were_not_compared() {
    let app = r#"{"id": "/a", "cmd": "sleep 1"}"#;
    let test = TestDir::new().file("old/a.json", app).file("new/a.json", app);
    let test =
        test.file("old/b.json", r#"{"id": "/b","#).file("new/b.json", r#"{"id": "/b", "cmd": "sleep 2"}"#);
    let output = test.command(&["diff", "old", "new", "--format", "json"]).output().expect("it runs");
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(output.status.code(), Some(2));
    let files = &document["notCompared"]["files"];
    assert_eq!(files, &serde_json::json!({"old": ["b.json"], "new": []}), "{document}");
}
