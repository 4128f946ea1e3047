//! Registries that answer oddly or not at all.

use std::net::TcpListener;

use super::super::registry::{BASIC, respond, server};
use super::{BASIC_REALM, FETCH, MANIFEST, V2, app, check, config, image};
use crate::common::{TestDir, each_case, free_port};

#[test]
fn what_is_not_a_registrys_answer_is_reported() {
    let page = "Content-Type: text/html\r\n";
    each_case(
        [
            (respond("200 OK", page, "<html>"), "error[odd-answer]"),
            (respond("404 Not Found", page, "<html>"), "answers 404 with a web page"),
            (respond("200 OK", "Content-Type: application/json\r\n", "{}"), "is not a manifest"),
            (
                respond("200 OK", &format!("{V2}Docker-Content-Digest: sha256:00\r\n"), MANIFEST),
                "does not have the digest sha256:00",
            ),
            (
                respond("429 Too Many Requests", "Retry-After: 17\r\n", ""),
                "too many requests, try again in 17 s",
            ),
            (respond("302 Found", "Location: http://registry.example.com/\r\n", ""), "answers 302"),
            (respond("401 Unauthorized", "", ""), "without saying how to sign in"),
            (respond("403 Forbidden", "", ""), "error[not-authorised]"),
        ],
        |(answer, expected)| {
            let port = server(move |_, _, authorization| {
                assert_eq!(authorization, "", "nothing asked for credentials in a way that is safe");
                answer.clone()
            });
            let host = format!("127.0.0.1:{port}");
            let test = TestDir::new().file("web.json", app(&host, FETCH)).file("config.json", config(&host));
            let said = check(&test, &host, &["--config", "config.json"]);
            assert!(said.starts_with("exit: 1\n") && said.contains(expected), "{expected}: {said}");
        },
    );
}

#[test]
fn unreachable_and_silent_registries_are_reported() {
    let nobody = free_port();
    let host = format!("127.0.0.1:{nobody}");
    let test = TestDir::new().file("web.json", app(&host, ""));
    let said = check(&test, &host, &[]);
    assert!(said.starts_with("exit: 1\n") && said.contains("error[unreachable]"), "{said}");
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let host = silent.local_addr().expect("an address").to_string();
    let test = TestDir::new().file("web.json", app(&host, ""));
    let said = check(&test, &host, &[]);
    assert!(said.starts_with("exit: 5\n") && said.contains("error[unreachable]"), "{said}");
}

/// Many registries keep what they have elsewhere, and lead there.
#[test]
fn credentials_do_not_go_along_to_where_a_registry_leads() {
    let elsewhere = server(|_, path, authorization| {
        if authorization.is_empty() { image(path) } else { respond("400 Bad Request", "", "credentials!") }
    });
    let port = server(move |_, path, authorization| match (path, authorization) {
        ("/v2/", BASIC) => image(path),
        (_, BASIC) => {
            let to = format!("Location: http://127.0.0.1:{elsewhere}{path}\r\n");
            respond("307 Temporary Redirect", &to, "")
        }
        _ => respond("401 Unauthorized", BASIC_REALM, ""),
    });
    let host = format!("127.0.0.1:{port}");
    let test = TestDir::new().file("web.json", app(&host, FETCH)).file("config.json", config(&host));
    let said = check(&test, &host, &["--config", "config.json"]);
    assert!(said.starts_with("exit: 0\n") && said.contains("pullable"), "{said}");
}

/// The same rule and the same words as for `milepost image`.
#[test]
fn credentials_do_not_go_to_another_domains_token_server() {
    // Nothing is at this address, so that a request to it fails.
    let port = server(|_, _, authorization| {
        assert_eq!(authorization, "");
        let realm = "WWW-Authenticate: Bearer realm=\"https://tokens.invalid:1/auth\",service=\"r\"\r\n";
        respond("401 Unauthorized", realm, "")
    });
    let host = format!("127.0.0.1:{port}");
    let test = TestDir::new().file("web.json", app(&host, FETCH)).file("config.json", config(&host));
    let said = check(&test, &host, &["--config", "config.json"]);
    let refused = "wants the password sent to https://tokens.invalid:1/auth, which is not of its domain: --token-server \
                   tokens.invalid allows it";
    assert!(said.starts_with("exit: 1\n") && said.contains("error[odd-answer]"), "{said}");
    assert!(said.contains(refused), "{said}");
    let asked = check(&test, &host, &["--config", "config.json", "--token-server", "tokens.invalid"]);
    assert!(asked.contains("error[unreachable]") && asked.contains("tokens.invalid"), "{asked}");
}

#[test]
fn expiring_credentials_are_reported() {
    let port = server(|_, path, _| match path {
        "/v2/shop/web/manifests/1.4" => respond("401 Unauthorized", BASIC_REALM, ""),
        _ => image(path),
    });
    let host = format!("127.0.0.1:{port}");
    // oauth2accesstoken:ya29.x
    let config = format!("{{\"auths\": {{\"{host}\": {{\"auth\": \"b2F1dGgyYWNjZXNzdG9rZW46eWEyOS54\"}}}}}}");
    let test = TestDir::new().file("web.json", app(&host, FETCH)).file("config.json", config);
    let said = check(&test, &host, &["--config", "config.json"]);
    let warning = "warning[short-lived]: config.json: the credentials for [REGISTRY] are an access token of Google, which lasts an hour";
    assert!(said.starts_with("exit: 1\n") && said.contains(warning), "{said}");
}

#[test]
fn what_no_registry_can_look_up_is_not_asked_for() {
    let test = TestDir::new()
        .file("web.json", app("registry.example.com", "").replace("shop/web:1.4", "Shop/${NAME}"));
    let said = check(&test, "nothing", &[]);
    assert!(said.starts_with("exit: 1\n") && said.contains("error[bad-reference]"), "{said}");
}
