//! What commands do with tasks that fail, and where they know the agents from.

#[cfg(feature = "net")]
use super::docker;
use super::{BRIDGE, HOST, parameter};
use crate::common::{TestDir, each_case};

/// `explain --task` says that a task fails, beside what is sent.
#[test]
fn an_explained_task_that_fails_is_told() {
    let test = TestDir::new().file("a.json", parameter(BRIDGE, "e", "A=b"));
    let said = test.run(&["explain", "--task", "a.json"]);
    assert!(said.contains("exit: 1") && said.contains("error[parameter-not-an-option]"), "{said}");
    assert!(said.contains("--e=A=b") && said.contains("does not run"), "{said}");
}

/// A format of one line says who refuses the task, too.
#[test]
fn every_format_says_who_refuses() {
    let text = r#"{"id": "/web", "cmd": "sleep 9", "cpus": 0, "mem": 0, "portDefinitions": []}"#;
    let test = TestDir::new().file("a.json", text);
    each_case(["concise", "github", "gitlab", "sarif"], |format| {
        let said = test.run(&["lint", "a.json", "--format", format]);
        assert!(said.contains("the Mesos master: Task uses no resources"), "{format}: {said}");
    });
}

/// `diff` warns of tasks that fail, and not of those that failed before.
#[test]
fn differences_that_fail_are_told() {
    let app = |path: &str, cpus: &str| {
        format!(
            r#"{{"id": "/a", "cmd": "serve it", "cpus": {cpus}, "portDefinitions": [{{"port": 0}}],
                "healthChecks": [{{"protocol": "MESOS_HTTP", "path": "{path}", "portIndex": 0}}]}}"#
        )
    };
    let test = TestDir::new()
        .file("good.json", app("/x", "1"))
        .file("bad.json", app("x", "1"))
        .file("worse.json", app("x", "2"));
    let told = |old: &str, new: &str| test.run(&["diff", old, new]).contains("[relative-check-path]");
    assert!(told("good.json", "bad.json"));
    assert!(!told("bad.json", "worse.json") && !told("bad.json", "good.json"));
}

