//! Seed 004, "authenticated registry": what `registry group` and `registry app` write, given to a real registry, a real token
//! server (distribution's own) and skopeo.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::SystemTime;

use serde_json::{Value as Json, json};

use super::archives::{Saved, saved_image};
use super::{digest_of, run, skopeo};
use crate::common::{TestDir, each_case, free_port, has_program, has_skopeo};
use crate::docker_registry::Registry;
use crate::openssl;
use crate::token_server::{self, TokenServer, environment};

const PASSWORD: &str = "letmein-please";

/// A registry with tokens: its directory, both servers, and the registry's host. The group asks for the issuer
/// `auth_service`.
fn with_tokens(issuer: &str) -> Option<(TestDir, Registry, TokenServer, String)> {
    let Saved { tar, .. } = saved_image(&["web:1"], 2);
    let test = TestDir::new().file("web.tar", tar);
    if !token_server::is_there() || !openssl::is_there() {
        return None;
    }
    let (port, auth_port) = (free_port(), free_port());
    let realm = format!("https://localhost:{auth_port}/token/");
    let made = test.run_with_stdin(
        &[
            "registry",
            "group",
            "-o",
            "out",
            "--host",
            "localhost",
            "--host-port",
            &port.to_string(),
            "--auth-port",
            &auth_port.to_string(),
            "--token-realm",
            &realm,
            "--admin",
            "foo",
            "--password-stdin",
            "--cost",
            "4",
            "--compose",
        ],
        PASSWORD,
    );
    assert!(made.starts_with("exit: 0\n"), "{made}");
    for user in ["foo", "bar"] {
        let args = ["registry", "user", "add", user, "htpasswd", "--password-stdin", "--cost", "4"];
        let added = test.run_with_stdin(&args, PASSWORD);
        assert!(added.starts_with("exit: 0\n"), "{added}");
    }
    let group: Json = serde_json::from_str(&test.read("out/registry.json")).expect("JSON");
    let env = environment(&test, "out", &group["apps"][1]);
    let server = TokenServer::start(&test, "out", auth_port, issuer);
    let registry = Registry::start_with_environment(&test, port, &env)?;
    Some((test, registry, server, format!("localhost:{port}")))
}

fn login(test: &TestDir, host: &str, ca: &str, password: &str) -> String {
    let args = ["creds", "login", host, "-u", "foo", "--password-stdin", "--ca-file", ca];
    let mut command = test.command(&args);
    let output = command.env("HOME", test.path()).write_stdin(password).output().expect("it runs");
    test.describe(&output).replace(host, "[REGISTRY]")
}

/// What milepost pushed skopeo pulls, over TLS with the authority of the group, and the reverse; digests stay.
fn skopeo_round_trip(test: &TestDir, host: &str, ca: &str) {
    let image = format!("{host}/foo/web:1");
    let pushed = run(test, host, &["image", "push", "web.tar", &image, "--ca-file", ca]);
    assert!(pushed.starts_with("exit: 0\n"), "{pushed}");
    let digest = digest_of(&pushed);
    if !has_skopeo() {
        return;
    }
    std::fs::create_dir_all(test.path().join("trusted")).expect("made");
    std::fs::copy(test.path().join(ca), test.path().join("trusted/ca.crt")).expect("copied");
    let login = format!("foo:{PASSWORD}");
    let source = format!("docker://{image}");
    let target = format!("docker://{host}/foo/copy:1");
    skopeo(test, &["copy", "-q", "--src-cert-dir", "trusted", "--src-creds", &login, &source, "dir:pulled"]);
    skopeo(
        test,
        &["copy", "-q", "--dest-cert-dir", "trusted", "--dest-creds", &login, "dir:pulled", &target],
    );
    let inspect = ["inspect", "--cert-dir", "trusted", "--creds", &login, "--format", "{{.Digest}}"];
    each_case([&source, &target], |name| {
        assert_eq!(skopeo(test, &[&inspect[..], &[name]].concat()), digest, "{name}");
    });
    let pulled =
        run(test, host, &["image", "pull", &format!("{host}/foo/copy:1"), "-o", "back/", "--ca-file", ca]);
    assert!(pulled.starts_with("exit: 0\n") && pulled.contains(&digest), "{pulled}");
}

