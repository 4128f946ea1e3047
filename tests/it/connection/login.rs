//! `milepost login`, `logout` and `whoami`.

use super::private;
use super::server::{Dcos, PASSWORD, Settings, account, enterprise, pem_of, token};
use crate::common::{TestDir, each_case};

/// Runs a command of the login with this standard input: what it says, without what differs from run to run.
fn run_with(
    test: &TestDir,
    server: &Dcos,
    args: &[&str],
    stdin: &str,
    environment: &[(&str, &str)],
) -> String {
    let mut command = test.command(args);
    command.env("HOME", test.path()).env("DCOS_URL", &server.url).envs(environment.iter().copied());
    let output = command.write_stdin(stdin).output().expect("the program runs");
    let said = test.describe(&output).replace(server.host(), "[SERVER]");
    assert!(!said.contains(PASSWORD) && !said.contains("eyJ") && !said.contains("PRIVATE"), "{said}");
    let time = regex::Regex::new(r"\d{4}-\d\d-\d\d \d\d:\d\d").expect("a pattern");
    time.replace_all(&said, "[TIME]").into_owned()
}

fn run(test: &TestDir, server: &Dcos, args: &[&str], stdin: &str) -> String {
    run_with(test, server, args, stdin, &[])
}

const KEPT: &str = ".config/milepost/logins.json";

