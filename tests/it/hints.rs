//! The help of findings: what to write instead of what was written, and the fix that does it.

use milepost::finding::FixKind;
use milepost::fix::{self, FixProver};
use milepost::lint::Linter;
use milepost::source::{Document, Edit, Format};
use milepost::target::Target;

use super::common::each_case;

mod short;

struct Hint {
    text: String,
    pointer: &'static str,
    help: &'static str,
    /// The text with the fix made; nothing where there is none.
    fixed: Option<String>,
}

fn app(members: &str) -> String {
    format!(r#"{{"id": "/a", "cmd": "serve", {members}}}"#)
}

/// A hint for members of an app, with the members after its fix.
fn hint(members: &str, pointer: &'static str, help: &'static str, fixed: Option<&str>) -> Hint {
    Hint { text: app(members), pointer, help, fixed: fixed.map(app) }
}

fn pod(members: &str, constraints: &str) -> String {
    format!(
        r#"{{"id": "/p", "containers": [{{"name": "c", {members}, "resources": {{"cpus": 0.1, "mem": 32}}}}],
            "scheduling": {{"placement": {{"constraints": {constraints}}}}}}}"#
    )
}

#[expect(clippy::too_many_lines, reason = "a table, a row for each mistake")]
fn hints() -> Vec<Hint> {
    let shell = r#""exec": {"command": {"shell": "x"}}"#;
    let docker = |docker: &str| format!(r#""container": {{"type": "DOCKER", "docker": {docker}}}"#);
    // Beside a check for which Marathon never kills.
    let checks = |other: &str| {
        format!(
            r#""healthChecks": [{{"protocol": "HTTP", "path": "/a", "maxConsecutiveFailures": 0}}, {{{other}}}]"#
        )
    };
    vec![
        hint(
            r#""networks": "dcos", "container": {"type": "MESOS"}"#,
            "/networks",
            r#"write [{"mode": "container", "name": "dcos"}]"#,
            Some(r#""networks": [{ "mode": "container", "name": "dcos" }], "container": {"type": "MESOS"}"#),
        ),
        hint(
            r#""networks": "host""#,
            "/networks",
            r#"write [{"mode": "host"}]"#,
            Some(r#""networks": [{ "mode": "host" }]"#),
        ),
        hint(
            r#""networks": ["BRIDGE"], "container": {"type": "MESOS"}"#,
            "/networks/0",
            r#"write {"mode": "container/bridge"}"#,
            Some(r#""networks": [{ "mode": "container/bridge" }], "container": {"type": "MESOS"}"#),
        ),
        hint(r#""networks": "none""#, "/networks", "put it in brackets: `[…]`", None),
        hint(
            r#""networks": {"mode": "host"}"#,
            "/networks",
            "put it in brackets: `[…]`",
            Some(r#""networks": [{ "mode": "host" }]"#),
        ),
        hint(
            r#""secret": {"pw": {"source": "a/b"}}"#,
            "/secret",
            "did you mean `secrets`?",
            Some(r#""secrets": {"pw": {"source": "a/b"}}"#),
        ),
        hint(
            r#""port": 8080"#,
            "/port",
            "did you mean `portDefinitions`? Write [{\"port\": …}]; on a bridge or container network a port mapping of \
             the container",
            None,
        ),
        hint(
            r#""constraints": "hostname:UNIQUE""#,
            "/constraints",
            r#"write [["hostname", "UNIQUE"]]"#,
            Some(r#""constraints": [["hostname", "UNIQUE"]]"#),
        ),
        hint(
            r#""constraints": "hostname LIKE a b:.*""#,
            "/constraints",
            r#"write [["hostname", "LIKE", "a b:.*"]]"#,
            Some(r#""constraints": [["hostname", "LIKE", "a b:.*"]]"#),
        ),
        hint(
            r#""constraints": ["rack:GROUP_BY:3"]"#,
            "/constraints/0",
            r#"write ["rack", "GROUP_BY", "3"]"#,
            Some(r#""constraints": [["rack", "GROUP_BY", "3"]]"#),
        ),
        hint(
            r#""constraints": {"fieldName": "hostname", "operator": "UNIQUE"}"#,
            "/constraints",
            r#"write [["hostname", "UNIQUE"]]"#,
            Some(r#""constraints": [["hostname", "UNIQUE"]]"#),
        ),
        // Marathon would refuse the constraint in brackets, too.
        hint(r#""constraints": "hostname""#, "/constraints", "put it in brackets: `[…]`", None),
        Hint {
            text: pod(shell, r#""hostname:UNIQUE""#),
            pointer: "/scheduling/placement/constraints",
            help: r#"write [{"fieldName": "hostname", "operator": "UNIQUE"}]"#,
            fixed: Some(pod(shell, r#"[{ "fieldName": "hostname", "operator": "UNIQUE" }]"#)),
        },
        Hint {
            text: r#"{"id": "/a", "args": "node server.js"}"#.to_owned(),
            pointer: "/args",
            help: r#"write ["node", "server.js"]"#,
            fixed: Some(r#"{"id": "/a", "args": ["node", "server.js"]}"#.to_owned()),
        },
        Hint {
            text: r#"{"id": "/a", "container": {"type": "DOCKER", "docker": {"image": "a/b:1"}}, "args": "-v --port=80"}"#
                .to_owned(),
            pointer: "/args",
            help: r#"write ["-v", "--port=80"]"#,
            fixed: Some(
                r#"{"id": "/a", "container": {"type": "DOCKER", "docker": {"image": "a/b:1"}}, "args": ["-v", "--port=80"]}"#
                    .to_owned(),
            ),
        },
        Hint {
            text: r#"{"id": "/a", "args": "sh -c 'a && b'"}"#.to_owned(),
            pointer: "/args",
            help: "write a list with an element for each argument, which no shell sees",
            fixed: None,
        },
        hint(
            r#""dependencies": "/db""#,
            "/dependencies",
            "put it in brackets: `[…]`",
            Some(r#""dependencies": ["/db"]"#),
        ),
        hint(r#""env": "A=1""#, "/env", r#"write {"A": "1"}"#, Some(r#""env": { "A": "1" }"#)),
        hint(r#""maintainer": "me""#, "/maintainer", "keep it as a label: write it in `labels`", None),
        hint(r#""HAPROXY_GROUP": "external""#, "/HAPROXY_GROUP", "this belongs under `labels`", None),
        hint(
            r#""container": {"docker": {"image": "a/b:1", "type": "DOCKER"}}"#,
            "/container/docker/type",
            "did you mean `container.type`?",
            None,
        ),
        hint(
            &docker(r#"{"image": "a/b:1", "type": "DOCKER"}"#),
            "/container/docker/type",
            "remove it, or correct its name: `container.type` is there already",
            None,
        ),
        hint(
            r#""readinessChecks": [{"name": "up", "interval": 5}]"#,
            "/readinessChecks/0/interval",
            "did you mean `intervalSeconds`?",
            None,
        ),
        hint(
            r#""readinessChecks": [{"name": "up", "timeout": 5}]"#,
            "/readinessChecks/0/timeout",
            "did you mean `timeoutSeconds`?",
            None,
        ),
        hint(
            r#""healthChecks": [{"protocol": "MESOS_TCP", "interval": 5}]"#,
            "/healthChecks/0/interval",
            "did you mean `intervalSeconds`?",
            None,
        ),
        hint(
            r#""healthChecks": [{"protocol": "MESOS_TCP", "portName": "http"}]"#,
            "/healthChecks/0/portName",
            "a health check names its port by `portIndex`, the place in the list of the app's ports, from 0",
            None,
        ),
        hint(
            r#""healthChecks": [{"protocol": "COMMAND", "command": "curl -f localhost"}]"#,
            "/healthChecks/0/command",
            r#"write {"value": "curl -f localhost"}"#,
            Some(r#""healthChecks": [{"protocol": "COMMAND", "command": { "value": "curl -f localhost" }}]"#),
        ),
        Hint {
            text: r#"{"id": "/a", "cmd": ["node", "server.js"]}"#.to_owned(),
            pointer: "/cmd",
            help: "an array is `args`: rename the field",
            fixed: Some(r#"{"id": "/a", "args": ["node", "server.js"]}"#.to_owned()),
        },
        hint(
            r#""env": [{"name": "A", "value": "1"}]"#,
            "/env",
            r#"write {"A": "1"}"#,
            Some(r#""env": { "A": "1" }"#),
        ),
        hint(
            r#""env": ["A=1", "B=a=b"]"#,
            "/env",
            r#"write {"A": "1", …}"#,
            Some(r#""env": { "A": "1", "B": "a=b" }"#),
        ),
        hint(r#""env": [{"A": 1}]"#, "/env", r#"write {"A": "1"}"#, Some(r#""env": { "A": "1" }"#)),
        hint(
            r#""env": ["DB_PASSWORD=correct-horse"]"#,
            "/env",
            r#"write {"DB_PASSWORD": "…"}"#,
            Some(r#""env": { "DB_PASSWORD": "correct-horse" }"#),
        ),
        hint(r#""labels": ["a=b"]"#, "/labels", r#"write {"a": "b"}"#, Some(r#""labels": { "a": "b" }"#)),
        hint(
            &docker(r#"{"image": "a/b:1", "network": "my-overlay"}"#),
            "/container/docker/network",
            r#"write "networks": [{"mode": "container", "name": "my-overlay"}] at the top of the app"#,
            None,
        ),
        hint(
            &docker(r#"{"image": "a/b:1", "parameters": {"hostname": "web"}}"#),
            "/container/docker/parameters",
            r#"write [{"key": "hostname", "value": "web"}]"#,
            Some(&docker(r#"{"image": "a/b:1", "parameters": [{ "key": "hostname", "value": "web" }]}"#)),
        ),
        hint(
            r#""container": {"type": "MESOS", "credential": {"principal": "p"}}"#,
            "/container/credential",
            "no engine takes credentials here: write `docker.pullConfig` for UCR, or fetch an archive for the Docker Engine",
            None,
        ),
        hint(
            r#""constraints": ["hostname", "UNIQUE"]"#,
            "/constraints",
            r#"write [["hostname", "UNIQUE"]]"#,
            Some(r#""constraints": [["hostname", "UNIQUE"]]"#),
        ),
        hint(
            r#""constraints": [{"fieldName": "hostname", "operator": "LIKE", "value": "a"}]"#,
            "/constraints/0",
            r#"write ["hostname", "LIKE", "a"]"#,
            Some(r#""constraints": [["hostname", "LIKE", "a"]]"#),
        ),
        Hint {
            text: pod(shell, r#"[["hostname", "UNIQUE"]]"#),
            pointer: "/scheduling/placement/constraints/0",
            help: r#"write {"fieldName": "hostname", "operator": "UNIQUE"}"#,
            fixed: Some(pod(shell, r#"[{ "fieldName": "hostname", "operator": "UNIQUE" }]"#)),
        },
        Hint {
            text: pod(r#""exec": {"command": "sleep 9"}"#, "[]"),
            pointer: "/containers/0/exec/command",
            help: r#"write {"shell": "sleep 9"}"#,
            fixed: Some(pod(r#""exec": {"command": { "shell": "sleep 9" }}"#, "[]")),
        },
        hint(
            r#""healthChecks": [{"protocol": "MESOS_TCP", "portNumber": 80}]"#,
            "/healthChecks/0/portNumber",
            "did you mean `port`?",
            Some(r#""healthChecks": [{"protocol": "MESOS_TCP", "port": 80}]"#),
        ),
        hint(
            r#""enviroment": {"A": "1"}"#,
            "/enviroment",
            "did you mean `env`?",
            Some(r#""env": {"A": "1"}"#),
        ),
        hint(
            r#""env": {}, "environment": {"A": "1"}"#,
            "/environment",
            "remove it, or correct its name: `env` is there already",
            None,
        ),
        hint(
            r#""healthChecks": [{"protocol": "MESOS_TCP", "intervalSeconds": 5, "interval": 6}]"#,
            "/healthChecks/0/interval",
            "remove it, or correct its name: `intervalSeconds` is there already",
            None,
        ),
        hint(
            &format!(r#"{}, "image": "a/b:2""#, docker(r#"{"image": "a/b:1"}"#)),
            "/image",
            "remove it, or correct its name: `container.docker.image` is there already",
            None,
        ),
        hint(
            r#""uri": ["https://example.com/a.tgz"]"#,
            "/uri",
            "did you mean `uris`?",
            Some(r#""uris": ["https://example.com/a.tgz"]"#),
        ),
        hint(
            r#""uri": [{"uri": "https://example.com/a.tgz"}]"#,
            "/uri",
            "did you mean `fetch`?",
            Some(r#""fetch": [{"uri": "https://example.com/a.tgz"}]"#),
        ),
        hint(
            r#""uri": "https://example.com/a.tgz""#,
            "/uri",
            "did you mean `fetch`? Write [{\"uri\": …}]",
            None,
        ),
        Hint {
            text: pod(r#""cmd": "sleep 9""#, "[]"),
            pointer: "/containers/0/cmd",
            help: "did you mean `exec.command.shell`?",
            fixed: None,
        },
        Hint {
            text: pod(r#""args": ["sleep", "9"]"#, "[]"),
            pointer: "/containers/0/args",
            help: "did you mean `exec.command.argv`?",
            fixed: None,
        },
        hint(
            &checks(r#""protocol": "HTTP", "path": "/b""#),
            "/healthChecks/0/protocol",
            "decide first: with `maxConsecutiveFailures` 0 Marathon never kills an instance, and Mesos (MESOS_HTTP) kills \
             it at the first failure",
            None,
        ),
        hint(
            &checks(r#""protocol": "HTTP", "path": "/b""#),
            "/healthChecks/1/protocol",
            r#"write "protocol": "MESOS_HTTP""#,
            Some(&checks(r#""protocol": "MESOS_HTTP", "path": "/b", "portIndex": 0"#)),
        ),
        hint(
            r#""healthChecks": [{"protocol": "HTTP", "path": "/a"}, {"protocol": "HTTP", "path": "/b"}]"#,
            "/healthChecks/1/protocol",
            "keep one check with the protocol MESOS_HTTP: Mesos runs one per app",
            None,
        ),
        hint(
            r#""fetch": ["https://example.com/a.tgz"]"#,
            "/fetch/0/uri",
            r#"write {"uri": "https://example.com/a.tgz"}"#,
            Some(r#""fetch": [{ "uri": "https://example.com/a.tgz" }]"#),
        ),
        Hint {
            text: pod(&format!(r#"{shell}, "endpoint": [{{"name": "web"}}]"#), "[]"),
            pointer: "/containers/0/endpoint",
            help: "did you mean `endpoints`?",
            fixed: Some(pod(&format!(r#"{shell}, "endpoints": [{{"name": "web"}}]"#), "[]")),
        },
        Hint {
            text: pod(&format!(r#"{shell}, "healthCheck": {{"exec": {{"command": {{"shell": "x"}}}}, "timeOut": 5}}"#), "[]"),
            pointer: "/containers/0/healthCheck/timeOut",
            help: "did you mean `timeoutSeconds`?",
            fixed: None,
        },
        hint(
            &checks(r#""protocol": "MESOS_TCP", "interval_sec": 5"#),
            "/healthChecks/1/interval_sec",
            "did you mean `intervalSeconds`?",
            None,
        ),
        hint(r#""backoff": 5"#, "/backoff", "did you mean `backoffSeconds`?", None),
        hint(
            r#""container": {"type": "MESOS", "volumes": [{"containerPath": "a", "hostPath": "/b", "mode": "RO",
                "persistent": null}]}"#,
            "/container/volumes/0/persistent",
            "remove it",
            None,
        ),
        hint(
            r#""VIP_0": "/a:80""#,
            "/VIP_0",
            "a virtual IP is of a port: write it in the `labels` of a port definition, a port mapping or an endpoint",
            None,
        ),
        hint(
            r#""portDefinitions": [{"port": 0, "VIP_0": "/a:80"}]"#,
            "/portDefinitions/0/VIP_0",
            "this belongs under `labels`",
            None,
        ),
    ]
}

#[test]
fn the_right_form_is_named_and_written() {
    hold(hints());
}

/// Each help is the one that the table says, and its fix writes what it says.
fn hold(hints: Vec<Hint>) {
    let settings = "dcos".parse::<Target>().expect("a target").settings();
    each_case(hints, |Hint { text, pointer, help, fixed }| {
        let report = Linter::default().lint(text.clone().into(), Format::Json, None, &settings);
        let mut findings = report.findings;
        let judge = FixProver::new(Format::Json, report.kind.expect("a definition"), &settings);
        fix::prove(&judge, &text, &mut findings);
        let found = findings.iter().find(|found| found.pointer.to_string() == pointer);
        let found = found.unwrap_or_else(|| panic!("nothing at {pointer} of {text}: {findings:#?}"));
        // Marathon's own place, where it differs, follows in brackets.
        let said = found.help.as_deref().unwrap_or_default();
        assert_eq!(said.split(" (Marathon itself").next(), Some(help), "{text}");
        let document = Document::parse(text.as_str(), Format::Json).expect("JSON");
        let made = found.fix.as_deref().filter(|fix| fix.kind <= FixKind::Unsafe);
        let mut edits = fix::edits_of(&document, &[made]);
        let made = made.and(edits.pop()).map(|edits| Edit::apply(&text, &edits.expect("it can be edited")));
        assert_eq!(made, fixed, "{text}");
    });
}

#[test]
fn a_flat_constraint_is_one_finding() {
    let test = super::common::TestDir::new().file("a.json", app(r#""constraints": ["hostname", "UNIQUE"]"#));
    let output = test.run(&["lint", "a.json"]);
    assert_eq!(output.matches("error[").count(), 1, "{output}");
    test.run(&["lint", "--fix", "a.json"]);
    assert_eq!(test.read("a.json"), app(r#""constraints": [["hostname", "UNIQUE"]]"#));
}