/// Right and wrong password, own and foreign repositories, and images there and back.
#[test]
fn a_group_gives_tokens_to_its_users() {
    let Some((test, _registry, _server, host)) = with_tokens("auth_service") else { return };
    let wrong = login(&test, &host, "out/ca.crt", "letmein-plaese");
    assert!(wrong.starts_with("exit: 3\n") && !test.path().join(".docker").exists(), "{wrong}");
    let right = login(&test, &host, "out/ca.crt", PASSWORD);
    assert!(right.starts_with("exit: 0\n"), "{right}");
    skopeo_round_trip(&test, &host, "out/ca.crt");
    // The rights of the token server: everybody's own repositories.
    let foreign = run(
        &test,
        &host,
        &["image", "push", "web.tar", &format!("{host}/other/web:1"), "--ca-file", "out/ca.crt"],
    );
    assert!(foreign.starts_with("exit: 3\n"), "{foreign}");
    assert!(foreign.contains("error: foo may not push to other/web of [REGISTRY]: "), "{foreign}");
    assert!(foreign.contains("the token server gave the user no right to this"), "{foreign}");
    assert!(foreign.contains("pull and push on the repository other/web"), "{foreign}");
    // The token is for the other repository, too: nothing is sent twice.
    let (from, to) = (format!("{host}/foo/web:1"), format!("{host}/foo/second:1"));
    let copied = run(&test, &host, &["image", "copy", &from, &to, "--ca-file", "out/ca.crt"]);
    assert!(copied.contains("copied 0 blobs, 0 B; 3 taken from another repository"), "{copied}");
    let Saved { tar, .. } = saved_image(&["third:1", "fourth:1"], 3);
    std::fs::write(test.path().join("two.tar"), tar).expect("written");
    let both = ["image", "push", "two.tar", &format!("{host}/foo"), "--all", "--ca-file", "out/ca.crt"];
    let pushed = run(&test, &host, &both);
    assert!(
        pushed.contains("pushed 4 blobs, ") && pushed.contains("; 4 taken from another repository"),
        "{pushed}"
    );
    let distrusted = login(&test, &host, "out/certs/domain.key", PASSWORD);
    assert!(distrusted.starts_with("exit: 2\n"), "{distrusted}");
}

/// The health check of the file for Docker Compose, with the wget of this machine in place of the image's: a registry that asks
/// for tokens is healthy, and the path that a 401 answers would not be.
#[test]
fn a_login_does_not_fail_the_health_check_of_compose() {
    if !has_program("wget", "--version", "apt-get install wget") {
        return;
    }
    let Some((test, registry, _server, _)) = with_tokens("auth_service") else { return };
    let compose = test.read("out/docker-compose.yml");
    let mut lines = compose.lines().map(str::trim).skip_while(|line| *line != "registry:");
    lines.find(|line| *line == "test:").expect("a health check");
    let words = lines.map_while(|line| line.strip_prefix("- ")).map(|word| word.trim_matches(['"', '\'']));
    let words: Vec<&str> = words.collect();
    assert_eq!(words[..2], ["CMD", "wget"], "{compose}");
    // The container listens on the port of its name.
    let root = format!(":{}/", registry.port);
    assert!(words.last().is_some_and(|address| address.ends_with(&root)), "{words:?}");
    let is_healthy = |path: &str| {
        let at = |word: &&str| word.replace(&root, &format!(":{}{path}", registry.port));
        Command::new("wget").args(words[2..].iter().map(at)).status().expect("it runs").success()
    };
    assert!(is_healthy("/"), "{words:?}");
    assert!(!is_healthy("/v2/"), "{words:?}");
}

/// Who has rights on a part of a registry can save that part: of the other repositories nothing is asked.
#[test]
fn a_part_of_a_registry_is_saved_by_who_has_rights_on_it() {
    let Some((test, _registry, _server, host)) = with_tokens("auth_service") else { return };
    for user in ["foo", "bar"] {
        let image = format!("{host}/{user}/web:1");
        let args =
            ["image", "push", "web.tar", &image, "--ca-file", "out/ca.crt", "-u", user, "--password-stdin"];
        let pushed = test.run_with_stdin(&args, PASSWORD);
        assert!(pushed.starts_with("exit: 0\n"), "{pushed}");
    }
    assert!(login(&test, &host, "out/ca.crt", PASSWORD).starts_with("exit: 0\n"));
    let backup = |more: &[&str]| {
        let args = ["registry", "backup", &host, "-o", "part/", "--ca-file", "out/ca.crt"];
        run(&test, &host, &[&args[..], more].concat())
    };
    let all = backup(&[]);
    assert!(all.starts_with("exit: 3\n") && all.contains("foo may not pull from bar/web"), "{all}");
    let parts = [
        ["--include", "foo/*"],
        ["--include", "foo/web:1"],
        ["--exclude", "bar/*"],
        ["--exclude", "bar/web"],
    ];
    each_case(parts, |part| {
        let saved = backup(&part);
        assert!(saved.starts_with("exit: 0\n") && saved.contains("1 image of [REGISTRY]\n"), "{saved}");
    });
}

/// The same with a file of users in place of tokens.
#[test]
fn an_app_with_htpasswd_lets_its_users_in() {
    lets_users_in(&[], Registry::start_with_environment);
}

/// The same with registry 3.
#[test]
fn an_app_of_registry_3_lets_its_users_in() {
    lets_users_in(&["--registry-version", "3.0.0"], Registry::start_third);
}

