//! `registry group --keep`: users, keys and certificates that are there stay.

use super::{definition, env, group};
use crate::common::{TestDir, each_case};

const CONFIG: &str = "out/auth/auth_config.yml";

/// A group with a user that was added later.
fn with_users(more: &[&str]) -> TestDir {
    let test = TestDir::new();
    let made = group(&test, more);
    assert!(made.starts_with("exit: 0\n"), "{made}");
    let args = ["registry", "user", "add", "bob", CONFIG, "--password-stdin", "--cost", "4"];
    let added = test.run_with_stdin(&args, "bobs-password");
    assert!(added.starts_with("exit: 0\n"), "{added}");
    test
}

fn read_all(test: &TestDir) -> Vec<String> {
    [CONFIG, "out/ca.crt", "out/ca.key", "out/certs/domain.crt", "out/certs/domain.key"]
        .iter()
        .map(|file| test.read(file))
        .collect()
}

/// What a refusal advises leads to the new definition, with all users.
#[test]
fn other_options_keep_users_and_keys() {
    let test = with_users(&[]);
    let before = read_all(&test);
    let refused = group(&test, &["--cpus", "2"]);
    assert!(
        refused.starts_with("exit: 2\n") && refused.contains("--keep keeps users, keys and"),
        "{refused}"
    );
    let kept = group(&test, &["--cpus", "2", "--keep"]);
    assert!(kept.starts_with("exit: 0\n"), "{kept}");
    assert!(
        kept.contains(
            "kept out/auth/auth_config.yml, out/ca.crt, out/certs/domain.crt, out/certs/domain.key\n"
        ),
        "{kept}"
    );
    assert_eq!(definition(&test)["apps"][1]["cpus"], 2.0);
    assert_eq!(read_all(&test), before);
    // Nobody is asked for a password that is there.
    let asked = test.run(&["registry", "group", "-o", "out", "--keep"]);
    assert!(asked.starts_with("exit: 0\n"), "{asked}");
    // Who trusts the authority trusts a new certificate.
    for file in ["out/certs/domain.crt", "out/certs/domain.key"] {
        std::fs::remove_file(test.path().join(file)).expect("removed");
    }
    let renewed = group(&test, &["--keep", "--vip", "/other:5000"]);
    assert!(renewed.starts_with("exit: 0\n"), "{renewed}");
    assert_eq!(read_all(&test)[..3], before[..3]);
    let host = "other.marathon.l4lb.thisdcos.directory:5000";
    let crt = "out/certs/domain.crt";
    let args = [
        "registry",
        "cert",
        "--check",
        crt,
        "--key",
        "out/certs/domain.key",
        "--ca",
        "out/ca.crt",
        "--for",
        host,
    ];
    let checked = test.run(&args);
    assert!(checked.starts_with("exit: 0\n"), "{checked}");
    let both = group(&test, &["--keep", "--force"]);
    assert!(both.starts_with("exit: 2\n") && both.contains("cannot be used with"), "{both}");
}

/// What the options contradict is refused, with what to do; nothing is written.
#[test]
fn what_other_options_contradict_is_refused() {
    let cases: [(&[&str], &str); 7] = [
        (&["--token-issuer", "other"], r#"registry takes tokens of the issuer "other" only"#),
        (
            &["--token-expiration", "60"],
            "has another token.expiration than --token-expiration 60: write 60 there",
        ),
        (&["--registry-version", "3.0.0"], "add `disable_legacy_key_id: true` to `token`"),
        (
            &["--vip", "/other:5000"],
            "these options need another: rm out/certs/domain.crt out/certs/domain.key has both",
        ),
        (
            &["--token-realm", "https://registry-auth.marathon.l4lb.thisdcos.directory:6001/auth"],
            "of its container, where nothing answers; write 5001, or change server.addr",
        ),
        (
            &["--admin", "ann"],
            "the user ann is missing, and a password is given by --password-stdin: `milepost registry user add ann",
        ),
        (
            &["--scanner", "--scan", "a:1", "--scanner-password-file", "scanner"],
            "the user scanner is missing, and a password is given by --scanner-password-file",
        ),
    ];
    let test = with_users(&[]).file("scanner", "scanners-password\n");
    let (before, definition) = (read_all(&test), test.read("out/registry.json"));
    each_case(cases, |(more, why)| {
        let said = group(&test, &[&["--keep"], more].concat());
        assert!(said.starts_with("exit: 2\n") && said.contains(why), "{more:?}: {said}");
        assert_eq!((read_all(&test), test.read("out/registry.json")), (before.clone(), definition.clone()));
    });
    // What it says leads to the new definition.
    let config = test.read(CONFIG).replace("issuer: \"auth_service\"", "issuer: \"other\"");
    std::fs::write(test.path().join(CONFIG), &config).expect("written");
    let edited = group(&test, &["--keep", "--token-issuer", "other"]);
    assert!(edited.starts_with("exit: 0\n"), "{edited}");
    assert_eq!(env(&self::definition(&test)["apps"][1], "AUTH_TOKEN_ISSUER"), "other");
    assert_eq!(test.read(CONFIG), config);
    std::fs::remove_file(test.path().join("out/certs/domain.key")).expect("removed");
    let alone = group(&test, &["--keep"]);
    assert!(
        alone.starts_with("exit: 2\n") && alone.contains("out/certs/domain.crt is there, and its"),
        "{alone}"
    );
}

/// What does not agree with the files that stay is told, where it does not stop the registry.
#[test]
fn a_scanner_without_rights_and_an_older_compose_file_are_told() {
    let test = TestDir::new().file("scanner.txt", "scanpw12");
    let host = ["--host", "registry.example.com", "--host-path", "/srv"];
    let made = group(&test, &[&host[..], &["--compose"]].concat());
    assert!(made.starts_with("exit: 0\n"), "{made}");
    let compose = test.read("out/docker-compose.yml");
    let args = ["registry", "user", "add", "scanner", CONFIG, "--password-stdin", "--cost", "4"];
    test.run_with_stdin(&args, "scanpw12");
    let scanner = ["--keep", "--scanner", "--scan", "shop/web:1", "--scanner-password-file", "scanner.txt"];
    let kept = group(&test, &[&host[..], &scanner].concat());
    assert!(kept.starts_with("exit: 0\n"), "{kept}");
    assert!(
        kept.contains("warning: out/auth/auth_config.yml: the acl does not let scanner pull shop/web"),
        "{kept}"
    );
    assert!(kept.contains("note: out/docker-compose.yml stays as it is: --compose writes it anew"), "{kept}");
    assert_eq!(test.read("out/docker-compose.yml"), compose);
}
