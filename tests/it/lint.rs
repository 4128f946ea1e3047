//! `milepost lint`: findings, places, exit codes.

use serde_json::Value;

use super::common::{TestDir, each_case};

/// One file with a mistake of every kind.
const SLIPS: &str = r#"{
  "$schema": "https://example.com/app.schema.json",
  "id": "/Team/My_App",
  "cpu": 0.5,
  "mem": "128",
  "instances": 1.5,
  "lables": {"a": 1},
  "image": "nginx",
  "container": {
    "type": "DOCKERR",
    "docker": {"imgae": "nginx:1", "portMappings": [{"containerPort": 70000, "protocol": "tpc"}]},
    "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"size": "x"}}]
  },
  "env": {"A": 1, "B": true, "B": "x"},
  "storeUrls": [],
  "networks": ["host"],
  "unreachableStrategy": "enabled",
  "upgradeStrategy": {"minimumHealthCapacity": 1.5},
  "tasksRunning": 1,
  "version": "yesterday"
}
"#;

#[test]
fn every_mistake_is_shown_at_its_place() {
    let test = TestDir::new().file("web.json", SLIPS);
    insta::assert_snapshot!(test.run(&["lint", "web.json"]));
}

#[test]
fn json_says_the_same_for_machines() {
    let test = TestDir::new().file("web.json", "{\"id\": \"/web\",\n \"cmd\": 5, \"é\": 1}");
    insta::assert_snapshot!(test.run(&["lint", "--format", "json", "web.json"]));
}

#[test]
fn kinds_follow_the_shape_and_can_be_overridden() {
    let test = TestDir::new()
        .file("app.json", r#"{"id": "/a", "cmd": "sleep 1"}"#)
        .file("apps.json", r#"[{"id": "/a", "cmd": "sleep 1"}]"#)
        .file("group.json", r#"{"id": "/g", "apps": [{"id": "a", "cmd": "sleep 1"}]}"#)
        .file("pod.json", r#"{"id": "/p", "containers": [{"name": "c", "resources": {}}]}"#);
    let kinds = |args: &[&str]| -> Vec<String> {
        let output = test.command(args).output().expect("the program runs");
        let json: Value = serde_json::from_slice(&output.stdout).expect("valid JSON");
        let files = json["files"].as_array().expect("a list").iter();
        files.map(|file| file["kind"].as_str().unwrap_or("none").to_owned()).collect()
    };
    assert_eq!(kinds(&["lint", "--format", "json", "."]), ["app", "apps", "group", "pod"]);
    assert_eq!(kinds(&["lint", "--format", "json", "--kind", "pod", "app.json"]), ["pod"]);
}

#[test]
fn directories_are_walked_and_other_files_counted() {
    let test = TestDir::new()
        .file("services/web.json", r#"{"id": "/web", "cmd": "sleep 1"}"#)
        .file("services/api.yaml", "id: /api\ncmd: sleep 1\ncpus: many\n")
        .file("services/db.jsonc", "// mine\n{\"id\": \"/db\", \"cmd\": \"sleep 1\",}")
        .file("package.json", r#"{"name": "left-pad", "version": "1.0.0"}"#)
        .file("ignored/bad.json", "{")
        .file(".gitignore", "ignored/\n")
        .file("README.md", "text");
    insta::assert_snapshot!(test.run(&["lint", "."]));
}

#[test]
fn standard_input_can_have_a_name() {
    let test = TestDir::new();
    insta::assert_snapshot!(test.run_with_stdin(&["lint", "-"], r#"{"id": "/a", "cmd": ""}"#));
    let yaml = "id: /a\ncmd: [sleep]\n";
    insta::assert_snapshot!(test.run_with_stdin(&["lint", "-", "--stdin-filename", "a.yaml"], yaml));
}

#[test]
fn what_is_ignored_is_an_error_and_never_a_rejection() {
    let text = r#"{"id": "/a", "cmd": "ls -l", "lable": {}, "networks": null, "fecth": [1], "residency": true,
        "healthChecks": ["x"], "unreachableStrategy": "x", "ipAddress": 1, "executorResources": []}"#;
    let test = TestDir::new().file("a.json", text);
    let output = test.command(&["lint", "--format", "json", "a.json"]).output().expect("the program runs");
    let json: Value = serde_json::from_slice(&output.stdout).expect("valid JSON");
    let findings = json["files"][0]["diagnostics"].as_array().expect("a list");
    assert_eq!(findings.len(), 7, "{json:#}");
    for finding in findings {
        assert_eq!(
            (&finding["effect"], &finding["severity"]),
            (&"ignored".into(), &"error".into()),
            "{finding}"
        );
    }
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn many_files_give_the_same_on_any_number_of_threads() {
    let mut test = TestDir::new();
    for number in 0..300 {
        let field = if number % 3 == 0 { "cpu" } else { "cpus" };
        test = test.file(
            &format!("{number:03}.json"),
            format!("{{\"id\": \"/a{number}\", \"cmd\": \"x y\", \"{field}\": 1}}"),
        );
    }
    let one = test.run(&["lint", "--threads", "1", "."]);
    assert_eq!(one.matches("error[unknown-field]").count(), 100);
    assert!(one.contains("checked 300 files: 100 errors; 100 fixable with --fix; target "), "{one}");
    assert!(one.contains("by rule: 100 unknown-field\n"), "{one}");
    assert_eq!(one, test.run(&["lint", "--threads", "2", "."]));
    assert_eq!(one, test.run(&["lint", "."]));
}

#[test]
fn targets_have_names() {
    let test = TestDir::new().file("a.json", r#"{"id": "/a", "cmd": "sleep 1"}"#);
    each_case(
        ["dcos", "standalone", "bare", "dcos-1.10", "dcos-2.2", "marathon-1.4", "marathon-1.11"],
        |target| {
            let output = test.run(&["lint", "--target", target, "a.json"]);
            assert!(output.starts_with("exit: 0\n"), "{output}");
        },
    );
    insta::assert_snapshot!(test.run(&["lint", "--target", "dcos-9", "a.json"]));
}