/// An app with a file of users, as `start` runs it.
fn lets_users_in(
    version: &[&str],
    start: impl Fn(&TestDir, u16, &BTreeMap<String, String>) -> Option<Registry>,
) {
    let Saved { tar, .. } = saved_image(&["web:1"], 2);
    let test = TestDir::new().file("web.tar", tar).file("out/auth/empty", "");
    let made = test.run(&["registry", "cert", "--dns", "localhost", "--ca", "-o", "out/certs"]);
    assert!(made.starts_with("exit: 0\n"), "{made}");
    let added = test.run_with_stdin(
        &["registry", "user", "add", "foo", "out/auth/htpasswd", "--password-stdin", "--cost", "4"],
        PASSWORD,
    );
    assert!(added.starts_with("exit: 0\n"), "{added}");
    let args = ["registry", "app", "--tls", "self-signed", "--auth", "htpasswd", "-o", "out/registry.json"];
    let app = test.run(&[&args, version].concat());
    assert!(app.starts_with("exit: 0\n"), "{app}");
    let app: Json = serde_json::from_str(&test.read("out/registry.json")).expect("JSON");
    let port = free_port();
    let Some(_registry) = start(&test, port, &environment(&test, "out", &app)) else { return };
    let host = format!("localhost:{port}");
    let ca = "out/certs/ca.crt";
    assert!(login(&test, &host, ca, "other").starts_with("exit: 3\n"));
    assert!(login(&test, &host, ca, PASSWORD).starts_with("exit: 0\n"));
    skopeo_round_trip(&test, &host, ca);
}

/// A token as the token server makes them, signed by openssl.
fn token(test: &TestDir, key: &str, claims: &Json) -> String {
    let script = "b64() { base64 -w0 | tr '+/' '-_' | tr -d =; }\n\
         kid=$(openssl rsa -in \"$1\" -pubout -outform DER 2>/dev/null | openssl dgst -sha256 -binary | head -c 30 | base32 -w0 \
           | sed 's/..../&:/g;s/:$//')\n\
         head=$(printf '{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"%s\"}' \"$kid\" | b64)\n\
         body=$(printf '%s' \"$2\" | b64)\n\
         sign=$(printf '%s.%s' \"$head\" \"$body\" | openssl dgst -sha256 -sign \"$1\" | b64)\n\
         printf '%s.%s.%s' \"$head\" \"$body\" \"$sign\"\n";
    let output = Command::new("sh")
        .args(["-c", script, "sh", key, &claims.to_string()])
        .current_dir(test.path())
        .output()
        .expect("sh runs");
    String::from_utf8(output.stdout).expect("ASCII")
}

/// Of tokens that are alike but for one thing the registry takes the right one only.
#[test]
fn a_registry_of_a_group_takes_no_other_token() {
    let Some((test, _registry, _server, host)) = with_tokens("auth_service") else { return };
    openssl::say(test.path(), &["genrsa", "-traditional", "-out", "other.key", "2048"]);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
    let claims = |issuer: &str, service: &str, expires: u64, name: &str| {
        json!({
            "iss": issuer, "sub": "foo", "aud": service, "exp": expires, "nbf": now - 600, "iat": now - 600, "jti": "1",
            "access": [{"type": "repository", "name": name, "actions": ["pull"]}],
        })
    };
    let ask = |token: &str| {
        let script = format!(
            "curl -sS --noproxy '*' --cacert out/ca.crt -o answer -w '%{{http_code}}' \
             -H \"Authorization: Bearer $1\" https://{host}/v2/foo/web/tags/list"
        );
        let output = Command::new("sh").args(["-c", &script, "sh", token]).current_dir(test.path()).output();
        String::from_utf8(output.expect("sh runs").stdout).expect("ASCII")
    };
    let later = now + 600;
    let cases = [
        // The repository is not there, which only who may read it is told.
        ("the right one", "signing.key", claims("auth_service", "registry", later, "foo/web"), "404"),
        ("an expired one", "signing.key", claims("auth_service", "registry", now - 300, "foo/web"), "401"),
        ("another issuer", "signing.key", claims("other", "registry", later, "foo/web"), "401"),
        ("another service", "signing.key", claims("auth_service", "other", later, "foo/web"), "401"),
        ("another key", "other.key", claims("auth_service", "registry", later, "foo/web"), "401"),
        ("another repository", "signing.key", claims("auth_service", "registry", later, "bar/web"), "401"),
    ];
    each_case(cases, |(what, key, claims, status)| {
        assert_eq!(ask(&token(&test, key, &claims)), status, "{what}");
    });
}

/// A token server with another issuer gives tokens that the registry refuses, and the command says so.
#[test]
fn tokens_of_another_issuer_are_refused() {
    let Some((test, _registry, _server, host)) = with_tokens("other") else { return };
    let said = login(&test, &host, "out/ca.crt", PASSWORD);
    assert!(!said.starts_with("exit: 0\n") && !test.path().join(".docker").exists(), "{said}");
}
