//! Fixes that can be trusted: what is never offered, what is safe, and what a step from Marathon's checks to Mesos's keeps.

mod comments;
mod names;

use milepost::finding::{Effect, Finding, FixKind};
use milepost::fix::{self, FixProver};
use milepost::lint::Linter;
use milepost::source::{Format, Kind};
use milepost::target::{Settings, Target};

use super::common::{TestDir, each_case};

fn settings() -> Settings {
    "dcos".parse::<Target>().expect("a target").settings()
}

/// The findings of a definition as lint reports them.
fn lint(text: &str) -> Vec<Finding> {
    let settings = settings();
    let report = Linter::default().lint(text.into(), Format::Json, None, &settings);
    let kind = report.kind.expect("it is a definition");
    let mut findings = report.findings;
    fix::prove(&FixProver::new(Format::Json, kind, &settings), text, &mut findings);
    findings
}

fn only<'f>(findings: &'f [Finding], rule: &str) -> &'f Finding {
    let mut of_rule = findings.iter().filter(|found| found.rule.slug == rule);
    let found = of_rule.next().unwrap_or_else(|| panic!("no {rule} in {findings:#?}"));
    assert!(of_rule.next().is_none(), "more than one {rule} in {findings:#?}");
    found
}

fn fixed(text: &str, level: FixKind) -> String {
    let settings = settings();
    let judge = FixProver::new(Format::Json, Kind::App, &settings);
    fix::apply_fixes(text.to_owned(), Format::Json, level, Some(&judge), lint).text
}

