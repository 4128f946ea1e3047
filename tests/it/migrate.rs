//! `milepost migrate`: each old form, the report of it, and that what Marathon stores stays the same.

use milepost::migrate::RULES;

mod recorded;

use super::common::{TestDir, each_case};

/// A definition for Marathon 1.4 with manners of its own.
const OLD: &str = r#"// our web service
{
    "id" : "/web",   // the id
    "cpus": 0.50,
    "container": {
        "type": "DOCKER",
        "docker": {
            "image": "example/web:1.4.2",
            "network": "BRIDGE", // as all of them
            "portMappings": [
                // http
                { "containerPort": 80,   "hostPort": 0 }, // for the proxy
                { "containerPort": 443, "hostPort": 8443 },
            ],
            "forcePullImage": true
        }
    },
    "uris": [
        "https://files.example.com/web.tar.gz", // unpacked
        "https://files.example.com/web.conf"
    ],
    "healthChecks": [{ "protocol": "HTTP", "path": "/health", "port": 8443, "delaySeconds": 2 }],
    "residency": null,
    "memory": 512
}
"#;

const FINE: &str = r#"{"id": "/fine", "cmd": "sleep 1"}"#;

#[test]
fn old_forms_are_moved_with_their_comments() {
    let test = TestDir::new().file("web.jsonc", OLD);
    insta::assert_snapshot!(test.run(&["migrate", "web.jsonc", "--to", "1.11"]));
    assert_eq!(test.read("web.jsonc"), OLD);
    test.run(&["migrate", "web.jsonc", "--to", "1.11", "--write"]);
    let migrated = test.read("web.jsonc");
    let again = test.run(&["migrate", "web.jsonc", "--to", "1.11", "--write"]);
    assert_eq!(test.read("web.jsonc"), migrated, "migrating twice is migrating once");
    assert!(again.contains("nothing migrated"), "{again}");
}

#[test]
fn a_diff_shows_what_steps_that_change_something_would_do() {
    let test = TestDir::new().file("web.jsonc", OLD);
    let args = ["migrate", "web.jsonc", "--to", "1.11", "--diff", "--unsafe", "--only", "marathon-*"];
    insta::assert_snapshot!(test.run(&args));
    assert_eq!(test.read("web.jsonc"), OLD);
    let test = TestDir::new().file("fine.json", FINE);
    let output = test.run(&["migrate", "fine.json", "--to", "1.11", "--diff"]);
    assert!(output.starts_with("exit: 0\n"), "{output}");
}

