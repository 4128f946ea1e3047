//! More of what Mesos and Docker refuse, and of what works badly there.

use milepost::finding::Effect;

use super::{BRIDGE, docker, lint, parameter, slugs, target};
use crate::common::{TestDir, each_case};

/// Issue 18: "a file per area: … docker parameters (against the Engine's real flags and value grammars), … images, ids".
#[test]
fn more_values_are_refused_as_docker_does() {
    each_case(
        [
            ("gpus", "two", Some("parameter-value")),
            ("health-interval", "-5s", Some("parameter-conflict")),
            ("health-retries", "-1", Some("parameter-conflict")),
            ("device-read-iops", "/dev/sda:1mb", Some("parameter-value")),
            ("blkio-weight-device", "/dev/sda:5", Some("parameter-value")),
            ("storage-opt", "size", Some("parameter-value")),
            ("volumes-from", "x:foo", Some("parameter-value")),
            ("log-driver", "JSON-file", Some("parameter-log")),
            ("log-driver", "loki", None),
            ("gpus", "all", None),
            ("device-write-bps", "/dev/sda:1mb", None),
        ],
        |(key, value, rule)| {
            assert_eq!(slugs(&parameter(BRIDGE, key, value)), Vec::from_iter(rule), "{key}={value}");
        },
    );
    let image = |image: &str| docker(BRIDGE, "", "").replace("reg.example.com/team/web:1.4", image);
    each_case(
        [
            ("reg.example.com:port/web", false),
            ("web:feature/x", false),
            ("a..b", false),
            ("a___b", false),
            ("web@md5:abc", false),
            ("a__b:1", true),
            ("a--b:1", true),
            ("reg.example.com:5000/a.b/c_d:1", true),
            (&format!("a@sha256:{}", "0f".repeat(32)), true),
            (&"0f".repeat(32), false),
            (&"0f".repeat(31), true),
        ],
        |(name, is_one)| {
            assert_eq!(slugs(&image(name)), if is_one { vec![] } else { vec!["malformed-image"] }, "{name}");
        },
    );
}

/// Agents have the accounts of their system; whether they have others is not known.
#[test]
fn accounts_are_those_of_the_agents() {
    let app = |user: &str| format!(r#"{{"id": "/a", "cmd": "sleep 9", "user": "{user}"}}"#);
    let pod = r#"{"id": "/p", "user": "deployer", "networks": [{"mode": "host"}], "containers": [{"name": "main",
        "resources": {"cpus": 0.1, "mem": 32}, "exec": {"command": {"shell": "sleep 9"}}}]}"#;
    each_case(
        [
            (app("deployer"), Some(Effect::Risky)),
            (app("node"), Some(Effect::Risky)),
            (app("nobody"), None),
            (app("www-data"), None),
            (app("systemd-network"), None),
            (app("{{ user }}"), None),
            (pod.to_owned(), Some(Effect::Risky)),
        ],
        |(text, expected)| {
            let found = lint(&text, &target("dcos"))
                .into_iter()
                .find(|found| found.rule.slug == "user-not-on-agents");
            assert_eq!(found.map(|found| found.effect), expected, "{text}");
        },
    );
}

