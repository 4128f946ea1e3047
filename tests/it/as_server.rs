//! `milepost lint --as-server`: what Marathon would answer, and nothing else.

use crate::common::TestDir;

/// Two faults of the canonical API, one of them twice at one path, and one of the model, which Marathon does not get to.
const WRONG: &str = r#"{
  "id": "/web",
  "cmd": "sleep 1",
  "args": ["x"],
  "labels": {"MARATHON_SINGLE_INSTANCE_APP": "true"},
  "instances": 2,
  "fetch": [{"uri": "b c"}],
  "healthChecks": [{"protocol": "MESOS_HTTP", "portIndex": 7}]
}
"#;

#[test]
fn a_rejected_file_gives_the_body_of_the_answer() {
    let test = TestDir::new().file("web.json", WRONG);
    insta::assert_snapshot!(test.run(&["lint", "--as-server", "web.json"]), @r#"
    exit: 1
    ----- stdout -----
    {"message":"Object is not valid","details":[{"path":"/","errors":["AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.","Single instance app may only have one instance"]},{"path":"/fetch(0)/uri","errors":["URI has invalid syntax."]}]}
    ----- stderr -----
    "#);
    // JSON it is in any case.
    assert_eq!(
        test.run(&["lint", "--as-server", "--format", "json", "web.json"]),
        test.run(&["lint", "--as-server", "web.json"])
    );
}

#[test]
fn an_accepted_file_gives_an_empty_object() {
    let test = TestDir::new().file("web.json", r#"{"id": "/web", "cmd": "sleep 1", "lables": {}}"#);
    insta::assert_snapshot!(test.run(&["lint", "--as-server", "web.json"]), @r"
    exit: 0
    ----- stdout -----
    {}
    ----- stderr -----
    ");
}

#[test]
fn several_files_give_a_line_each() {
    let test = TestDir::new()
        .file("good.json", r#"{"id": "/web", "cmd": "sleep 1"}"#)
        .file("types.json", r#"{"id": "/web", "cmd": "sleep 1", "cpus": "1", "mem": -1}"#)
        .file("syntax.json", r#"{"id": "/web", "cmd": }"#)
        .file("thrown.json", r#"{"id": "/web", "cmd": "sleep 1", "constraints": [["a", "unique"]]}"#)
        .file("group.json", r#"{"id": "/", "apps": []}"#)
        .file("other.json", r#"{"name": "no definition"}"#);
    insta::assert_snapshot!(test.run(&["lint", "--as-server", "."]), @r#"
    exit: 1
    ----- stdout -----
    {"path":"./good.json","accepted":true}
    {"path":"./group.json","accepted":false,"status":422,"message":"Object is not valid","details":[{"path":"/enforceRole","errors":["enforceRole cannot be modified in a request that adds, removes or modifies services; please make these changes in separate requests."]}]}
    {"path":"./syntax.json","accepted":false,"status":400,"message":"Invalid JSON"}
    {"path":"./thrown.json","accepted":false,"status":500,"message":"illegal constraint specification a,unique"}
    {"path":"./types.json","accepted":false,"status":422,"message":"Invalid JSON","details":[{"path":"/cpus","errors":["error.expected.jsnumber"]},{"path":"/mem","errors":["error.min"]}]}
    ----- stderr -----
    "#);
    insta::assert_snapshot!(test.run(&["lint", "--as-server", "good.json", "missing.json"]), @r#"
    exit: 2
    ----- stdout -----
    {"path":"good.json","accepted":true}
    ----- stderr -----
    error: cannot read missing.json: No such file or directory (os error 2)
    "#);
}

#[test]
fn the_answer_is_that_of_the_target() {
    let test =
        TestDir::new().file("web.json", r#"{"id": "/web", "cmd": "sleep 1", "role": "other", "gpus": 1}"#);
    insta::assert_snapshot!(test.run(&["lint", "--as-server", "web.json"]), @r#"
    exit: 1
    ----- stdout -----
    {"message":"Object is not valid","details":[{"path":"/role","errors":["got other, expected one of: [slave_public]"]}]}
    ----- stderr -----
    "#);
    insta::assert_snapshot!(
        test.run(&["lint", "--as-server", "web.json", "--target", "dcos-1.13", "--no-feature", "gpu_resources"]),
        @r#"
    exit: 1
    ----- stdout -----
    {"message":"Object is not valid","details":[{"path":"/","errors":["Feature gpu_resources is not enabled. Enable with --enable_features gpu_resources)"]}]}
    ----- stderr -----
    "#
    );
}

#[test]
fn hidden_findings_are_still_part_of_the_answer() {
    let test = TestDir::new()
        .file("milepost.toml", "[lint]\nignore = [\"*\"]\n")
        .file("web.json", r#"{"id": "/web", "cmd": "x"}"#);
    insta::assert_snapshot!(test.run(&["lint", "--as-server", "web.json"]), @r#"
    exit: 1
    ----- stdout -----
    {"message":"Object is not valid","details":[{"path":"/","errors":["must not be an empty string"]}]}
    ----- stderr -----
    "#);
    insta::assert_snapshot!(test.run(&["lint", "--as-server", "--ignore", "wrong-type", "web.json"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: the argument '--as-server' cannot be used with '--ignore <RULE>'

    Usage: milepost lint --as-server <PATH>...

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(test.run(&["lint", "--as-server", "--format", "sarif", "web.json"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: --as-server writes what a server answers, which is JSON: leave --format sarif out
    ");
}
