//! Definitions in which one value has a wrong type: what else is wrong is said, and nothing that is right is called wrong.

use milepost::finding::{Effect, Finding, FixKind, Stage};
use milepost::fix::{self, FixProver};
use milepost::lint::Linter;
use milepost::rule_docs;
use milepost::source::Format;
use milepost::target::Target;
use serde_json::{Value, json};

use super::common::each_case;

/// The findings about a text, with fixes that are proven.
fn lint(text: &str) -> Vec<Finding> {
    let settings = "dcos".parse::<Target>().expect("a target").settings();
    let mut report = Linter::default().lint(text.into(), Format::Json, None, &settings);
    let judge = FixProver::new(Format::Json, report.kind.expect("a definition"), &settings);
    fix::prove(&judge, text, &mut report.findings);
    report.findings
}

fn rejected(text: &str) -> Vec<String> {
    let rejections = lint(text).into_iter().filter(|found| found.effect == Effect::Rejected);
    let shown = |found: Finding| {
        let is_later = found.answer.as_ref().is_some_and(|answer| answer.later);
        format!("{} {}", if is_later { "later" } else { "now" }, found.rule.slug)
    };
    rejections.map(shown).collect()
}

#[test]
fn what_is_rejected_beside_it_is_said() {
    let app = |members: &str| format!(r#"{{"id": "/a", "cmd": "serve", {members}}}"#);
    let wrong = "now wrong-type";
    each_case([
        (
            app(r#""instances": "3", "portDefinitions": [{"port": 0}], "healthChecks": [{"portIndex": 1}]"#),
            vec![wrong, "later unknown-health-check-port"],
        ),
        (
            app(r#""mem": "128", "constraints": [["hostname", "UNIQ"]]"#),
            vec![wrong, "later invalid-constraint"],
        ),
        (app(r#""cpus": true, "uris": ["http://a/b c"]"#), vec![wrong, "later invalid-uri"]),
        (app(r#""env": {"A": 1}, "args": ["b"]"#), vec![wrong, "later nothing-to-run"]),
        // What the value decides is unknown.
        (app(r#""portDefinitions": "0", "healthChecks": [{"portIndex": 1}]"#), vec![wrong]),
        (r#"{"id": "/a", "cmd": 5}"#.to_owned(), vec![wrong]),
        (
            r#"[{"id": "/a", "cmd": "serve", "mem": "1", "constraints": [["a", "b"]]},
                {"id": "/b", "cmd": "serve", "constraints": [["c", "d"]]}]"#
                .to_owned(),
            vec![wrong, "later invalid-constraint", "later invalid-constraint"],
        ),
        (
            r#"{"id": "/g", "apps": [{"id": "a", "cmd": "serve", "mem": "1", "constraints": [["a", "b"]]},
                {"id": "b", "cmd": "serve", "constraints": [["c", "d"]]}]}"#
                .to_owned(),
            vec![wrong, "later invalid-constraint", "later invalid-constraint"],
        ),
        // What is wrong with a group itself says nothing of its apps.
        (
            r#"{"id": "/g", "dependencies": "/x", "groups": [{"id": "h", "apps": [{"id": "a", "cmd": "serve",
                "constraints": [["a", "b"]]}]}]}"#
                .to_owned(),
            vec![wrong, "later invalid-constraint"],
        ),
        (
            r#"{"id": "/p", "containers": [{"name": "c", "resources": {"cpus": "0.1"}, "endpoints": [{"name": "http"}],
                "healthCheck": {"http": {"endpoint": "web"}}}]}"#
                .to_owned(),
            vec![wrong, "later undefined-endpoint"],
        ),
    ], |(text, expected)| {
        assert_eq!(rejected(&text), expected, "{text}");
    });
}

/// The definition, with each of its members in turn of a wrong type.
fn corrupted(definition: &Value) -> Vec<Value> {
    fn places(value: &Value, at: &str, all: &mut Vec<String>) {
        let members: Vec<(String, &Value)> = match value {
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| (name.replace('~', "~0").replace('/', "~1"), value))
                .collect(),
            Value::Array(elements) => {
                elements.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
            }
            _ => Vec::new(),
        };
        for (name, value) in members {
            let place = format!("{at}/{name}");
            places(value, &place, all);
            all.push(place);
        }
    }
    let mut all = Vec::new();
    places(definition, "", &mut all);
    let wrong = |place: &String| {
        let mut definition = definition.clone();
        let value = definition.pointer_mut(place).expect("it is there");
        *value = if value.is_number() || value.is_boolean() { json!("x") } else { json!(5) };
        definition
    };
    all.iter().map(wrong).collect()
}

