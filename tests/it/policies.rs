//! Policies: an organisation's JSON Schemas in `milepost.toml` and on the command line.

use std::path::Path;

use serde_json::Value;

use super::common::Scene;

const POLICIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/policies");

fn example(name: &str) -> String {
    std::fs::read_to_string(Path::new(POLICIES).join(name)).expect("an example")
}

fn examples() -> Scene {
    let names = ["milepost.toml", "production/bad.json", "production/good.json"];
    let schemas = SIX.iter().map(|(_, file)| *file);
    names.into_iter().chain(schemas).fold(Scene::new(), |scene, name| scene.file(name, example(name)))
}

const SIX: [(&str, &str); 6] = [
    ("team-label", "team-label.json"),
    ("own-registry", "own-registry.json"),
    ("two-instances", "two-instances.yaml"),
    ("memory-bound", "memory-bound.json"),
    ("not-privileged", "not-privileged.json"),
    ("health-check", "health-check.json"),
];

/// Every app has a label `team`.
const TEAM: &str = r#"{"title": "Every app says whose it is", "type": "object", "required": ["labels"],
    "properties": {"labels": {"required": ["team"]}}}"#;
const APP: &str = r#"{"id": "/a", "cmd": "sleep 100", "cpus": 0.1, "mem": 32}"#;

#[test]
fn examples_in_the_docs_find_what_they_are_for() {
    let docs =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/policies.md")).expect("the page");
    let scene = examples();
    assert!(docs.contains(&example("milepost.toml")));
    for (name, file) in SIX {
        assert!(docs.contains(&format!("`{file}`:")) && docs.contains(&example(file)), "{file}");
        let args = |path| ["lint", path, "--select", name, "--fail-on", "warning"];
        let bad = scene.run(&args("production/bad.json"));
        assert!(bad.starts_with("exit: 1\n") && bad.contains(&format!("[{name}]: ")), "{bad}");
        let good = scene.run(&args("production/good.json"));
        assert!(good.starts_with("exit: 0\n"), "{good}");
    }
    insta::assert_snapshot!(scene.run(&["lint", "production"]));
}

#[test]
fn a_policy_of_the_command_line_is_an_error() {
    let scene = Scene::new().file("team.schema.json", TEAM).file("a.json", APP);
    insta::assert_snapshot!(scene.run(&["lint", "a.json", "--policy", "team.schema.json"]), @"");
    let other = scene.run(&["lint", "a.json", "--policy", "team.schema.json", "--ignore", "team"]);
    assert!(other.starts_with("exit: 0\n"), "{other}");
}

/// Apps in groups and lists are looked at one by one, as stored: in groups Marathon orders them by their ids.
#[test]
fn apps_are_found_wherever_they_are() {
    let group = r#"{
  "id": "/g",
  "groups": [{"id": "inner", "apps": [
    {"id": "b", "cmd": "sleep 1", "labels": {"team": "x"}},
    {"id": "a", "cmd": "sleep 1", "labels": {"owner": "x"}}
  ]}],
  "apps": [
    {"id": "z", "cmd": "sleep 1"},
    {"id": "y", "cmd": "sleep 1", "labels": {"team": "x"}}
  ]
}"#;
    let list = r#"[{"id": "/a", "cmd": "sleep 1", "labels": {"team": "x"}}, {"id": "/b", "cmd": "sleep 1"}]"#;
    let pod = r#"{"id": "/p", "containers": [{"name": "c", "exec": {"command": {"shell": "sleep 1"}}, "resources": {"cpus": 0.1, "mem": 32}}]}"#;
    let scene = Scene::new()
        .file("team.json", TEAM)
        .file("group.json", group)
        .file("list.json", list)
        .file("pod.json", pod);
    for on in ["stored", "text"] {
        let settings = format!("[[policy]]\nname = \"team\"\nschema = \"team.json\"\non = \"{on}\"\n");
        let scene = Scene::new()
            .file("team.json", TEAM)
            .file("group.json", group)
            .file("list.json", list)
            .file("pod.json", pod)
            .file("milepost.toml", settings);
        assert_eq!(
            places(&scene, &["lint", "group.json", "list.json", "pod.json", "--select", "team"]),
            match on {
                "stored" => vec![
                    "group.json:5 /groups/0/apps/1/labels/team",
                    "group.json:8 /apps/0/labels/team",
                    "list.json:1 /1/labels/team",
                    "pod.json:1 /labels"
                ],
                _ => vec![
                    "group.json:5 /groups/0/apps/1/labels/team",
                    "group.json:8 /apps/0/labels",
                    "list.json:1 /1/labels",
                    "pod.json:1 /labels"
                ],
            },
            "{on}"
        );
    }
    drop(scene);
}

/// File, line and pointer of every finding.
fn places(scene: &Scene, args: &[&str]) -> Vec<String> {
    let output = scene.command(&[args, &["--format", "json"]].concat()).output().expect("the program runs");
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let files = json["files"].as_array().expect("a list");
    let of_file = |file: &Value| -> Vec<String> {
        let findings = file["findings"].as_array().expect("a list");
        let place = |found: &Value| {
            format!(
                "{}:{} {}",
                file["path"].as_str().expect("a path"),
                found["line"],
                found["pointer"].as_str().expect("a pointer")
            )
        };
        findings.iter().map(place).collect()
    };
    files.iter().flat_map(of_file).collect()
}
