//! Answers that are no acceptance.

use std::net::TcpListener;

use super::{Behaviour, Server, accepted, answer, json, test_dir};
use crate::common::{TestDir, each_case};

#[test]
fn a_redirect_is_not_followed() {
    let other = Server::start(accepted());
    let location = format!("Location: http://joe:hunter2@127.0.0.1:{}/v2/apps?t=hunter2\r\n", other.port);
    let server = Server::start(answer("307 Temporary Redirect", location, ""));
    let test = test_dir();
    let mut command = test.command(&["app", "add", "web.json"]);
    command.env("DCOS_URL", server.url()).env("DCOS_ACS_TOKEN", "secret-token");
    let output = command.output().expect("the program runs");
    assert_eq!(output.status.code(), Some(2));
    let stderr =
        server.scrub(&String::from_utf8_lossy(&output.stderr)).replace(&other.port.to_string(), "[OTHER]");
    insta::assert_snapshot!(stderr, @r#"
    error: /web was not accepted: the server at http://[SERVER]/service/marathon answers 307: a redirect to http://***@127.0.0.1:[OTHER]/v2/apps?***, which is not followed
    help: give that address if it is right
    "#);
    assert!(server.request().header("authorization").is_some());
    assert!(other.is_untouched());
}

#[test]
fn errors_are_shown_on_the_lines_of_the_text() {
    let server = Server::start(json(
        "422 Unprocessable Entity",
        r#"{"message": "Invalid JSON", "details": [
            {"path": "/container/docker/image", "errors": ["'image' is undefined on object: {\"x\":\"hunter2\"}"]},
            {"path": "/cpus", "errors": ["error.expected.jsnumber"]},
            {"path": "/container/volumes(0)/mode", "errors": ["error.unknown.enum.literal"]},
            {"path": "/container/portMappings(0)/name", "errors": ["error.pattern"]},
            {"path": "/", "errors": ["AppDefinition must not be like this"]}]}"#,
    ));
    let definition = "id: /web\ncpus: many\ncontainer:\n  docker:\n    portMappings: [{name: A_}]\n  volumes:\n    - mode: RX\n";
    let test = TestDir::new().file("web.yaml", definition);
    insta::assert_snapshot!(server.run(&test, &["app", "add", "web.yaml", "--no-check"]), @r#"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error[refused-by-marathon]: AppDefinition must not be like this
     --> web.yaml:1:1
      |
    1 | id: /web
      | ^

    error[refused-by-marathon]: error.expected.jsnumber
     --> web.yaml:2:7
      |
    2 | cpus: many
      |       ^^^^ /cpus
      |
      = help: a number is expected here

    error[refused-by-marathon]: 'image' is undefined
     --> web.yaml:4:3
      |
    4 |   docker:
      |   ^^^^^^ /container/docker/image
      |
      = help: Marathon names /container/docker/image

    error[refused-by-marathon]: error.pattern
     --> web.yaml:5:27
      |
    5 |     portMappings: [{name: A_}]
      |                           ^^ /container/docker/portMappings/0/name
      |
      = help: the text does not have the required form; Marathon names /container/portMappings(0)/name

    error[refused-by-marathon]: error.unknown.enum.literal
     --> web.yaml:7:13
      |
    7 |     - mode: RX
      |             ^^ /container/volumes/0/mode
      |
      = help: this is not one of the words allowed here

    error: /web was not accepted: Marathon at http://[SERVER] answers 422: Invalid JSON
    "#);
}

