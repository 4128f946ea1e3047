//! Tests of `milepost app add` and `milepost pod add` against loopback servers. The answers are Marathon 1.11's own,
//! shortened.
#![cfg(feature = "net")]

mod checks;
mod refusals;
mod tls;
mod words;

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use crate::common::{TestDir, each_case};

const WEB: &str = r#"{
  "id": "/web",
  "cmd": "python3 -m http.server $PORT0",
  "cpus": 0.10,
  "mem": 32,
  "env": { "PASSWORD": "hunter2" }
}
"#;

const POD: &str = r#"{"id": "/pod", "containers": [{"name": "c", "exec": {"command": {"shell": "sleep 99"}},
  "resources": {"cpus": 0.1, "mem": 32}}]}"#;

const DEPLOYMENT: &str = "38c8640d-8c23-4022-a360-70c33ef7d749";

/// How a server answers requests.
#[derive(Clone)]
pub(crate) enum Behaviour {
    /// Answers `GET /v2/info` one way, and other requests another.
    Reports { info: Box<Behaviour>, rest: Box<Behaviour> },
    /// Answers with this status line, these headers and this body.
    Answer { status: &'static str, headers: String, body: String },
    /// Answers a `GET` of one of these paths with this JSON, and any other as Marathon does when nothing has that id.
    Holds(Vec<(&'static str, String)>),
    /// Reads the request and never answers.
    Silence,
    /// Reads the request and hangs up.
    HangUp,
}

pub(crate) fn answer(status: &'static str, headers: impl Into<String>, body: impl Into<String>) -> Behaviour {
    Behaviour::Answer { status, headers: headers.into(), body: body.into() }
}

/// An answer of Marathon's own, which names its leader.
pub(crate) fn json(status: &'static str, body: &str) -> Behaviour {
    let headers = "Content-Type: application/json\r\nX-Marathon-Leader: http://marathon.example:8080\r\n";
    answer(status, headers, body)
}

pub(crate) fn accepted() -> Behaviour {
    let headers = format!("Content-Type: application/json\r\nMarathon-Deployment-Id: {DEPLOYMENT}\r\n");
    answer("201 Created", headers, format!(r#"{{"id": "/web", "deployments": [{{"id": "{DEPLOYMENT}"}}]}}"#))
}

/// A request as it came over the wire.
pub(crate) struct Request {
    pub(crate) line: String,
    headers: Vec<String>,
    body: String,
}

impl Request {
    pub(crate) fn body(&self) -> &str {
        &self.body
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A server on a port of its own, for as long as the test runs.
pub(crate) struct Server {
    port: u16,
    requests: Receiver<Request>,
}

impl Server {
    pub(crate) fn start(behaviour: Behaviour) -> Self {
        Self::with(behaviour, None)
    }

    fn with(behaviour: Behaviour, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (sender, requests) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let request = match &tls {
                    None => serve(stream, &behaviour),
                    Some(tls) => {
                        let tls = rustls::ServerConnection::new(Arc::clone(tls)).expect("a TLS connection");
                        serve(rustls::StreamOwned::new(tls, stream), &behaviour)
                    }
                };
                // A client that breaks off the TLS handshake sends no request.
                if let Some(request) = request.ok().flatten()
                    && sender.send(request).is_err()
                {
                    return;
                }
            }
        });
        Self { port, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The next request; fails where none came.
    pub(crate) fn request(&self) -> Request {
        self.settle();
        self.requests.try_recv().expect("a request was sent")
    }

    /// Whether no further request came.
    pub(crate) fn is_untouched(&self) -> bool {
        self.settle();
        self.requests.try_recv().is_err()
    }

    /// Waits until all earlier connections are served: they are served one after the other, and this one is the last.
    fn settle(&self) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the server listens");
        stream.shutdown(Shutdown::Write).expect("it is open");
        // Closed without an answer, by an end or by a reset.
        let _ = stream.read(&mut [0]);
    }

    /// Runs the program against this server and describes the outcome with the port taken out.
    fn run(&self, test: &TestDir, args: &[&str]) -> String {
        let url = self.url();
        self.scrub(&test.run(&[args, &["--url", &url]].concat()))
    }

    pub(crate) fn scrub(&self, text: &str) -> String {
        text.replace(&format!("127.0.0.1:{}", self.port), "[SERVER]")
    }
}

fn serve(stream: impl Read + Write, behaviour: &Behaviour) -> std::io::Result<Option<Request>> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut request = Request { line: lines.remove(0), headers: lines, body: String::new() };
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    request.body = String::from_utf8(body).expect("UTF-8");
    let mut stream = reader.into_inner();
    let behaviour = match behaviour {
        Behaviour::Reports { info, .. } if request.line == "GET /v2/info HTTP/1.1" => &**info,
        Behaviour::Reports { rest, .. } => &**rest,
        other => other,
    };
    match behaviour {
        Behaviour::Reports { .. } => unreachable!("not nested"),
        Behaviour::Answer { status, headers, body } => {
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            )?;
            stream.flush()?;
        }
        Behaviour::Holds(paths) => {
            let path = request.line.split(' ').nth(1).expect("a request line has a path");
            let held = paths.iter().find(|(held, _)| *held == path);
            let (status, body) = match held {
                Some((_, body)) => ("200 OK", body.clone()),
                None => (
                    "404 Not Found",
                    format!(r#"{{"message": "App '{path}' does not exist", "details": []}}"#),
                ),
            };
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            )?;
            stream.flush()?;
        }
        // Until the client hangs up.
        Behaviour::Silence => {
            let _ = stream.read(&mut [0]);
        }
        Behaviour::HangUp => {}
    }
    Ok(Some(request))
}

/// A directory with a target, so that the server is not asked for its own.
fn with_target() -> TestDir {
    TestDir::new().file("milepost.toml", "[target]\nname = \"dcos\"\n")
}

fn test_dir() -> TestDir {
    with_target().file("web.json", WEB).file("pod.json", POD)
}

#[test]
fn an_app_is_sent_as_it_is_written() {
    let server = Server::start(accepted());
    insta::assert_snapshot!(server.run(&test_dir(), &["app", "add", "web.json"]), @r#"
    exit: 0
    ----- stdout -----
    38c8640d-8c23-4022-a360-70c33ef7d749
    ----- stderr -----
    sent /web to http://[SERVER]; deployment 38c8640d-8c23-4022-a360-70c33ef7d749
    "#);
    let request = server.request();
    assert_eq!(request.line, "POST /v2/apps HTTP/1.1");
    assert_eq!(request.body, WEB);
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("authorization"), None);
}

#[test]
fn standard_input_is_read_with_and_without_a_dash() {
    let server = Server::start(accepted());
    each_case([&["app", "add", "-"][..], &["app", "add"]], |args| {
        let test = test_dir();
        let mut command = test.command(args);
        command.env("MARATHON_URL", server.url()).write_stdin(WEB).assert().success();
        assert_eq!(server.request().body, WEB);
    });
}

#[test]
fn comments_and_yaml_become_json_with_the_numbers_as_written() {
    let server = Server::start(accepted());
    let yaml = "id: /web\ncmd: sleep 99 # a comment\ncpus: 0.10\nmem: 32\nlabels: {big: \"1e400\"}\n";
    let jsonc = "{\"id\": \"/web\", // a comment\n \"cmd\": \"sleep 99\", \"mem\": 1.50e2,}";
    let test = with_target().file("web.yaml", yaml).file("web.jsonc", jsonc);
    server.run(&test, &["app", "add", "web.yaml"]);
    assert_eq!(
        server.request().body,
        r#"{"id":"/web","cmd":"sleep 99","cpus":0.10,"mem":32,"labels":{"big":"1e400"}}"#
    );
    server.run(&test, &["app", "add", "web.jsonc"]);
    assert_eq!(server.request().body, r#"{"id":"/web","cmd":"sleep 99","mem":1.50e2}"#);
}

#[test]
fn a_pod_goes_to_the_pods() {
    let server =
        Server::start(answer("201 Created", format!("Marathon-Deployment-Id: {DEPLOYMENT}\r\n"), POD));
    insta::assert_snapshot!(server.run(&test_dir(), &["pod", "add", "pod.json"]), @r#"
    exit: 0
    ----- stdout -----
    38c8640d-8c23-4022-a360-70c33ef7d749
    ----- stderr -----
    sent /pod to http://[SERVER]; deployment 38c8640d-8c23-4022-a360-70c33ef7d749
    "#);
    let request = server.request();
    assert_eq!(request.line, "POST /v2/pods HTTP/1.1");
    assert_eq!(request.body, POD);
}

#[test]
fn dcos_gets_its_token() {
    let server = Server::start(accepted());
    let test = test_dir().file("token", "from-file\n").with_mode("token", 0o600);
    let run = |args: &[&str]| {
        let mut command = test.command(args);
        command.env("DCOS_URL", server.url()).env("DCOS_ACS_TOKEN", "from-environment");
        command.assert().success().stdout(format!("{DEPLOYMENT}\n"));
        server.request()
    };
    let request = run(&["app", "add", "web.json"]);
    assert_eq!(request.line, "POST /service/marathon/v2/apps HTTP/1.1");
    assert_eq!(request.header("authorization"), Some("token=from-environment"));
    let request = run(&["app", "add", "web.json", "--token-file", "token"]);
    assert_eq!(request.header("authorization"), Some("token=from-file"));
}

#[test]
fn a_password_in_the_environment_is_used() {
    let server = Server::start(accepted());
    let test = test_dir();
    let mut command = test.command(&["app", "add", "web.json"]);
    command.env("MARATHON_URL", format!("http://joe:hunter2@127.0.0.1:{}", server.port));
    let output = command.output().expect("the program runs");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    insta::assert_snapshot!(server.scrub(&stderr), @r#"
    sent /web to http://***@[SERVER]; deployment 38c8640d-8c23-4022-a360-70c33ef7d749
    "#);
    assert_eq!(server.request().header("authorization"), Some("Basic am9lOmh1bnRlcjI="));
}

#[test]
fn a_token_is_kept_from_other_hosts() {
    let page = "<html><head><title>401 Authorization Required</title></head>\r\n<body>\r\n<center><h1>401 Authorization \
                Required</h1></center></body></html>";
    let server = Server::start(answer("401 Unauthorized", "Content-Type: text/html\r\n", page));
    let url = server.url();
    let test = test_dir();
    let mut command = test.command(&["app", "add", "web.json", "--url", &url]);
    command.env("DCOS_URL", "https://dcos.example").env("DCOS_ACS_TOKEN", "secret-token");
    let output = command.output().expect("the program runs");
    assert_eq!(output.status.code(), Some(3));
    insta::assert_snapshot!(server.scrub(&String::from_utf8_lossy(&output.stderr)), @r#"
    error: /web was not accepted: the server at http://[SERVER] answers 401: a web page, not Marathon's answer: 401 Authorization Required
    help: DCOS_ACS_TOKEN was not sent, because it belongs to DCOS_URL, or without that to the attached cluster, which is another address; give this one's token with --token-file
    "#);
    assert_eq!(server.request().header("authorization"), None);
}

#[test]
fn a_definitions_address_gets_no_token() {
    let definitions = Server::start(answer("200 OK", "", WEB));
    let server = Server::start(accepted());
    let source = format!("http://joe:hunter2@127.0.0.1:{}/apps/web.json?sig=hunter2", definitions.port);
    let test = test_dir();
    let mut command = test.command(&["app", "add", &source]);
    command
        .env("MARATHON_URL", server.url())
        .env("DCOS_URL", definitions.url())
        .env("DCOS_ACS_TOKEN", "secret");
    let output = command.output().expect("the program runs");
    assert_eq!(output.status.code(), Some(0));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("hunter2"));
    let request = definitions.request();
    assert_eq!(request.line, "GET /apps/web.json?sig=hunter2 HTTP/1.1");
    assert_eq!(request.header("authorization"), Some("Basic am9lOmh1bnRlcjI="));
    let request = server.request();
    assert_eq!((request.body.as_str(), request.header("authorization")), (WEB, None));
}

#[test]
fn a_missing_definition_is_reported() {
    let server = Server::start(accepted());
    let definitions = Server::start(answer("302 Found", "Location: /login?back=/web.json\r\n", ""));
    let source = format!("http://joe:hunter2@127.0.0.1:{}/web.json?sig=hunter2", definitions.port);
    let output = server.run(&test_dir(), &["app", "add", &source]);
    insta::assert_snapshot!(definitions.scrub(&output), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot read http://***@[SERVER]/web.json?***: the server answers 302 and redirects to http://***@[SERVER]/login?***; give that address if it is right
    "#);
    let definitions = Server::start(answer("200 OK", "", "{\"id\": \"/web\",\n oops}"));
    let source = format!("{}/web.json", definitions.url());
    insta::assert_snapshot!(definitions.scrub(&server.run(&test_dir(), &["app", "add", &source])), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[syntax-error]: expected a name in double quotes, found 'o'
     --> http://[SERVER]/web.json:2:2
      |
    2 |  oops}
      |  ^
      |
      = help: put the name in double quotes
    "#);
    assert!(server.is_untouched());
}

#[test]
fn a_definition_of_another_kind_is_not_sent() {
    let server = Server::start(accepted());
    let test = test_dir()
        .file("group.json", r#"{"id": "/g", "apps": [{"id": "a", "cmd": "sleep 99"}]}"#)
        .file("text.json", r#""web""#);
    let run = |args: &[&str]| server.run(&test, args).replace("----- stdout -----\n----- stderr -----\n", "");
    let outputs = [
        run(&["app", "add", "pod.json"]),
        run(&["pod", "add", "web.json"]),
        run(&["app", "add", "group.json"]),
        run(&["group", "add", "web.json"]),
        run(&["pod", "add", "text.json"]),
    ];
    insta::assert_snapshot!(outputs.concat(), @r#"
    exit: 2
    error: pod.json: this is a pod (it has `containers`): send it with `milepost pod add`
    exit: 2
    error: web.json: this is an app (it has no `containers`): send it with `milepost app add`
    exit: 2
    error: group.json: this is a group (it has `apps` or `groups`): send it with `milepost group add`
    exit: 2
    error: web.json: this is an app (it has no `containers`): send it with `milepost app add`
    exit: 2
    error: text.json: this is a string, and definitions are objects
    "#);
    assert!(server.is_untouched());
}

#[test]
fn where_to_send_must_be_clear_and_safe() {
    let test = test_dir().file("empty", "").file("token", "hunter2").file("web.txt", "no certificate");
    let run = |args: &[&str], environment: &[(&str, &str)]| {
        let mut command = test.command(&[&["app", "add", "web.json"], args].concat());
        let output = command.envs(environment.iter().copied()).output().expect("the program runs");
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    let outputs = [
        run(&[], &[]),
        run(&["--url", "marathon.example:8080"], &[]),
        run(&["--url", "http://marathon.example:8080/ui/#/apps"], &[]),
        run(&["--url", "https://joe:hunter2@marathon.example"], &[]),
        run(&[], &[("MARATHON_URL", "http://joe:hunter2@marathon.example")]),
        run(&["--url", "http://dcos.example/service/marathon", "--token-file", "token"], &[]),
        run(&["--url", "https://marathon.example", "--token-file", "empty"], &[]),
        run(&["--url", "https://marathon.example", "--ca-file", "web.txt"], &[]),
    ];
    insta::assert_snapshot!(outputs.concat(), @r#"
    error: Marathon's address is not known: give --url, or set MARATHON_URL, or for DC/OS set DCOS_URL and DCOS_ACS_TOKEN, or attach a cluster with the DC/OS CLI
    error: --url: this is not an http or https address; write it like http://marathon.example:8080 or https://dcos.example/service/marathon
    error: --url: it must not have a `?` or `#`; write it like http://marathon.example:8080 or https://dcos.example/service/marathon
    error: --url holds a password, which every user of this machine could read: set MARATHON_URL instead
    error: not sending a password to http://***@marathon.example over plain http, where others could read it: use https, or allow it with --plain-http
    error: not sending a token to http://dcos.example/service/marathon over plain http, where others could read it: use https, or allow it with --plain-http
    error: empty: this is not a token: it is empty
    error: web.txt: it holds no certificate; a PEM file with at least one certificate is expected
    "#);
}

#[test]
fn a_file_that_is_missing_is_named() {
    each_case(["--token-file", "--ca-file"], |option| {
        let output = test_dir().run(&[
            "app",
            "add",
            "web.json",
            "--url",
            "https://marathon.example",
            option,
            "missing",
        ]);
        assert!(output.starts_with("exit: 2\n") && output.contains("cannot read missing: "), "{output}");
    });
}

/// As a Marathon without features answers, shortened.
const INFO: &str = r#"{"version": "1.11.24", "marathon_config": {"features": [], "mesos_role": null,
    "default_network_name": null, "new_group_enforce_role": "Off"}}"#;

const SECRET: &str =
    r#"{"id": "/a", "cmd": "sleep 99", "env": {"K": {"secret": "k"}}, "secrets": {"k": {"source": "k"}}}"#;