/// What becomes of an app, on its one line.
fn migrated(app: &str, more: &[&str]) -> String {
    let test = TestDir::new().file("app.json", app);
    let args = [&["migrate", "app.json", "--to", "1.11"], more].concat();
    let output = test.command(&args).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn every_form_has_its_new_place() {
    let cases = [
        // Names, or `fetch`, decide which files are unpacked.
        (
            r#"{"id": "/a", "cmd": "x y", "uris": ["https://e.com/a.tgz", "https://e.com/b"]}"#,
            r#"{"id": "/a", "cmd": "x y", "fetch": [{ "uri": "https://e.com/a.tgz" }, { "uri": "https://e.com/b", "extract": false }]}"#,
        ),
        (
            r#"{"id": "/a", "cmd": "x y", "fetch": [], "uris": ["https://e.com/a.tgz"]}"#,
            r#"{"id": "/a", "cmd": "x y", "fetch": [{ "uri": "https://e.com/a.tgz" }]}"#,
        ),
        (
            r#"{"id": "/a", "cmd": "x y", "uris": ["https://e.com/a"], "fetch": [{"uri": "https://e.com/a"}]}"#,
            r#"{"id": "/a", "cmd": "x y", "fetch": [{"uri": "https://e.com/a"}]}"#,
        ),
        (
            r#"{"id": "/a", "cmd": "x y", "ports": [10080, 0], "requirePorts": true}"#,
            r#"{"id": "/a", "cmd": "x y", "portDefinitions": [{ "port": 10080 }, { "port": 0 }], "requirePorts": true}"#,
        ),
        (
            r#"{"id": "/a", "cmd": "x y", "ports": []}"#,
            r#"{"id": "/a", "cmd": "x y", "portDefinitions": []}"#,
        ),
        (
            r#"{"id": "/a", "cmd": "x y", "ports": [80], "portDefinitions": [{"port": 80, "name": "http"}]}"#,
            r#"{"id": "/a", "cmd": "x y", "portDefinitions": [{"port": 80, "name": "http"}]}"#,
        ),
        (
            r#"{"id": "/a", "cmd": "x y", "uris": [], "ipAddress": null, "residency": null}"#,
            r#"{"id": "/a", "cmd": "x y"}"#,
        ),
        (
            r#"{"id": "/a", "cmd": "x y", "ipAddress": {"networkName": "dcos", "labels": {"a": "b"}, "groups": ["g"]}}"#,
            r#"{"id": "/a", "cmd": "x y", "networks": [{ "mode": "container", "name": "dcos", "labels": { "a": "b" } }]}"#,
        ),
        (
            r#"{"id": "/a", "cmd": "x y", "ipAddress": {"networkName": "mesos-bridge"}}"#,
            r#"{"id": "/a", "cmd": "x y", "networks": [{ "mode": "container/bridge" }]}"#,
        ),
        (
            r#"{"id": "/a", "cmd": "x y", "ipAddress": {"discovery": {"ports": [{"number": 80, "name": "http", "protocol": "tcp"}]}}}"#,
            r#"{"id": "/a", "cmd": "x y", "networks": [{ "mode": "container" }], "container": { "type": "MESOS", "portMappings": [{ "containerPort": 80, "name": "http", "protocol": "tcp" }] }}"#,
        ),
        (
            r#"{"id": "/a", "container": {"docker": {"image": "a:1", "network": "USER"}}, "ipAddress": {"networkName": "dcos"}}"#,
            r#"{"id": "/a", "container": {"docker": {"image": "a:1"}}, "networks": [{ "mode": "container", "name": "dcos" }]}"#,
        ),
        (
            r#"{"id": "/a", "container": {"docker": {"image": "a:1", "network": "HOST", "portMappings": null}}, "networks": []}"#,
            r#"{"id": "/a", "container": {"docker": {"image": "a:1"}}, "networks": [{ "mode": "host" }]}"#,
        ),
        (
            r#"{"id": "/a", "container": {"docker": {"network": "BRIDGE", "image": "a:1", "portMappings": []}}}"#,
            r#"{"id": "/a", "container": {"docker": {"image": "a:1"}, "portMappings": []}, "networks": [{ "mode": "container/bridge" }]}"#,
        ),
        (
            r#"{"id": "/a", "cmd": "x y", "residency": {"taskLostBehavior": "WAIT_FOREVER"}, "container": {"type": "MESOS", "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"size": 1}}]}}"#,
            r#"{"id": "/a", "cmd": "x y", "container": {"type": "MESOS", "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"size": 1}}]}}"#,
        ),
        // Of several the last counts.
        (
            r#"{"id": "/a", "ports": [1, 2], "cmd": "x y", "ports": [3], "ports": [0]}"#,
            r#"{"id": "/a", "cmd": "x y", "portDefinitions": [{ "port": 0 }]}"#,
        ),
        // Off the host's network `ports` says nothing that port mappings do not say.
        (
            r#"{"id": "/a", "ports": [0], "container": {"docker": {"image": "a:1", "network": "BRIDGE", "portMappings": [{"containerPort": 80}]}}}"#,
            r#"{"id": "/a", "container": {"docker": {"image": "a:1"}, "portMappings": [{"containerPort": 80}]}, "networks": [{ "mode": "container/bridge" }]}"#,
        ),
        // What Marathon 1.4 took, and later ones refuse.
        (
            r#"{"id": "/a", "cmd": "x y", "upgradeStrategy": {"minimumHealthCapacity": 0.5}}"#,
            r#"{"id": "/a", "cmd": "x y", "upgradeStrategy": {"minimumHealthCapacity": 0.5, "maximumOverCapacity": 1}}"#,
        ),
        (
            r#"{"id": "/a", "cmd": "x y", "portDefinitions": [{"port": 0, "protocol": "tcp,udp"}]}"#,
            r#"{"id": "/a", "cmd": "x y", "portDefinitions": [{"port": 0, "protocol": "udp,tcp"}]}"#,
        ),
    ];
    each_case(cases, |(old, new)| {
        assert_eq!(migrated(old, &[]), new, "{old}");
    });
}

#[test]
fn steps_that_change_what_runs_are_asked_for() {
    let cases = [
        (
            r#"{"id": "/a", "cmd": "x y", "portDefinitions": [{"port": 0}], "healthChecks": [{"protocol": "TCP", "portIndex": 0}]}"#,
            r#"{"id": "/a", "cmd": "x y", "portDefinitions": [{"port": 0}], "healthChecks": [{"protocol": "MESOS_TCP", "portIndex": 0}]}"#,
        ),
        (
            r#"{"id": "/a", "container": {"docker": {"image": "a:1", "credential": {"principal": "me"}}}}"#,
            r#"{"id": "/a", "container": {"docker": {"image": "a:1"}}}"#,
        ),
        (
            r#"{"id": "/a", "cmd": "x y", "acceptedResourceRoles": ["public", "*", "web"]}"#,
            r#"{"id": "/a", "cmd": "x y", "acceptedResourceRoles": ["*"]}"#,
        ),
        (
            r#"{"id": "/a", "cmd": "x y", "acceptedResourceRoles": ["public"]}"#,
            r#"{"id": "/a", "cmd": "x y", "acceptedResourceRoles": ["*"]}"#,
        ),
        (
            r#"{"id": "/a", "ports": [80], "container": {"docker": {"image": "a:1"}, "portMappings": [{"containerPort": 80}]}, "networks": [{"mode": "container/bridge"}]}"#,
            r#"{"id": "/a", "container": {"docker": {"image": "a:1"}, "portMappings": [{"containerPort": 80}]}, "networks": [{"mode": "container/bridge"}]}"#,
        ),
        (
            r#"{"id": "/a", "cmd": "x y", "healthChecks": [{"protocol": "HTTP", "path": "x"}]}"#,
            r#"{"id": "/a", "cmd": "x y", "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/x", "portIndex": 0}]}"#,
        ),
        (
            r#"{"id": "/a", "cmd": "x y", "portDefinitions": [{"port": 0}], "healthChecks": [{"protocol": "TCP"}]}"#,
            r#"{"id": "/a", "cmd": "x y", "portDefinitions": [{"port": 0}], "healthChecks": [{"protocol": "MESOS_TCP"}]}"#,
        ),
    ];
    each_case(cases, |(old, new)| {
        assert_eq!(migrated(old, &["--unsafe"]), new, "{old}");
        let test = TestDir::new().file("a.json", old);
        let without = test.run(&["migrate", "a.json", "--to", "1.11", "--write"]);
        assert_eq!(test.read("a.json"), old, "{without}");
        assert!(without.contains("--unsafe would"), "{without}");
    });
}

#[test]
fn steps_are_chosen() {
    let app = r#"{"id": "/a", "cmd": "x y", "uris": ["https://e.com/a"], "ports": [0]}"#;
    assert_eq!(
        migrated(app, &["--only", "old-ports"]),
        r#"{"id": "/a", "cmd": "x y", "uris": ["https://e.com/a"], "portDefinitions": [{ "port": 0 }]}"#
    );
    assert_eq!(
        migrated(app, &["--skip", "old-p*,old-residency"]),
        r#"{"id": "/a", "cmd": "x y", "fetch": [{ "uri": "https://e.com/a", "extract": false }], "ports": [0]}"#
    );
    assert_eq!(migrated(app, &["--only", "old-*", "--skip", "old-uris,old-ports"]), app);
    let help = TestDir::new().run(&["migrate", "--help"]);
    assert!(RULES.iter().all(|rule| help.contains(rule.slug)), "{help}");
    let test = TestDir::new().file("milepost.toml", "[target]\nname = \"dcos-2.1\"\n").file("a.json", app);
    let output = test.run(&["migrate", "a.json"]);
    assert!(output.contains("portDefinitions"), "{output}");
    // Up to 1.5 `residency` is asked for.
    let resident = r#"{"id": "/a", "cmd": "x y", "residency": {}, "container": {"type": "MESOS", "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"size": 1}}]}}"#;
    let test = TestDir::new().file("a.json", resident);
    test.run(&["migrate", "a.json", "--to", "1.5", "--write"]);
    assert_eq!(test.read("a.json"), resident);
}

#[test]
fn usage_errors_are_reported() {
    let test = TestDir::new().file("a.json", FINE).file("b.json", FINE);
    let both = ["a.json", "--to", "1.11", "--only", "old-urls"];
    insta::assert_snapshot!(
        [
            &both[..],
            &["a.json", "--to", "1.4"],
            &["a.json", "--target", "marathon-1.4"],
            &["a.json", "--to", "2.2"],
            &["a.json", "b.json", "--to", "1.11"],
            &["-", "--to", "1.11", "--write"],
        ]
        .map(|args| test.run(&[&["migrate"], args].concat()))
        .join("")
    );
}

#[test]
fn a_file_that_is_rejected_does_not_keep_the_others() {
    let old = r#"{"id": "/a", "cmd": "x y", "ports": [0]}"#;
    let refused = "{\n  \"id\": \"/b\",\n  \"cmd\": \"x y\",\n  \"uris\": [\"https://e.com/a\"],\n  \
                   \"fetch\": [{\"uri\": \"https://e.com/b\"}],\n  \"ports\": [0]\n}\n";
    let test = TestDir::new()
        .file("all/1.json", old)
        .file("all/2.json", refused)
        .file("all/3.json", old.replace("/a", "/c"))
        .file("all/4.yaml", "id: /d\ncmd: x y\nports: [0]\n")
        .file("all/5.json", "{\"id\": \"/e\", ")
        .file("all/package.json", r#"{"name": "left-pad"}"#);
    insta::assert_snapshot!(test.run(&["migrate", "all", "--to", "1.11", "--write"]));
    assert_eq!(test.read("all/2.json"), refused);
    let new = r#"{"id": "/a", "cmd": "x y", "portDefinitions": [{ "port": 0 }]}"#;
    assert_eq!(test.read("all/1.json"), new);
    assert_eq!(test.read("all/3.json"), new.replace("/a", "/c"));
    let missing = test.run(&["migrate", "all/6.json", "all/1.json", "--to", "1.11", "--write"]);
    assert!(missing.starts_with("exit: 2\n"), "{missing}");
}

#[test]
fn what_is_still_rejected_after_some_steps_is_reported_at_its_own_place() {
    let app = "{\n  \"id\": \"/a\",\n  \"upgradeStrategy\": {\"minimumHealthCapacity\": 0.5},\n  \"container\": {\n    \
               \"docker\": {\"image\": \"a:1\", \"credential\": {\"principal\": \"me\"}}\n  }\n}\n";
    let test = TestDir::new().file("a.json", app);
    insta::assert_snapshot!(test.run(&["migrate", "a.json", "--to", "1.11"]));
}

#[test]
fn what_cannot_be_proven_is_left_alone_and_named() {
    // The first of two addresses would come to life; a check without a port would get one.
    let app = r#"{"id": "/a", "cmd": "x y", "uris": ["https://e.com/a"], "ports": [0],
        "healthChecks": [{"protocol": "MESOS_HTTP"}], "residency": {}, "residency": {}}"#;
    let test = TestDir::new().file("a.json", app);
    insta::assert_snapshot!(test.run(&["migrate", "a.json", "--to", "1.11", "--diff"]));
}

#[test]
fn one_app_of_a_group_does_not_keep_the_others() {
    let app = |id: usize, check: &str| {
        format!(
            r#"{{"id": "a{id}", "cmd": "x y", "ports": [0], "healthChecks": [{{"protocol": "MESOS_HTTP"{check}}}]}}"#
        )
    };
    let fine = |id| app(id, r#", "portIndex": 0"#);
    let apps = [fine(0), fine(1), app(2, ""), fine(3), fine(4), app(5, ""), fine(6)];
    let test = TestDir::new().file("g.json", format!("{{\"id\": \"/g\", \"apps\": [{}]}}", apps.join(",\n")));
    let output = test.run(&["migrate", "g.json", "--to", "1.11", "--write"]);
    assert!(output.ends_with("made 5 steps in 1 file; 2 old forms left\n"), "{output}");
    let migrated = test.read("g.json");
    for (id, old) in apps.iter().enumerate() {
        assert_eq!(migrated.contains(old), [2, 5].contains(&id), "{migrated}");
        assert_eq!(
            output.contains(&format!("left g.json: old-ports at \"/apps/{id}/ports\"")),
            [2, 5].contains(&id)
        );
    }
}

#[test]
fn files_keep_their_mode_and_mark() {
    let app = "\u{feff}{\"id\": \"/a\", \"cmd\": \"x y\", \"ports\": [0]}";
    let test = TestDir::new().file("a.json", app);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let path = test.path().join("a.json");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("mode set");
        test.run(&["migrate", "a.json", "--to", "1.11", "--write"]);
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o640);
    }
    assert!(test.read("a.json").starts_with("\u{feff}{\"id\": \"/a\", \"cmd\": \"x y\", \"portDef"));
    // What is written is UTF-8, so what was read has to be.
    let wide: Vec<u8> = app[3..].encode_utf16().flat_map(u16::to_le_bytes).collect();
    let test = TestDir::new().file("wide.json", wide);
    insta::assert_snapshot!(test.run(&["migrate", "wide.json", "--to", "1.11", "--write"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: wide.json is not what was read: it is not UTF-8, or has changed meanwhile; it was not written to
    nothing migrated; 1 file not read or written
    "#);
}

/// A group with an app for each thing that can come of moving it to UCR.
const GROUP: &str = r#"{
  "id": "/shop",
  "apps": [
    {
      "id": "web",
      "container": {
        "type": "DOCKER",
        "docker": {
          "image": "registry.example.com/web:1.4.2",
          "network": "BRIDGE",
          "forcePullImage": true,
          "parameters": [],
          "portMappings": [{ "containerPort": 80 }] // http
        }
      },
      "fetch": [{ "uri": "file:///etc/docker.tar.gz" }],
      "healthChecks": [{ "protocol": "HTTP", "path": "/" }]
    },
    {
      "id": "worker",
      "container": {
        "docker": {
          "image": "example/worker:2",
          "privileged": true,
          "parameters": [{ "key": "hostname", "value": "worker" }, { "key": "env", "value": "A=b" }]
        }
      }
    },
    {
      "id": "cache",
      "cmd": "run cache",
      "container": { "type": "MESOS", "docker": { "image": "example/cache:1" } },
      "networks": [{ "mode": "container/bridge" }],
      "healthChecks": [{ "protocol": "TCP", "portIndex": 0 }]
    },
    { "id": "job", "cmd": "sleep 1" }
  ]
}
"#;

#[test]
fn apps_are_moved_to_ucr() {
    let ucr = ["migrate", "shop.jsonc", "--to", "1.11", "--containerizer", "mesos"];
    let test = TestDir::new().file("shop.jsonc", GROUP);
    insta::assert_snapshot!(test.run(&[&ucr[..], &["--secret", "shop/pull-config", "--diff"]].concat()));
    // Without a secret the archive has no heir.
    let output = test.run(&[&ucr[..], &["--diff"]].concat());
    assert!(output.contains("--secret PATH"), "{output}");
    assert!(!output.contains("+        \"type\": \"MESOS\""), "{output}");
    test.run(&[&ucr[..], &["--secret", "shop/pull-config", "--write"]].concat());
    let lint = test.run(&["lint", "shop.jsonc", "--select", "*", "--fail-on", "error"]);
    assert!(lint.starts_with("exit: 0\n"), "{lint}");
}

#[test]
fn an_app_that_ucr_cannot_run_stays() {
    let app = r#"{"id": "/a", "container": {"type": "DOCKER", "docker": {"image": "a:1"},
        "volumes": [{"containerPath": "a", "hostPath": "data", "mode": "RW"}]},
        "healthChecks": [{"protocol": "MESOS_HTTP", "ipProtocol": "IPv6", "portIndex": 0}]}"#;
    let test = TestDir::new().file("a.json", app);
    let args = ["migrate", "a.json", "--to", "1.11", "--containerizer", "mesos", "--write"];
    insta::assert_snapshot!(test.run(&args));
    assert_eq!(test.read("a.json"), app);
}

