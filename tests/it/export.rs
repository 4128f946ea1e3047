//! `milepost export`

use serde_json::Value as Json;

use super::common::{TestDir, each_case};

/// As Marathon 1.11 answers `GET /v2/apps/shop/web`, shortened.
const WEB: &str = r#"{"app": {"id": "/shop/web", "acceptedResourceRoles": ["*"], "backoffFactor": 1.15, "backoffSeconds": 1,
  "cmd": "serve", "container": {"type": "DOCKER", "docker": {"forcePullImage": false, "image": "nginx:1.25", "parameters": [],
  "privileged": false}, "volumes": [], "portMappings": [{"containerPort": 80, "hostPort": 0, "labels": {}, "protocol": "tcp",
  "servicePort": 10004}]}, "cpus": 0.5, "disk": 0, "env": {"LEVEL": "info"}, "executor": "", "instances": 3, "labels": {},
  "maxLaunchDelaySeconds": 300, "mem": 128, "gpus": 0, "networks": [{"mode": "container/bridge"}], "requirePorts": false,
  "upgradeStrategy": {"maximumOverCapacity": 1, "minimumHealthCapacity": 1}, "version": "2026-01-01T00:00:00.000Z",
  "versionInfo": {"lastScalingAt": "2026-01-01T00:00:00.000Z", "lastConfigChangeAt": "2026-01-01T00:00:00.000Z"},
  "killSelection": "YOUNGEST_FIRST", "unreachableStrategy": {"inactiveAfterSeconds": 0, "expungeAfterSeconds": 0}, "role": "shop",
  "tasksStaged": 0, "tasksRunning": 3, "tasksHealthy": 0, "tasksUnhealthy": 0, "deployments": [], "tasks": []}}"#;

/// As it answers `GET /v2/groups/shop`, shortened.
const GROUP: &str = r#"{"id": "/shop", "dependencies": [], "version": "2026-01-01T00:00:00.000Z", "enforceRole": true,
  "apps": [{"id": "/shop/db", "cmd": "store", "env": {"DB_PASSWORD": "letmein2"}, "instances": 1, "cpus": 1, "mem": 128,
    "networks": [{"mode": "host"}], "portDefinitions": [{"port": 10001, "name": "default", "protocol": "tcp"}], "role": "shop",
    "version": "2026-01-01T00:00:00.000Z", "versionInfo": {"lastScalingAt": "2026-01-01T00:00:00.000Z", "lastConfigChangeAt":
    "2026-01-01T00:00:00.000Z"}}],
  "pods": [{"id": "/shop/pod", "spec": {"id": "/shop/pod", "version": "2026-01-01T00:00:00.000Z", "containers": [{"name": "c",
    "exec": {"command": {"shell": "run"}}, "resources": {"cpus": 0.1, "mem": 32, "disk": 0, "gpus": 0},
    "volumeMounts": [{"name": "data", "mountPath": "data"}]}], "networks": [{"name": "dcos", "mode": "container"}],
    "volumes": [{"name": "data"}], "secrets": {"key": {"source": "shop/key"}}, "scaling": {"instances": 1, "kind": "fixed"},
    "scheduling": {"backoff": {"backoff": 1, "backoffFactor": 1.15, "maxLaunchDelay": 300}, "upgrade": {"minimumHealthCapacity": 1,
    "maximumOverCapacity": 1}, "placement": {}, "killSelection": "YOUNGEST_FIRST", "unreachableStrategy": {"inactiveAfterSeconds": 0,
    "expungeAfterSeconds": 0}}, "executorResources": {"cpus": 0.1, "mem": 32, "disk": 10}, "role": "shop"}, "status": "STABLE",
    "statusSince": "2026-01-01T00:00:00.000Z", "instances": [{"id": "shop_pod.instance-eeb8cf03-e571-11f1-9dc3-02fc00000001",
    "status": "STABLE", "conditions": [], "agentHostname": "127.0.1.2", "containers": [{"name": "c", "status": "TASK_RUNNING",
    "endpoints": []}], "specReference": "/v2/pods/shop/pod::versions/2026-01-01T00:00:00.000Z", "localVolumes": [], "role": "shop"}],
    "terminationHistory": [], "lastUpdated": "2026-01-01T00:00:00.000Z", "lastChanged": "2026-01-01T00:00:00.000Z"}],
  "groups": [{"id": "/shop/batch", "apps": [{"id": "/shop/batch/report", "cmd": "report", "instances": 2, "role": "shop",
    "versionInfo": {"lastScalingAt": "2026-01-01T00:00:00.000Z", "lastConfigChangeAt": "2026-01-01T00:00:00.000Z"}}],
    "pods": [], "groups": [], "dependencies": ["/shop/db"]}]}"#;