/// What parameters name of the agent is a risk where it is not known.
#[test]
fn parameters_of_the_agent_are_risks() {
    let effects = |key: &str, value: &str, app: &str| {
        let text =
            docker(BRIDGE, &format!(r#", "parameters": [{{"key": "{key}", "value": "{value}"}}]"#), app);
        let found = lint(&text, &target("dcos")).into_iter();
        found
            .filter(|found| found.rule.slug == "parameter-host-files")
            .map(|found| found.effect)
            .collect::<Vec<_>>()
    };
    each_case(
        [
            ("device", "/dev/nosuch"),
            ("gpus", "all"),
            ("runtime", "nvidia"),
            ("volumes-from", "data"),
            ("ipc", "container:data"),
            ("pid", "container:data"),
            ("cpuset-cpus", "0-63"),
            ("env-file", "/srv/env"),
        ],
        |(key, value)| {
            assert_eq!(effects(key, value, ""), [Effect::Risky], "{key}");
            let placed = r#", "constraints": [["rack", "LIKE", "a.*"]]"#;
            assert_eq!(effects(key, value, placed), [], "{key}, placed");
        },
    );
    each_case([("device", "/dev/fuse"), ("runtime", "runc"), ("cpuset-cpus", "0,1")], |(key, value)| {
        assert_eq!(effects(key, value, ""), [], "{key}");
    });
}

/// Instances for which no agents exist wait for ever.
#[test]
fn constraints_contradict_each_other() {
    let app = |instances: u32, constraints: &str| {
        format!(
            r#"{{"id": "/a", "cmd": "serve it", "instances": {instances}, "constraints": [{constraints}]}}"#
        )
    };
    let effects = |text: &str| {
        let found = lint(text, &target("dcos")).into_iter();
        let found = found.filter(|found| {
            found.rule.slug.ends_with("-constraints") || found.rule.slug == "swapped-constraint"
        });
        found.map(|found| found.effect).collect::<Vec<_>>()
    };
    each_case(
        [
            (2, r#"["hostname", "UNIQUE"], ["hostname", "CLUSTER", "10.0.0.5"]"#, Some(Effect::Fails)),
            (1, r#"["hostname", "UNIQUE"], ["hostname", "CLUSTER", "10.0.0.5"]"#, None),
            (1, r#"["rack", "IS", "a"], ["rack", "LIKE", "b"]"#, Some(Effect::Fails)),
            (1, r#"["rack", "IS", "1"], ["rack", "IS", "1.0"]"#, None),
            (1, r#"["rack", "IS", "a"], ["zone", "IS", "b"]"#, None),
            (2, r#"["rack", "LIKE", "a.*"], ["rack", "UNIQUE"]"#, None),
            (3, r#"["rack", "IS", "a"], ["rack", "MAX_PER", "2"]"#, Some(Effect::Fails)),
            (2, r#"["rack", "IS", "a"], ["rack", "MAX_PER", "2"]"#, None),
            (1, r#"["true", "CLUSTER", "hostname"]"#, Some(Effect::Risky)),
            (2, r#"["hostname", "UNIQUE"]"#, None),
        ],
        |(instances, constraints, effect)| {
            assert_eq!(effects(&app(instances, constraints)), Vec::from_iter(effect), "{constraints}");
        },
    );
}

#[test]
fn ports_and_checks_of_the_containerizer_fit() {
    let app = |kind: &str, network: &str, mapping: &str, more: &str| {
        format!(
            r#"{{"id": "/a", "cmd": "serve it", "networks": [{network}], "container": {{"type": "{kind}",
                "docker": {{"image": "a/b:1"}}, "portMappings": [{mapping}]}}{more}}}"#
        )
    };
    let both = r#"{"containerPort": 53, "hostPort": 0, "protocol": "udp,tcp"}"#;
    assert_eq!(slugs(&app("MESOS", BRIDGE, both, "")), ["ucr-two-protocols"]);
    assert_eq!(slugs(&app("DOCKER", BRIDGE, both, "")), Vec::<&str>::new());
    let user = r#"{"mode": "container", "name": "dcos"}"#;
    let check = r#", "healthChecks": [{"protocol": "MESOS_TCP", "portIndex": 0}]"#;
    each_case(
        [
            (user, r#"{"containerPort": 0}"#, false),
            (user, r#"{"containerPort": 80}"#, true),
            (user, r#"{"containerPort": 0, "hostPort": 0}"#, true),
            (BRIDGE, r#"{"containerPort": 0}"#, true),
        ],
        |(network, mapping, is_fine)| {
            let expected: &[&str] = if is_fine { &[] } else { &["check-on-port-zero"] };
            assert_eq!(slugs(&app("MESOS", network, mapping, check)), expected, "{network} {mapping}");
        },
    );
    let on_udp = |protocol: &str| {
        let text = format!(
            r#"{{"id": "/a", "cmd": "serve it", "portDefinitions": [{{"port": 0, "protocol": "{protocol}"}}]{check}}}"#
        );
        lint(&text, &target("dcos")).iter().any(|found| found.rule.slug == "check-on-udp-port")
    };
    assert!(on_udp("udp") && !on_udp("tcp") && !on_udp("udp,tcp"));
}

#[test]
fn commands_have_a_shell_that_waits() {
    let on = |image: &str| {
        format!(
            r#"{{"id": "/a", "cmd": "/serve it", "container": {{"type": "DOCKER", "docker": {{"image": "{image}"}}}}}}"#
        )
    };
    each_case(
        [
            ("gcr.io/distroless/static", false),
            ("gcr.io/distroless/base-debian12:nonroot", false),
            ("registry.k8s.io/pause:3.9", false),
            ("hello-world", false),
            ("gcr.io/distroless/base:debug", true),
            ("gcr.io/distroless/python3", true),
            ("example/distroless/static", true),
        ],
        |(image, has_shell)| {
            let expected: &[&str] = if has_shell { &[] } else { &["image-without-shell"] };
            assert_eq!(slugs(&on(image)), expected, "{image}");
        },
    );
    let cmd = |cmd: &str| slugs(&serde_json::json!({"id": "/a", "cmd": cmd}).to_string());
    each_case(["./serve &", "nohup ./serve > log 2>&1 & "], |line| {
        assert_eq!(cmd(line), ["command-in-background"], "{line}");
    });
    each_case(["./serve & wait", "./a && ./b", "./serve & ./other", "echo '&'", "./serve # &"], |line| {
        assert_eq!(cmd(line), Vec::<&str>::new(), "{line}");
    });
}

/// A fix leads to a path that can be asked for, or there is none.
#[test]
fn a_path_is_fixed_into_one_that_is_asked_for() {
    let fixed = |path: &str| {
        let text = format!(
            r#"{{"id": "/a", "cmd": "serve $PORT0", "portDefinitions": [{{"port": 0}}],
                "healthChecks": [{{"protocol": "MESOS_HTTP", "path": "{path}", "portIndex": 0}}]}}"#
        );
        let test = TestDir::new().file("a.json", text);
        test.run(&["lint", "a.json", "--fix=unsafe"]);
        let json: serde_json::Value = serde_json::from_str(&test.read("a.json")).expect("JSON");
        json["healthChecks"][0]["path"].as_str().expect("a path").to_owned()
    };
    each_case(
        [
            ("health", "/health"),
            (" /x", "/x"),
            ("health ", "/health"),
            ("http://h/x", "/x"),
            ("http://h", "/"),
            ("a b", "a b"),
        ],
        |(path, with)| {
            assert_eq!(fixed(path), with, "{path:?}");
        },
    );
}

#[test]
fn texts_for_a_program_are_counted_together() {
    let long = "x".repeat(70_000);
    let app = |kind: &str| {
        format!(
            r#"{{"id": "/a", "cmd": "serve it", "env": {{"A": "{long}", "B": "{long}"}}, "container": {{"type": "{kind}",
                "docker": {{"image": "a/b:1"}}}}}}"#
        )
    };
    assert_eq!(slugs(&app("MESOS")), ["outsize-text"]);
    assert_eq!(slugs(&app("DOCKER")), Vec::<&str>::new());
    let pod = format!(
        r#"{{"id": "/p", "environment": {{"A": "{}"}}, "containers": [{{"name": "main",
            "resources": {{"cpus": 0.1, "mem": 32}}, "exec": {{"command": {{"shell": "serve it"}}}}}}]}}"#,
        "x".repeat(131_100)
    );
    assert_eq!(slugs(&pod), ["outsize-text"]);
}

/// A pod that accepts the role of public agents gets their ports.
#[test]
fn the_roles_of_a_pod_decide_its_ports() {
    let pod = |more: &str| {
        format!(
            r#"{{"id": "/p", "containers": [{{"name": "main", "resources": {{"cpus": 0.1, "mem": 32}},
                "exec": {{"command": {{"shell": "serve it"}}}}, "endpoints": [{{"name": "http", "hostPort": 80}}]}}],
                "networks": [{{"mode": "host"}}]{more}}}"#
        )
    };
    let is_told = |text: &str| {
        lint(text, &target("dcos")).iter().any(|found| found.rule.slug == "host-port-not-offered")
    };
    assert!(is_told(&pod("")));
    assert!(!is_told(&pod(r#", "scheduling": {"placement": {"acceptedResourceRoles": ["slave_public"]}}"#)));
}

/// No shell reads the parameters of Docker, nor the words of a pod's check.
#[test]
fn variables_are_literal_where_no_shell_reads_them() {
    let is_told =
        |text: &str| lint(text, &target("dcos")).iter().any(|found| found.rule.slug == "shell-in-args");
    assert!(
        is_told(&parameter(BRIDGE, "env", "P=$PORT0")) && is_told(&parameter(BRIDGE, "hostname", "$HOST"))
    );
    assert!(!is_told(&parameter(BRIDGE, "health-cmd", "curl localhost:$PORT0")));
    let pod = |word: &str| {
        format!(
            r#"{{"id": "/p", "containers": [{{"name": "main", "resources": {{"cpus": 0.1, "mem": 32}},
                "exec": {{"command": {{"shell": "serve it"}}}}, "endpoints": [{{"name": "http", "hostPort": 0}}],
                "healthCheck": {{"exec": {{"command": {{"argv": ["probe", "{word}"]}}}}}}}}], "networks": [{{"mode": "host"}}]}}"#
        )
    };
    assert!(is_told(&pod("$ENDPOINT_HTTP")) && !is_told(&pod("http")));
}
