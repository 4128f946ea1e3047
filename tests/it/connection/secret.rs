//! `milepost secret`, and the secrets of `creds` and `wire` that go the same way.

use super::server::{Dcos, enterprise};
use crate::common::TestDir;

fn run(test: &TestDir, server: &Dcos, args: &[&str], stdin: &[u8]) -> (String, Vec<u8>) {
    let token = server.token("alice", 3600);
    let mut command = test.command(args);
    command.env("HOME", test.path()).env("DCOS_URL", &server.url).env("DCOS_ACS_TOKEN", token);
    let output = command.write_stdin(stdin).output().expect("the program runs");
    let mut said = output.clone();
    said.stdout.clear();
    let said = test.describe(&said).replace(server.host(), "[SERVER]").replace("----- stdout -----\n", "");
    assert!(!said.contains("letmein"), "{said}");
    (said, output.stdout)
}

#[test]
fn a_secret_is_stored_read_listed_and_deleted() {
    let server = Dcos::start(enterprise());
    let binary = [0xfe, 0xed, 0, 0xff];
    let test = TestDir::new().file("password", "letmein\n").file("keystore", binary);
    let mut all = Vec::new();
    for (args, stdin) in [
        (&["secret", "put", "/shop/db", "--file", "password"][..], ""),
        (&["secret", "put", "shop/db"], "letmein again"),
        (&["secret", "put", "shop/keys", "-f", "keystore"], ""),
        (&["secret", "put", "plain", "--file", "-"], "letmein"),
    ] {
        all.push(run(&test, &server, args, stdin.as_bytes()).0);
    }
    insta::assert_snapshot!(all.join("\n"), @r"
    exit: 0
    ----- stderr -----
    created the secret shop/db at http://[SERVER]

    exit: 0
    ----- stderr -----
    updated the secret shop/db at http://[SERVER]

    exit: 0
    ----- stderr -----
    created the secret shop/keys at http://[SERVER]

    exit: 0
    ----- stderr -----
    created the secret plain at http://[SERVER]
    ");
    let put = |path: &str| format!("PUT /secrets/v1/secret/default/{path} (token)");
    let patch = "PATCH /secrets/v1/secret/default/shop/db (token)".to_owned();
    assert_eq!(server.log(), [put("shop/db"), put("shop/db"), patch, put("shop/keys"), put("plain")]);
    assert_eq!(
        server.types(),
        ["application/json", "application/json", "application/octet-stream", "application/json"]
    );
    assert_eq!(server.secret("shop/db").as_deref(), Some(&b"letmein again"[..]));
    assert_eq!(server.secret("shop/keys").as_deref(), Some(&binary[..]));
    assert_eq!(run(&test, &server, &["secret", "get", "shop/db"], b"").1, b"letmein again");
    assert_eq!(run(&test, &server, &["secret", "get", "shop/keys"], b"").1, binary);
    insta::assert_snapshot!(run(&test, &server, &["secret", "get", "shop/keys", "--file", "out"], b"").0, @r"
    exit: 0
    ----- stderr -----
    wrote out
    ");
    assert_eq!(std::fs::read(test.path().join("out")).expect("the file"), binary);
    let listed = |args: &[&str]| {
        String::from_utf8(run(&test, &server, &[&["secret", "list"], args].concat(), b"").1).expect("UTF-8")
    };
    assert_eq!(listed(&[]), "plain\nshop/db\nshop/keys\n");
    assert_eq!(listed(&["/shop/"]), "shop/db\nshop/keys\n");
    assert_eq!(listed(&["shop", "--json"]), "[\n  \"shop/db\",\n  \"shop/keys\"\n]\n");
    insta::assert_snapshot!(run(&test, &server, &["secret", "delete", "shop/db", "--yes"], b"").0, @r"
    exit: 0
    ----- stderr -----
    deleted the secret shop/db at http://[SERVER]
    ");
    assert!(server.secret("shop/db").is_none());
    let all: Vec<String> = [
        &["secret", "delete", "shop/db", "--yes"][..],
        &["secret", "get", "shop/db"],
        &["secret", "list", "none"],
        &["secret", "put", "shop/../db"],
        &["secret", "put", "shop/db"],
        &["secret", "put", "shop/db", "--file", "missing"],
    ]
    .iter()
    .map(|args| run(&test, &server, args, b"").0)
    .collect();
    insta::assert_snapshot!(all.join("\n"), @r#"
    exit: 3
    ----- stderr -----
    error: there is no secret shop/db at http://[SERVER]

    exit: 3
    ----- stderr -----
    error: there is no secret shop/db at http://[SERVER]

    exit: 0
    ----- stderr -----
    there are no secrets below none at http://[SERVER]

    exit: 2
    ----- stderr -----
    error: invalid value 'shop/../db' for '<PATH>': "shop/../db" has a part `.` or `..`, which would lead to another secret

    For more information, try '--help'.

    exit: 2
    ----- stderr -----
    error: standard input is empty: there is nothing to store

    exit: 2
    ----- stderr -----
    error: cannot read missing: No such file or directory (os error 2)
    "#);
}

#[test]
fn refusals_say_what_to_do() {
    let server = Dcos::start(enterprise());
    let open = Dcos::start(super::server::Settings { is_captive: true, ..enterprise() });
    let test = TestDir::new();
    let ask = |server: &Dcos, args: &[&str], token: Option<&str>| {
        let mut command = test.command(args);
        command.env("HOME", test.path()).env("DCOS_URL", &server.url);
        command.envs(token.map(|token| ("DCOS_ACS_TOKEN", token)));
        let output = command.write_stdin("letmein").output().expect("the program runs");
        test.describe(&output).replace(server.host(), "[SERVER]")
    };
    let ended = super::server::token("alice", 1_000_000_000, "x");
    let all = [
        ask(&server, &["secret", "get", "db"], None),
        ask(&server, &["secret", "list"], Some(&ended)),
        ask(&server, &["secret", "put", "db"], Some("wrong")),
        ask(&open, &["secret", "get", "db"], None),
        ask(&open, &["secret", "put", "db"], None),
        ask(&open, &["secret", "list"], None),
        ask(&open, &["secret", "delete", "db", "-y"], None),
    ];
    insta::assert_snapshot!(all.join("\n"), @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: http://[SERVER] does not reveal db: it answers 401
    help: set DCOS_URL and DCOS_ACS_TOKEN, give --token-file, or sign in with `milepost login`

    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: http://[SERVER] does not list its secrets: it answers 401
    help: the token of DCOS_ACS_TOKEN has ended: set another, or unset it and sign in with `milepost login`

    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: db was not stored: http://[SERVER] answers 401: a web page, perhaps for logging in
    help: the token of DCOS_ACS_TOKEN is wrong, or has ended: set another, or unset it and sign in with `milepost login`

    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: http://[SERVER] does not reveal db: it answers 200
    help: is this the address of DC/OS itself, and not of a login page or proxy before it?

    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: db was not stored: http://[SERVER] answers 200: a web page, perhaps for logging in
    help: is this the address of DC/OS itself, and not of a login page or proxy before it?

    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: http://[SERVER] does not list its secrets: it answers 200
    help: is this the address of DC/OS itself, and not of a login page or proxy before it?

    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: db was not deleted: http://[SERVER] answers 200
    help: is this the address of DC/OS itself, and not of a login page or proxy before it?
    ");
}

/// A value is not shown on a terminal that did not ask for it.
#[test]
fn a_terminal_sees_a_value_only_when_it_asks() {
    use std::io::Read as _;
    use std::process::{Command, Stdio};
    let server = Dcos::start(super::server::Settings::default());
    server.keep("db", b"letmein");
    let ask = |more: &[&str]| {
        let pair = nix::pty::openpty(None, None).expect("a terminal");
        let mut child = Command::new(env!("CARGO_BIN_EXE_milepost"))
            .args([&["secret", "get", "db"], more].concat())
            .env_clear()
            .env("DCOS_URL", &server.url)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .stdout(Stdio::from(pair.slave))
            .spawn()
            .expect("the program starts");
        let mut shown = Vec::new();
        // The terminal ends with an error when the program has left it.
        let _ = std::fs::File::from(pair.master).read_to_end(&mut shown);
        (child.wait().expect("it ends").code(), String::from_utf8(shown).expect("UTF-8"))
    };
    assert_eq!(ask(&[]), (Some(2), String::new()));
    assert_eq!(ask(&["--show"]), (Some(0), "letmein".to_owned()));
}
