//! The published JSON Schemas say what Marathon says, and `$schema` is fine in every command.

#[path = "../../examples/recordings/schemas.rs"]
mod compared;

use std::path::Path;

use milepost::finding::Rule;
use milepost::rule_docs;
use milepost::source::{Document, Kind};
use milepost::target::Target;

use super::common::Scene;
use super::verdicts;
use compared::{Differences, Sample, Schemas};

fn schemas() -> Schemas {
    Schemas::read(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the schemas are valid draft-07")
}

/// A sample; `examples/schemas.rs` compares all recordings, and also tells which reason none of them needs.
#[test]
fn recorded_definitions_are_valid_where_marathon_accepts_them() {
    let mut schemas = schemas();
    let mut differences = Differences::default();
    let (mut accepted, mut refused) = (0, 0);
    for record in verdicts::records() {
        if !record.accepted && record.message != "Invalid JSON" {
            continue;
        }
        *(if record.accepted { &mut accepted } else { &mut refused }) += 1;
        let sample = Sample {
            kind: record.kind,
            text: &record.text,
            settings: &record.settings,
            accepted: record.accepted,
        };
        differences.add(schemas.compare(&sample), &record.id);
    }
    assert!(accepted > 300 && refused > 150, "{accepted} and {refused} show nothing");
    let lines: Vec<_> = differences.lines().collect();
    assert_eq!(differences.unexplained(), Vec::<String>::new(), "{lines:#?}");
    assert!(differences.unneeded().len() < compared::REASONS.len(), "no reason was needed: {lines:#?}");
}

#[test]
fn good_examples_of_rules_are_valid() {
    let schemas = schemas();
    let mut wrong = Vec::new();
    let newest = "dcos".parse::<Target>().expect("a target").settings().release;
    // Others show what only an older release takes.
    let is_current =
        |rule: &&&Rule| rule.target.parse::<Target>().expect("a target").settings().release == newest;
    let rules = rule_docs::all().iter().filter(|rule| !rule.good.is_empty());
    for rule in rules.filter(is_current) {
        let document = Document::parse(rule.good, rule_docs::format_of(rule.good)).expect(rule.slug);
        let kind = Kind::detect(&document.root()).expect(rule.slug);
        let errors = schemas.errors(document.root(), kind);
        wrong.extend(errors.into_iter().map(|(at, error)| format!("{}: {at:?} {error}", rule.slug)));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

const APP: &str = r#"{"$schema": "app.schema.json", "id": "/web", "cmd": "sleep 100", "cpus": 0.1, "mem": 32,
    "container": {"type": "DOCKER", "docker": {"image": "registry.example.com/web:1"}}}"#;
const POD: &str = r#"{"$schema": "pod.schema.json", "id": "/pod", "containers": [{"name": "a",
    "exec": {"command": {"shell": "sleep 1"}}, "resources": {"cpus": 0.1, "mem": 32}}]}"#;
const GROUP: &str = r#"{"$schema": "group.schema.json", "id": "/g", "apps": [{"$schema": "app.schema.json",
    "id": "/g/web", "cmd": "sleep 100"}], "groups": [{"$schema": "group.schema.json", "id": "/g/h"}]}"#;
const APPS: &str = r#"[{"$schema": "app.schema.json", "id": "/web", "cmd": "sleep 100"}]"#;

fn scene() -> Scene {
    let scene = Scene::new().file("app.json", APP).file("pod.json", POD);
    scene.file("group.json", GROUP).file("apps.json", APPS)
}

const FILES: [&str; 4] = ["app.json", "pod.json", "group.json", "apps.json"];

/// What a command writes to standard output; its exit code has to be 0.
fn output(scene: &Scene, args: &[&str]) -> String {
    let output = scene.command(args).output().expect("the program runs");
    let said = scene.describe(&output);
    assert!(output.status.success(), "{args:?}\n{said}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn a_schema_may_be_named_in_every_command() {
    let scene = scene();
    for file in FILES {
        let lint = output(&scene, &["lint", file, "--select", "unknown-field"]);
        assert_eq!(lint, "", "{file}");
        assert_eq!(output(&scene, &["lint", file, "--as-server"]), "{}\n", "{file}");
        assert!(!output(&scene, &["normalize", file]).contains("$schema"), "{file}");
        assert!(output(&scene, &["convert", file, "--to", "yaml"]).contains("$schema"), "{file}");
        output(&scene, &["fmt", file]);
        assert!(scene.read(file).contains("\"$schema\""), "{file}");
        output(&scene, &["fmt", file, "--check"]);
        output(&scene, &["migrate", file, "--write"]);
        assert!(scene.read(file).contains("\"$schema\""), "{file}");
    }
    let wired = output(&scene, &["wire", "app.json", "--archive", "file:///etc/docker.tar.gz"]);
    assert!(wired.contains("$schema") && wired.contains("docker.tar.gz"), "{wired}");
}

#[test]
fn a_schema_is_no_difference() {
    for file in FILES {
        let without = scene().read(file).replace("\"$schema\"", "\"$other\"");
        let scene = scene().file(&format!("without/{file}"), without);
        let old = format!("without/{file}");
        for (one, other) in [(file, old.as_str()), (&old, file)] {
            output(&scene, &["diff", one, other]);
        }
    }
}

#[test]
fn a_template_may_name_a_schema() {
    let scene = Scene::new().file("web.json.j2", APP.replace("/web\"", "/{{ name }}\""));
    let rendered = output(&scene, &["render", "web.json.j2", "--set", "name=shop"]);
    assert!(rendered.contains("$schema") && rendered.contains("/shop"), "{rendered}");
}

#[cfg(feature = "net")]
#[test]
fn a_schema_is_not_sent() {
    use super::send::{Server, accepted};
    for (command, file) in [("app", "app.json"), ("pod", "pod.json")] {
        let server = Server::start(accepted());
        output(&scene(), &[command, "add", file, "--target", "dcos", "--url", &server.url()]);
        let request = server.request();
        let sent: serde_json::Value = serde_json::from_str(request.body()).expect("JSON");
        let mut wanted: serde_json::Value = serde_json::from_str(&scene().read(file)).expect("JSON");
        wanted.as_object_mut().expect("an object").shift_remove("$schema");
        assert_eq!(sent, wanted, "{file}");
    }
}
