//! Files that a container sees, and files that are checked: by another name of a directory they may be others.

use super::{COMPOSE, JSON, group, write};
use crate::common::{TestDir, each_case};

const HASH: &str = "$2y$05$oGKwJ8QJDLBOoTBmC/EQiefIMV1N9Yt9jpX3SqMoRqZRRql6q7yam";

/// A `hostPath` of another name: what is checked is told to be perhaps another file.
#[test]
fn a_renamed_directory_of_the_agents_is_told() {
    let test = group();
    let json = test.read(JSON);
    let check = |json: &str| {
        write(&test, JSON, json);
        test.run(&["registry", "check", JSON, "out/auth", "out/certs"])
    };
    let is_told = |said: &str, path: &str, file: &str| {
        said.contains(&format!("whether {path} on the agents is {file}"))
    };
    let said = check(&json.replace("/etc/privateregistry/certs/\"", "/srv/tls/\""));
    assert!(said.starts_with("exit: 0\n"), "{said}");
    each_case(["domain.crt", "domain.key"], |name| {
        assert!(is_told(&said, &format!("/srv/tls/{name}"), &format!("out/certs/{name}")), "{name}: {said}");
    });
    let said = check(&json.replace("/etc/privateregistry/certs/domain.crt", "/srv/roots/domain.crt"));
    assert!(is_told(&said, "/srv/roots/domain.crt", "out/certs/domain.crt"), "{said}");
    let said = check(&json.replace("/etc/privateregistry/auth/", "/srv/tokens/"));
    assert!(is_told(&said, "/srv/tokens/auth_config.yml", "out/auth/auth_config.yml"), "{said}");
    // The last directory has the same name.
    let said = check(&json.replace("/etc/privateregistry/", "/srv/registry/"));
    assert!(said.ends_with(": nothing found\n"), "{said}");
}

/// Docker Compose has the files of this machine: one at another path is another file.
#[test]
fn a_renamed_directory_beside_a_compose_file_is_another() {
    let test = group();
    let compose = test.read(COMPOSE);
    write(&test, COMPOSE, &compose.replace("./certs:/certs/", "./ssl:/certs/"));
    let check = |paths: &[&str]| test.run(&[&["registry", "check", COMPOSE, "out/auth"], paths].concat());
    let gone = check(&["out/certs"]);
    assert!(
        gone.contains("not checked: the certificate ./ssl/domain.crt (it is not among the files)"),
        "{gone}"
    );
    let gone = test.run(&["registry", "check", "out"]);
    assert!(gone.starts_with("exit: 1\n") && gone.contains("./ssl/domain.crt is not there"), "{gone}");
    // It is there, and has another key.
    let other = rcgen::generate_simple_self_signed(["registry.example.com".to_owned()]).expect("made");
    write(&test, "out/ssl/domain.crt", &other.cert.pem());
    write(&test, "out/ssl/domain.key", &test.read("out/certs/domain.key"));
    let said = test.run(&["registry", "check", COMPOSE, "out/auth", "out/certs", "out/ssl"]);
    assert!(
        said.contains("error[key-of-other-certificate]") && said.contains("out/ssl/domain.crt"),
        "{said}"
    );
    let said = check(&["out/certs"]);
    assert!(!said.contains("key-of-other-certificate"), "{said}");
}

/// Users of a registry with htpasswd: none, in another place, and where `registry trust` brings them.
#[test]
fn users_are_those_that_the_registry_reads() {
    let test = TestDir::new().file("setup/htpasswd", format!("foo:{HASH}\n"));
    let app = [
        "registry",
        "app",
        "--tls",
        "self-signed",
        "--auth",
        "htpasswd",
        "--host",
        "localhost",
        "-o",
        "setup/registry.json",
    ];
    let made = test.run(&app);
    assert!(made.starts_with("exit: 0\n"), "{made}");
    let json = test.read("setup/registry.json");
    let check = |from: &str, to: &str| {
        assert!(json.contains(from), "{from}: {json}");
        write(&test, "setup/registry.json", &json.replace(from, to));
        test.run(&["registry", "check", "setup", "--format", "concise"])
    };
    let said = check("htpasswd", "htpasswd");
    assert!(said.starts_with("exit: 0\n") && !said.contains("users"), "{said}");
    let said = check("/etc/privateregistry/auth/", "/srv/users/");
    assert!(said.contains("whether /srv/users/htpasswd on the agents is setup/htpasswd"), "{said}");
    let said = check("/auth/htpasswd", "/auth/users");
    assert!(
        said.contains("warning[users-elsewhere] the registry reads /etc/privateregistry/auth/users, which is not among the files"),
        "{said}"
    );
    let said = check("/auth/htpasswd", "/elsewhere/htpasswd");
    assert!(said.starts_with("exit: 1\n") && said.contains("error[file-not-mounted]"), "{said}");
    write(&test, "setup/htpasswd", "");
    let said = check("htpasswd", "htpasswd");
    assert!(said.starts_with("exit: 1\n") && said.contains("error[nobody-signs-in]"), "{said}");
    write(&test, "setup/htpasswd", "# nobody yet\n\n");
    let said = check("htpasswd", "htpasswd");
    assert!(said.starts_with("exit: 1\n") && said.contains("error[nobody-signs-in]"), "{said}");
    std::fs::remove_file(test.path().join("setup/htpasswd")).expect("removed");
    let said = check("htpasswd", "htpasswd");
    assert!(
        said.contains(
            "the users of the registry (/etc/privateregistry/auth/htpasswd is not among the files)"
        ),
        "{said}"
    );
}
