//! What Mesos and Docker refuse after Marathon has accepted it.

use milepost::finding::{Effect, Finding, Refuser};
use milepost::lint::Linter;
use milepost::source::Format;
use milepost::target::{Agents, Settings, Target};

use super::common::{TestDir, each_case};

mod checks;
mod commands;
mod linux;
mod parameters;
mod rules;
mod shown;

fn target(name: &str) -> Settings {
    name.parse::<Target>().expect("a target").settings()
}

fn lint(text: &str, settings: &Settings) -> Vec<Finding> {
    let report = Linter::default().lint(text.into(), Format::Json, None, settings);
    assert!(!report.is_rejected(), "Marathon accepts {text}: {:#?}", report.findings);
    report.findings
}

/// The rules by which the tasks of a definition fail, with who refuses them.
fn fails(text: &str) -> Vec<(&'static str, Refuser)> {
    let found = lint(text, &target("dcos")).into_iter().filter(|found| found.effect == Effect::Fails);
    found.map(|found| (found.rule.slug, found.refusal.expect("every failure has a refusal").by)).collect()
}

fn slugs(text: &str) -> Vec<&'static str> {
    fails(text).into_iter().map(|(slug, _)| slug).collect()
}

/// An app on the Docker Engine with these members.
fn docker(network: &str, docker: &str, app: &str) -> String {
    format!(
        r#"{{"id": "/a/web", "cpus": 0.1, "mem": 32, "networks": [{network}], "container": {{"type": "DOCKER",
            "docker": {{"image": "reg.example.com/team/web:1.4"{docker}}}}}{app}}}"#
    )
}

const BRIDGE: &str = r#"{"mode": "container/bridge"}"#;
const HOST: &str = r#"{"mode": "host"}"#;

