//! What is checked before it is sent.

use super::{Behaviour, DEPLOYMENT, INFO, SECRET, Server, accepted, json, with_target};
use crate::common::{TestDir, each_case};

#[test]
fn what_would_be_rejected_is_not_sent() {
    let server = Server::start(accepted());
    let test = with_target()
        .file("bad.json", "{\n  \"id\": \"/a\",\n  \"cmd\": \"sleep 1\",\n  \"cpus\": \"many\"\n}");
    insta::assert_snapshot!(server.run(&test, &["app", "add", "bad.json"]), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[wrong-type]: `cpus` must be a number, not a string
     --> bad.json:4:11
      |
    4 |   "cpus": "many"
      |           ^^^^^^ /cpus

    nothing was sent (--no-check sends it without a check)
    "#);
    assert!(server.is_untouched());
    assert!(server.run(&test, &["app", "add", "bad.json", "--no-check"]).starts_with("exit: 0\n"));
    assert!(server.request().body.contains("many"));
}

#[test]
fn what_would_be_ignored_is_not_sent() {
    let server = Server::start(accepted());
    let test = with_target().file("odd.json", r#"{"id": "/a", "cmd": "sleep 1", "lable": {}}"#);
    insta::assert_snapshot!(server.run(&test, &["app", "add", "odd.json"]), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[unknown-field]: Marathon knows no field `lable`: it is ignored
     --> odd.json:1:32
      |
    1 | {"id": "/a", "cmd": "sleep 1", "lable": {}}
      |                                ^^^^^^^ /lable
      |
      = help: did you mean `labels`?

    nothing was sent (--no-check sends it without a check)
    "#);
    assert!(server.is_untouched());
    assert!(server.run(&test, &["app", "add", "odd.json", "--no-check"]).starts_with("exit: 0\n"));
    assert!(server.request().body.contains("lable"));
}

fn reports(info: Behaviour) -> Server {
    Server::start(Behaviour::Reports { info: Box::new(info), rest: Box::new(accepted()) })
}

#[test]
fn the_check_is_for_the_server() {
    let server = reports(json("200 OK", INFO));
    let test = TestDir::new().file("a.json", SECRET);
    insta::assert_snapshot!(server.run(&test, &["app", "add", "a.json"]), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    http://[SERVER] is Marathon 1.11.24: target marathon-1.11
    error[disabled-feature]: this Marathon runs without secrets
     --> a.json:1:40
      |
    1 | {"id": "/a", "cmd": "sleep 99", "env": {"K": {"secret": "k"}}, "secrets": {"k": {"source": "k"}}}
      |                                        ^^^^^^^^^^^^^^^^^^^^^^ /env
      |
      = help: start it with --enable_features secrets (DC/OS Enterprise has them), or do without

    error[disabled-feature]: this Marathon runs without secrets
     --> a.json:1:75
      |
    1 | {"id": "/a", "cmd": "sleep 99", "env": {"K": {"secret": "k"}}, "secrets": {"k": {"source": "k"}}}
      |                                                                           ^^^^^^^^^^^^^^^^^^^^^^ /secrets
      |
      = help: start it with --enable_features secrets (DC/OS Enterprise has them), or do without

    nothing was sent (--no-check sends it without a check)
    "#);
    assert_eq!(server.request().line, "GET /v2/info HTTP/1.1");
    assert!(server.is_untouched());
    // The options and milepost.toml count before the server, which is not asked then.
    each_case([&["--target", "1.11"][..], &["--no-check"]], |more| {
        let output = server.run(&test, &[&["app", "add", "a.json"], more].concat());
        assert!(output.starts_with("exit: 0\n"), "{output}");
        assert_eq!(server.request().line, "POST /v2/apps HTTP/1.1");
    });
    let output = server.run(&with_target().file("a.json", SECRET), &["app", "add", "a.json"]);
    assert!(output.starts_with("exit: 0\n"), "{output}");
    assert_eq!(server.request().line, "POST /v2/apps HTTP/1.1");
    // Single settings are changed on top of what it reports.
    let output = server.run(&test, &["app", "add", "a.json", "--feature", "secrets"]);
    assert!(output.starts_with("exit: 0\n"), "{output}");
}

#[test]
fn a_server_that_does_not_report_its_target_gets_the_definition() {
    let server = reports(json("403 Forbidden", r#"{"message": "Not Authorized to perform this action!"}"#));
    let test = TestDir::new().file("a.json", SECRET);
    let output = server.run(&test, &["app", "add", "a.json"]);
    assert!(output.starts_with(&format!("exit: 0\n----- stdout -----\n{DEPLOYMENT}\n")), "{output}");
    let warning = "warning: cannot read the target from the server: http://[SERVER] answers 403: ";
    assert!(
        output.contains(warning) && output.contains("; checking for dcos (--target changes it)\n"),
        "{output}"
    );
    assert_eq!(server.request().line, "GET /v2/info HTTP/1.1");
    assert_eq!(server.request().body, SECRET);
}

#[test]
fn without_a_connection_nothing_is_sent() {
    let test = TestDir::new().file("a.json", SECRET);
    let server = reports(Behaviour::Silence);
    insta::assert_snapshot!(server.run(&test, &["app", "add", "a.json", "--timeout", "1"]), @r"
    exit: 5
    ----- stdout -----
    ----- stderr -----
    error: http://[SERVER]/v2/info did not answer within 1 s; nothing was sent (--timeout sets the limit)
    ");
    let server = reports(Behaviour::HangUp);
    insta::assert_snapshot!(server.run(&test, &["app", "add", "a.json"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: the connection to http://[SERVER]/v2/info broke before an answer came: connection closed before message completed; nothing was sent
    ");
    assert_eq!(server.request().line, "GET /v2/info HTTP/1.1");
    assert!(server.is_untouched());
}
