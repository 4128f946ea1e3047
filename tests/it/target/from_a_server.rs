//! The target as a server reports it: `lint --target-from`.

use super::{APP, refused};
use crate::common::TestDir;
use crate::send::{Behaviour, Server, answer, json};

/// As a Marathon 1.11 with the settings of DC/OS answers, shortened.
const INFO: &str = r#"{"name": "marathon", "version": "1.11.24", "buildref": "unknown", "elected": true,
    "leader": "127.0.0.1:8095", "frameworkId": "f", "marathon_config": {"access_control_allow_origin": null,
    "default_network_name": "overlay", "features": ["external_volumes", "vips", "task_killing"],
    "mesos_role": "slave_public", "new_group_enforce_role": "Off", "webui_url": null},
    "zookeeper_config": {"zk": "zk://localhost:2181/marathon"}, "http_config": {"http_port": 8080}}"#;

/// As a Marathon 1.5 answers, which reports neither network nor roles.
const OLD: &str = r#"{"name": "marathon", "version": "1.5.11", "marathon_config": {"features": ["secrets"],
    "mesos_role": null}}"#;

fn run(server: &Server, test: &TestDir, args: &[&str]) -> String {
    let url = server.url();
    let args = [&["lint", "web.json", "--target-from", &url], args].concat();
    server.scrub(&test.run(&args))
}