/// Once the value is right Marathon accepts the definition, so it rejects nothing else of it.
#[test]
fn nothing_is_rejected_for_what_is_unknown() {
    let rules = rule_docs::all().iter().copied().filter(|rule| !rule.good.is_empty());
    let mut tried = 0;
    each_case(rules, |rule| {
        let Ok(good) = serde_json::from_str::<Value>(rule.good) else { return };
        for definition in corrupted(&good) {
            let text = definition.to_string();
            let findings = rule_docs::check(rule, &text).findings;
            if !findings.iter().any(|found| found.stage() == Some(Stage::Parse)) {
                continue;
            }
            tried += 1;
            let is_later = |found: &&Finding| found.stage().is_some_and(|stage| stage > Stage::Parse);
            let others: Vec<&Finding> = findings.iter().filter(is_later).collect();
            assert!(others.is_empty(), "{}: {text}: {others:#?}", rule.slug);
        }
    });
    assert!(tried > 500, "only {tried} definitions were tried");
}

/// The message, the help and the fix of a finding.
type Said = (String, String, Option<(FixKind, String)>);

/// What is said of each finding about names and types.
fn said(text: &str) -> Vec<Said> {
    const RULES: [&str; 6] =
        ["unknown-field", "removed-field", "response-field", "wrong-type", "missing-field", "unknown-value"];
    let found = lint(text).into_iter().filter(|found| RULES.contains(&found.rule.slug));
    let parts = |found: Finding| {
        let fix = found.fix.map(|fix| (fix.kind, fix.title));
        (found.message, found.help.unwrap_or_default().into_owned(), fix)
    };
    found.map(parts).collect()
}

/// An app in a list or a group is told the same as one alone.
#[test]
fn apps_in_lists_and_groups_are_told_the_same() {
    each_case(
        [
            r#""command": "x""#,
            r#""memory": 5"#,
            r#""memmory": 5"#,
            r#""envs": {"A": "1"}"#,
            r#""enviroment": {"A": "1"}"#,
            r#""network": "BRIDGE""#,
            r#""type": "DOCKER""#,
            r#""port": 80"#,
            r#""uri": ["http://a/b"]"#,
            r#""storeUrls": ["http://a/b"]"#,
            r#""tasksRunning": 1"#,
            r#""HAPROXY_GROUP": "external""#,
            r#""VIP_0": "/a:80""#,
            r#""portMappings": [{"containerPort": 80}]"#,
            r#""volumes": [{"containerPath": "/a"}]"#,
            r#""healthCheck": [{"protocol": "COMMAND", "command": {"value": "true"}}]"#,
            r#""healthChecks": [{"protocol": "MESOS_TCP", "timeOut": 5}]"#,
            r#""container": {"type": "MESOS", "volumes": [{"containerPath": "a", "hostPath": "/b", "mode": "RO",
                "persistent": null}]}"#,
            r#""container": {"type": "MESOS", "image": "a/b:1", "docker": {"image": "a/b:1", "volumes": []}}"#,
            r#""instances": "3""#,
            r#""constraints": ["hostname", "UNIQUE"]"#,
            r#""env": ["A=1"]"#,
            r#""networks": "dcos""#,
            r#""maintainer": "a""#,
            r#""foo": 1"#,
            r#""//cmd": "old""#,
        ],
        |members| {
            let app = |id: &str| format!(r#"{{"id": "{id}", "cmd": "serve", {members}}}"#);
            let alone = said(&app("/g/a"));
            assert!(!alone.is_empty(), "{members}");
            assert_eq!(said(&format!("[{}]", app("/g/a"))), alone, "in a list: {members}");
            let group = format!(r#"{{"id": "/g", "apps": [{}]}}"#, app("a"));
            assert_eq!(said(&group), alone, "in a group: {members}");
        },
    );
}
