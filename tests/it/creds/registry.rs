//! `milepost creds login` against registries on this machine that ask as real ones do.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::thread;

use super::CONFIG;
use crate::common::{TestDir, each_case, free_port};

/// base64 of foo:letmein-please.
pub(super) const BASIC: &str = "Basic Zm9vOmxldG1laW4tcGxlYXNl";

/// A server that answers each request by its path and `Authorization`; where it listens.
pub(super) fn server<A: Into<Vec<u8>>>(answer: impl Fn(u16, &str, &str) -> A + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let (mut path, mut authorization) = (String::new(), String::new());
            // A client that tries TLS first sends what is no text.
            for line in
                BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty())
            {
                if let Some(rest) = line.strip_prefix("GET ").or_else(|| line.strip_prefix("POST ")) {
                    rest.split(' ').next().unwrap_or_default().clone_into(&mut path);
                } else if let Some((name, value)) = line.split_once(": ")
                    && name.eq_ignore_ascii_case("authorization")
                {
                    value.clone_into(&mut authorization);
                }
            }
            if !path.is_empty() {
                // A client that has gone is none of the test's business.
                let _ = stream.write_all(&answer(port, &path, &authorization).into());
            }
        }
    });
    port
}

pub(super) fn respond(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

/// Logs in as foo with this password: what is said, and whether anything was written.
fn login(port: u16, password: &str) -> (String, bool) {
    let test = TestDir::new();
    let host = format!("127.0.0.1:{port}");
    let mut command =
        test.command(&["creds", "login", &host, "-u", "foo", "--password-stdin", "--timeout", "5"]);
    let output = command.env("HOME", test.path()).write_stdin(password).output().expect("it runs");
    let said = test.describe(&output).replace(&host, "[REGISTRY]");
    assert!(!said.contains(password) && !said.contains("Zm9v"), "{said}");
    (said, test.path().join(".docker/config.json").exists())
}

#[test]
fn a_registry_with_htpasswd() {
    let port = server(|_, path, authorization| match (path, authorization) {
        ("/v2/", BASIC) => respond("200 OK", "Content-Type: application/json\r\n", "{}"),
        _ => respond("401 Unauthorized", "WWW-Authenticate: Basic realm=\"Registry Realm\"\r\n", "{}"),
    });
    let (said, is_written) = login(port, "letmein-please");
    insta::assert_snapshot!(said, @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    wrote [DIR]/.docker/config.json: foo at [REGISTRY]; the registry accepts them
    ");
    assert!(is_written);
    let (said, is_written) = login(port, "another-one");
    insta::assert_snapshot!(said, @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: [REGISTRY] rejects these credentials: http://[REGISTRY]/v2/ answers 401; nothing was written
    help: check the user and the password; some registries want an access token in its place
    ");
    assert!(!is_written);
}

#[test]
fn a_registry_with_a_token_server() {
    let port = server(|port, path, authorization| match (path, authorization) {
        ("/token?service=a+registry&account=foo", BASIC) => {
            respond("200 OK", "", r#"{"token": "t0ken", "access_token": "t0ken"}"#)
        }
        ("/v2/", "Bearer t0ken") => respond("200 OK", "", "{}"),
        ("/v2/", _) => {
            let realm = format!("realm=\"http://127.0.0.1:{port}/token\",service=\"a registry\"");
            respond("401 Unauthorized", &format!("WWW-Authenticate: Bearer {realm}\r\n"), "{}")
        }
        _ => respond("401 Unauthorized", "", "{}"),
    });
    let (said, is_written) = login(port, "letmein-please");
    assert!(said.contains("the registry accepts them") && is_written, "{said}");
    let (said, is_written) = login(port, "another-one");
    insta::assert_snapshot!(said, @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: [REGISTRY] rejects these credentials: http://[REGISTRY]/token?*** answers 401; nothing was written
    help: check the user and the password; some registries want an access token in its place
    ");
    assert!(!is_written);
}

#[test]
fn a_password_is_sent_nowhere_in_the_clear() {
    let port = server(|_, _, authorization| {
        assert_eq!(authorization, "", "nothing was asked for that is safe to answer");
        respond(
            "401 Unauthorized",
            "WWW-Authenticate: Bearer realm=\"http://auth.example.com/token\"\r\n",
            "",
        )
    });
    let (said, is_written) = login(port, "letmein-please");
    insta::assert_snapshot!(said, @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: [REGISTRY] does not tell whether these credentials are right: http://[REGISTRY]/v2/ wants the password sent to http://auth.example.com/token, where it could be read on the way; nothing was written
    help: is this the registry's host, with its port? --no-check writes them anyway
    ");
    assert!(!is_written);
}

/// The same rule and the same words as for `milepost image`.
#[test]
fn a_password_is_not_for_another_domains_token_server() {
    // Nothing is at this address, so that a request to it fails.
    let port = server(|_, _, authorization| {
        assert_eq!(authorization, "");
        let realm = "WWW-Authenticate: Bearer realm=\"https://tokens.invalid:1/auth\",service=\"r\"\r\n";
        respond("401 Unauthorized", realm, "")
    });
    let host = format!("127.0.0.1:{port}");
    let login = |more: &[&str]| {
        let test = TestDir::new();
        let args = ["creds", "login", &host, "-u", "foo", "--password-stdin", "--timeout", "5"];
        let mut command = test.command(&[&args[..], more].concat());
        let output = command.env("HOME", test.path()).write_stdin("letmein-please").output();
        let said = test.describe(&output.expect("it runs")).replace(&host, "[REGISTRY]");
        assert!(!test.path().join(".docker/config.json").exists(), "{said}");
        said
    };
    insta::assert_snapshot!(login(&[]), @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: http://[REGISTRY]/v2/ wants the password sent to https://tokens.invalid:1/auth, which is not of its domain: --token-server tokens.invalid allows it; nothing was written
    help: the password was not sent there; --no-check writes it without asking
    ");
    let asked = login(&["--token-server", "tokens.invalid"]);
    assert!(!asked.contains("not of its domain") && asked.contains("tokens.invalid"), "{asked}");
}

#[test]
fn what_is_not_a_registry_is_reported() {
    each_case(
        [
            (respond("200 OK", "Content-Type: text/html\r\n", "<html>"), "answers 200 with a web page"),
            (
                respond("404 Not Found", "Content-Type: text/html\r\n", "<html>"),
                "answers 404 with a web page",
            ),
            (respond("401 Unauthorized", "", ""), "answers 401 without saying how to sign in"),
            (
                respond("429 Too Many Requests", "Retry-After: 17\r\n", ""),
                "too many requests, try again in 17 s",
            ),
            (respond("302 Found", "Location: /login\r\n", ""), "answers 302"),
        ],
        |(answer, expected)| {
            let port = server(move |_, _, _| answer.clone());
            let (said, is_written) = login(port, "letmein-please");
            assert!(said.starts_with("exit: 3\n") && said.contains(expected) && !is_written, "{said}");
        },
    );
    let nobody = free_port();
    let (said, is_written) = login(nobody, "letmein-please");
    assert!(said.starts_with("exit: 2\n") && said.contains("nothing was written") && !is_written, "{said}");
}

#[test]
fn an_open_registry_says_nothing_of_credentials() {
    let port = server(|_, _, _| respond("200 OK", "", "{}"));
    let (said, is_written) = login(port, "letmein-please");
    insta::assert_snapshot!(said, @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    warning: [REGISTRY] asks for no credentials, so these could not be checked
    wrote [DIR]/.docker/config.json: foo at [REGISTRY]; the registry asks for none
    ");
    assert!(is_written);
}

#[test]
fn an_old_file_stays_as_it_is_when_the_registry_refuses() {
    let port = server(|_, _, _| respond("401 Unauthorized", "WWW-Authenticate: Basic realm=\"r\"\r\n", ""));
    let test = TestDir::new().file("config.json", CONFIG);
    let host = format!("localhost:{port}");
    let args = ["creds", "login", &host, "-u", "foo", "--password-stdin", "--config", "config.json"];
    let output = test.command(&args).write_stdin("x").output().expect("it runs");
    assert_eq!((output.status.code(), test.read("config.json").as_str()), (Some(3), CONFIG));
}

/// The token server takes the password, and the registry does not take the token: their settings do not fit.
#[test]
fn a_token_that_the_registry_rejects_is_not_the_passwords_fault() {
    let port = server(|port, path, authorization| match (path, authorization) {
        ("/token?service=s&account=foo", BASIC) => respond("200 OK", "", r#"{"token": "t0ken"}"#),
        ("/v2/", authorization) => {
            let fault = if authorization.is_empty() { "" } else { ",error=\"invalid_token\"" };
            let bearer = format!(
                "WWW-Authenticate: Bearer realm=\"http://127.0.0.1:{port}/token\",service=\"s\"{fault}\r\n"
            );
            respond("401 Unauthorized", &bearer, "{}")
        }
        _ => respond("401 Unauthorized", "", "{}"),
    });
    let (said, is_written) = login(port, "letmein-please");
    insta::assert_snapshot!(said, @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: [REGISTRY] rejects the token that its token server gave for these credentials: http://[REGISTRY]/v2/ answers 401, invalid_token; nothing was written
    help: user and password are right: the registry's settings (auth.token: issuer, service, rootcertbundle or jwks) do not fit its token server, or the clocks of the two differ
    ");
    assert!(!is_written);
}

/// The host that is named is the one that failed.
#[test]
fn a_token_server_that_fails_is_named() {
    let tokens = server(|_, _, _| respond("401 Unauthorized", "", "{}"));
    let nobody = free_port();
    each_case(
        [
            (tokens, "the token server of [REGISTRY], 127.0.0.1:[TOKENS], rejects these credentials"),
            (nobody, "http://127.0.0.1:[TOKENS]/token"),
        ],
        |(at, expected)| {
            let port = server(move |_, _, _| {
                let bearer = format!(
                    "WWW-Authenticate: Bearer realm=\"http://127.0.0.1:{at}/token\",service=\"s\"\r\n"
                );
                respond("401 Unauthorized", &bearer, "{}")
            });
            let (said, is_written) = login(port, "letmein-please");
            let said = said.replace(&at.to_string(), "[TOKENS]");
            assert!(said.contains(expected) && !is_written, "{said}");
        },
    );
}

/// The token server has taken the password: what it gives no right to is a matter of its settings.
#[test]
fn a_user_without_rights_has_the_right_password() {
    let port = server(|port, path, authorization| match (path, authorization) {
        ("/token?service=s&account=foo", BASIC) => respond("200 OK", "", r#"{"token": "t0ken"}"#),
        ("/v2/", authorization) => {
            let fault = if authorization.is_empty() { "" } else { ",error=\"insufficient_scope\"" };
            let bearer = format!(
                "WWW-Authenticate: Bearer realm=\"http://127.0.0.1:{port}/token\",service=\"s\"{fault}\r\n"
            );
            respond("401 Unauthorized", &bearer, "{}")
        }
        _ => respond("401 Unauthorized", "", "{}"),
    });
    let (said, is_written) = login(port, "letmein-please");
    assert!(said.starts_with("exit: 3\n") && said.contains("user and password are right"), "{said}");
    assert!(!said.contains("check the user and the password") && !is_written, "{said}");
}

/// An error of the token server says nothing of the registry's address.
#[test]
fn a_token_server_in_trouble_is_named() {
    let tokens = server(|_, _, _| respond("500 Internal Server Error", "", "{}"));
    let port = server(move |_, _, _| {
        let bearer =
            format!("WWW-Authenticate: Bearer realm=\"http://127.0.0.1:{tokens}/token\",service=\"s\"\r\n");
        respond("401 Unauthorized", &bearer, "{}")
    });
    let (said, is_written) = login(port, "letmein-please");
    let expected = "the token server of [REGISTRY] does not tell whether these credentials are right";
    assert!(said.contains(expected) && said.contains("see the token server's log"), "{said}");
    assert!(!said.contains("with its port") && !is_written, "{said}");
}
