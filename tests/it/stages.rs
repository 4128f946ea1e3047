//! Marathon stops at the first stage that fails. Lint also shows the errors of later stages, and marks them.

use serde_json::Value;

use crate::common::TestDir;

/// Refused before deprecated fields are moved, by the canonical API, and by the model.
const STAGES: &str = r#"{
  "id": "/web",
  "cmd": "x",
  "uris": ["http://a/b c"],
  "networks": [{"mode": "host"}],
  "unreachableStrategy": {"inactiveAfterSeconds": 9, "expungeAfterSeconds": 3}
}
"#;

/// What Marathon rejects in `web.json`, as `now|later stage rule`.
fn refused(text: &str) -> Vec<String> {
    let test = TestDir::new().file("web.json", text);
    let output = test.command(&["lint", "--format", "json", "web.json"]).output().expect("the program runs");
    let json: Value = serde_json::from_slice(&output.stdout).expect("valid JSON");
    let findings = json["files"][0]["diagnostics"].as_array().expect("a list").iter();
    let refused = findings.filter(|finding| finding["effect"] == "rejected").map(|finding| {
        let now = if finding["answer"]["now"] == true { "now" } else { "later" };
        format!(
            "{now} {} {}",
            finding["stage"].as_str().expect("a stage"),
            finding["rule"].as_str().expect("a rule")
        )
    });
    refused.collect()
}

#[test]
fn later_stages_are_shown_and_marked() {
    let test = TestDir::new().file("web.json", STAGES);
    insta::assert_snapshot!(test.run(&["lint", "web.json"]), @r#"
    exit: 1
    ----- stdout -----
    error[one-letter-cmd]: Marathon takes a command of one character for an empty one
     --> web.json:3:10
      |
    3 |   "cmd": "x",
      |          ^^^
      |
      = help: write it with a space before it
      = note: Marathon reports this only after the errors before it are fixed

    warning[old-uris]: `uris` is the form of Marathon 1.4
     --> web.json:4:3
      |
    4 |   "uris": ["http://a/b c"],
      |   ^^^^^^ /uris
      |
      = help: write "fetch": [{"uri": …}]

    error[invalid-uri]: a URI has no blanks
     --> web.json:4:12
      |
    4 |   "uris": ["http://a/b c"],
      |            ^^^^^^^^^^^^^^ /uris/0
      |
      = help: write a blank as %20

    error[expunged-before-inactive]: an instance is expunged after 3 s, before it becomes inactive after 9 s
     --> web.json:6:51
      |
    6 |   "unreachableStrategy": {"inactiveAfterSeconds": 9, "expungeAfterSeconds": 3}
      |                                                   ^ /unreachableStrategy/inactiveAfterSeconds
      |
      = help: write at most 3, or a greater `expungeAfterSeconds`
      = note: Marathon reports this only after the errors before it are fixed

    ----- stderr -----
    checked 1 file: 3 errors, 1 warning; 1 fixable with --fix; target dcos (Marathon 1.11)
    `milepost explain expunged-before-inactive` explains a rule
    "#);
    assert_eq!(
        refused(STAGES),
        [
            "later canonical one-letter-cmd",
            "now deprecated invalid-uri",
            "later model expunged-before-inactive"
        ]
    );
}

#[test]
fn one_rejection_is_not_reported_twice() {
    // The canonical API knows no such operator, and conversion would throw for it too.
    let operator = r#"{"id": "/web", "cmd": "sleep 1", "constraints": [["a", "sum"]]}"#;
    assert_eq!(refused(operator), ["now canonical invalid-constraint"]);
    // Too much to run for the API, and for the model as well.
    let both = r#"{"id": "/web", "cmd": "sleep 1", "args": ["x"]}"#;
    assert_eq!(refused(both), ["now canonical nothing-to-run"]);
    // Old port mappings beside new ones: the exception's own part is left out, the rest is looked at.
    let both = r#"{"id": "/web", "container": {"docker": {"image": "a:1", "portMappings": [{"containerPort": 1}]},
        "portMappings": [{"containerPort": 80}]}, "networks": [{"mode": "container/bridge"}],
        "healthChecks": [{"protocol": "MESOS_HTTP", "portIndex": 1}]}"#;
    assert_eq!(refused(both), ["now migration old-and-new-ports", "later model unknown-health-check-port"]);
}

#[test]
fn marathon_names_the_first_app_of_a_group_that_fails() {
    let group = r#"{"id": "/g", "apps": [
        {"id": "a", "cmd": "sleep 1"},
        {"id": "b", "cmd": "x", "unreachableStrategy": {"inactiveAfterSeconds": 9, "expungeAfterSeconds": 3}},
        {"id": "/elsewhere/c", "cmd": "sleep 1", "uris": ["a b"], "dependencies": ["/g/b"]},
        {"id": "d", "cmd": "x"}],
        "groups": [{"id": "inner", "enforceRole": true, "apps": []}]}"#;
    assert_eq!(
        refused(group),
        [
            "now canonical one-letter-cmd",
            "later tree expunged-before-inactive",
            "later canonical id-outside-group",
            "later deprecated invalid-uri",
            "later canonical one-letter-cmd",
            "later canonical misplaced-enforce-role",
        ]
    );
}

#[test]
fn apps_beside_an_ill_typed_one_are_checked() {
    let group = r#"{"id": "/g", "apps": [{"id": "a", "cmd": 5}, {"id": "b", "cmd": "x"}]}"#;
    assert_eq!(refused(group), ["now parse wrong-type", "later canonical one-letter-cmd"]);
    let array = r#"[{"id": "/a", "cmd": "x"}, {"id": "/b", "cmd": 5}]"#;
    assert_eq!(refused(array), ["later canonical one-letter-cmd", "now parse wrong-type"]);
    // What is wrong with the group itself says nothing of its apps.
    let group = r#"{"id": 5, "apps": [{"id": "b", "cmd": "x"}]}"#;
    assert_eq!(refused(group), ["now parse wrong-type", "later canonical one-letter-cmd"]);
}

#[test]
fn a_number_too_large_to_be_read_comes_first() {
    let test = TestDir::new().file("web.json", r#"{"id": "/web", "cmd": 5, "cpus": 1e999999999}"#);
    insta::assert_snapshot!(test.run(&["lint", "--as-server", "web.json"]), @r#"
    exit: 1
    ----- stdout -----
    {"message":"Number scale (-999999999) is out of limits for field \"cpus\""}
    ----- stderr -----
    "#);
}
