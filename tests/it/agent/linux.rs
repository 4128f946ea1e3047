//! What agents allow of `linuxInfo`, and services that listen where Mesos does not ask.

use milepost::finding::Effect;
use milepost::target::{Agents, Settings};

use super::{lint, target};
use crate::common::{TestDir, each_case};

/// The effect with which a rule is broken, on agents like these.
fn effect(text: &str, rule: &str, agents: Agents) -> Option<Effect> {
    let settings = Settings { agents, ..target("dcos") };
    lint(text, &settings).into_iter().find(|found| found.rule.slug == rule).map(|found| found.effect)
}

fn app(info: &str) -> String {
    format!(r#"{{"id": "/a", "cmd": "sleep 9", "container": {{"type": "MESOS", "linuxInfo": {info}}}}}"#)
}

fn pod(of_pod: &str, of_container: &str) -> String {
    format!(
        r#"{{"id": "/p", "networks": [{{"mode": "host"}}], "linuxInfo": {of_pod}, "containers": [{{"name": "main",
            "resources": {{"cpus": 0.1, "mem": 32}}, "exec": {{"command": {{"shell": "sleep 9"}}}}, "linuxInfo": {of_container}}}]}}"#
    )
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

#[test]
fn seccomp_profiles_are_those_of_the_agents() {
    let profile = |name: &str| format!(r#"{{"seccomp": {{"profileName": "{name}"}}}}"#);
    let unknown = Agents::default;
    let listed = || Agents { seccomp_profiles: Some(texts(&["web.json"])), ..Agents::default() };
    let without = || Agents { isolators: Some(texts(&["filesystem/linux"])), ..Agents::default() };
    each_case(
        [
            (app(&profile("web.json")), unknown(), Some(Effect::Risky)),
            (pod("{}", &profile("web.json")), unknown(), Some(Effect::Risky)),
            (app(&profile("default.json")), unknown(), None),
            (app(r#"{"seccomp": {"unconfined": true}}"#), unknown(), None),
            (app(&profile("web.json")), listed(), None),
            (app(&profile("default.json")), listed(), Some(Effect::Fails)),
            (app(&profile("web.json")), without(), None),
            (app(&profile("{{ profile }}")), unknown(), None),
        ],
        |(text, agents, expected)| {
            assert_eq!(
                effect(&text, "unknown-seccomp-profile", agents.clone()),
                expected,
                "{text} {agents:?}"
            );
        },
    );
}

/// `TaskBuilder` and `TaskGroupBuilder` send it alike.
#[test]
fn a_task_has_the_profile_of_its_container() {
    let profile = r#"{"seccomp": {"profileName": "web.json"}}"#;
    each_case([app(profile), pod("{}", profile)], |text| {
        let test = TestDir::new().file("a.json", &text);
        let output =
            test.command(&["explain", "--task", "a.json", "--format", "json"]).output().expect("it runs");
        let tasks: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let sent = tasks.pointer("/0/task/container/linux_info/seccomp");
        assert_eq!(
            sent,
            Some(&serde_json::json!({"unconfined": false, "profile_name": "web.json"})),
            "{text}"
        );
    });
}

#[test]
fn agents_may_keep_their_memory_for_themselves() {
    let shared = r#"{"ipcInfo": {"mode": "SHARE_PARENT"}}"#;
    let private = r#"{"ipcInfo": {"mode": "PRIVATE", "shmSize": 64}}"#;
    let agents = |share_ipc| Agents { share_ipc, ..Agents::default() };
    each_case(
        [
            (app(shared), agents(Some(false)), Some(Effect::Fails)),
            (pod(shared, private), agents(Some(false)), Some(Effect::Fails)),
            // The parent of a container is its pod.
            (pod(private, shared), agents(Some(false)), None),
            (app(private), agents(Some(false)), None),
            (app(shared), agents(Some(true)), None),
            (app(shared), agents(None), None),
        ],
        |(text, agents, expected)| {
            assert_eq!(
                effect(&text, "shared-memory-of-agent", agents.clone()),
                expected,
                "{text} {agents:?}"
            );
        },
    );
}

#[test]
fn mesos_asks_for_health_at_the_address_of_the_loopback() {
    let app = |cmd: &str, more: &str, protocol: &str| {
        format!(
            r#"{{"id": "/a", "cmd": "{cmd}"{more}, "healthChecks": [{{"protocol": "{protocol}", "portIndex": 0}}]}}"#
        )
    };
    let port = r#", "portDefinitions": [{"port": 0}]"#;
    let network = r#", "networks": [{"mode": "container", "name": "dcos"}],
        "container": {"type": "MESOS", "portMappings": [{"containerPort": 80}]}"#;
    each_case(
        [
            (app("serve --bind $HOST:$PORT0", port, "MESOS_TCP"), Some(Effect::Risky)),
            (app("serve --bind 0.0.0.0:$PORT0", port, "MESOS_TCP"), None),
            (app("serve --bind $HOST:$PORT0", port, "TCP"), None),
            (app("serve --bind $HOST:80", network, "MESOS_TCP"), None),
        ],
        |(text, expected)| {
            assert_eq!(effect(&text, "mesos-check-asks-loopback", Agents::default()), expected, "{text}");
        },
    );
}