#[test]
fn it_is_asked_and_its_target_can_be_saved() {
    let server = Server::start(json("200 OK", INFO));
    let test = TestDir::new().file("web.json", APP);
    insta::assert_snapshot!(run(&server, &test, &["--save-target", "milepost.toml"]), @r#"
    exit: 1
    ----- stdout -----
    error[disabled-feature]: this Marathon runs without secrets
     --> web.json:4:14
      |
    4 |   "secrets": {"a": {"source": "b"}},
      |              ^^^^^^^^^^^^^^^^^^^^^^ /secrets
      |
      = help: start it with --enable_features secrets (DC/OS Enterprise has them), or do without

    error[foreign-role]: an app here cannot have the role `prod`
     --> web.json:6:11
      |
    6 |   "role": "prod"
      |           ^^^^^^ /role
      |
      = help: write "slave_public" or "top", or leave it out

    ----- stderr -----
    http://[SERVER] is Marathon 1.11.24: target dcos-2.2
    wrote milepost.toml
    checked 1 file: 2 errors; target dcos-2.2 with settings of its own
    `milepost explain disabled-feature` explains a rule
    "#);
    let request = server.request();
    assert_eq!(request.line, "GET /v2/info HTTP/1.1");
    assert_eq!(request.header("authorization"), None);
    assert!(server.is_untouched());
    insta::assert_snapshot!(server.scrub(&test.read("milepost.toml")), @r#"
    # read from http://[SERVER], Marathon 1.11.24
    [target]
    name = "dcos-2.2"
    features = ["external_volumes"]
    no-features = ["secrets", "gpu_resources"]
    mesos-role = "slave_public"
    default-network = "overlay"
    enforce-role = "off"
    "#);
    // The same without the server; and the command line on top of it.
    assert_eq!(refused(&test, &[]), ["disabled-feature", "foreign-role"]);
    assert_eq!(refused(&test, &["--feature", "secrets", "--mesos-role", "prod"]), [""; 0]);
    // Once more over what it wrote itself.
    assert!(run(&server, &test, &["--save-target", "milepost.toml"]).contains("wrote milepost.toml"));
}

#[test]
fn other_settings_are_not_overwritten() {
    let server = Server::start(json("200 OK", INFO));
    let toml = "[lint]\nignore = [\"response-field\"]\n";
    let test = TestDir::new().file("web.json", APP).file("milepost.toml", toml);
    insta::assert_snapshot!(run(&server, &test, &["--save-target", "milepost.toml"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    http://[SERVER] is Marathon 1.11.24: target dcos-2.2
    error: milepost.toml: contains more than a target, so nothing is written; add this to it:

    # read from http://[SERVER], Marathon 1.11.24
    [target]
    name = "dcos-2.2"
    features = ["external_volumes"]
    no-features = ["secrets", "gpu_resources"]
    mesos-role = "slave_public"
    default-network = "overlay"
    enforce-role = "off"
    "#);
    assert_eq!(test.read("milepost.toml"), toml);
}

#[test]
fn an_old_one_reports_less() {
    let server = Server::start(json("200 OK", OLD));
    let test = TestDir::new().file("web.json", r#"{"id": "/web", "cmd": "sleep 1"}"#);
    insta::assert_snapshot!(run(&server, &test, &[]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    http://[SERVER] is Marathon 1.5.11: target marathon-1.5
    note: this release does not report its default network: assuming none (--default-network changes it)
    checked 1 file: nothing found; target marathon-1.5 with settings of its own
    ");
}

#[test]
fn only_dcos_gets_its_token() {
    let server = Server::start(json("200 OK", INFO));
    let test = TestDir::new().file("web.json", r#"{"id": "/web", "cmd": "sleep 1"}"#);
    let ask = |url: &str, dcos: &str| {
        let mut command = test.command(&["lint", "web.json", "--target-from", url]);
        command.env("DCOS_URL", dcos).env("DCOS_ACS_TOKEN", "hush").assert().success();
        server.request()
    };
    let request = ask(&format!("{}/service/marathon", server.url()), &server.url());
    assert_eq!(request.line, "GET /service/marathon/v2/info HTTP/1.1");
    assert_eq!(request.header("authorization"), Some("token=hush"));
    assert_eq!(ask(&server.url(), "https://dcos.example").header("authorization"), None);
    assert_eq!(ask("env", &server.url()).line, "GET /service/marathon/v2/info HTTP/1.1");
}

#[test]
fn what_is_not_a_marathon_is_reported() {
    let test = TestDir::new().file("web.json", APP);
    let html = answer("200 OK", "Content-Type: text/html\r\n", "<html>Sign in</html>");
    let moved = answer("302 Found", "Location: http://elsewhere.example/\r\n", "");
    let all: Vec<String> = [
        html,
        moved,
        json("200 OK", r#"{"version": "1.9.0", "id": "a-mesos-master"}"#),
        json("200 OK", &INFO.replace("1.11.24", "0.15.3")),
        json("401 Unauthorized", r#"{"message": "hm"}"#),
        json("404 Not Found", "{}"),
        Behaviour::HangUp,
    ]
    .into_iter()
    .map(|behaviour| run(&Server::start(behaviour), &test, &[]))
    .collect();
    insta::assert_snapshot!(all.join("\n"), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot read the target from the server: http://[SERVER] answers with a web page, so it is not a Marathon; DC/OS has it at /service/marathon

    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot read the target from the server: http://[SERVER] answers 302 and redirects to http://elsewhere.example/: give that address if it is right

    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot read the target from the server: http://[SERVER] answers with other JSON than Marathon's /v2/info, so it is not a Marathon; DC/OS has it at /service/marathon

    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot read the target from the server: http://[SERVER] is Marathon 0.15.3: there is no Marathon 0.15.3: the releases are 1.4 to 1.11 (DC/OS 1.9 runs 1.4, 1.10 runs 1.5, … 2.2 runs 1.11)

    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: cannot read the target from the server: http://[SERVER] answers 401: set DCOS_URL and DCOS_ACS_TOKEN, give --token-file, or sign in with `milepost login`

    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot read the target from the server: http://[SERVER] answers 404: is this Marathon's address? DC/OS has it at /service/marathon

    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot read the target from the server: the connection to http://[SERVER]/v2/info broke before an answer came: connection closed before message completed
    ");
    insta::assert_snapshot!(test.run(&["lint", "web.json", "--target-from", "http://127.0.0.1:1"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot read the target from the server: cannot connect to http://127.0.0.1:1/v2/info: Connection refused (os error 111)
    ");
    let password = test.run(&["lint", "web.json", "--target-from", "https://u:hunter2@m.example"]);
    insta::assert_snapshot!(password, @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot read the target from the server: --target-from holds a password, which every user of this machine could read: set MARATHON_URL instead, and give --target-from env
    ");
    insta::assert_snapshot!(test.run(&["lint", "web.json", "--target-from", "marathon.example"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot read the target from the server: --target-from: this is not an address: relative URL without a base; write it like http://marathon.example:8080 or https://dcos.example/service/marathon
    ");
}

#[test]
fn a_server_that_is_silent_is_not_waited_for() {
    let server = Server::start(Behaviour::Silence);
    let test = TestDir::new().file("web.json", APP);
    insta::assert_snapshot!(run(&server, &test, &["--timeout", "1"]), @r"
    exit: 5
    ----- stdout -----
    ----- stderr -----
    error: cannot read the target from the server: http://[SERVER]/v2/info did not answer within 1 s
    ");
}
