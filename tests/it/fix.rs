//! `milepost lint --fix`: what it fixes, and that nothing else changes.

use std::cell::RefCell;

use milepost::finding::{Finding, FixKind, Stage};
use milepost::fix::{self, FixProver};
use milepost::lint::Linter;
use milepost::normalize::normalize;
use milepost::source::{Document, Edit, Format};

use super::verdicts::Record;

use super::common::{TestDir, each_case};

/// A file with a layout of its own, and mistakes that can be fixed.
const SLIPS: &str = r#"{
    "id" : "/web",   "cmd": "sleep 1",
    "label": {"a": "1"},
    "cpus": "0.50",
    "tasksRunning": 3,
    "upgradeStrategy": {"minimumHealthCapacity": 0.50},
    "networks": [{"mode": "BRIDGE"}],
    "container": {"type": "Dokcer", "docker": {"imgae": "nginx:1.27"}},
    "env": {"A": 1, "B": "x", "B": "y"}
}
"#;

#[test]
fn safe_fixes_keep_everything_else() {
    let test = TestDir::new().file("web.json", SLIPS);
    insta::assert_snapshot!(test.run(&["lint", "--fix", "web.json"]));
    insta::assert_snapshot!(test.read("web.json"));
    let fixed = test.read("web.json");
    test.run(&["lint", "--fix", "web.json"]);
    assert_eq!(test.read("web.json"), fixed, "fixing twice is fixing once");
}

#[test]
fn unsafe_fixes_are_made_on_request() {
    let test = TestDir::new().file("web.json", SLIPS);
    test.run(&["lint", "--fix=unsafe", "web.json"]);
    assert_eq!(test.read("web.json").matches("\"DOCKER\"").count(), 1);
}