/// The app after `migrate --containerizer mesos`, with its report.
fn on_ucr(app: &str, more: &[&str]) -> (serde_json::Value, String) {
    let test = TestDir::new().file("a.json", app);
    let args = ["migrate", "a.json", "--to", "1.11", "--containerizer", "mesos", "--write"];
    let report = test.run(&[&args, more].concat());
    (serde_json::from_str(&test.read("a.json")).expect("JSON"), report)
}

#[test]
fn a_secret_that_is_given_is_never_dropped() {
    let archives = [
        "file:///etc/docker.tar.gz",
        "file:///etc/docker-hub.tar.gz",
        "https://store.example.com/registry-creds.tgz",
        "https://store.example.com/x.zip",
        "https://store.example.com/.dockercfg",
        "https://store.example.com/app.conf",
    ];
    each_case(archives.into_iter().flat_map(|uri| [(uri, "fetch"), (uri, "uris")]), |(uri, list)| {
        let entry = if list == "fetch" { serde_json::json!({ "uri": uri }) } else { uri.into() };
        let app = serde_json::json!({"id": "/shop/web", "networks": [{"mode": "host"}], list: [entry],
            "container": {"type": "DOCKER", "docker": {"image": "r.example.com/web:1.4"}}});
        let (moved, report) = on_ucr(&app.to_string(), &["--secret", "shop/pull"]);
        let container = &moved["container"];
        assert_eq!(container["type"], "MESOS", "{report}");
        let name = container["docker"]["pullConfig"]["secret"].as_str().expect("there is a pull config");
        assert_eq!(moved["secrets"][name]["source"], "shop/pull");
        // What is not surely credentials stays, and is named if it may be.
        let is_left = moved["fetch"].as_array().is_some_and(|all| !all.is_empty());
        let is_named = report.contains("is still fetched");
        // The fetcher does not unpack what a query follows.
        let is_plain_file = uri.rsplit('.').next() == Some("conf") || uri.contains('?');
        assert_eq!(is_left, is_named || is_plain_file, "{report}");
    });
    let plain =
        r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "r.example.com/web:1.4"}}}"#;
    let (moved, report) = on_ucr(plain, &["--secret", "shop/pull"]);
    assert!(moved["container"]["docker"]["pullConfig"].is_object(), "{report}");
}

