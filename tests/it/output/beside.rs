//! Findings beside data, and data for programs, of other commands than `lint`.

use serde_json::{Value, json};

use super::json;
use crate::common::{TestDir, each_case};

const TEMPLATE: &str = r#"{"id": "/Web", "cmd": "sleep 1"}"#;

/// What `render` finds goes to standard error in the form that was asked for, and standard output has the definition or
/// nothing.
#[test]
fn findings_of_what_is_rendered_have_the_forms_of_lint() {
    let test = TestDir::new().file("web.json.j2", TEMPLATE);
    let output = |format: &str| {
        let output = test.command(&["render", "web.json.j2", "--format", format]).output().expect("it runs");
        assert_eq!((output.status.code(), output.stdout), (Some(1), Vec::new()), "{format}");
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    each_case(
        [
            ("text", "error[malformed-value]: "),
            ("concise", "web.json.j2 (rendered):2:9: error[malformed-value] "),
            ("github", "::error file=web.json.j2 (rendered),line=2,col=9,"),
        ],
        |(format, start)| {
            let said = output(format);
            assert!(said.starts_with(start), "{format}: {said}");
        },
    );
    let said = output("json");
    let document: Value = serde_json::from_str(said.lines().next().expect("a line")).expect("JSON");
    assert_eq!(document["path"], "web.json.j2 (rendered)");
    assert_eq!(document["diagnostics"][0]["rule"], "malformed-value");
    assert_eq!(document["diagnostics"][0]["range"]["start"], json!({"line": 2, "column": 9, "offset": 10}));
}

#[test]
fn what_breaks_is_told_to_programs() {
    let test = TestDir::new()
        .file(
            "a/old.json",
            r#"{"id": "/old", "cmd": "sleep 1", "residency": {"taskLostBehavior": "WAIT_FOREVER"}}"#,
        )
        .file("a/new.json", r#"{"id": "/new", "cmd": "sleep 1"}"#);
    let told =
        json(&test, &["migrate", "--from", "1.4", "--to", "1.11", "--report", "--format", "json", "a"]);
    assert_eq!((&told["version"], &told["from"], &told["to"]), (&json!(1), &json!("1.4"), &json!("1.11")));
    assert_eq!((&told["definitions"], &told["breaking"]), (&json!(2), &json!(1)));
    assert_eq!(told["files"].as_array().map(Vec::len), Some(1), "{told}");
    let found = &told["files"][0]["findings"][0];
    assert_eq!(
        (&found["rule"], &found["effect"]),
        (&json!("residency-without-volume"), &json!("ignored")),
        "{told}"
    );
}

#[test]
fn an_archive_of_credentials_is_told_to_programs() {
    let test =
        TestDir::new().file("config.json", r#"{"auths": {"r.example.com": {"auth": "dXNlcjpsZXRtZWlu"}}}"#);
    test.run(&[
        "creds",
        "archive",
        "--config",
        "config.json",
        "--registry",
        "r.example.com",
        "-o",
        "docker.tar.gz",
    ]);
    let told = json(&test, &["creds", "verify", "docker.tar.gz", "--format", "json"]);
    let login = json!([{"registry": "r.example.com", "user": "user", "kind": "password"}]);
    assert_eq!((&told["credentials"], &told["findings"]), (&login, &json!([])), "{told}");
    let members = told["members"].as_array().expect("a list").iter();
    let modes: Vec<(&Value, &Value)> = members.map(|member| (&member["path"], &member["mode"])).collect();
    assert!(modes.contains(&(&json!(".docker/config.json"), &json!("0600"))), "{told}");
    assert!(!told.to_string().contains("letmein"), "{told}");
}
