//! `milepost registry up --auth token` again: with other options, another password, and users that were added.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::{Up, begun};
use crate::agents::tree;
use crate::common::free_port;
use crate::docker_registry::Registry;
use crate::openssl;
use crate::token_server::{self, TokenServer, environment};

const CONFIG: &str = "registry/auth/auth_config.yml";

fn add_user(up: &Up, name: &str) {
    let args = ["registry", "user", "add", name, CONFIG, "--password-stdin", "--cost", "4"];
    let added = up.test.run_with_stdin(&args, "a-password");
    assert!(added.starts_with("exit: 0\n"), "{added}");
}

/// Other options make another definition, and nothing else: users and keys stay.
#[test]
fn other_options_keep_users_and_keys() {
    let up = Up::new();
    let run = |app: &[&str]| {
        let more = ["--yes", "--auth", "token", "--skip", "trust,deploy,login,push,creds,wire,test"];
        up.run_with(&more, &[&["--host", "localhost", "--cost", "4"], app].concat())
    };
    let first = run(&[]);
    assert!(first.starts_with("exit: 0\n"), "{first}");
    add_user(&up, "bob");
    let files = [
        CONFIG,
        "registry/ca.crt",
        "registry/ca.key",
        "registry/certs/domain.crt",
        "registry/certs/domain.key",
    ];
    let read = || files.map(|file| up.test.read(file));
    let before = read();
    let forced = run(&["--cpus", "2", "--force"]);
    assert!(
        forced.starts_with("exit: 2\n") && forced.contains("-- --force would make keys and users anew"),
        "{forced}"
    );
    let told = run(&["--cpus", "2"]);
    assert!(
        told.contains("registry.json is not what the options make: remove it to have it made again"),
        "{told}"
    );
    std::fs::remove_file(up.test.path().join("registry/registry.json")).expect("removed");
    let again = run(&["--cpus", "2"]);
    assert!(
        again.starts_with("exit: 0\n") && again.contains("kept registry/auth/auth_config.yml"),
        "{again}"
    );
    assert_eq!(read(), before);
    assert!(up.test.read("registry/registry.json").contains("\"cpus\": 2"), "{again}");
    let done = run(&["--cpus", "2"]);
    assert!(done.contains("group: done before"), "{done}");
    // A password that was lost is made anew, for the user that is there.
    for file in ["registry/registry.json", "registry/password"] {
        std::fs::remove_file(up.test.path().join(file)).expect("removed");
    }
    let lost = run(&["--cpus", "2"]);
    assert!(lost.starts_with("exit: 0\n") && lost.contains("changed the password of milepost"), "{lost}");
    assert!(up.test.read(CONFIG).contains("bob"), "{lost}");
    // Another name, at which the certificate is not.
    let other = up.test.run(&["registry", "up", "10.1.2.3:5000", "--yes", "--auth", "token"]);
    assert!(
        other.contains("have it made again with `rm registry/certs/domain.crt registry/certs/domain.key`"),
        "{other}"
    );
}

/// One run brings another password to the token server, its agents and the archive; other users stay. The token server is started
/// anew when Marathon does that, and the login waits for it.
#[test]
fn another_password_is_brought_to_a_token_server() {
    if !token_server::is_there() || !openssl::is_there() {
        return;
    }
    let up = Up::new();
    let auth_port = free_port();
    let (port, realm) = (auth_port.to_string(), format!("https://localhost:{auth_port}/token/"));
    let run = |more: &[&str]| {
        let more = [&["--auth", "token", "--username", "foo", "--test-image", "foo/test"], more].concat();
        let app = ["--host", "localhost", "--auth-port", &port, "--token-realm", &realm, "--cost", "4"];
        up.run_with(&more, &app).replace(" of 8, ", " of 10, ")
    };
    // distribution's token server reads an htpasswd.
    let give_users = || {
        let _ = std::fs::remove_file(up.test.path().join("htpasswd"));
        let args = [
            "registry",
            "user",
            "add",
            "foo",
            "htpasswd",
            "--cost",
            "4",
            "--password-file",
            "registry/password",
        ];
        let added = up.test.run(&args);
        assert!(added.starts_with("exit: 0\n"), "{added}");
    };
    let stopped = run(&["--yes"]);
    assert!(stopped.contains("the step login failed"), "{stopped}");
    give_users();
    let group: serde_json::Value =
        serde_json::from_str(&up.test.read("registry/registry.json")).expect("JSON");
    let environment = environment(&up.test, "registry", &group["apps"][1]);
    let server = TokenServer::start(&up.test, "registry", auth_port, "auth_service");
    let Some(_registry) = Registry::start_with_environment(&up.test, up.port, &environment) else { return };
    let first = run(&["--yes"]);
    assert!(first.starts_with("exit: 0\n"), "{first}");
    add_user(&up, "bob");
    let archive = tree(&up.test, "agents/10.0.0.1")["etc/docker.tar.gz"].clone();
    std::fs::write(up.test.path().join("registry/password"), "another-password\n").expect("written");
    let dry = run(&["--dry-run"]);
    assert!(dry.starts_with("exit: 0\n"), "{dry}");
    assert_eq!(begun(&dry), ["group", "trust", "deploy", "login", "creds"], "{dry}");
    assert!(
        dry.contains("milepost registry user passwd foo registry/auth/auth_config.yml --password-file"),
        "{dry}"
    );
    assert!(dry.contains("milepost app restart /registry/auth --url"), "{dry}");
    let is_done = AtomicBool::new(false);
    let version = || up.marathon.get("/v2/apps//registry/auth")["app"]["version"].clone();
    let before = version();
    let (rotated, _server) = thread::scope(|scope| {
        let restarted = scope.spawn(|| {
            while version() == before && !is_done.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(20));
            }
            drop(server);
            give_users();
            TokenServer::start(&up.test, "registry", auth_port, "auth_service")
        });
        let rotated = run(&["--yes"]);
        is_done.store(true, Ordering::Relaxed);
        (rotated, restarted.join().expect("it starts"))
    });
    assert!(rotated.starts_with("exit: 0\n"), "{rotated}");
    assert_eq!(begun(&rotated), ["group", "trust", "deploy", "login", "creds"], "{rotated}");
    assert_ne!(version(), before, "{rotated}");
    assert!(up.test.read(CONFIG).contains("bob"), "{rotated}");
    let there = tree(&up.test, "agents/10.0.0.1");
    assert_ne!(there["etc/docker.tar.gz"], archive);
    assert_eq!(there["etc/privateregistry/auth/auth_config.yml"], format!("600\n{}", up.test.read(CONFIG)));
    assert!(!rotated.contains("another-password"), "{rotated}");
    let again = run(&["--yes"]);
    assert_eq!(begun(&again), [""; 0], "{again}");
    // Another user is read by the same way.
    add_user(&up, "eve");
    let more = run(&["--yes"]);
    assert!(more.starts_with("exit: 0\n"), "{more}");
    assert_eq!(begun(&more), ["trust", "deploy"], "{more}");
    // Where the token server is not started anew, the refusal says what is missing.
    std::fs::write(up.test.path().join("registry/password"), "a-third-password\n").expect("written");
    let refused = run(&["--yes", "--skip", "deploy"]);
    assert!(refused.contains("the step login failed"), "{refused}");
    assert!(
        refused.contains("note: the token server reads its users when it starts: `milepost app restart /registry/auth --url"),
        "{refused}"
    );
}