fn with_mapping(mapping: &str, network: &str) -> String {
    format!(
        r#"{{"id": "/dns", "networks": [{network}], "container": {{"type": "DOCKER", "docker": {{"image": "a/dns:1"}},
            "portMappings": [{mapping}, {{"containerPort": 9153, "name": "metrics"}}]}}}}"#
    )
}

#[test]
fn a_mapping_for_udp_and_tcp_becomes_two() {
    let bridge = r#"{"mode": "container/bridge"}"#;
    let app = with_mapping(
        r#"{"containerPort": 53, "protocol": "udp,tcp", "name": "dns", "servicePort": 10053}"#,
        bridge,
    );
    let (moved, report) = on_ucr(&app, &[]);
    assert_eq!(
        moved["container"]["portMappings"],
        serde_json::json!([
            {"containerPort": 53, "protocol": "tcp", "name": "dns", "servicePort": 10053},
            {"containerPort": 9153, "name": "metrics"},
            {"containerPort": 53, "protocol": "udp", "name": "dns-udp"},
        ]),
        "{report}"
    );
    each_case(
        [
            (
                r#"{"containerPort": 53, "hostPort": 53, "protocol": "udp,tcp"}"#,
                bridge,
                Some("a fixed `hostPort`"),
            ),
            (r#"{"containerPort": 0, "protocol": "udp,tcp"}"#, bridge, Some("that Mesos picks")),
            // Without a host port no mapping reaches UCR.
            (
                r#"{"containerPort": 53, "protocol": "udp,tcp"}"#,
                r#"{"mode": "container", "name": "dcos"}"#,
                None,
            ),
        ],
        |(mapping, network, why)| {
            let app = with_mapping(mapping, network);
            let (moved, report) = on_ucr(&app, &[]);
            assert_eq!(
                moved["container"]["type"],
                if why.is_some() { "DOCKER" } else { "MESOS" },
                "{report}"
            );
            assert_eq!(moved["container"]["portMappings"][0]["protocol"], "udp,tcp", "{report}");
            assert!(why.is_none_or(|why| report.contains(why)), "{report}");
        },
    );
}

#[test]
fn what_ucr_does_otherwise_is_noted() {
    let app = |more: &str| {
        format!(
            r#"{{"id": "/a", {more} "networks": [{{"mode": "host"}}], "container": {{"type": "DOCKER",
                "docker": {{"image": "a/b:1"}}, "volumes": [{{"containerPath": "/c", "hostPath": "HOST", "mode": "RW"}}]}}}}"#
        )
    };
    let (moved, report) = on_ucr(&app(r#""args": ["--x"],"#).replace("HOST", "/srv/data"), &[]);
    assert_eq!(moved["container"]["type"], "MESOS");
    assert!(
        report.contains("UCR does not create host paths") && report.contains("behind the first word"),
        "{report}"
    );
    // Mesos puts it into the sandbox on both.
    let (moved, report) = on_ucr(&app("").replace("HOST", "data"), &[]);
    assert_eq!(moved["container"]["type"], "MESOS", "{report}");
    let (moved, report) = on_ucr(&app("").replace("HOST", "data").replace("/c", "c"), &[]);
    assert_eq!(moved["container"]["type"], "DOCKER", "{report}");
}