#[test]
fn names_on_purpose_get_no_suggestion_and_no_fix() {
    let names = [
        "__cmd__",
        "//cmd",
        "_cmd",
        "#cmd",
        "cmd_",
        "cmd2",
        "xcmd",
        "cmd-old",
        "oldcmd",
        "cmd.bak",
        "$cmd",
        "-cmd",
        "@cmd",
        "_env",
        "#instances",
        "//healthChecks",
        "healthChecks2",
        "labels_disabled",
        "// the cmd",
        "!env",
        "xlabels",
    ];
    each_case(names, |name| {
        for (value, image) in
            [("\"sleep 600\"", true), ("[\"x\"]", true), ("{\"A\": \"1\"}", false), ("3", false)]
        {
            let container = if image {
                r#", "container": {"type": "DOCKER", "docker": {"image": "a/b:1"}}"#
            } else {
                r#", "cmd": "x""#
            };
            let text = format!(r#"{{"id": "/a", {}: {value}{container}}}"#, serde_json::json!(name));
            let findings = lint(&text);
            let found = only(&findings, "unknown-field");
            let help = found.help.as_deref().unwrap_or_default();
            assert!(!help.contains("did you mean") && !help.contains("rename"), "{name}: {help}");
            assert_eq!(found.effect, Effect::Style, "{name}");
            for level in [FixKind::Safe, FixKind::Unsafe] {
                assert_eq!(fixed(&text, level), text, "{name}");
            }
        }
    });
}

#[test]
fn slips_of_names_are_fixed_where_nothing_else_changes() {
    let app = |members: &str| format!(r#"{{"id": "/a", "cmd": "sleep 100", {members}}}"#);
    each_case(
        [
            (r#""lables": {"a": "b"}"#, "labels", Some(FixKind::Safe)),
            (r#""health_checks": [{"protocol": "MESOS_TCP"}]"#, "healthChecks", Some(FixKind::Safe)),
            (r#""instancess": 3"#, "instances", Some(FixKind::Safe)),
            (r#""envs": {"A": "1"}"#, "env", Some(FixKind::Safe)),
            // The ports become others with it.
            (r#""netwroks": [{"mode": "container", "name": "dcos"}]"#, "networks", Some(FixKind::Unsafe)),
            // `args` beside `cmd` is refused.
            (r#""agrs": ["a"]"#, "args", None),
            // Two names for one field.
            (r#""lables": {"a": "b"}, "labells": {"c": "d"}"#, "labels", None),
            // Empty, or of a wrong type.
            (r#""constrains": []"#, "constraints", None),
            (r#""lables": [1]"#, "labels", None),
            (r#""conatiner": ["x"]"#, "container", None),
        ],
        |(members, name, kind)| {
            let text = app(members);
            let findings = lint(&text);
            let found =
                findings.iter().find(|found| found.rule.slug == "unknown-field").expect("it is unknown");
            assert_eq!(found.help.as_deref(), Some(&*format!("did you mean `{name}`?")), "{members}");
            assert_eq!(found.fix.as_ref().map(|fix| fix.kind), kind, "{members}");
        },
    );
}

/// A field that is absent today takes the place of something else that runs.
#[test]
fn a_name_that_changes_what_runs_is_not_fixed_safely() {
    let docker = r#""container": {"type": "DOCKER", "docker": {"image": "a/b:1"}}"#;
    each_case(
        [
            // The image's own command runs today.
            (format!(r#""Cmd": "serve", {docker}"#), "cmd", FixKind::Unsafe),
            (format!(r#""command": "serve", {docker}"#), "cmd", FixKind::Unsafe),
            (format!(r#""agrs": ["serve"], {docker}"#), "args", FixKind::Unsafe),
            (format!(r#""instancess": 3, {docker}"#), "instances", FixKind::Safe),
            // The command runs outside of the image today.
            (
                r#""cmd": "serve", "contaner": {"type": "MESOS", "docker": {"image": "a/b:1"}}"#.to_owned(),
                "container",
                FixKind::Unsafe,
            ),
            // Marathon rejects it today.
            (r#""Cmd": "serve", "container": {"type": "MESOS"}"#.to_owned(), "cmd", FixKind::Safe),
            // Another containerizer runs it today.
            (
                r#""container": {"Type": "MESOS", "docker": {"image": "a/b:1"}}"#.to_owned(),
                "type",
                FixKind::Unsafe,
            ),
        ],
        |(members, name, kind)| {
            for text in [format!(r#"{{"id": "/a", {members}}}"#), format!(r#"[{{"id": "/a", {members}}}]"#)] {
                let findings = lint(&text);
                let found = only(&findings, "unknown-field");
                assert_eq!(found.help.as_deref(), Some(&*format!("did you mean `{name}`?")), "{text}");
                assert_eq!(found.fix.as_ref().map(|fix| fix.kind), Some(kind), "{text}");
            }
        },
    );
    let pod = r#"{"id": "/p", "containers": [{"name": "c", "resources": {"cpus": 0.1, "mem": 32},
        "image": {"kind": "DOCKER", "id": "a/b:1"}, "exce": {"command": {"shell": "serve"}}}]}"#;
    let findings = lint(pod);
    let fix = only(&findings, "unknown-field").fix.as_ref().map(|fix| fix.kind);
    assert_eq!(fix, Some(FixKind::Unsafe));
}

/// Only the last of two members of one name counts: whichever is meant, a fix would lose the other.
#[test]
fn two_slips_of_one_name_are_not_fixed() {
    let cases = [
        r#""ENV": {"A": "1"}, "enviroment": {"B": "2"}"#,
        r#""label": {"a": "1"}, "lables": {"b": "2"}"#,
        r#""constraint": [["hostname", "UNIQUE"]], "Constraints": [["rack", "GROUP_BY"]]"#,
        r#""healthCheck": [{"protocol": "COMMAND", "command": {"value": "true"}}], "healthchecks": [{"protocol": "COMMAND", "command": {"value": "false"}}]"#,
    ];
    each_case(cases, |members| {
        for level in [FixKind::Safe, FixKind::Unsafe] {
            // Another fix makes more than one round.
            let text = format!(r#"{{"id": "/x", "cmd": "sleep 1", "memory": 64, {members}}}"#);
            let after = fixed(&text, level);
            assert!(after.contains("\"mem\": 64") && after.contains(members), "{level:?}: {after}");
        }
    });
}

/// What has no id may be another program's: no fix gives it one.
#[test]
fn no_name_becomes_an_id() {
    each_case(
        [
            r#"{"name": "/a", "cmd": "date", "cpus": 0.1, "mem": 32}"#,
            r#"{"Id": "/a", "cmd": "date", "cpus": 0.1, "mem": 32}"#,
        ],
        |text| {
            assert!(lint(text).iter().all(|found| found.fix.is_none()), "{text}");
            assert_eq!(fixed(text, FixKind::Unsafe), text);
        },
    );
}

#[test]
fn fixes_that_together_are_refused_are_not_made_together() {
    let text = r#"{"id": "/a", "cmmd": "sleep 100", "agrs": ["x"],
        "container": {"type": "DOCKER", "docker": {"image": "a/b:1"}}}"#;
    let after = fixed(text, FixKind::Unsafe);
    assert_ne!(after, text);
    assert!(!lint(&after).iter().any(|found| found.effect == Effect::Rejected), "{after}");
}

#[test]
fn what_changes_the_stored_app_is_not_safe() {
    each_case(
        [
            (
                "needless-require-ports",
                r#"{"id": "/a", "cmd": "sleep 100", "requirePorts": true, "portDefinitions": []}"#,
            ),
            (
                "unextracted-archive",
                r#"{"id": "/a", "container": {"type": "DOCKER", "docker": {"image": "r.example.com/a:1"}},
                "fetch": [{"uri": "https://files.example.com/docker.tar.gz", "extract": false}]}"#,
            ),
        ],
        |(rule, text)| {
            let findings = lint(text);
            assert_eq!(
                only(&findings, rule).fix.as_ref().map(|fix| fix.kind),
                Some(FixKind::Unsafe),
                "{rule}"
            );
            assert_eq!(fixed(text, FixKind::Safe), text, "{rule}");
        },
    );
}

fn checked(checks: &str) -> String {
    format!(
        r#"{{"id": "/a", "cmd": "serve $PORT0", "portDefinitions": [{{"port": 0}}], "healthChecks": {checks}}}"#
    )
}

#[test]
fn a_check_that_mesos_runs_gets_its_slash() {
    each_case(
        [("health", "/health"), ("", "/"), ("a/b?c=d", "/a/b?c=d"), ("/health", "/health")],
        |(path, slashed)| {
            for protocol in ["HTTP", "HTTPS"] {
                let text =
                    checked(&format!(r#"[{{"protocol": "{protocol}", "path": "{path}", "portIndex": 0}}]"#));
                let wanted = checked(&format!(
                    r#"[{{"protocol": "MESOS_{protocol}", "path": "{slashed}", "portIndex": 0}}]"#
                ));
                assert_eq!(fixed(&text, FixKind::Unsafe), wanted);
            }
        },
    );
    let text = checked(r#"[{"protocol": "MESOS_HTTP", "path": "health", "portIndex": 0}]"#);
    let findings = lint(&text);
    let found = only(&findings, "relative-check-path");
    assert_eq!((found.effect, found.pointer.to_string()), (Effect::Fails, "/healthChecks/0/path".to_owned()));
    assert_eq!(fixed(&text, FixKind::Unsafe), text.replace("\"health\"", "\"/health\""));
    let pod = r#"{"id": "/p", "containers": [{"name": "c", "resources": {"cpus": 0.1, "mem": 32},
        "image": {"kind": "DOCKER", "id": "a/b:1"}, "endpoints": [{"name": "http", "containerPort": 80}],
        "healthCheck": {"http": {"endpoint": "http", "path": "health"}}}], "networks": [{"mode": "container"}]}"#;
    assert_eq!(
        only(&lint(pod), "relative-check-path").pointer.to_string(),
        "/containers/0/healthCheck/http/path"
    );
}

#[test]
fn a_check_that_would_mean_something_else_stays_with_marathon() {
    let stays = |text: &str, help: &str| {
        let findings = lint(text);
        let of_rule = |found: &&Finding| found.rule.slug == "marathon-health-check";
        assert!(findings.iter().any(|found| of_rule(&found)), "{text}");
        for found in findings.iter().filter(of_rule) {
            assert!(found.fix.is_none(), "{text}");
            assert!(found.help.as_deref().unwrap_or_default().contains(help), "{found:?}");
        }
        assert_eq!(fixed(text, FixKind::Unsafe), text);
        let test = TestDir::new().file("a.json", text);
        test.run(&["migrate", "a.json", "--to", "1.11", "--unsafe", "--write"]);
        assert_eq!(test.read("a.json"), text, "migrate leaves it too");
    };
    stays(&checked(r#"[{"protocol": "HTTP", "path": "/", "maxConsecutiveFailures": 0}]"#), "never kills");
    stays(
        &checked(
            r#"[{"protocol": "HTTP", "path": "/"}, {"protocol": "COMMAND", "command": {"value": "./alive"}}]"#,
        ),
        "one check of a task",
    );
    stays(
        &checked(r#"[{"protocol": "HTTP", "path": "/"}, {"protocol": "MESOS_TCP"}]"#),
        "one check of a task",
    );
    stays(&checked(r#"[{"protocol": "HTTP", "path": "/"}, {"protocol": "TCP"}]"#), "one per app");
    stays(
        &checked(r#"[{"protocol": "HTTP", "path": "/"}]"#).replace("serve $PORT0", "serve ${HOST}:$PORT0"),
        "127.0.0.1",
    );
}

#[test]
fn checks_that_mesos_never_runs_are_found() {
    let command = r#"{"protocol": "COMMAND", "command": {"value": "true"}}"#;
    let other = r#"{"protocol": "COMMAND", "command": {"value": "test -e x"}}"#;
    each_case(
        [
            (format!("[{command}, {other}]"), vec!["/healthChecks/1/protocol"]),
            (format!(r#"[{command}, {{"protocol": "MESOS_TCP"}}]"#), vec!["/healthChecks/1/protocol"]),
            (
                format!(r#"[{command}, {other}, {{"protocol": "MESOS_TCP"}}]"#),
                vec!["/healthChecks/1/protocol", "/healthChecks/2/protocol"],
            ),
            (format!(r#"[{command}, {{"protocol": "TCP"}}]"#), vec![]),
            (format!("[{command}, {command}]"), vec![]),
            (command.replace("{\"protocol\"", "[{\"protocol\"") + "]", vec![]),
        ],
        |(checks, places)| {
            let findings = lint(&checked(&checks));
            let second = findings.iter().filter(|found| found.rule.slug == "second-mesos-check");
            let found: Vec<String> = second
                .map(|found| {
                    assert_eq!(found.effect, Effect::Ignored);
                    found.pointer.to_string()
                })
                .collect();
            assert_eq!(found, places, "{checks}");
        },
    );
}

/// A port of the agent is Marathon's business only on a bridge network.
#[test]
fn a_fixed_port_is_foreign_on_a_bridge_only() {
    let app = |network: &str, check: &str| {
        format!(
            r#"{{"id": "/a", "container": {{"type": "DOCKER", "docker": {{"image": "a/b:1"}}{}}},
                "networks": [{network}], "healthChecks": [{check}]}}"#,
            if network.contains("host") {
                ""
            } else {
                r#", "portMappings": [{"containerPort": 80, "hostPort": 8080}]"#
            }
        )
    };
    let check = |protocol: &str, port: u16| format!(r#"{{"protocol": "{protocol}", "port": {port}}}"#);
    let (host, own) = (r#"{"mode": "host"}"#, r#"{"mode": "container", "name": "dcos"}"#);
    let bridge = r#"{"mode": "container/bridge"}"#;
    each_case(
        [
            (host, "HTTP", 8123, None),
            (host, "MESOS_TCP", 22, None),
            (own, "HTTP", 9000, None),
            (own, "MESOS_HTTP", 9000, None),
            (bridge, "MESOS_HTTP", 9000, None),
            (bridge, "HTTP", 8080, None),
            (bridge, "HTTP", 80, Some("write \"portIndex\": 0 in its place")),
            (
                bridge,
                "TCP",
                9000,
                Some("name the port by `portIndex`, its index in the list of the app's port mappings"),
            ),
        ],
        |(network, protocol, port, help)| {
            let findings = lint(&app(network, &check(protocol, port)));
            let found = findings.iter().find(|found| found.rule.slug == "foreign-check-port");
            assert_eq!(
                found.map(|found| found.help.as_deref().unwrap_or_default()),
                help,
                "{network} {protocol} {port}"
            );
        },
    );
}

#[test]
fn what_asks_for_nothing_is_no_error() {
    each_case(
        [
            r#""storeUrls": [], "volumes": null"#,
            r#""storeUrls": null"#,
            r#""comment": "ours", "_comment": ["x"], "//": "y", "$comment": 1"#,
            r#""healthCheck": [], "lables": null, "network": []"#,
            r#""maintainer": "me@example.com""#,
            r#""healthChecks": [{"protocol": "TCP", "path": "/", "delaySeconds": 15, "ignoreHttp1xx": false}],
           "portDefinitions": [{"port": 0}]"#,
            r#""healthChecks": [{"protocol": "COMMAND", "command": {"value": "true"}, "portIndex": 0, "path": null}],
           "portDefinitions": [{"port": 0}]"#,
            r#""healthChecks": [{"protocol": "MESOS_TCP", "ignoreHttp1xx": true}], "portDefinitions": [{"port": 0}]"#,
        ],
        |members| {
            let text = format!(r#"{{"id": "/a", "cmd": "serve", {members}}}"#);
            for found in lint(&text) {
                assert!(!matches!(found.effect, Effect::Ignored | Effect::Rejected), "{members}: {found:?}");
            }
        },
    );
    each_case(
        [
            (r#""storeUrls": ["https://example.com/a.tgz"]"#, "removed-field"),
            (r#""volumes": [{"containerPath": "/a"}]"#, "unknown-field"),
            (r#""healthChecks": [{"protocol": "MESOS_TCP", "path": "/health"}]"#, "idle-check-field"),
        ],
        |(members, rule)| {
            let text = format!(r#"{{"id": "/a", "cmd": "serve", {members}}}"#);
            assert_eq!(only(&lint(&text), rule).effect, Effect::Ignored, "{members}");
        },
    );
}

/// One field of a wrong type does not silence the advice on the others.
#[test]
fn advice_is_given_beside_what_does_not_parse() {
    let rules = |text: &str| -> Vec<&str> { lint(text).iter().map(|found| found.rule.slug).collect() };
    let secret =
        r#"{"id": "/a", "cmd": "serve", "cpus": "0.5", "env": {"DB_PASSWORD": "correct-horse-battery"}}"#;
    assert_eq!(rules(secret), ["wrong-type", "plain-secret"]);
    let image = r#"{"id": "/a", "mem": "x", "container": {"type": "DOCKER", "docker": {"image": "a/b", "privileged": true}},
        "networks": [{"mode": "host"}]}"#;
    assert_eq!(rules(image), ["wrong-type", "unpinned-image", "privileged-container"]);
    // What the broken part decides is not guessed.
    let checks = r#"{"id": "/a", "cmd": "serve", "portDefinitions": [{"port": 0}], "healthChecks": [{"portIndex": "0"}]}"#;
    assert_eq!(rules(checks), ["wrong-type"]);
    let group = r#"{"id": "/g", "apps": [{"id": "a", "cmd": "serve", "cpus": "1", "env": {"API_TOKEN": "correct-horse-battery"}},
        {"id": "b", "cmd": "serve", "container": {"type": "DOCKER", "docker": {"image": "a/b"}}}]}"#;
    assert_eq!(rules(group), ["wrong-type", "plain-secret", "unpinned-image"]);
    let pod = r#"{"id": "/p", "scaling": 3, "containers": [{"name": "c", "resources": {"cpus": 0.1, "mem": 32},
        "image": {"kind": "DOCKER", "id": "a/b"}}]}"#;
    assert!(rules(pod).contains(&"unpinned-image"), "{:?}", rules(pod));
    let fixes = lint(r#"{"id": "/a", "cpus": "0.5", "cmd": "serve", "uris": ["https://example.com/a.tgz"]}"#);
    assert!(only(&fixes, "old-uris").fix.is_none(), "what it would change is unknown");
}

/// What only a shell understands, where none reads it.
#[test]
fn texts_for_a_shell_are_found_where_there_is_none() {
    each_case(
        [
            (r#""args": ["-config.file=$MESOS_SANDBOX/p.yml", "--port=$PORT0"]"#, vec!["/args/0", "/args/1"]),
            (r#""args": ["--name 'n0'", "--listen 'http://0.0.0.0:1'"]"#, vec!["/args/0", "/args/1"]),
            (r#""args": ["python", "app.py", "&&", "echo", "done"]"#, vec!["/args/2"]),
            (r#""args": ["serve", "$MODE"], "env": {"MODE": "fast"}"#, vec!["/args/1"]),
            (r#""args": ["sh", "-c", "serve $PORT0 && true"]"#, vec![]),
            (r#""args": ["^a$", "x y", "--name=a b", "$HOME"]"#, vec![]),
            (r#""cmd": "[\"node\",\"server.js\"]""#, vec!["/cmd"]),
            (r#""cmd": "[ -e x ] && serve""#, vec![]),
            (
                r#""cmd": "serve", "env": {"A": "$PORT0", "B": "${MESOS_SANDBOX}/c", "C": "$x"}"#,
                vec!["/env/A", "/env/B"],
            ),
            (r#""cmd": "eval serve $A", "env": {"A": "$PORT0"}"#, vec![]),
        ],
        |(members, pointers)| {
            let text = format!(r#"{{"id": "/a", {members}}}"#);
            let findings = lint(&text);
            let rules = ["shell-in-args", "variable-in-env", "array-as-command"];
            let found = findings.iter().filter(|found| rules.contains(&found.rule.slug));
            assert_eq!(
                found.map(|found| found.pointer.to_string()).collect::<Vec<_>>(),
                pointers,
                "{members}"
            );
        },
    );
    let text = r#"{"id": "/a", "cmd": "[\"node\",\"server.js\"]"}"#;
    assert_eq!(fixed(text, FixKind::Unsafe), r#"{"id": "/a", "args": ["node", "server.js"]}"#);
}

/// A device or socket of the agent is no data.
#[test]
fn data_is_told_from_devices() {
    let volume = |path: &str| format!(r#"{{"containerPath": "{path}", "hostPath": "{path}", "mode": "RW"}}"#);
    let text = format!(
        r#"{{"id": "/a", "container": {{"type": "DOCKER", "docker": {{"image": "a/b:1"}}, "volumes": [{}, {}]}}}}"#,
        volume("/dev/log"),
        volume("/srv/data")
    );
    assert_eq!(only(&lint(&text), "data-on-agent").pointer.to_string(), "/container/volumes/1/hostPath");
}

/// A fix whose result Marathon would reject is none, also where the error that is there now hides that.
#[test]
fn a_fix_writes_nothing_that_marathon_rejects() {
    each_case(
        [
            r#"{"id": "/a", "cmd": "x", "resourceLimits": {"cpus": true}}"#,
            r#"{"id": "/a", "cmd": "x", "role": 1}"#,
            r#"{"id": "/a", "cmd": "x", "instances": "-1"}"#,
            r#"{"id": "/a", "cmd": "x", "cpus": "-1"}"#,
            r#"{"id": "/a", "cmd": "x", "cpus": "-1", "mem": []}"#,
        ],
        |text| {
            assert!(lint(text).iter().all(|found| found.fix.is_none()), "{text}");
            assert_eq!(fixed(text, FixKind::Unsafe), text);
        },
    );
    let other = r#"{"id": "/a", "cmd": "x", "cpus": "0.5", "instances": "-1"}"#;
    assert_eq!(fixed(other, FixKind::Safe), other.replace("\"0.5\"", "0.5"), "the other fix stays");
}

#[test]
fn a_relative_id_stays_relative() {
    let app = |id: &str| format!(r#"{{"id":"{id}","cmd":"sleep 1"}}"#);
    assert_eq!(fixed(&app("./web_"), FixKind::Unsafe), app("web"));
    assert_eq!(fixed(&app("../web_"), FixKind::Unsafe), app("../web_"));
}
