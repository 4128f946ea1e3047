//! Tokens that end while commands use them.

use super::private;
use super::server::{Dcos, PASSWORD, Settings, account, enterprise, pem_of, token};
use crate::common::{TestDir, each_case};

/// A directory with the file of an account, and an answer of the server that is asked with it.
fn ask(server: &Dcos, args: &[&str], environment: &[(&str, &str)]) -> String {
    let test = private(TestDir::new(), "ci.json", &account("ci", 0, "https://leader.example/"));
    let mut command = test.command(&[&["export", "/web"], args].concat());
    command.env("HOME", test.path()).env("DCOS_URL", &server.url).envs(environment.iter().copied());
    test.describe(&command.output().expect("the program runs")).replace(server.host(), "[SERVER]")
}

const LOGIN: &str = "POST /acs/api/v1/auth/login";
const INFO: &str = "GET /service/marathon/v2/info (token)";

#[test]
fn an_account_signs_in_when_a_token_is_needed() {
    let server = Dcos::start(enterprise());
    each_case(
        [
            ("DCOS_SERVICE_ACCOUNT_CREDENTIAL", account("ci", 0, "https://leader.example/")),
            ("DCOS_SERVICE_ACCOUNT_CREDENTIAL", "file://ci.json".to_owned()),
            ("DCOS_SERVICE_ACCOUNT_CREDENTIAL", "ci.json".to_owned()),
        ],
        |environment| {
            let said = ask(&server, &[], &[(environment.0, &environment.1)]);
            assert_eq!(server.log()[..2], [LOGIN, INFO], "{said}");
            assert!(said.contains("is Marathon 1.11.24"), "{said}");
        },
    );
    let said = ask(&server, &["--service-account", "ci.json"], &[]);
    assert_eq!(server.log()[..2], [LOGIN, INFO], "{said}");
    let user = [("DCOS_USERNAME", "alice"), ("DCOS_PASSWORD", PASSWORD)];
    ask(&server, &[], &user);
    assert_eq!(server.log()[..2], [LOGIN, INFO]);
}

#[test]
fn a_token_is_renewed_once_when_it_is_refused() {
    let server = Dcos::start(enterprise());
    let unknown = token("ci", 4_000_000_000, "of another cluster");
    let environment =
        [("DCOS_ACS_TOKEN", unknown.as_str()), ("DCOS_USERNAME", "alice"), ("DCOS_PASSWORD", PASSWORD)];
    let said = ask(&server, &[], &environment);
    assert_eq!(server.log()[..3], [INFO, LOGIN, INFO], "{said}");
    assert!(said.contains("is Marathon 1.11.24"), "{said}");
    // Without a way to another it is told.
    let said = ask(&server, &[], &environment[..1]);
    assert_eq!(server.log(), [INFO]);
    insta::assert_snapshot!(said, @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: cannot read the target from the server: http://[SERVER]/service/marathon answers 401: the token of DCOS_ACS_TOKEN is wrong, or has ended: set another, or unset it and sign in with `milepost login`
    ");
    let wrong = [environment[0], environment[1], ("DCOS_PASSWORD", "wrong")];
    let said = ask(&server, &[], &wrong);
    assert_eq!(server.log(), [INFO, LOGIN]);
    insta::assert_snapshot!(said, @r#"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: cannot read the target from the server: cannot sign in: http://[SERVER]/acs/api/v1/auth/login answers 401 ("invalid credentials"): the password of alice is wrong, or there is no such user
    "#);
}

#[test]
fn a_token_is_renewed_before_it_ends() {
    let server = Dcos::start(enterprise());
    let ending = server.token("ci", 20);
    let environment =
        [("DCOS_ACS_TOKEN", ending.as_str()), ("DCOS_USERNAME", "alice"), ("DCOS_PASSWORD", PASSWORD)];
    ask(&server, &[], &environment);
    assert_eq!(server.log()[..2], [LOGIN, INFO]);
}

/// The server's clock is behind, so that each new token seems to have ended.
#[test]
fn a_clock_that_is_ahead_does_not_sign_in_again_and_again() {
    let server = Dcos::start(Settings { skew: -1_000_000, ..enterprise() });
    ask(&server, &["--service-account", "ci.json"], &[]);
    let log = server.log();
    assert_eq!(log[..3], [LOGIN, LOGIN, INFO], "{log:?}");
    assert_eq!(log.iter().filter(|line| *line == LOGIN).count(), 2, "{log:?}");
}

#[test]
fn what_login_has_kept_of_an_account_renews_itself() {
    let json = ["--service-account", "ci.json"];
    let key = ["--username", "ci", "--private-key", "ci.pem"];
    each_case([&json[..], &key], |options| {
        let server = Dcos::start(Settings { life: 20, ..enterprise() });
        let test = private(TestDir::new(), "ci.json", &account("ci", 0, "https://leader.example/"));
        let test = private(test, "ci.pem", &pem_of(0));
        let run = |args: &[&str]| {
            let mut command = test.command(args);
            command.env("HOME", test.path()).env("DCOS_URL", &server.url);
            test.describe(&command.output().expect("the program runs"))
        };
        let said = run(&[&["login"], options].concat());
        assert!(said.starts_with("exit: 0\n"), "{said}");
        let kept = test.read(".config/milepost/logins.json");
        server.log();
        // A second time, too: what is renewed is kept with what renews it.
        each_case(["/web", "/db"], |id| {
            let said = run(&["export", id]);
            assert_eq!(server.log()[..2], [LOGIN, INFO], "{said}");
        });
        assert_ne!(test.read(".config/milepost/logins.json"), kept);
    });
}