#[test]
fn a_user_signs_in_with_a_password() {
    let server = Dcos::start(enterprise());
    let test = TestDir::new();
    insta::assert_snapshot!(run(&test, &server, &["whoami"], ""), @r"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error: you are not signed in to http://[SERVER]
    help: `milepost login` signs in
    ");
    let login = ["login", "--username", "alice", "--password-stdin"];
    insta::assert_snapshot!(run(&test, &server, &login, &format!("{PASSWORD}\n")), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    signed in to http://[SERVER] as alice until [TIME] UTC; the token is in [DIR]/.config/milepost/logins.json
    ");
    assert_eq!(test.mode(KEPT), 0o600);
    insta::assert_snapshot!(run(&test, &server, &["whoami"], ""), @r"
    exit: 0
    ----- stdout -----
    alice
    ----- stderr -----
    signed in to http://[SERVER] until [TIME] UTC: milepost login ([DIR]/.config/milepost/logins.json)
    ");
    server.log();
    run(&test, &server, &["export", "/web"], "");
    assert_eq!(server.log()[0], "GET /service/marathon/v2/info (token)");
    insta::assert_snapshot!(run(&test, &server, &["logout"], ""), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    removed the token for http://[SERVER] from [DIR]/.config/milepost/logins.json
    ");
    insta::assert_snapshot!(run(&test, &server, &["logout"], ""), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    [DIR]/.config/milepost/logins.json has no token for http://[SERVER]
    ");
    assert_eq!(test.read(KEPT), "{}\n");
}

#[test]
fn what_is_wrong_is_not_kept() {
    let server = Dcos::start(enterprise());
    let bad = account("ci", 1, "https://leader.example/acs/api/v1/auth/login");
    let test = private(TestDir::new(), "bad.json", &bad).file("open.json", &bad);
    let test =
        private(test, "other.json", "{\"uid\": \"ci\"}").file("token", token("alice", 1_000_000_000, "x"));
    let all: Vec<String> = [
        (&["login", "--username", "alice", "--password-stdin"][..], "wrong"),
        (&["login", "--service-account", "bad.json"], ""),
        (&["login", "--service-account", "open.json"], ""),
        (&["login", "--service-account", "other.json"], ""),
        (&["login", "--username", "ci", "--private-key", "token"], ""),
        (&["login", "--token-file", "token"], ""),
        (&["login"], ""),
        (&["login", "--username", "alice"], ""),
    ]
    .iter()
    .map(|(args, stdin)| run(&test, &server, args, stdin))
    .collect();
    insta::assert_snapshot!(all.join("\n"), @r#"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: not signed in: http://[SERVER]/acs/api/v1/auth/login answers 401 ("invalid credentials"): the password of alice is wrong, or there is no such user

    exit: 3
    ----- stdout -----
    ----- stderr -----
    note: the login_endpoint https://leader.example/acs/api/v1/auth/login of the file is another server: nothing is sent there, and http://[SERVER] is asked
    error: not signed in: http://[SERVER]/acs/api/v1/auth/login answers 401 ("invalid credentials"): there is no service account ci, or the private key is of another account; its file says that it signs in at https://leader.example/acs/api/v1/auth/login, which is another server

    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: --service-account: permissions 0644 of open.json are too open, and it holds a secret: `chmod 600 open.json`

    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: --service-account: other.json: this is not a service account: line 1 of it is not as expected; it is JSON such as {"uid": …, "scheme": "RS256", "private_key": …, "login_endpoint": …}

    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: --private-key: permissions 0644 of token are too open, and it holds a secret: `chmod 600 token`

    exit: 3
    ----- stdout -----
    ----- stderr -----
    warning: permissions 0644 of token are too open, and it holds a secret: `chmod 600 token`
    error: not signed in: http://[SERVER]/ answers 401: the token has ended

    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: who signs in? give --username, --service-account or --token-file; there is no terminal to ask at

    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: there is no terminal to ask for the password at: give --password-stdin, --password-file FILE, or set DCOS_PASSWORD
    "#);
    assert!(!test.path().join(KEPT).exists());
}

#[test]
fn a_service_account_signs_in_with_its_key() {
    let server = Dcos::start(enterprise());
    let test =
        private(TestDir::new(), "ci.json", &account("ci", 0, "https://leader.example/acs/api/v1/auth/login"));
    let test = private(test, "ci.pem", &pem_of(0));
    insta::assert_snapshot!(run(&test, &server, &["login", "--service-account", "ci.json"], ""), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    note: the login_endpoint https://leader.example/acs/api/v1/auth/login of the file is another server: nothing is sent there, and http://[SERVER] is asked
    signed in to http://[SERVER] as ci until [TIME] UTC; the token is in [DIR]/.config/milepost/logins.json
    ");
    assert!(
        run(&test, &server, &["login", "-u", "ci", "--private-key", "ci.pem"], "").starts_with("exit: 0\n")
    );
    assert_eq!(server.log(), ["POST /acs/api/v1/auth/login"; 2]);
    // Its key is not where the token is.
    assert!(!test.read(KEPT).contains("PRIVATE"));
}

#[test]
fn clocks_that_differ_do_not_keep_an_account_out() {
    each_case([-3600, 3600], |skew| {
        let server = Dcos::start(Settings { skew, ..enterprise() });
        let test = private(TestDir::new(), "ci.json", &account("ci", 0, "https://leader.example/"));
        let said = run(&test, &server, &["login", "--service-account", "ci.json"], "");
        assert!(said.starts_with("exit: 0\n"), "{said}");
        let wrong = private(TestDir::new(), "ci.json", &account("ci", 1, "https://leader.example/"));
        let said = run(&wrong, &server, &["login", "--service-account", "ci.json"], "");
        let which = if skew > 0 { "behind the server's" } else { "ahead of the server's" };
        assert!(
            said.starts_with("exit: 3\n")
                && said.contains("clocks are too far apart")
                && said.contains(which),
            "{said}"
        );
    });
}

#[test]
fn a_token_may_come_as_a_cookie() {
    let server = Dcos::start(Settings { only_cookie: true, ..enterprise() });
    let test = TestDir::new();
    let said = run(&test, &server, &["login", "-u", "alice", "--password-stdin"], PASSWORD);
    assert!(said.starts_with("exit: 0\n"), "{said}");
    assert!(run(&test, &server, &["whoami"], "").contains("alice"));
}

#[test]
fn open_dcos_gives_its_tokens_to_browsers() {
    let server = Dcos::start(Settings { challenge: "oauthjwt", ..enterprise() });
    let test = TestDir::new().file("token", "from-the-browser").with_mode("token", 0o600);
    insta::assert_snapshot!(run(&test, &server, &["login"], ""), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: http://[SERVER]/login?redirect_uri=urn:ietf:wg:oauth:2.0:oob gives a browser the token: give it with --token-file, because there is no terminal to enter it at
    ");
    let said = run(&test, &server, &["login", "--token-file", "token"], "");
    assert!(said.starts_with("exit: 0\n") && said.contains("as browser@example.com"), "{said}");
}

#[test]
fn a_ready_token_is_tried_and_kept() {
    let server = Dcos::start(enterprise());
    let test = TestDir::new().file("token", server.token("bob", 3600)).with_mode("token", 0o600);
    insta::assert_snapshot!(run(&test, &server, &["login", "--token-file", "token"], ""), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    signed in to http://[SERVER] as bob until [TIME] UTC; the token is in [DIR]/.config/milepost/logins.json
    ");
    insta::assert_snapshot!(run(&test, &server, &["whoami"], ""), @r"
    exit: 0
    ----- stdout -----
    bob
    ----- stderr -----
    signed in to http://[SERVER] until [TIME] UTC: milepost login ([DIR]/.config/milepost/logins.json)
    ");
    server.forget_tokens();
    insta::assert_snapshot!(run(&test, &server, &["whoami"], ""), @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: http://[SERVER] refuses the token, which is wrong, or has ended: milepost login ([DIR]/.config/milepost/logins.json)
    help: `milepost login` gets another
    ");
}

#[test]
fn servers_that_are_not_dcos_are_named() {
    let login = ["login", "-u", "alice", "--password-stdin"];
    let all: Vec<String> = [
        Settings::default(),
        Settings { is_captive: true, ..enterprise() },
        Settings { redirect: Some("https://leader.example".to_owned()), ..enterprise() },
        Settings { challenge: "Basic realm=\"Mesosphere\"", ..enterprise() },
    ]
    .into_iter()
    .map(|settings| run(&TestDir::new(), &Dcos::start(settings), &login, PASSWORD))
    .collect();
    insta::assert_snapshot!(all.join("\n"), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    http://[SERVER] lets everybody in: no login is needed

    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: http://[SERVER]/pkgpanda/active.buildinfo.full.json answers with a web page, so it is not DC/OS, or a proxy answers in its place; open the address in a browser: a network's login page has to be passed first; a proxy is left out with NO_PROXY

    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: http://[SERVER]/pkgpanda/active.buildinfo.full.json redirects to https://leader.example/pkgpanda/active.buildinfo.full.json, and passwords are not sent there: give that address if it is right

    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: http://[SERVER]/ answers 401 and asks for `basic`, so it is not DC/OS, or a proxy answers in its place; give the address of DC/OS's admin router, such as https://dcos.example; a plain Marathon has no login: --user and --password-file are for its HTTP authentication
    ");
    let test = TestDir::new();
    let server = Dcos::start(enterprise());
    let said = run_with(&test, &server, &login, PASSWORD, &[("DCOS_URL", "http://dcos.example")]);
    assert!(said.starts_with("exit: 2\n"), "{said}");
}

#[test]
fn the_file_of_tokens_is_for_its_owner_only() {
    let server = Dcos::start(enterprise());
    let kept = format!("{{\"{}\": {{\"token\": \"a.b.c\"}}}}", server.url);
    let test = TestDir::new().file(KEPT, kept).with_mode(KEPT, 0o644);
    insta::assert_snapshot!(run(&test, &server, &["whoami"], ""), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: permissions 0644 of [DIR]/.config/milepost/logins.json are too open, and it holds a secret: `chmod 600 [DIR]/.config/milepost/logins.json`
    ");
    // It matters where one of its tokens is for the server that is asked.
    let other = crate::send::Server::start(crate::send::json("200 OK", r#"{"apps": []}"#));
    let said = run(&test, &server, &["app", "list", "--url", &other.url()], "");
    assert!(said.starts_with("exit: 0\n"), "{said}");
    insta::assert_snapshot!(run(&private(TestDir::new(), KEPT, "[1"), &server, &["whoami"], ""), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: [DIR]/.config/milepost/logins.json: line 1: this is not a file of `milepost login`; remove it and log in again
    ");
}

#[test]
fn one_address_is_enough() {
    let server = Dcos::start(enterprise());
    let test = TestDir::new();
    each_case(["login", "logout", "whoami"], |command| {
        let said = run(&test, &server, &[command, &server.url, "--url", "http://127.0.0.1:1"], "");
        assert!(said.starts_with("exit: 2\n") && said.contains("cannot be used with"), "{said}");
    });
}

#[test]
fn a_wrong_path_may_be_why_a_password_is_refused() {
    let refusing = crate::send::answer("401 Unauthorized", "WWW-Authenticate: acsjwt\r\n", "");
    let server = crate::send::Server::start(refusing);
    let test = TestDir::new();
    let login = |path: &str| {
        let url = format!("{}{path}", server.url());
        let mut command = test.command(&["login", &url, "-u", "alice", "--password-stdin"]);
        command.env("HOME", test.path()).write_stdin("x").output().expect("it runs")
    };
    let said = test.describe(&login("/some/path"));
    let hint = format!("or DC/OS is at {}, and not at /some/path", server.url());
    assert!(said.starts_with("exit: 3\n") && said.contains(&hint), "{said}");
    let said = test.describe(&login("/"));
    assert!(said.starts_with("exit: 3\n") && !said.contains("or DC/OS is at"), "{said}");
}

#[test]
fn a_token_that_has_ended_is_told() {
    let server = Dcos::start(enterprise());
    let test = private(TestDir::new(), "token", &server.token("alice", -600));
    let said = run(&test, &server, &["whoami", "--token-file", "token"], "");
    assert!(said.contains("with a token that ended at [TIME] UTC by the clock of this machine"), "{said}");
}

#[test]
fn who_signs_in_is_named_once() {
    let server = Dcos::start(enterprise());
    let test = private(TestDir::new(), "ci.json", &account("ci", 0, "https://leader.example/"))
        .file("token", "a.b.c");
    each_case([&["--service-account", "ci.json"][..], &["--token-file", "token"]], |options| {
        for user in [&["-u", "alice"][..], &["--password-stdin"], &["--password-file", "token"]] {
            let said = run(&test, &server, &[&["login"], user, options].concat(), "x");
            assert!(said.starts_with("exit: 2\n") && said.contains("cannot be used with"), "{said}");
        }
    });
    assert_eq!(server.log(), [""; 0]);
}

#[test]
fn a_leader_that_got_no_token_is_the_one_that_refuses() {
    let leader = Dcos::start(enterprise());
    let standby = Dcos::start(Settings { redirect: Some(leader.url.clone()), ..enterprise() });
    let kept = format!("{{\"{}\": {{\"token\": \"{}\"}}}}", standby.url, standby.token("alice", 3600));
    let test = private(TestDir::new(), KEPT, &kept);
    let mut command = test.command(&["app", "list"]);
    let urls = format!("{0}/service/marathon,{1}/service/marathon", standby.url, leader.url);
    let output =
        command.env("HOME", test.path()).env("MARATHON_URL", urls).output().expect("the program runs");
    let said = test.describe(&output);
    assert!(said.starts_with("exit: 3\n"), "{said}");
    let expected = format!(" answers 401: no token was sent, because it is for {} alone", standby.url);
    assert!(said.contains(&leader.url) && said.contains(&expected), "{said}");
    assert!(leader.log().iter().all(|request| !request.contains("(token)")));
}

#[test]
fn who_is_signed_in_somewhere_is_told_where() {
    let server = Dcos::start(enterprise());
    let test = private(TestDir::new(), "password", PASSWORD).with_mode("password", 0o644);
    let login = ["login", "--username", "alice", "--password-file", "password"];
    insta::assert_snapshot!(run(&test, &server, &login, ""), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    warning: permissions 0644 of password are too open, and it holds a secret: `chmod 600 password`
    signed in to http://[SERVER] as alice until [TIME] UTC; the token is in [DIR]/.config/milepost/logins.json
    ");
    each_case([&["whoami"][..], &["logout"], &["secret", "list", "/"], &["app", "list"]], |args| {
        let output = test.command(args).env("HOME", test.path()).output().expect("the program runs");
        let said = test.describe(&output);
        assert!(said.starts_with("exit: 2\n"), "{said}");
        assert!(said.contains(&format!("; you are signed in to {}: is it that one?", server.url)), "{said}");
    });
}

#[test]
fn an_address_without_the_password_of_another_is_told_as_that() {
    let server = Dcos::start(enterprise());
    let urls = format!("http://u:hunter2@127.0.0.1:1,{}/service/marathon", server.url);
    let test = TestDir::new();
    let mut command = test.command(&["app", "list"]);
    let output =
        command.env("HOME", test.path()).env("MARATHON_URL", urls).output().expect("the program runs");
    let said = test.describe(&output);
    let told = "answers 401: no password was sent, because it is in the address of http://127.0.0.1:1 alone";
    assert!(said.starts_with("exit: 3\n") && said.contains(told) && !said.contains("hunter2"), "{said}");
}
