//! `milepost lint --fix`: what is mended, and that nothing else is touched.

use std::cell::RefCell;

use milepost::finding::FixKind;
use milepost::fix;
use milepost::lint::Linter;
use milepost::normalize::normalize;
use milepost::source::{Document, Format};

use super::common::{Scene, each_case};

/// A file with its own manners, and slips that can be mended.
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
fn sure_mends_keep_everything_else() {
    let scene = Scene::new().file("web.json", SLIPS);
    insta::assert_snapshot!(scene.run(&["lint", "--fix", "web.json"]));
    insta::assert_snapshot!(scene.read("web.json"));
    let mended = scene.read("web.json");
    scene.run(&["lint", "--fix", "web.json"]);
    assert_eq!(scene.read("web.json"), mended, "mending twice is mending once");
}

#[test]
fn unsure_mends_are_asked_for() {
    let scene = Scene::new().file("web.json", SLIPS);
    scene.run(&["lint", "--fix=unsafe", "web.json"]);
    assert_eq!(scene.read("web.json").matches("\"DOCKER\"").count(), 1);
}

#[test]
fn a_diff_changes_nothing() {
    let scene = Scene::new().file("web.json", SLIPS);
    insta::assert_snapshot!(scene.run(&["lint", "--fix", "--diff", "web.json"]));
    assert_eq!(scene.read("web.json"), SLIPS);
    let scene = Scene::new().file("fine.json", r#"{"id": "/a", "cmd": "sleep 1"}"#);
    let output = scene.run(&["lint", "--fix", "--diff", "fine.json"]);
    assert!(output.starts_with("exit: 0\n"), "{output}");
}

#[test]
fn comments_stay() {
    let text = "// mine\n{\n  \"id\": \"/a\", // the id\n  \"cmd\": \"sleep 1\",\n  // given again\n  \"cmd\": \"sleep 2\",\n  \"tasksRunning\": 1, // seen\n}\n";
    let scene = Scene::new().file("a.jsonc", text);
    scene.run(&["lint", "--fix", "a.jsonc"]);
    insta::assert_snapshot!(scene.read("a.jsonc"), @r#"
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
fn only_what_is_reported_is_mended() {
    let ignoring = ["lint", "--fix", "--ignore", "unknown-field,wrong-type,response-field", "web.json"];
    let scene = Scene::new().file("web.json", SLIPS);
    scene.run(&ignoring);
    let mended = scene.read("web.json");
    assert!(mended.contains("\"label\"") && mended.contains("\"tasksRunning\""), "{mended}");
    assert!(mended.contains("maximumOverCapacity"), "{mended}");
    let scene = Scene::new()
        .file(
            "milepost.toml",
            "[[lint.exception]]\npath = \"web.json\"\nrule = \"*\"\nreason = \"read elsewhere\"\n",
        )
        .file("web.json", SLIPS);
    scene.run(&["lint", "--fix", "web.json"]);
    assert_eq!(scene.read("web.json"), SLIPS);
}

#[test]
fn what_cannot_be_mended_in_place_is_said() {
    let scene = Scene::new().file("a.yaml", "id: /a\ncmd: sleep 1\nlabel: {a: b}\n");
    insta::assert_snapshot!(scene.run(&["lint", "--fix", "a.yaml"]));
    insta::assert_snapshot!(scene.run_with_stdin(&["lint", "--fix", "-"], "{}"));
    insta::assert_snapshot!(scene.run(&["lint", "--diff", "a.yaml"]));
}

#[test]
fn a_byte_order_mark_stays_and_utf_16_is_left_alone() {
    let text = r#"{"id": "/a", "cmd": "sleep 1", "label": {}}"#;
    let scene = Scene::new().file("mark.json", format!("\u{feff}{text}"));
    scene.run(&["lint", "--fix", "mark.json"]);
    assert_eq!(scene.read("mark.json"), format!("\u{feff}{}", text.replace("label", "labels")));
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let scene = Scene::new().file("wide.json", wide);
    insta::assert_snapshot!(scene.run(&["lint", "--fix", "wide.json"]));
}

#[test]
fn machines_are_told_the_edits() {
    let text = "{\"id\": \"/é\", \"é\": 1, \"id\": \"/a\", \"cmd\": \"sleep 1\"}";
    let scene = Scene::new().file("a.json", text);
    let output = scene.command(&["lint", "--format", "json", "a.json"]).output().expect("it runs");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let edit = &json["files"][0]["diagnostics"][0]["fix"]["edits"][0];
    let place = |end: &str| usize::try_from(edit["range"][end]["offset"].as_u64().expect("a number"));
    let (start, end) = (place("start").expect("small"), place("end").expect("small"));
    let mended = format!("{}{}{}", &text[..start], edit["replacement"].as_str().expect("text"), &text[end..]);
    assert_eq!(mended, "{\"é\": 1, \"id\": \"/a\", \"cmd\": \"sleep 1\"}");
}

/// Mends by which something else is stored, because that is what they are for.
const CHANGES: [&str; 3] = ["unknown-field", "unextracted-archive", "needless-require-ports"];

/// Over definitions that a real server has judged: a mended text parses, mending it again changes nothing, and what
/// Marathon took before it still takes, and stores the same.
#[test]
fn mends_hold_for_what_a_server_has_seen() {
    let linter = RefCell::new(Linter::default());
    let mut mended = 0;
    each_case(super::verdicts::records(), |record| {
        for level in [FixKind::Safe, FixKind::Unsafe] {
            let check = |text: &str| {
                linter.borrow_mut().lint(text.into(), Format::Json, Some(record.kind), &record.settings)
            };
            let mend = |text: &str| {
                fix::apply_fixes(text.to_owned(), Format::Json, level, |text| check(text).findings)
            };
            let once = mend(&record.text);
            if once.done.is_empty() {
                assert_eq!(once.text, record.text, "{}", record.id);
                continue;
            }
            mended += 1;
            assert_eq!(mend(&once.text).text, once.text, "{}: once is not twice", record.id);
            let (before, after) = (check(&record.text), check(&once.text));
            if level == FixKind::Safe && !before.is_rejected() {
                assert!(!after.is_rejected(), "{}: {:#?}", record.id, after.findings);
                if !once.done.iter().any(|done| CHANGES.contains(&done.rule)) {
                    let stored = |text: &str| {
                        let document = Document::parse(text, Format::Json).expect("it was checked");
                        let kind = record.kind.of_shape(document.root());
                        normalize(&document, kind, &record.settings).expect("it is accepted").value
                    };
                    assert_eq!(stored(&once.text), stored(&record.text), "{}: {:?}", record.id, once.done);
                }
            }
        }
    });
    assert!(mended > 50, "only {mended} were mended");
}