/// What agents may lack is a risk, and stops nothing; what the settings say that they lack does.
#[test]
fn what_agents_may_lack_is_no_reason_to_stop() {
    let app = r#"{"id": "/a", "cmd": "sleep 9", "user": "deployer"}"#;
    let test = TestDir::new().file("a.json", r#"{"id": "/a", "cmd": "sleep 9"}"#).file("b.json", app);
    assert!(test.run(&["lint", "b.json"]).contains("warning[user-not-on-agents]"));
    let said = test.run(&["diff", "a.json", "b.json"]);
    assert!(!said.contains("user-not-on-agents") && !said.contains("deployer`"), "{said}");
    let own = "[target.agents]\nusers = [\"web\"]\n";
    let said = test.file("milepost.toml", own).run(&["diff", "a.json", "b.json"]);
    assert!(said.contains("user-not-on-agents"), "{said}");
}

/// A conversion whose result fails is refused: networks of the Docker Engine, and what no agent can fetch.
#[test]
fn a_conversion_that_fails_is_refused() {
    let app = |network: &str, more: &str| {
        format!(
            r#"{{"id": "/a", "cmd": "serve it", "container": {{"type": "DOCKER", "docker": {{"image": "a/b:1"}}}},
                "networks": [{network}]{more}}}"#
        )
    };
    let fetch = r#", "fetch": [{"uri": "file://etc/x"}]"#;
    each_case(
        [
            (r#"{"mode": "container", "name": "host"}"#, ""),
            (r#"{"mode": "container", "name": "bridge"}"#, ""),
            (r#"{"mode": "container", "name": "none"}"#, ""),
            (HOST, fetch),
            (HOST, r#", "user": "1000""#),
        ],
        |(network, more)| {
            let test = TestDir::new().file("a.json", app(network, more));
            let said = test.run(&["migrate", "a.json", "--containerizer", "mesos", "--write"]);
            assert!(said.starts_with("exit: 1"), "{said}");
            assert!(test.read("a.json").contains("DOCKER"), "{said}");
        },
    );
    let test = TestDir::new().file("a.json", app(HOST, ""));
    assert!(test.run(&["migrate", "a.json", "--containerizer", "mesos", "--write"]).starts_with("exit: 0"));
    let test = TestDir::new().file("a.json", app(HOST, ""));
    let said = test.run(&["wire", "a.json", "--archive", "s3://files/docker.tar.gz"]);
    assert!(said.starts_with("exit: 1") && said.contains("its tasks would fail"), "{said}");
    // What fails anyway is wired, and told.
    for way in [
        &["--archive", "https://files.example.com/docker.tar.gz"][..],
        &["--secret", "web/pull", "--convert"],
    ] {
        let test = TestDir::new().file("a.json", app(HOST, fetch));
        let said = test.run(&[&["wire", "a.json", "--write"], way].concat());
        assert!(said.starts_with("exit: 1") && said.contains("its tasks fail, as they do without"), "{said}");
        assert_ne!(test.read("a.json"), app(HOST, fetch), "{said}");
        let said = test.run(&[&["wire", "a.json", "--write", "--no-check"], way].concat());
        assert!(said.starts_with("exit: 0"), "{said}");
    }
}

/// `--target-from` reads what Mesos tells of its agents from a file, and `--save-target` keeps what was written by hand.
#[cfg(feature = "net")]
#[test]
fn agents_are_read_from_mesos() {
    let slaves = r#"{"slaves": [{"active": true, "unreserved_resources": {"ports": "[1025-2000]"},
        "reserved_resources": {"slave_public": {"ports": "[80-90]"}}}]}"#;
    let flags = r#"{"flags": {"isolation": "posix/cpu,posix/mem", "cgroups_enable_cfs": "false"}}"#;
    let port = |port: u32, more: &str| {
        docker(BRIDGE, "", more).replace(
            r#""type": "DOCKER","#,
            &format!(r#""type": "DOCKER", "portMappings": [{{"containerPort": 80, "hostPort": {port}}}],"#),
        )
    };
    let ucr =
        r#"{"id": "/u", "cmd": "serve it", "container": {"type": "MESOS", "docker": {"image": "a/b:1"}}}"#;
    let test = TestDir::new()
        .file("slaves.json", slaves)
        .file("flags.json", flags)
        .file("odd.json", "{}")
        .file("far.json", port(3000, ""))
        .file("near.json", port(1500, ""))
        .file("public.json", port(85, r#", "acceptedResourceRoles": ["slave_public"]"#))
        .file("ucr.json", ucr)
        .file("cpus.json", parameter(BRIDGE, "cpus", "0.5"))
        .file("saved.toml", "[target]\nname = \"dcos-2.1\"\n[target.agents]\nusers = [\"web\"]\n");
    let lint = |file: &str, from: &str| test.run(&["lint", file, "--target", "dcos", "--target-from", from]);
    assert!(lint("far.json", "slaves.json").contains("error[host-port-not-offered]"));
    assert!(
        lint("far.json", "slaves.json")
            .contains("1 agent: ports 1025-2000; ports 80-90 for the role slave_public")
    );
    each_case(["near.json", "public.json"], |file| {
        assert!(!lint(file, "slaves.json").contains("host-port-not-offered"), "{file}");
    });
    assert!(lint("ucr.json", "flags.json").contains("error[image-without-isolator]"));
    assert!(lint("cpus.json", "slaves.json").contains("parameter-cpus"));
    assert!(!lint("cpus.json", "flags.json").contains("parameter-cpus"));
    assert!(lint("ucr.json", "odd.json").contains("no answer of Mesos"));
    let missing = lint("ucr.json", "none.json");
    assert!(
        missing.starts_with("exit: 2") && missing.contains("there is no such file: none.json"),
        "{missing}"
    );
    let said =
        test.run(&["lint", "near.json", "--target-from", "slaves.json", "--save-target", "saved.toml"]);
    let saved = test.read("saved.toml");
    assert!(
        saved.contains("dcos-2.1")
            && saved.contains("web")
            && saved.contains("1025-2000")
            && saved.contains("slave_public"),
        "{said}{saved}"
    );
}

/// Mesos is asked where the address is one of its own paths.
#[cfg(feature = "net")]
#[test]
fn agents_are_read_from_a_master() {
    use crate::send::{Server, json};
    let slaves = r#"{"slaves": [{"active": true, "unreserved_resources": {"ports": "[1025-2000]"},
        "reserved_resources": {}}]}"#;
    let server = Server::start(json("200 OK", slaves));
    let test = TestDir::new()
        .file("a.json", r#"{"id": "/a", "cmd": "serve it", "acceptedResourceRoles": ["edge"]}"#);
    let from = format!("{}/mesos/slaves", server.url());
    let said = test.run(&["lint", "a.json", "--target", "marathon-1.10", "--target-from", &from]);
    assert_eq!(server.request().line, "GET /mesos/slaves HTTP/1.1");
    assert!(said.contains("error[role-not-offered]") && said.contains("1 agent: ports 1025-2000"), "{said}");
}
