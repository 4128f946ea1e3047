//! Commands that talk to a server show no secret either, whatever the server holds, refuses or says.

use std::process::Output;

use serde_json::{Value as Json, json};

use crate::common::{TestDir, each_case};
use crate::deploy::Cluster;

/// What all planted secrets end with.
const MARK: &str = "2SECRET";

/// An app with secrets in every place that a server sends back.
fn app(version: u8) -> Json {
    let secret = format!("hunter{version}{MARK}");
    json!({
        "id": "/shop/web", "cpus": 0.1, "mem": 32,
        "cmd": format!("serve --password {secret} -Dpassword={secret}"),
        "env": {"DB_PASSWORD": secret, "DATABASE_URL": format!("postgres://web:{secret}@db.example.com/web"),
            "PEM": format!("-----BEGIN {0}-----\nMIIE{secret}\n-----END {0}-----", "RSA PRIVATE KEY")},
        "labels": {"auth.token": secret, "HAPROXY_0_AUTH": format!("realm:user:{secret}")},
        "fetch": [{"uri": format!("https://web:{secret}@example.com/a.conf?token={secret}")}],
        "healthChecks": [{"protocol": "COMMAND", "command": {"value": format!("mysqladmin -p{secret} ping")}}],
    })
}

fn pod(version: u8) -> Json {
    let secret = format!("hunter{version}{MARK}");
    json!({
        "id": "/shop/pod", "environment": {"API_TOKEN": secret}, "labels": {"auth.token": secret},
        "containers": [{"name": "c", "resources": {"cpus": 0.1, "mem": 32}, "environment": {"DB_PASSWORD": secret},
            "exec": {"command": {"shell": format!("serve --password {secret}")}}}],
    })
}

fn assert_hidden(what: &str, said: &str) {
    if let Some(at) = said.find(MARK) {
        let start = said.floor_char_boundary(at.saturating_sub(200));
        panic!("{what} shows a secret: …{}", &said[start..at + MARK.len()]);
    }
}

#[test]
fn commands_with_a_server_show_no_secret() {
    let cluster = Cluster::new();
    for (name, content) in
        [("one.json", app(1)), ("two.json", app(3)), ("pod.json", pod(1)), ("pod2.json", pod(3))]
    {
        cluster.file(name, &content);
    }
    let mut refused = app(4);
    refused["cpus"] = json!(-1);
    cluster.file("refused.json", &refused);
    cluster.file(
        "group.json",
        &json!({"id": "/other", "apps": [{"id": "a", "env": app(4)["env"], "cmd": app(4)["cmd"]}]}),
    );
    let hidden = |line: &str, code: i32| {
        let run = cluster.run(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(run.exit, Some(code), "{line}: {}\n{}", run.out, run.err);
        assert_hidden(line, &format!("{}\n{}", run.out, run.err));
    };
    each_case(["text", "json"], |format| {
        hidden(&format!("plan one.json pod.json --no-check --format {format}"), 1);
    });
    each_case(
        [("text", "one", "pod"), ("json", "two", "pod2"), ("junit", "one", "pod"), ("github", "two", "pod2")],
        |(report, app, pod)| {
            hidden(
                &format!("deploy {app}.json {pod}.json --yes --no-check --timeout 5m --report {report}"),
                0,
            );
            hidden(&format!("deploy refused.json --yes --report {report}"), 1);
        },
    );
    each_case(["one.json", "pod.json"], |file| {
        for format in ["text", "unified", "json"] {
            hidden(&format!("diff {file} --format {format} --url {}", cluster.url()), 1);
        }
        hidden(&format!("plan {file} --no-check"), 1);
        hidden(&format!("plan {file} --no-check --format json"), 1);
    });
    each_case(
        [
            ("status", 0),
            ("status --format json", 0),
            ("status /shop/web", 0),
            ("status /shop/web --format json", 0),
            ("status /shop/pod", 0),
            ("history /shop/web", 0),
            ("history /shop/pod", 0),
            ("app list", 0),
            ("pod list", 0),
            ("group list", 0),
            ("task list", 0),
            ("task list --json", 0),
            ("deployment list", 0),
            ("debug list", 0),
            ("config show --origin", 0),
            ("app add refused.json", 1),
            ("app add one.json", 3),
            ("app update /shop/web cpus=-1", 1),
            ("group add group.json", 0),
            ("rollback /shop/web --yes", 0),
        ],
        |(line, code)| hidden(line, code),
    );
    // What they write is data; what they say of it is not.
    each_case(["app show /shop/web", "pod show /shop/pod", "group show /shop"], |line| {
        let run = cluster.run(&line.split(' ').collect::<Vec<_>>());
        assert!(run.out.contains(MARK), "{line}: {}", run.err);
        assert_hidden(line, &run.err);
    });
}

#[test]
fn what_a_task_gets_is_explained_without_secrets() {
    let mut bad = app(1);
    bad["cpus"] = json!(-1);
    let test = TestDir::new()
        .file("app.json", app(1).to_string())
        .file("pod.json", pod(1).to_string())
        .file("bad.json", bad.to_string());
    each_case(["app.json", "pod.json", "bad.json"], |file| {
        for format in ["text", "json"] {
            let said = test.run(&["explain", "--task", file, "--format", format]);
            assert_hidden(&format!("{file} {format}"), &said);
        }
        for format in ["text", "concise", "json", "sarif", "junit", "github", "gitlab"] {
            assert_hidden(format, &test.run(&["registry", "check", "--format", format, file]));
        }
    });
}

/// A value behind a path or a user is one argument too many, and may be the secret.
#[test]
fn an_argument_too_many_is_not_quoted_where_it_may_be_a_secret() {
    let test = TestDir::new();
    let said = |args: &[&str]| -> String {
        let output: Output = test.command(args).output().expect("the program runs");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    each_case(
        [
            &["secret", "put", "shop/db", "letmein"][..],
            &["login", "http://marathon.example", "letmein"],
            &["creds", "login", "registry.example", "-u", "me", "letmein"],
            &["registry", "user", "add", "me", "htpasswd", "letmein"],
        ],
        |args| {
            let said = said(args);
            assert!(said.starts_with("error: unexpected argument '***' found"), "{said}");
            assert!(!said.contains("letmein"), "{said}");
        },
    );
    assert!(said(&["ping", "letmein"]).contains("unexpected argument 'letmein' found"));
    assert!(said(&["secret", "put", "shop/db", "--valeu"]).contains("'--valeu'"));
}