#[test]
fn a_lock_names_the_deployment() {
    let server = Server::start(json(
        "409 Conflict",
        r#"{"message": "App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/<DEPLOYMENT_ID>'.", "deployments": [{"id": "a43831c8-3940-4324-813a-268534d27161"}]}"#,
    ));
    insta::assert_snapshot!(server.run(&test_dir(), &["app", "add", "web.json"]), @r#"
    exit: 4
    ----- stdout -----
    ----- stderr -----
    error: /web was not accepted: Marathon at http://[SERVER] answers 409: App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/a43831c8-3940-4324-813a-268534d27161'.
    locked by deployment a43831c8-3940-4324-813a-268534d27161
    help: wait until that deployment is done, then send it again
    "#);
}

#[test]
fn what_exists_is_not_changed() {
    let server =
        Server::start(json("409 Conflict", r#"{"message": "An app with id [/web] already exists."}"#));
    insta::assert_snapshot!(server.run(&test_dir(), &["app", "add", "web.json"]), @r#"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: /web was not accepted: Marathon at http://[SERVER] answers 409: An app with id [/web] already exists.
    help: `add` never changes what exists; `milepost app update /web` and `milepost deploy` do
    "#);
}

#[test]
fn other_rejections_are_reported_in_the_servers_words() {
    let run = |behaviour| {
        let output = Server::start(behaviour).run(&test_dir(), &["app", "add", "web.json"]);
        output.split_once("----- stderr -----\n").map(|(_, stderr)| stderr.to_owned()).unwrap_or_default()
    };
    let answers = [
        json(
            "400 Bad Request",
            r#"{"message": "Invalid JSON", "details": "Unexpected character ('}' (code 125)): was expecting double-quote to start field name"}"#,
        ),
        json("403 Forbidden", r#"{"message": "Not Authorized to perform this action!"}"#),
        json("404 Not Found", ""),
        json("415 Unsupported Media Type", r#"{"message": "Unsupported Media Type"}"#),
        json("500 Internal Server Error", r#"{"message": "URI not found"}"#),
        json(
            "500 Internal Server Error",
            r#"{"message": "cannot specify both portMappings and docker.portMappings"}"#,
        ),
        answer(
            "502 Bad Gateway",
            "Content-Type: text/html\r\n",
            "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center><hr><center>openresty</center></body>\r\n</html>\r\n",
        ),
        answer("503 Service Unavailable", "", "Too many concurrent requests! Allowed: 10.\u{1b}[31m"),
        answer("200 OK", "Content-Type: text/html\r\n", "<html>Log in, please</html>"),
        json("422 Unprocessable Entity", r#"{"message": "requirement failed: something"}"#),
    ];
    insta::assert_snapshot!(answers.map(run).concat(), @r#"
    error: /web was not accepted: Marathon at http://[SERVER] answers 400: Invalid JSON: Unexpected character ('}' (code 125)): was expecting double-quote to start field name
    error: /web was not accepted: Marathon at http://[SERVER] answers 403: Not Authorized to perform this action!
    error: /web was not accepted: the server at http://[SERVER] answers 404: no message
    help: is http://[SERVER] Marathon's address? DC/OS has it at /service/marathon
    error: /web was not accepted: Marathon at http://[SERVER] answers 415: Unsupported Media Type
    error: /web was not accepted: Marathon at http://[SERVER] answers 500: URI not found
    help: is http://[SERVER] Marathon's address? DC/OS has it at /service/marathon
    error: /web was not accepted: Marathon at http://[SERVER] answers 500: cannot specify both portMappings and docker.portMappings
    error: it is not known whether /web was accepted: the server or a proxy before it at http://[SERVER] answers 502: a web page, not Marathon's answer: 502 Bad Gateway openresty
    help: it may have been carried out: check before sending it again
    error: it is not known whether /web was accepted: the server or a proxy before it at http://[SERVER] answers 503: Too many concurrent requests! Allowed: 10. [31m
    help: it may have been carried out: check before sending it again
    error: it is not known whether /web was accepted: the server or a proxy before it at http://[SERVER] answers 200: a web page, so it is not Marathon's answer, or a network's or proxy's login page comes before it
    help: check whether it was carried out; is http://[SERVER] Marathon's address? DC/OS has it at /service/marathon
    error: /web was not accepted: Marathon at http://[SERVER] answers 422: requirement failed: something
    "#);
}

/// A proxy's failure says nothing of what was done before it, whichever form it has.
#[test]
fn a_failure_of_a_proxy_in_json_leaves_open_what_was_done() {
    let by_proxy = |status, body: &str| answer(status, "Content-Type: application/json\r\n", body);
    each_case(
        [
            by_proxy("500 Internal Server Error", r#"{"message": "An unexpected error occurred"}"#),
            by_proxy(
                "502 Bad Gateway",
                r#"{"message": "An invalid response was received from the upstream server"}"#,
            ),
            json("503 Service Unavailable", r#"{"message": "Futures timed out after [10 seconds]"}"#),
        ],
        |behaviour| {
            let said = Server::start(behaviour).run(&test_dir(), &["app", "add", "web.json"]);
            assert!(said.starts_with("exit: 8\n"), "{said}");
            assert!(
                said.contains("help: it may have been carried out: check before sending it again"),
                "{said}"
            );
        },
    );
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let server = Server::start(Behaviour::Silence);
    insta::assert_snapshot!(server.run(&test_dir(), &["app", "add", "web.json", "--timeout", "1"]), @r#"
    exit: 5
    ----- stdout -----
    ----- stderr -----
    error: http://[SERVER]/v2/apps did not answer within 1 s; it may have been carried out: check before sending it again (--timeout sets the limit)
    "#);
    let url = format!("{}/web.json", server.url());
    let server = Server::start(accepted());
    let output = server.run(&test_dir(), &["app", "add", &url, "--timeout", "1"]);
    assert!(output.starts_with("exit: 5\n") && output.contains("nothing was sent"), "{output}");
    assert!(server.is_untouched());
}

#[test]
fn a_server_that_hangs_up_leaves_it_open_what_happened() {
    let server = Server::start(Behaviour::HangUp);
    insta::assert_snapshot!(server.run(&test_dir(), &["app", "add", "web.json"]), @r#"
    exit: 8
    ----- stdout -----
    ----- stderr -----
    error: the connection to http://[SERVER]/v2/apps broke before an answer came: connection closed before message completed; it may have been carried out: check before sending it again
    "#);
}

#[test]
fn an_unreachable_server_is_reported() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let url = format!("http://127.0.0.1:{port}/");
    let output = test_dir().run(&["app", "add", "web.json", "--url", &url]);
    insta::assert_snapshot!(output.replace(&port.to_string(), "[PORT]"), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot connect to http://127.0.0.1:[PORT]/v2/apps: Connection refused (os error 111)
    "#);
    let output = test_dir().run(&["app", "add", "web.json", "--url", "http://no-such-host.invalid"]);
    assert!(
        output.starts_with("exit: 2\n")
            && output.contains("cannot connect to http://no-such-host.invalid/v2/apps: ")
    );
}
