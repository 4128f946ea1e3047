//! A sample of a real Marathon's answers. Where all the recordings are at hand, `examples/verdicts.rs` compares them.

use std::collections::BTreeSet;

use milepost::lint::Linter;
use milepost::source::{Document, Format, Kind, Value};
use milepost::target::Target;

#[test]
fn apps_are_judged_as_marathon_does() {
    compare("apps.jsonl", Kind::App);
}

#[test]
fn pods_are_judged_as_marathon_does() {
    compare("pods.jsonl", Kind::Pod);
}

#[test]
fn groups_are_judged_as_marathon_does() {
    compare("groups.jsonl", Kind::Group);
}

/// Every verdict is the recorded one. On the current release so are the paths of all errors, but for one in a hundred:
/// where Marathon names alternatives, it does not always name the same.
fn compare(file: &str, kind: Kind) {
    let path = format!("{}/fixtures/verdicts/{file}", env!("CARGO_MANIFEST_DIR"));
    let recordings = std::fs::read_to_string(&path).expect("the recordings are committed");
    let mut linter = Linter::default();
    let mut with_paths = 0;
    let mut other_paths = Vec::new();
    for line in recordings.lines() {
        let document = Document::parse(line, Format::Json).expect("a recording is JSON");
        let record = document.root();
        let text = |name| record.get(name).and_then(|value| value.as_str()).unwrap_or_default();
        let accepted = record.get("accepted").and_then(|value| value.as_bool()).expect("a verdict");
        let target: Target = text("profile").parse().expect("a profile is a target");
        let body = text("text").into_owned().into_bytes();
        let report = linter.lint(body, Format::Json, Some(kind), &target.settings());
        assert_eq!(!report.is_rejected(), accepted, "{line}\n{:#?}", report.diagnostics);
        let theirs = recorded_paths(record);
        if text("profile") != "dcos-1.10" && !theirs.is_empty() {
            with_paths += 1;
            let ours: BTreeSet<String> = report.answers().map(|answer| answer.path.clone()).collect();
            if ours != theirs {
                other_paths.push(format!("{}: {theirs:?}, here {ours:?}", text("id")));
            }
        }
    }
    assert!(with_paths >= 50, "{with_paths} are too few to show anything");
    assert!(other_paths.len() * 100 <= with_paths, "{}", other_paths.join("\n"));
}

fn recorded_paths(record: Value<'_>) -> BTreeSet<String> {
    let errors = record.get("errors").into_iter().flat_map(|errors| errors.elements());
    errors.filter_map(|error| Some(error.get("path")?.as_str()?.into_owned())).collect()
}