fn parameter(network: &str, key: &str, value: &str) -> String {
    docker(network, &format!(r#", "parameters": [{{"key": "{key}", "value": "{value}"}}]"#), "")
}

#[test]
fn keys_of_parameters_are_options_of_docker_run() {
    each_case(
        ["e", "-v", "--hostname", "cap_add", "logDriver", "Hostname", "hostname ", "colour", "volumes"],
        |key| {
            assert_eq!(
                fails(&parameter(BRIDGE, key, "x")),
                [("parameter-not-an-option", Refuser::Docker)],
                "{key}"
            );
        },
    );
    each_case(
        [("hostname", "web1"), ("env=A", "b"), ("env=A", ""), ("env", "A=b"), ("init", "true")],
        |(key, value)| {
            assert_eq!(slugs(&parameter(BRIDGE, key, value)), Vec::<&str>::new(), "{key}");
        },
    );
    // Docker starts these, with a `=` too many.
    each_case([("hostname=web1", "hostname", "web1"), ("env=A=b", "env", "A=b")], |(key, name, value)| {
        let text = parameter(BRIDGE, key, "");
        let findings = lint(&text, &target("dcos"));
        let found = findings.iter().find(|found| found.rule.slug == "parameter-not-an-option");
        assert_eq!(found.map(|found| found.effect), Some(Effect::Risky), "{key}: {findings:#?}");
        let test = TestDir::new().file("a.json", text);
        test.run(&["lint", "a.json", "--fix=unsafe"]);
        assert_eq!(test.read("a.json"), parameter(BRIDGE, name, value));
    });
    let test = TestDir::new().file("a.json", parameter(BRIDGE, "-v", "/etc/web:/data:ro"));
    test.run(&["lint", "a.json", "--fix=unsafe"]);
    assert!(test.read("a.json").contains(r#""key": "volume""#), "{}", test.read("a.json"));
}

#[test]
fn values_of_parameters_fit_the_network_and_each_other() {
    each_case(
        [
            (BRIDGE, "network", "none", "parameter-network"),
            (BRIDGE, "name", "web", "parameter-name"),
            (BRIDGE, "link", "db:db", "parameter-conflict"),
            (HOST, "ip", "10.1.1.1", "parameter-conflict"),
            (HOST, "sysctl", "net.core.somaxconn=1024", "parameter-conflict"),
            (BRIDGE, "memory-swap", "16m", "parameter-conflict"),
            (BRIDGE, "memory-reservation", "640m", "parameter-conflict"),
            (BRIDGE, "memory", "2m", "parameter-conflict"),
            (BRIDGE, "cpus", "0.5", "parameter-cpus"),
            (BRIDGE, "detach", "true", "parameter-ends-task"),
            (BRIDGE, "entrypoint", "", "parameter-entrypoint"),
            (BRIDGE, "entrypoint", "/bin/sh -c", "parameter-entrypoint"),
            (BRIDGE, "log-opt", "max-sizes=10m", "parameter-log"),
            (BRIDGE, "ulimit", "nofile 1024", "parameter-value"),
        ],
        |(network, key, value, rule)| {
            assert_eq!(slugs(&parameter(network, key, value)), [rule], "{key}={value}");
        },
    );
    let user = r#"{"mode": "container", "name": "dcos"}"#;
    each_case(
        [
            (user, "network-alias", "web"),
            (BRIDGE, "sysctl", "net.core.somaxconn=1024"),
            (BRIDGE, "sysctl", "kernel.shmmax=67108864"),
            (user, "ip", "10.1.1.1"),
            (user, "ip6", "2001:db8::1"),
            (BRIDGE, "tty", "true"),
            (BRIDGE, "interactive", "true"),
            (BRIDGE, "uts", "host"),
            (BRIDGE, "domainname", "example.com"),
            (BRIDGE, "memory-swap", "-1"),
            (BRIDGE, "memory-swap", "64m"),
            (BRIDGE, "log-opt", "tag={{.Name}}"),
            (HOST, "publish", "8080:80"),
            (BRIDGE, "detach", "false"),
        ],
        |(network, key, value)| {
            assert_eq!(slugs(&parameter(network, key, value)), Vec::<&str>::new(), "{key}={value}");
        },
    );
}

#[test]
fn volumes_fail_as_their_containerizer_mounts_them() {
    let app = |kind: &str, volumes: &str| {
        format!(
            r#"{{"id": "/a", "cmd": "sleep 9", "cpus": 0.1, "mem": 32, "container": {{"type": "{kind}",
                "docker": {{"image": "a/b:1"}}, "volumes": [{volumes}]}}}}"#
        )
    };
    let volume = |host: &str, inner: &str| {
        format!(r#"{{"hostPath": "{host}", "containerPath": "{inner}", "mode": "RO"}}"#)
    };
    each_case(
        [
            ("etc/conf", "conf", Some("both-paths-relative"), Some("both-paths-relative")),
            ("/tmp", "/data:ro", Some("volume-colon"), None),
            ("/tmp", "/", Some("volume-over-system"), Some("volume-over-system")),
            ("/etc/hostname", "/etc", Some("volume-over-system"), Some("volume-over-system")),
            ("/tmp", "/proc", Some("volume-over-system"), Some("volume-over-system")),
            ("/tmp", "/mnt/mesos/sandbox/", Some("volume-target-taken"), None),
            ("/tmp", "/sys", None, None),
            ("conf", "/data", None, None),
            ("/tmp", "data", None, None),
            ("/etc/hostname", "/etc/hosts", None, None),
        ],
        |(host, inner, by_docker, by_ucr)| {
            for (kind, rule) in [("DOCKER", by_docker), ("MESOS", by_ucr)] {
                let found = slugs(&app(kind, &volume(host, inner)));
                assert_eq!(found, Vec::from_iter(rule), "{kind} {host}:{inner}");
            }
        },
    );
    let twice = format!("{}, {}", volume("/tmp", "/data"), volume("/var", "//data/"));
    assert_eq!(slugs(&app("DOCKER", &twice)), ["volume-target-taken"]);
    assert_eq!(slugs(&app("MESOS", &twice)), Vec::<&str>::new());
}

#[test]
fn tasks_ask_for_what_the_master_gives() {
    let long = |count: usize| format!(r#"{{"id": "/{}", "cmd": "sleep 9"}}"#, "a".repeat(count));
    each_case(
        [
            (
                r#"{"id": "/a", "cmd": "sleep 9", "cpus": 0, "mem": 0, "portDefinitions": []}"#.to_owned(),
                Some("no-resources"),
            ),
            (r#"{"id": "/a", "cmd": "sleep 9", "cpus": 0, "mem": 0}"#.to_owned(), None),
            (r#"{"id": "/a", "cmd": "sleep 9", "cpus": 0.0001}"#.to_owned(), Some("amount-rounds-to-zero")),
            (r#"{"id": "/a", "cmd": "sleep 9", "cpus": 0.001}"#.to_owned(), None),
            (
                r#"{"id": "/a", "cmd": "sleep 9", "cpus": 0, "resourceLimits": {"cpus": 1}}"#.to_owned(),
                Some("limit-without-request"),
            ),
            (
                docker(HOST, "", r#", "cpus": 500"#).replacen(r#""cpus": 0.1, "#, "", 1),
                Some("cpus-beyond-docker"),
            ),
            (long(202), None),
            (long(203), Some("id-too-long-for-a-task")),
            (r#"{"id": "/a", "cmd": "sleep 9", "user": "1000"}"#.to_owned(), Some("user-is-no-account")),
            (r#"{"id": "/a", "cmd": "sleep 9", "user": ""}"#.to_owned(), Some("user-is-no-account")),
            (r#"{"id": "/a", "cmd": "sleep 9", "user": "nobody"}"#.to_owned(), None),
        ],
        |(text, rule)| assert_eq!(slugs(&text), Vec::from_iter(rule), "{text}"),
    );
    let mappings = r#"{"id": "/a", "cmd": "sleep 9", "networks": [{"mode": "container/bridge"}], "container": {"type": "DOCKER",
        "docker": {"image": "a/b:1"}, "portMappings": [{"containerPort": 80, "hostPort": 31555, "name": "a"},
        {"containerPort": 81, "hostPort": 31555, "name": "b"}]}}"#;
    assert_eq!(fails(mappings), [("host-port-twice", Refuser::Master)]);
}

#[test]
fn containers_of_pods_have_programs_and_resources() {
    let pod = |container: &str| {
        format!(
            r#"{{"id": "/p", "containers": [{{"name": "main", {container}}}], "networks": [{{"mode": "host"}}]{}}}"#,
            if container.contains("volumeMounts") { r#", "volumes": [{"name": "v"}]"# } else { "" }
        )
    };
    let shell = r#""exec": {"command": {"shell": "sleep 9"}}"#;
    let some = r#""resources": {"cpus": 0.1, "mem": 32}"#;
    each_case(
        [
            (format!(r#"{some}, "exec": {{"command": {{"argv": ["x"]}}}}"#), Some("pod-program-missing")),
            (some.to_owned(), Some("pod-program-missing")),
            (
                format!(r#"{some}, "exec": {{"command": {{"argv": ["x"]}}, "overrideEntrypoint": true}}"#),
                None,
            ),
            (
                format!(r#"{shell}, "resources": {{"cpus": 0, "mem": 32}}"#),
                Some("container-without-resource"),
            ),
            (
                format!(r#"{shell}, "resources": {{"cpus": 0.1, "mem": 0}}"#),
                Some("container-without-resource"),
            ),
            (format!(r#"{shell}, "resources": {{"cpus": 0, "mem": 0}}"#), Some("no-resources")),
            (
                format!(r#"{shell}, {some}, "volumeMounts": [{{"name": "v", "mountPath": "/data"}}]"#),
                Some("mount-point-without-image"),
            ),
            (format!(r#"{shell}, {some}, "volumeMounts": [{{"name": "v", "mountPath": "data"}}]"#), None),
            // Agents may have what is below their own directories.
            (format!(r#"{shell}, {some}, "volumeMounts": [{{"name": "v", "mountPath": "/etc/ssl"}}]"#), None),
            (
                format!(r#"{shell}, {some}, "artifacts": [{{"uri": "file://tmp/a"}}]"#),
                Some("unfetchable-uri"),
            ),
        ],
        |(container, rule)| assert_eq!(slugs(&pod(&container)), Vec::from_iter(rule), "{container}"),
    );
    let shared = pod(&format!("{shell}, {some}")).replacen('{', r#"{"legacySharedCgroups": true, "#, 1);
    assert_eq!(slugs(&shared), ["shared-cgroups"]);
}

#[test]
fn the_name_of_a_fetched_file_fits() {
    let signed = format!("https://files.example.com/docker.tar.gz?signature={}", "a".repeat(240));
    each_case(
        [
            (format!(r#"{{"uri": "{signed}"}}"#), Some("unfetchable-uri")),
            (format!(r#"{{"uri": "{signed}", "destPath": "docker.tar.gz"}}"#), None),
            (format!(r#"{{"uri": "{signed}", "cache": true}}"#), None),
            (
                format!(r#"{{"uri": "https://files.example.com/a", "destPath": "{}/b"}}"#, "d".repeat(256)),
                Some("unfetchable-uri"),
            ),
            (r#"{"uri": "https://files.example.com/a/.."}"#.to_owned(), Some("unfetchable-uri")),
        ],
        |(entry, rule)| {
            let text = format!(r#"{{"id": "/a", "cmd": "sleep 9", "fetch": [{entry}]}}"#);
            assert_eq!(slugs(&text), Vec::from_iter(rule), "{entry}");
        },
    );
}

#[test]
fn an_app_on_a_container_network_has_a_container() {
    each_case(
        [
            (r#""networks": [{"mode": "container/bridge"}]"#, Some("args-without-program")),
            (r#""networks": [{"mode": "host"}]"#, None),
        ],
        |(networks, rule)| {
            let text = format!(r#"{{"id": "/a", "args": ["sleep", "9"], {networks}}}"#);
            assert_eq!(slugs(&text), Vec::from_iter(rule), "{networks}");
        },
    );
}

#[test]
fn an_image_with_a_placeholder_is_no_image() {
    each_case(
        [
            ("web:{{ tag }}", Some("unfilled-placeholder")),
            ("web:${TAG}", Some("unfilled-placeholder")),
            ("web:<tag>", Some("unfilled-placeholder")),
            ("web:@TAG@", Some("unfilled-placeholder")),
            // A tag may look so.
            ("web:__TAG__", None),
        ],
        |(image, rule)| {
            let text = format!(
                r#"{{"id": "/a", "container": {{"type": "DOCKER", "docker": {{"image": "{image}"}}}}}}"#
            );
            assert_eq!(slugs(&text), Vec::from_iter(rule), "{image}");
            assert_eq!(slugs(&text.replace("DOCKER", "MESOS")), [""; 0], "{image}");
        },
    );
}

/// What depends on the agents is a risk until it is known, and then either fine or a failure.
#[test]
fn known_agents_decide() {
    let with = |agents: Agents| Settings { agents, ..target("dcos") };
    let effect = |text: &str, rule: &str, agents: Agents| {
        let found = lint(text, &with(agents)).into_iter().find(|found| found.rule.slug == rule);
        found.map(|found| found.effect)
    };
    let dcos = Agents::of_dcos;
    let listed = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    let network = docker(r#"{"mode": "container", "name": "backend"}"#, "", "");
    let user = r#"{"id": "/a", "cmd": "sleep 9", "user": "deployer"}"#;
    let path = r#"{"id": "/a", "cmd": "sleep 9", "container": {"type": "MESOS", "docker": {"image": "a/b:1"},
        "volumes": [{"hostPath": "/srv/a", "containerPath": "/a", "mode": "RO"}]}}"#;
    let port = r#"{"id": "/a", "cmd": "sleep 9", "networks": [{"mode": "container/bridge"}], "container": {"type": "DOCKER",
        "docker": {"image": "a/b:1"}, "portMappings": [{"containerPort": 80, "hostPort": 80}]}}"#;
    let unknown = Some(Effect::Risky);
    assert_eq!(effect(&network, "unknown-network", dcos()), unknown);
    assert_eq!(effect(user, "user-not-on-agents", Agents::default()), unknown);
    assert_eq!(effect(path, "ucr-host-path-missing", dcos()), unknown);
    assert_eq!(effect(port, "host-port-not-offered", dcos()), unknown);
    let bad = Agents {
        networks: listed(&["dcos"]),
        users: listed(&["web"]),
        paths: listed(&["/srv/b"]),
        ports: "1025-32000".parse().ok(),
        ..dcos()
    };
    let failed = Some(Effect::Fails);
    assert_eq!(effect(&network, "unknown-network", bad.clone()), failed);
    assert_eq!(effect(user, "user-not-on-agents", bad.clone()), failed);
    assert_eq!(effect(path, "ucr-host-path-missing", bad.clone()), failed);
    assert_eq!(effect(port, "host-port-not-offered", bad), failed);
    let good = Agents {
        networks: listed(&["backend"]),
        users: listed(&["deployer"]),
        paths: listed(&["/srv"]),
        ports: "1-32000".parse().ok(),
        ..dcos()
    };
    assert_eq!(effect(&network, "unknown-network", good.clone()), None);
    assert_eq!(effect(user, "user-not-on-agents", good.clone()), None);
    assert_eq!(effect(path, "ucr-host-path-missing", good.clone()), None);
    assert_eq!(effect(port, "host-port-not-offered", good), None);
}

#[test]
fn the_settings_file_describes_the_agents() {
    let test = TestDir::new()
        .file(
            "milepost.toml",
            "[target.agents]\nusers = [\"deployer\"]\nports = \"1025-32000\"\ndocker = \"18.09\"\n",
        )
        .file("a.json", parameter(BRIDGE, "net", "dcos").replacen('{', r#"{"user": "deployer", "#, 1))
        .file("b.json", r#"{"id": "/b", "cmd": "sleep 9", "user": "other"}"#);
    let said = test.run(&["lint", "--target", "dcos-2.1", "a.json", "b.json"]);
    assert!(said.contains("error[user-not-on-agents]") && said.contains("`other`"), "{said}");
    assert!(!said.contains("`deployer`") && !said.contains("parameter-network"), "{said}");
    let bad = TestDir::new().file("milepost.toml", "[target.agents]\nports = \"80-\"\n").file("b.json", "{}");
    assert!(bad.run(&["lint", "b.json"]).contains("is no range of ports"));
}

/// The text says who refuses the task, and in which words; so does JSON.
#[test]
fn the_refusal_is_shown() {
    let text = r#"{"id": "/web", "cmd": "sleep 9", "cpus": 0, "mem": 0, "portDefinitions": []}"#;
    let test = TestDir::new().file("a.json", text);
    let said = test.run(&["lint", "a.json"]);
    assert!(said.contains("error[no-resources]"), "{said}");
    assert!(said.contains("the Mesos master: Task uses no resources"), "{said}");
    let json = test.run(&["lint", "a.json", "--format", "json"]);
    assert!(json.contains(r#""effect":"fails""#), "{json}");
    assert!(json.contains(r#""refusal":{"by":"master","message":"Task uses no resources"}"#), "{json}");
    let selected = test.run(&["lint", "a.json", "--ignore", "no-resources"]);
    assert!(!selected.contains("no-resources]"), "{selected}");
}

/// Marathon accepts what fails later: its own answer does not change.
#[test]
fn the_server_accepts_what_fails() {
    let test = TestDir::new().file("a.json", parameter(BRIDGE, "e", "A=b"));
    let said = test.run(&["lint", "a.json", "--as-server"]);
    assert!(!said.contains("parameter-not-an-option"), "{said}");
}

#[test]
fn a_task_is_explained() {
    let app = docker(
        BRIDGE,
        r#", "parameters": [{"key": "hostname", "value": "web1"}]"#,
        r#", "cmd": "serve it", "env": {"A": "b c"}, "fetch": [{"uri": "https://files.example.com/docker.tar.gz"}],
            "healthChecks": [{"protocol": "COMMAND", "command": {"value": "true"}}, {"protocol": "MESOS_TCP", "portIndex": 0}]"#,
    );
    let test = TestDir::new().file("a.json", app);
    let said = test.run(&["explain", "--task", "a.json"]);
    each_case(
        [
            "docker run --cpu-shares 102 --cpu-quota 10000 --memory 33554432 -e 'A=b c' -e",
            "--net bridge -p '<PORT0>:<PORT0>/tcp' --entrypoint /bin/sh --name",
            "--hostname=web1 '--label=MESOS_TASK_ID=a_web.instance-<UUID>._app.1' reg.example.com/team/web:1.4 -c 'serve it'",
            "https://files.example.com/docker.tar.gz: unpacked into the sandbox",
            "COMMAND true",
            "healthChecks/1 never reaches Mesos",
            "0.1 CPUs, 32",
        ],
        |part| {
            assert!(said.contains(part), "{part}\n{said}");
        },
    );
    let json = test.run(&["explain", "--task", "a.json", "--format", "json"]);
    assert!(
        json.contains(r#""droppedHealthChecks": ["#) && json.contains(r#""network": "BRIDGE""#),
        "{json}"
    );
}

/// Without the Docker Engine there is no command line to show what is mounted, and where the task is found.
#[test]
fn an_explained_task_of_ucr_shows_mounts_and_networks() {
    let app = r#"{"id": "/a", "cmd": "sleep 9", "cpus": 0.1, "mem": 32, "networks": [{"mode": "container", "name": "dcos"}],
        "container": {"type": "MESOS", "docker": {"image": "a/b:1"}, "volumes": [
        {"containerPath": "/etc/web", "hostPath": "/srv/web", "mode": "RO"},
        {"containerPath": "data", "mode": "RW", "persistent": {"size": 10}}]}}"#;
    let pod = r#"{"id": "/p", "containers": [{"name": "main", "resources": {"cpus": 0.1, "mem": 32},
        "exec": {"command": {"argv": ["serve", "a b"]}, "overrideEntrypoint": true}, "volumeMounts": [
        {"name": "work", "mountPath": "/work"}, {"name": "srv", "mountPath": "/srv", "readOnly": true}]}],
        "volumes": [{"name": "work"}, {"name": "srv", "host": "/srv"}]}"#;
    each_case(
        [
            (app, vec!["/srv/web at /etc/web (RO)", "a persistent volume at data (RW)", "networks  dcos\n"]),
            (
                pod,
                vec![
                    "UCR: serve 'a b', without an image",
                    "the pod's volume work at /work (RW)",
                    "/srv at /srv (RO)",
                    "networks  host\n",
                ],
            ),
        ],
        |(text, parts)| {
            let said = TestDir::new().file("a.json", text).run(&["explain", "--task", "a.json"]);
            for part in parts {
                assert!(said.contains(part), "{part}\n{said}");
            }
        },
    );
}

#[test]
fn secrets_are_not_in_an_explained_task() {
    let app = docker(HOST, "", r#", "env": {"DB_PASSWORD": "hunter2-hunter2"}"#);
    let test = TestDir::new().file("a.json", app);
    each_case(["text", "json"], |format| {
        let said = test.run(&["explain", "--task", "a.json", "--format", format]);
        assert!(!said.contains("hunter2"), "{said}");
    });
}

/// Marathon's `PortDiscovery`: an endpoint without a protocol is not to be found, a port in a container is found in each
/// network.
#[test]
fn an_explained_task_tells_how_it_is_found() {
    let pod = |endpoint: &str, networks: &str| {
        format!(
            r#"{{"id": "/p", "networks": [{networks}], "containers": [{{"name": "main", "resources": {{"cpus": 0.1, "mem": 32}},
                "exec": {{"command": {{"shell": "sleep 9"}}}}, "endpoints": [{{"name": "web", {endpoint}}}]}}]}}"#
        )
    };
    let dcos = r#"{"mode": "container", "name": "dcos"}"#;
    let host = r#"{"mode": "host"}"#;
    each_case(
        [
            (pod(r#""hostPort": 0"#, host), None),
            (
                pod(r#""hostPort": 9090, "protocol": ["tcp"]"#, host),
                Some(r#"[{"number":9090,"protocol":"tcp","name":"web"}]"#),
            ),
            (
                pod(r#""containerPort": 80, "hostPort": 9090, "protocol": ["udp"]"#, dcos),
                Some(
                    r#"[{"number":9090,"protocol":"udp","name":"web","labels":{"labels":[{"key":"network-scope","value":"host"}]}}]"#,
                ),
            ),
            (
                pod(r#""containerPort": 80, "protocol": ["tcp"]"#, dcos),
                Some(
                    r#"[{"number":80,"protocol":"tcp","name":"web","labels":{"labels":[{"key":"network-scope","value":"container"},{"key":"network-name","value":"dcos"}]}}]"#,
                ),
            ),
        ],
        |(text, expected)| {
            let test = TestDir::new().file("p.json", text.clone());
            let said = test
                .command(&["explain", "--task", "p.json", "--format", "json"])
                .output()
                .expect("it runs")
                .stdout;
            let json: serde_json::Value = serde_json::from_slice(&said).expect("JSON");
            let ports = &json[0]["task"]["discovery"]["ports"]["ports"];
            let expected: serde_json::Value =
                expected.map(|text| serde_json::from_str(text).expect("JSON")).unwrap_or_default();
            assert_eq!(*ports, expected, "{text}");
        },
    );
}