fn test_dir() -> TestDir {
    TestDir::new().file("web.json", WEB).file("group.json", GROUP)
}

#[test]
fn an_answer_becomes_a_definition() {
    insta::assert_snapshot!(test_dir().run(&["export", "--from", "web.json"]), @r#"
    exit: 0
    ----- stdout -----
    {
      "id": "/shop/web",
      "cmd": "serve",
      "container": {
        "type": "DOCKER",
        "docker": {
          "image": "nginx:1.25",
          "forcePullImage": false,
          "privileged": false,
          "parameters": []
        },
        "volumes": [],
        "portMappings": [
          { "containerPort": 80, "hostPort": 0, "servicePort": 10004, "protocol": "tcp", "labels": {} }
        ]
      },
      "executor": "",
      "cpus": 0.5,
      "mem": 128,
      "disk": 0,
      "gpus": 0,
      "instances": 3,
      "acceptedResourceRoles": ["*"],
      "role": "shop",
      "networks": [{ "mode": "container/bridge" }],
      "requirePorts": false,
      "env": {
        "LEVEL": "info"
      },
      "labels": {},
      "killSelection": "YOUNGEST_FIRST",
      "upgradeStrategy": { "minimumHealthCapacity": 1, "maximumOverCapacity": 1 },
      "unreachableStrategy": { "inactiveAfterSeconds": 0, "expungeAfterSeconds": 0 },
      "backoffSeconds": 1,
      "backoffFactor": 1.15,
      "maxLaunchDelaySeconds": 300
    }
    ----- stderr -----
    "#);
    insta::assert_snapshot!(test_dir().run(&["export", "--from", "web.json", "--minimal"]), @r#"
    exit: 0
    ----- stdout -----
    {
      "id": "/shop/web",
      "cmd": "serve",
      "container": {
        "type": "DOCKER",
        "docker": { "image": "nginx:1.25" },
        "portMappings": [{ "containerPort": 80, "servicePort": 10004 }]
      },
      "cpus": 0.5,
      "instances": 3,
      "acceptedResourceRoles": ["*"],
      "role": "shop",
      "networks": [{ "mode": "container/bridge" }],
      "env": {
        "LEVEL": "info"
      }
    }
    ----- stderr -----
    "#);
}

#[test]
fn a_group_becomes_a_file_for_each_service() {
    let test = test_dir();
    insta::assert_snapshot!(test.run(&["export", "--from", "group.json", "-o", "services/", "--minimal"]), @r#"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    wrote services/shop/batch/report.json
    wrote services/shop/db.json, readable only for you: it contains what looks like a password
    wrote services/shop/pod.json
    "#);
    insta::assert_snapshot!(test.read("services/shop/batch/report.json"), @r#"
    {
      "id": "/shop/batch/report",
      "cmd": "report",
      "instances": 2,
      "role": "shop"
    }
    "#);
    insta::assert_snapshot!(test.read("services/shop/pod.json"), @r#"
    {
      "id": "/shop/pod",
      "containers": [
        {
          "name": "c",
          "exec": {
            "command": { "shell": "run" }
          },
          "resources": { "cpus": 0.1, "mem": 32 },
          "volumeMounts": [{ "name": "data", "mountPath": "data" }]
        }
      ],
      "volumes": [{ "name": "data" }],
      "role": "shop",
      "networks": [{ "mode": "container" }],
      "secrets": {
        "key": { "source": "shop/key" }
      }
    }
    "#);
    // What was exported is what runs.
    insta::assert_snapshot!(test.run(&["diff", "group.json", "services"]), @r#"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    no difference in 3 services
    "#);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |name: &str| {
            std::fs::metadata(test.path().join(name)).expect("it is there").permissions().mode() & 0o777
        };
        assert_eq!(mode("services/shop/db.json"), 0o600, "it has a password in plain text");
        assert_ne!(mode("services/shop/pod.json"), 0o600);
    }
}

#[test]
fn a_group_becomes_one_definition() {
    let test = test_dir();
    insta::assert_snapshot!(test.run(&["export", "--from", "group.json", "--group", "--minimal"]), @r#"
    exit: 0
    ----- stdout -----
    {
      "id": "/shop",
      "apps": [
        {
          "id": "/shop/db",
          "cmd": "store",
          "role": "shop",
          "portDefinitions": [{ "port": 10001, "name": "default" }],
          "env": {
            "DB_PASSWORD": "letmein2"
          }
        }
      ],
      "groups": [
        {
          "id": "/shop/batch",
          "apps": [
            {
              "id": "/shop/batch/report",
              "cmd": "report",
              "instances": 2,
              "role": "shop"
            }
          ],
          "dependencies": ["/shop/db"]
        }
      ],
      "enforceRole": true
    }
    ----- stderr -----
    note: /shop: a group's file cannot contain pods, so 1 pod is left out: /shop/pod; without --group they get files of their own
    "#);
    test.command(&["export", "--from", "group.json", "--group", "-o", "all.json"]).assert().success();
    insta::assert_snapshot!(test.run(&["diff", "group.json", "all.json"]), @r#"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    note: not compared, because it is not in all.json: /shop/pod of group.json
    no difference in 2 services
    "#);
    test.command(&["export", "--from", "group.json", "/shop/batch", "--group"]).assert().success();
}

#[test]
fn what_cannot_be_exported_is_reported() {
    let test = test_dir()
        .file("odd.json", r#"{"app": {"id": "/odd", "cmd": "run", "cpus": -1, "versionInfo": {}}}"#)
        .file("package.json", r#"{"name": "left-pad"}"#);
    let all: Vec<String> = [
        &["export", "--from", "group.json"][..],
        &["export", "--from", "group.json", "-o", "one.json"],
        &["export", "--from", "group.json", "/shop/none"],
        &["export", "--from", "group.json", "/none", "--group"],
        &["export", "--from", "odd.json"],
        &["export", "--from", "package.json"],
        &["export"],
    ]
    .into_iter()
    .map(|args| format!("$ {}\n{}", args.join(" "), test.run(args)))
    .collect();
    insta::assert_snapshot!(all.join("\n"), @r#"
    $ export --from group.json
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: 3 definitions need a directory: name it with -o DIR/, or write the group as one definition with --group

    $ export --from group.json -o one.json
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: 3 definitions need a directory: write `one.json/`, or write the group as one definition with --group

    $ export --from group.json /shop/none
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: there is no app or pod with the id /shop/none, nor one below it

    $ export --from group.json /none --group
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: there is no group with the id /none

    $ export --from odd.json
    exit: 1
    ----- stdout -----
    {
      "id": "/odd",
      "cmd": "run",
      "executor": "",
      "cpus": -1,
      "mem": 128,
      "disk": 0,
      "gpus": 0,
      "instances": 1,
      "role": "slave_public",
      "networks": [{ "mode": "host" }],
      "portDefinitions": [{ "port": 0, "name": "default", "protocol": "tcp" }],
      "requirePorts": false,
      "labels": {},
      "killSelection": "YOUNGEST_FIRST",
      "upgradeStrategy": { "minimumHealthCapacity": 1, "maximumOverCapacity": 1 },
      "unreachableStrategy": { "inactiveAfterSeconds": 0, "expungeAfterSeconds": 0 },
      "backoffSeconds": 1,
      "backoffFactor": 1.15,
      "maxLaunchDelaySeconds": 300
    }
    ----- stderr -----
    warning: /odd: cannot be sent again as it is: Marathon would reject it: `cpus` must be 0 or more, not -1.0

    $ export --from package.json
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: package.json: this is not an app, pod or group (it has no string `id`)

    $ export
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: the following required arguments were not provided:
      <ID>...

    Usage: milepost export <ID>...

    For more information, try '--help'.
    "#);
}

#[test]
fn a_list_of_apps_or_pods_is_an_answer_too() {
    let group: Json = serde_json::from_str(GROUP).expect("JSON");
    let apps = serde_json::json!({"apps": [group["apps"][0], group["groups"][0]["apps"][0]]});
    let test =
        TestDir::new().file("apps.json", apps.to_string()).file("pods.json", group["pods"].to_string());
    let test = test
        .file("definitions.json", serde_json::json!([group["pods"][0]["spec"]]).to_string())
        .file("status.json", group["pods"][0].to_string());
    test.command(&["export", "--from", "apps.json", "-o", "out/"]).assert().success();
    test.command(&["export", "--from", "pods.json", "-o", "out/"]).assert().success();
    each_case(["out/shop/db.json", "out/shop/batch/report.json", "out/shop/pod.json"], |file| {
        test.command(&["lint", file, "--select", "malformed-*"]).assert().success();
    });
    // Of `GET /v2/pods/::status`, `/v2/pods` and `/v2/pods/shop/pod::status` the definitions are the same.
    each_case(["definitions.json", "status.json"], |other| {
        let output = test.run(&["diff", "pods.json", other]);
        assert!(output.ends_with("no difference in 1 service\n"), "{output}");
    });
}

#[cfg(feature = "net")]
mod of_what_runs {
    use super::{GROUP, WEB};
    use crate::common::TestDir;
    use crate::send::{Behaviour, Server};

    const INFO: &str = r#"{"version": "1.11.24", "marathon_config": {"default_network_name": "dcos",
        "features": ["secrets"], "mesos_role": "slave_public", "new_group_enforce_role": "Top"}}"#;

    fn server() -> Server {
        let group: serde_json::Value = serde_json::from_str(GROUP).expect("JSON");
        let app = |app: &serde_json::Value| serde_json::json!({"app": app}).to_string();
        let root =
            format!(r#"{{"id": "/", "apps": [], "pods": [], "groups": [{GROUP}], "dependencies": []}}"#);
        Server::start(Behaviour::Holds(vec![
            ("/v2/info", INFO.to_owned()),
            ("/v2/apps/shop/web", WEB.to_owned()),
            ("/v2/apps/shop/db", app(&group["apps"][0])),
            ("/v2/apps/shop/batch/report", app(&group["groups"][0]["apps"][0])),
            ("/v2/pods/shop/pod", group["pods"][0]["spec"].to_string()),
            ("/v2/groups/shop", GROUP.to_owned()),
            ("/v2/groups", root),
        ]))
    }

    #[test]
    fn apps_pods_and_groups_are_found_by_their_ids() {
        let server = server();
        let url = server.url();
        let test = TestDir::new();
        let run = |args: &[&str]| server.scrub(&test.run(&[&["export"], args, &["--url", &url]].concat()));
        assert!(run(&["/shop/web"]).contains(r#""image": "nginx:1.25""#));
        assert!(run(&["shop/pod"]).contains(r#""shell": "run""#));
        insta::assert_snapshot!(run(&["/shop", "/shop/web", "-o", "out/"]), @r#"
        exit: 0
        ----- stdout -----
        ----- stderr -----
        http://[SERVER] is Marathon 1.11.24: target dcos-2.2
        wrote out/shop/batch/report.json
        wrote out/shop/db.json, readable only for you: it contains what looks like a password
        wrote out/shop/pod.json
        wrote out/shop/web.json
        "#);
        insta::assert_snapshot!(run(&["--all", "--minimal", "-o", "all/"]), @r#"
        exit: 0
        ----- stdout -----
        ----- stderr -----
        http://[SERVER] is Marathon 1.11.24: target dcos-2.2
        wrote all/shop/batch/report.json
        wrote all/shop/db.json, readable only for you: it contains what looks like a password
        wrote all/shop/pod.json
        "#);
        insta::assert_snapshot!(run(&["/none"]), @r#"
        exit: 2
        ----- stdout -----
        ----- stderr -----
        http://[SERVER] is Marathon 1.11.24: target dcos-2.2
        error: http://[SERVER] has no app, pod or group /none
        "#);
        // What was exported changes nothing where it comes from.
        insta::assert_snapshot!(server.scrub(&test.run(&["diff", "all", "--url", &url])), @r#"
        exit: 0
        ----- stdout -----
        ----- stderr -----
        http://[SERVER] is Marathon 1.11.24: target dcos-2.2
        no difference in 3 services
        "#);
    }

    #[test]
    fn pods_that_a_groups_file_cannot_have_are_named() {
        let server = server();
        let test = TestDir::new();
        let output = server.scrub(&test.run(&[
            "export",
            "/shop",
            "--group",
            "-o",
            "shop.json",
            "--url",
            &server.url(),
        ]));
        insta::assert_snapshot!(output, @r#"
        exit: 0
        ----- stdout -----
        ----- stderr -----
        http://[SERVER] is Marathon 1.11.24: target dcos-2.2
        note: /shop: a group's file cannot contain pods, so 1 pod is left out: /shop/pod; without --group they get files of their own
        wrote shop.json, readable only for you: it contains what looks like a password
        "#);
    }

    /// Marathon answers `GET /v2/groups/shop/apps` with the apps of `/shop`, not with a group of that name.
    #[test]
    fn groups_named_like_addresses_are_found_in_the_group_above() {
        let app = r#"{"id": "/shop/apps/versions/web", "cmd": "run", "role": "shop", "version": "2026-01-01T00:00:00.000Z"}"#;
        let group = format!(
            r#"{{"id": "/shop", "dependencies": [], "enforceRole": true, "apps": [], "pods": [], "groups": [{{"id": "/shop/apps",
            "apps": [], "pods": [], "groups": [{{"id": "/shop/apps/versions", "apps": [{app}], "pods": [], "groups": []}}]}}]}}"#
        );
        let server = Server::start(Behaviour::Holds(vec![
            ("/v2/info", INFO.to_owned()),
            ("/v2/groups/shop", group),
            ("/v2/groups/shop/apps", "[]".to_owned()),
        ]));
        let test = TestDir::new();
        let run = |args: &[&str]| server.scrub(&test.run(&[args, &["--url", &server.url()]].concat()));
        insta::assert_snapshot!(run(&["export", "/shop/apps", "--minimal"]), @r#"
        exit: 0
        ----- stdout -----
        {
          "id": "/shop/apps/versions/web",
          "cmd": "run",
          "role": "shop"
        }
        ----- stderr -----
        http://[SERVER] is Marathon 1.11.24: target dcos-2.2
        "#);
        insta::assert_snapshot!(run(&["export", "/shop/apps/versions", "--group", "--minimal"]), @r#"
        exit: 0
        ----- stdout -----
        {
          "id": "/shop/apps/versions",
          "apps": [
            {
              "id": "/shop/apps/versions/web",
              "cmd": "run",
              "role": "shop"
            }
          ]
        }
        ----- stderr -----
        http://[SERVER] is Marathon 1.11.24: target dcos-2.2
        "#);
        test.run(&["export", "/shop/apps", "-o", "out/", "--url", &server.url()]);
        assert!(run(&["diff", "out"]).ends_with("no difference in 1 service\n"));
    }

    /// As on a cluster that was upgraded from 1.x: the group does not enforce its role, though new groups would.
    #[test]
    fn services_keep_the_roles_they_have() {
        let web = r#"{"id": "/shop/web", "cmd": "run", "role": "slave_public", "version": "2026-01-01T00:00:00.000Z"}"#;
        let old = r#"{"id": "/old/web", "cmd": "run", "role": "slave_public", "version": "2026-01-01T00:00:00.000Z"}"#;
        let root = format!(
            r#"{{"id": "/", "apps": [], "pods": [], "dependencies": [], "groups": [
            {{"id": "/shop", "apps": [{web}], "pods": [], "groups": [], "dependencies": [], "enforceRole": false}},
            {{"id": "/old", "apps": [{old}], "pods": [], "groups": [], "dependencies": [], "enforceRole": true}}]}}"#
        );
        let server = Server::start(Behaviour::Holds(vec![
            ("/v2/info", INFO.to_owned()),
            ("/v2/groups", root.clone()),
            ("/v2/apps/shop/web", format!(r#"{{"app": {web}}}"#)),
            ("/v2/apps/old/web", format!(r#"{{"app": {old}}}"#)),
        ]));
        let test = TestDir::new();
        let run = |args: &[&str]| server.scrub(&test.run(&[args, &["--url", &server.url()]].concat()));
        let exported = run(&["export", "--all", "-o", "out/"]);
        assert!(exported.starts_with("exit: 0\n") && !exported.contains("warning"), "{exported}");
        let diff = run(&["diff", "out"]);
        assert!(diff.starts_with("exit: 0\n") && diff.ends_with("no difference in 2 services\n"), "{diff}");
    }
}