#[test]
fn a_diff_changes_nothing() {
    let test = TestDir::new().file("web.json", SLIPS);
    insta::assert_snapshot!(test.run(&["lint", "--fix", "--diff", "web.json"]));
    assert_eq!(test.read("web.json"), SLIPS);
    let test = TestDir::new().file("fine.json", r#"{"id": "/a", "cmd": "sleep 1"}"#);
    let output = test.run(&["lint", "--fix", "--diff", "fine.json"]);
    assert!(output.starts_with("exit: 0\n"), "{output}");
}

#[test]
fn comments_stay() {
    let text = "// mine\n{\n  \"id\": \"/a\", // the id\n  \"cmd\": \"sleep 1\",\n  // given again\n  \"cmd\": \"sleep 2\",\n  \"tasksRunning\": 1, // seen\n}\n";
    let test = TestDir::new().file("a.jsonc", text);
    test.run(&["lint", "--fix", "a.jsonc"]);
    insta::assert_snapshot!(test.read("a.jsonc"), @r#"
    // mine
    {
      "id": "/a", // the id
      // given again
      "cmd": "sleep 2",
      // seen
    }
    "#);
}

#[test]
fn only_what_is_reported_is_fixed() {
    let ignoring = ["lint", "--fix", "--ignore", "unknown-field,wrong-type,response-field", "web.json"];
    let test = TestDir::new().file("web.json", SLIPS);
    test.run(&ignoring);
    let fixed = test.read("web.json");
    assert!(fixed.contains("\"label\"") && fixed.contains("\"tasksRunning\""), "{fixed}");
    assert!(fixed.contains("maximumOverCapacity"), "{fixed}");
    let test = TestDir::new()
        .file(
            "milepost.toml",
            "[[lint.exception]]\npath = \"web.json\"\nrule = \"*\"\nreason = \"read elsewhere\"\n",
        )
        .file("web.json", SLIPS);
    test.run(&["lint", "--fix", "web.json"]);
    assert_eq!(test.read("web.json"), SLIPS);
}

#[test]
fn what_cannot_be_fixed_in_place_is_reported() {
    let test = TestDir::new().file("a.yaml", "id: /a\ncmd: sleep 1\nx-vars: &v {A: 1}\nenv: *v\n");
    insta::assert_snapshot!(test.run(&["lint", "--fix", "a.yaml"]));
    insta::assert_snapshot!(test.run_with_stdin(&["lint", "--fix", "-"], "{}"));
    insta::assert_snapshot!(test.run(&["lint", "--diff", "a.yaml"]));
}

#[test]
fn a_byte_order_mark_stays_and_utf_16_is_left_alone() {
    let text = r#"{"id": "/a", "cmd": "sleep 1", "label": {"a": "b"}}"#;
    let test = TestDir::new().file("mark.json", format!("\u{feff}{text}"));
    test.run(&["lint", "--fix", "mark.json"]);
    assert_eq!(test.read("mark.json"), format!("\u{feff}{}", text.replace("label", "labels")));
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let test = TestDir::new().file("wide.json", wide);
    insta::assert_snapshot!(test.run(&["lint", "--fix", "wide.json"]));
}

#[test]
fn json_and_sarif_carry_the_edits() {
    let text = "{\"id\": \"/é\", \"é\": 1, \"id\": \"/a\", \"cmd\": \"sleep 1\"}";
    let test = TestDir::new().file("a.json", text);
    let output = test.command(&["lint", "--format", "json", "a.json"]).output().expect("it runs");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let edit = &json["files"][0]["diagnostics"][0]["fix"]["edits"][0];
    let place = |end: &str| usize::try_from(edit["range"][end]["offset"].as_u64().expect("a number"));
    let (start, end) = (place("start").expect("small"), place("end").expect("small"));
    let fixed = format!("{}{}{}", &text[..start], edit["replacement"].as_str().expect("text"), &text[end..]);
    assert_eq!(fixed, "{\"é\": 1, \"id\": \"/a\", \"cmd\": \"sleep 1\"}");
}

/// The rule whose safe fixes change what is stored: a misspelt name becomes the field that it stands for.
const MISSPELT: &str = "unknown-field";

/// What Marathon makes of a text: what it stores, or the first stage that rejects it and how often.
fn outcome(text: &str, record: &Record) -> Result<serde_json::Value, (Stage, usize)> {
    let Ok(document) = Document::parse(text, Format::Json) else { return Err((Stage::Syntax, 1)) };
    let kind = record.kind.of_shape(document.root());
    normalize(&document, kind, &record.settings).map(|normalized| normalized.value).map_err(|rejections| {
        let first = rejections.iter().filter_map(Finding::stage).min().unwrap_or(Stage::Syntax);
        (first, rejections.iter().filter(|found| found.stage() == Some(first)).count())
    })
}

/// Over definitions with a real server's verdict: every fix that is offered, and all of them together, keep what Marathon
/// accepts and, if they are safe, what it stores; what it rejects gets no worse. Fixing again changes nothing.
/// `examples/fixes` does the same for all recordings.
#[test]
fn fixes_of_recorded_definitions_keep_what_they_should() {
    let linter = RefCell::new(Linter::default());
    let mut offered = 0;
    each_case(super::verdicts::records(), |record| {
        let judge = FixProver::new(Format::Json, record.kind, &record.settings);
        let check = |text: &str| {
            let report =
                linter.borrow_mut().lint(text.into(), Format::Json, Some(record.kind), &record.settings);
            let mut findings = report.findings;
            if let Some(kind) = report.kind {
                fix::prove(&FixProver::new(Format::Json, kind, &record.settings), text, &mut findings);
            }
            findings
        };
        let before = outcome(&record.text, &record);
        let compare = |fixed: &str, level: FixKind, is_misspelt: bool, what: &str| match (
            &before,
            outcome(fixed, &record),
        ) {
            (Ok(before), Ok(after)) => {
                let must_be_same = level == FixKind::Safe && !is_misspelt;
                assert!(
                    !must_be_same || *before == after,
                    "{}: {what} stores something else: {fixed}",
                    record.id
                );
            }
            (Ok(_), Err(_)) => panic!("{}: {what} makes Marathon reject it: {fixed}", record.id),
            (Err(_), Ok(_)) => {}
            (Err((stage, count)), Err((later, left))) => {
                let is_worse = later < *stage || (later == *stage && left > *count);
                assert!(!is_worse, "{}: {what} makes it worse: {fixed}", record.id);
            }
        };
        let findings = check(&record.text);
        let fixes: Vec<_> = findings.iter().map(|found| found.fix.as_deref()).collect();
        let document = Document::parse(record.text.as_str(), Format::Json).ok();
        let edits = document.map_or_else(Vec::new, |document| fix::edits_of(&document, &fixes));
        for (found, edits) in findings.iter().zip(edits) {
            let (Some(fix), Some(edits)) = (&found.fix, edits) else { continue };
            offered += 1;
            let fixed = Edit::apply(&record.text, &edits);
            compare(&fixed, fix.kind, found.rule.slug == MISSPELT, found.rule.slug);
        }
        for level in [FixKind::Safe, FixKind::Unsafe] {
            let fix_all =
                |text: &str| fix::apply_fixes(text.to_owned(), Format::Json, level, Some(&judge), check);
            let once = fix_all(&record.text);
            if once.done.is_empty() {
                assert_eq!(once.text, record.text, "{}", record.id);
                continue;
            }
            assert_eq!(fix_all(&once.text).text, once.text, "{}: once is not twice", record.id);
            let is_misspelt = once.done.iter().any(|done| done.rule.slug == MISSPELT);
            compare(&once.text, level, is_misspelt, "all together");
        }
    });
    assert!(offered > 200, "only {offered} were offered");
}

/// Nothing is known of such a text: a green run would say that there is nothing to fix.
#[test]
fn a_text_that_cannot_be_parsed_is_told_beside_the_diff() {
    let test = TestDir::new().file("broken.json", "{\"id\": \"/a\", \"cmd\":").file("web.json", SLIPS);
    each_case([&["broken.json"][..], &["broken.json", "web.json"], &["."]], |paths| {
        let output = test.command(&[&["lint", "--fix", "--diff"], paths].concat()).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{paths:?}: {said}");
        assert!(said.contains("error[syntax-error]") && said.contains("broken.json:1:"), "{paths:?}: {said}");
        assert!(!String::from_utf8_lossy(&output.stdout).contains("broken.json"), "{paths:?}");
    });
    let gone = test.run(&["lint", "--fix", "--diff", "gone.json", "web.json"]);
    assert!(gone.starts_with("exit: 2\n") && gone.contains("--- web.json"), "{gone}");
}
