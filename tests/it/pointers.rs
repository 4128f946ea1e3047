//! The JSON pointers of findings in groups and lists: those of the file, whatever Marathon counts from.

use std::collections::BTreeSet;

use milepost::lint::Linter;
use milepost::source::{Document, Format, Kind, Pointer, Step, Value};
use milepost::target::Target;
use serde_json::Value as Json;

use super::common::{TestDir, each_case};
use super::verdicts::records;

/// The value at a pointer, or the nearest one around it that is there, and whether it is the value itself. A `null` is
/// absent to Marathon.
fn nearest<'d>(document: &'d Document, pointer: &Pointer) -> (Value<'d>, bool) {
    let mut at = document.root();
    for step in pointer.steps() {
        let next = match step {
            Step::Key(name) => at.get(name),
            Step::Index(index) => at.elements().nth(*index),
        };
        match next.filter(|next| !next.is_null() || at.kind() != milepost::source::Type::Object) {
            Some(next) => at = next,
            None => return (at, false),
        }
    }
    (at, true)
}

/// What is wrong with the pointers of the findings in this text.
fn wrong(text: &str, kind: Kind, settings: &milepost::target::Settings) -> Vec<String> {
    let report = Linter::default().lint(text.as_bytes().to_vec(), Format::Json, Some(kind), settings);
    let Ok(document) = Document::parse(text, Format::Json) else { return Vec::new() };
    let is_wrong = |found: &milepost::finding::Finding| {
        let (value, _) = nearest(&document, &found.pointer);
        let start = found.range.start;
        let is_null = |value: Value<'_>| value.is_null() && value.range().start == start;
        let at_value = value.range().start == start || document.at(&found.pointer).is_some_and(is_null);
        // A name, or a member that is there twice, is beside the value of that name.
        let names = found.pointer.parent().is_some_and(|(parent, last)| {
            let is_it = |key: Value<'_>| {
                key.range().start == start
                    && Step::Key(key.as_str().unwrap_or_default().into_owned()) == *last
            };
            nearest(&document, &parent).0.members().any(|(key, _)| is_it(key))
        });
        let follows = start >= document.root().range().end;
        !(at_value || names || follows)
    };
    let show = |found: &milepost::finding::Finding| {
        format!("{} at {:?}, byte {} of {text}", found.rule, found.pointer.to_string(), found.range.start)
    };
    report.findings.iter().filter(|found| is_wrong(found)).map(show).collect()
}

#[test]
fn pointers_lead_to_the_values_in_groups_and_lists() {
    let mut rules = BTreeSet::new();
    each_case(records(), |record| {
        let text = &record.text;
        let around: Vec<(Kind, String)> = match record.kind {
            Kind::App if Document::parse(text.as_str(), Format::Json).is_ok() => vec![
                (Kind::Apps, format!("[{{\"id\": \"/first\", \"cmd\": \"sleep 1\"}}, {text}]")),
                (
                    Kind::Group,
                    format!(
                        "{{\"id\": \"/g\", \"apps\": [{{\"id\": \"one\", \"cmd\": \"sleep 1\"}}, {text}]}}"
                    ),
                ),
                (
                    Kind::Group,
                    format!(
                        "{{\"id\": \"/g\", \"apps\": [], \"groups\": [{{\"id\": \"e\"}}, {{\"id\": \"h\", \"apps\": [{text}]}}]}}"
                    ),
                ),
                (Kind::Group, format!("{{\"apps\": [{text}]}}")),
            ],
            kind => vec![(kind, text.clone())],
        };
        for (kind, text) in around {
            if kind == Kind::App || kind == Kind::Pod {
                continue;
            }
            let report =
                Linter::default().lint(text.clone().into(), Format::Json, Some(kind), &record.settings);
            rules.extend(
                report.findings.iter().filter(|found| found.answer.is_some()).map(|found| found.rule.slug),
            );
            let wrong = wrong(&text, kind, &record.settings);
            assert!(wrong.is_empty(), "{}: {wrong:#?}", record.id);
        }
    });
    assert!(rules.len() > 40, "only these rules reject something: {rules:?}");
}

#[test]
fn the_pointer_of_a_field_that_is_missing_is_the_files() {
    let settings = "dcos".parse::<Target>().expect("a target").settings();
    let group =
        |app: &str| format!(r#"{{"id": "/g", "groups": [{{"id": "h", "apps": [{{"id": "a", {app}}}]}}]}}"#);
    each_case(
        [
            (r#""cmd": "run a", "role": "x""#, "foreign-role", "/role"),
            (
                r#""cmd": "run a", "acceptedResourceRoles": ["x"]"#,
                "foreign-accepted-role",
                "/acceptedResourceRoles",
            ),
            (
                r#""cmd": "run a", "constraints": [["hostname", "FOO"]]"#,
                "invalid-constraint",
                "/constraints/0/1",
            ),
            (
                r#""cmd": "run a", "container": {"type": "DOCKER"}"#,
                "container-without-docker",
                "/container/docker",
            ),
            (r#""instances": 1"#, "nothing-to-run", ""),
        ],
        |(app, rule, pointer)| {
            let text = group(app);
            let report = Linter::default().lint(text.clone().into(), Format::Json, None, &settings);
            let found = report.findings.iter().find(|found| found.rule.slug == rule);
            let found = found.unwrap_or_else(|| panic!("no {rule} in {text}: {:#?}", report.findings));
            assert_eq!(found.pointer.to_string(), format!("/groups/0/apps/0{pointer}"), "{text}");
        },
    );
}

#[test]
fn every_format_has_the_pointer_of_the_file() {
    let text = r#"{"id": "/g", "groups": [{"id": "h", "apps": [{"id": "a", "cmd": "run a", "role": "x"}]}]}"#;
    let test = TestDir::new().file("g.json", text);
    let wanted = "/groups/0/apps/0/role";
    each_case(["text", "sarif", "json"], |format| {
        let shown = test.run(&["lint", "g.json", "--format", format]);
        assert!(shown.contains(wanted), "{format}: {shown}");
    });
    let output = test.command(&["lint", "g.json", "--format", "json"]).output().expect("it runs");
    let document: Json = serde_json::from_slice(&output.stdout).expect("JSON");
    let found = &document["files"][0]["diagnostics"];
    let found = found.as_array().into_iter().flatten().find(|found| found["rule"] == "foreign-role");
    let found = found.unwrap_or_else(|| panic!("{document}"));
    // Marathon's own path stays as it answers it.
    assert_eq!([&found["pointer"], &found["answer"]["path"]], [wanted, "/role"]);
    test.run(&["lint", "g.json", "--write-baseline", "b.json"]);
    assert!(test.read("b.json").contains("/groups/[id=h]/apps/[id=a]/role"), "{}", test.read("b.json"));
}
