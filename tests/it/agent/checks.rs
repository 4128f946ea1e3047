//! Health checks that Mesos cannot make, and which of several it gets.

use milepost::finding::Effect;
use milepost::lint::Linter;
use milepost::source::Format;

use super::{lint, slugs, target};
use crate::common::{TestDir, each_case};

#[test]
fn checks_are_asked_for_as_curl_can() {
    let app = |path: &str| {
        format!(
            r#"{{"id": "/a", "cmd": "sleep 9", "portDefinitions": [{{"port": 0}}],
                "healthChecks": [{{"protocol": "MESOS_HTTP", "path": "{path}", "portIndex": 0}}]}}"#
        )
    };
    each_case(
        [
            ("status", Some("relative-check-path")),
            ("", Some("relative-check-path")),
            ("/a b", Some("unaskable-check-path")),
            ("/a[1]", None),
            ("/a%20b?c=d#e", None),
            ("//it's", None),
        ],
        |(path, rule)| {
            assert_eq!(slugs(&app(path)), Vec::from_iter(rule), "{path}");
        },
    );
    let old = lint(&app("/a[1]"), &target("dcos-1.10"));
    assert!(old.iter().any(|found| found.rule.slug == "unaskable-check-path"), "{old:#?}");
}

/// The result of a `check` is only reported: nothing is killed. The master looks at its path all the same.
#[test]
fn a_check_that_only_reports_may_fail() {
    each_case(
        [
            (r#""portIndex": 0, "path": "/a b""#, None),
            (r#""portIndex": 0, "path": "x""#, Some("relative-check-path")),
            (r#""path": "x""#, None),
        ],
        |(http, rule)| {
            let text = format!(
                r#"{{"id": "/a", "cmd": "sleep 9", "portDefinitions": [{{"port": 0}}], "check": {{"http": {{{http}}}}}}}"#
            );
            assert_eq!(slugs(&text), Vec::from_iter(rule), "{http}");
        },
    );
}

/// A check that Mesos never gets lets the deployment wait for ever.
#[test]
fn a_check_without_a_port_is_an_error() {
    let rules = |text: &str| {
        let found =
            lint(text, &target("dcos")).into_iter().filter(|found| found.rule.slug == "check-without-port");
        found.map(|found| found.effect).collect::<Vec<_>>()
    };
    each_case(
        [
            ("", r#"{"protocol": "MESOS_HTTP", "path": "/"}"#, true),
            ("", r#"{"protocol": "MESOS_TCP"}"#, true),
            ("", r#"{"protocol": "MESOS_TCP", "portIndex": 0}"#, false),
            ("", r#"{"protocol": "COMMAND", "command": {"value": "true"}}"#, false),
            (r#""ports": [0], "#, r#"{"protocol": "MESOS_TCP"}"#, true),
            (r#""portDefinitions": [{"port": 0}], "#, r#"{"protocol": "MESOS_TCP"}"#, false),
            // The result of the one that Mesos gets counts for both.
            (
                "",
                r#"{"protocol": "MESOS_TCP"}, {"protocol": "COMMAND", "command": {"value": "true"}}"#,
                false,
            ),
            ("", r#"{"protocol": "MESOS_TCP"}, {"protocol": "HTTP"}"#, true),
        ],
        |(ports, check, is_dropped)| {
            let text = format!(r#"{{"id": "/a", "cmd": "sleep 9", {ports}"healthChecks": [{check}]}}"#);
            assert_eq!(rules(&text), if is_dropped { vec![Effect::Ignored] } else { vec![] }, "{text}");
            let test = TestDir::new().file("a.json", &text);
            test.run(&["lint", "a.json", "--select", "check-without-port", "--fix=unsafe"]);
            let fixed = test.read("a.json");
            assert_eq!(fixed != text, is_dropped, "{fixed}");
            assert_eq!(rules(&fixed), vec![], "{fixed}");
        },
    );
    // Marathon rejects these, and says so alone.
    each_case([r#""portDefinitions": []"#, r#""ports": [0, 0]"#], |ports| {
        let text = format!(
            r#"{{"id": "/a", "cmd": "sleep 9", {ports}, "healthChecks": [{{"protocol": "MESOS_TCP"}}]}}"#
        );
        let report = Linter::default().lint(text.into(), Format::Json, None, &target("dcos"));
        let errors =
            report.findings.iter().filter(|found| found.severity() == milepost::finding::Severity::Error);
        let errors: Vec<_> = errors.map(|found| found.rule.slug).collect();
        assert_eq!(errors, ["unknown-health-check-port"], "{ports}");
    });
}

/// The rules and `explain --task` agree on the check that Mesos gets.
#[test]
fn one_check_of_all_is_sent() {
    let command = |line: &str| format!(r#"{{"protocol": "COMMAND", "command": {{"value": "{line}"}}}}"#);
    let (tcp, relative) = (r#"{"protocol": "MESOS_TCP"}"#, r#"{"protocol": "MESOS_HTTP", "path": "x"}"#);
    each_case(
        [
            (format!("{tcp}, {}", command("true")), vec![0]),
            (format!("{}, {tcp}", command("true")), vec![1]),
            (format!("{relative}, {}", command("true")), vec![0]),
            (format!(r#"{{"protocol": "HTTP"}}, {}, {tcp}, {}"#, command("a"), command("b")), vec![2, 3]),
            (command("true"), vec![]),
        ],
        |(checks, dropped)| {
            let text = format!(
                r#"{{"id": "/a", "cmd": "sleep 9", "cpus": 0.1, "mem": 32, "healthChecks": [{checks}]}}"#
            );
            let found = lint(&text, &target("dcos")).into_iter();
            let found: Vec<String> = found
                .filter(|found| found.severity() == milepost::finding::Severity::Error)
                .map(|found| format!("{} {}", found.rule.slug, found.pointer))
                .collect();
            let second = |index: &i32| format!("second-mesos-check /healthChecks/{index}/protocol");
            assert_eq!(found, dropped.iter().map(second).collect::<Vec<_>>(), "{text}");
            let test = TestDir::new().file("a.json", &text);
            let task = test.run(&["explain", "--task", "a.json", "--format", "json"]);
            let task: serde_json::Value =
                serde_json::from_str(&task[task.find('[').expect("JSON")..=task.rfind(']').expect("JSON")])
                    .expect("JSON");
            assert_eq!(task[0]["droppedHealthChecks"], serde_json::json!(dropped), "{task:#}");
            assert_eq!(task[0]["task"]["health_check"]["type"], "COMMAND", "{task:#}");
        },
    );
}
