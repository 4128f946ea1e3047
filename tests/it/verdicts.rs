//! A sample of a real Marathon's answers. `examples/verdicts` compares all recordings, where they are at hand.

use std::collections::BTreeSet;

use milepost::lint::Linter;
use milepost::source::{Document, Format, Kind, Value};
use milepost::target::{Settings, Target};

use super::common::each_case;

#[test]
fn apps_get_marathons_verdicts() {
    compare("apps.jsonl", Kind::App);
}

#[test]
fn pods_get_marathons_verdicts() {
    compare("pods.jsonl", Kind::Pod);
}

#[test]
fn groups_get_marathons_verdicts() {
    compare("groups.jsonl", Kind::Group);
}

/// A definition with a server's verdict.
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) text: String,
    pub(crate) settings: Settings,
    /// The current release; an older one otherwise.
    is_current: bool,
    pub(crate) accepted: bool,
    status: Option<u16>,
    pub(crate) message: String,
    paths: BTreeSet<String>,
}

const FILES: [(&str, Kind); 3] =
    [("apps.jsonl", Kind::App), ("pods.jsonl", Kind::Pod), ("groups.jsonl", Kind::Group)];

/// The committed recordings.
pub(crate) fn records() -> impl Iterator<Item = Record> {
    FILES.into_iter().flat_map(|(file, kind)| read(file, kind))
}

fn read(file: &str, kind: Kind) -> Vec<Record> {
    let path = format!("{}/fixtures/verdicts/{file}", env!("CARGO_MANIFEST_DIR"));
    let recordings = std::fs::read_to_string(&path).expect("the recordings are committed");
    let record = |line: &str| {
        let document = Document::parse(line, Format::Json).expect("a recording is JSON");
        let record = document.root();
        let text = |name| record.get(name).and_then(|value| value.as_str()).unwrap_or_default().into_owned();
        let target: Target = text("profile").parse().expect("a profile is a target");
        Record {
            id: text("id"),
            kind,
            text: text("text"),
            settings: target.settings(),
            is_current: text("profile") != "dcos-1.10",
            accepted: record.get("accepted").and_then(|value| value.as_bool()).expect("a verdict"),
            status: record.get("status").and_then(|status| status.as_number()?.parse().ok()),
            message: text("message"),
            paths: recorded_paths(record),
        }
    };
    recordings.lines().map(record).collect()
}

/// Every verdict is the recorded one, and on the current release so are the status, the message and the paths of all errors.
/// There are no exceptions here; those among all recordings are named in `examples/verdicts/known.rs`.
fn compare(file: &str, kind: Kind) {
    let mut linter = Linter::default();
    let mut with_paths = 0;
    each_case(read(file, kind), |record| {
        let Record { id, text, settings, is_current, accepted, status, message, paths, .. } = record;
        let report = linter.lint(text.into_bytes(), Format::Json, Some(kind), &settings);
        assert_eq!(!report.is_rejected(), accepted, "{id}\n{:#?}", report.findings);
        if accepted || !is_current {
            return;
        }
        let answer = report.server_answer(settings.release).expect("it is rejected");
        assert_eq!((answer.status, &answer.message), (status, &message), "{id}");
        if !paths.is_empty() {
            with_paths += 1;
            let ours: BTreeSet<String> = report.answers().map(|answer| answer.path.clone()).collect();
            assert_eq!(ours, paths, "{id}");
        }
    });
    assert!(with_paths >= 50, "{with_paths} are too few to show anything");
}

fn recorded_paths(record: Value<'_>) -> BTreeSet<String> {
    let errors = record.get("errors").into_iter().flat_map(|errors| errors.elements());
    errors.filter_map(|error| Some(error.get("path")?.as_str()?.into_owned())).collect()
}
