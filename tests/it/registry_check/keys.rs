//! Kinds of keys: what the real registry, and the library of docker_auth, make of a certificate with each.

use std::collections::BTreeMap;

use super::{JSON, group, write};
use crate::common::{TestDir, each_case};
use crate::{docker_registry, openssl};

/// Kinds, how openssl is asked for each, and whether tokens can be signed with it.
const KINDS: [(&str, &[&str], bool); 7] = [
    ("RSA", &["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], true),
    ("P-256", &["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], true),
    ("P-384", &["EC", "-pkeyopt", "ec_paramgen_curve:P-384"], true),
    ("P-521", &["EC", "-pkeyopt", "ec_paramgen_curve:P-521"], true),
    ("P-224", &["EC", "-pkeyopt", "ec_paramgen_curve:P-224"], false),
    ("secp256k1", &["EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"], false),
    ("Ed25519", &["ED25519"], false),
];

/// Makes a key, and a certificate of it for the names of the group.
fn make(test: &TestDir, kind: &[&str], key: &str, certificate: &str) {
    openssl::say(test.path(), &[&["genpkey", "-out", key, "-algorithm"], kind].concat());
    let names = "subjectAltName=DNS:registry.example.com,DNS:localhost";
    let subject = ["-subj", "/CN=registry.example.com", "-addext", names, "-days", "300"];
    openssl::say(
        test.path(),
        &[&["req", "-x509", "-new", "-key", key, "-out", certificate], &subject[..]].concat(),
    );
}

/// What `registry check` says of the group's own certificate, and what the real registry does with it as its root bundle.
#[test]
fn a_key_that_signs_no_tokens_is_told() {
    if !openssl::is_there() {
        return;
    }
    each_case(KINDS, |(name, kind, is_taken)| {
        let test = group();
        make(&test, kind, "out/certs/domain.key", "out/certs/domain.crt");
        let said = test.run(&["registry", "check", "out", "--format", "concise"]);
        assert_eq!(
            said.matches(" error[key-not-for-tokens]").count(),
            if is_taken { 0 } else { 3 },
            "{name}: {said}"
        );
        if !is_taken {
            assert!(said.contains("docker_auth cannot sign with the key of "), "{name}: {said}");
            assert!(said.contains("registry 2 does not start"), "{name}: {said}");
        }
        // Registry 3 passes over it, and docker_auth does not start all the same.
        let json = test.read(JSON);
        write(&test, JSON, &json.replace("registry:2", "registry:3.0.0"));
        let third = test.run(&["registry", "check", JSON, "out/auth", "out/certs", "--format", "concise"]);
        assert_eq!(third.contains("docker_auth cannot sign"), !is_taken, "{name}: {third}");
        assert!(!third.contains("registry 2 does not start"), "{name}: {third}");
        let path = |name: &str| test.path().join(name).to_str().expect("UTF-8").to_owned();
        let settings = [
            ("AUTH", "token".to_owned()),
            ("AUTH_TOKEN_REALM", "https://localhost:5001/auth".to_owned()),
            ("AUTH_TOKEN_SERVICE", "registry".to_owned()),
            ("AUTH_TOKEN_ISSUER", "auth_service".to_owned()),
            ("AUTH_TOKEN_ROOTCERTBUNDLE", path("out/certs/domain.crt")),
        ];
        let environment: BTreeMap<String, String> =
            settings.into_iter().map(|(name, value)| (format!("REGISTRY_{name}"), value)).collect();
        if let Some(starts) = docker_registry::starts_with(&test, &environment) {
            assert_eq!(starts, is_taken, "{name}");
        }
    });
}

/// The certificate of the registry alone, as with htpasswd, may have an Ed25519 key: it serves with it.
#[test]
fn a_key_that_only_serves_may_be_of_other_kinds() {
    if !openssl::is_there() {
        return;
    }
    let hash = "$2y$05$oGKwJ8QJDLBOoTBmC/EQiefIMV1N9Yt9jpX3SqMoRqZRRql6q7yam";
    let test = TestDir::new().file("htpasswd", format!("foo:{hash}\n"));
    make(&test, &["ED25519"], "domain.key", "domain.crt");
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
        "registry.json",
    ];
    let made = test.run(&app);
    assert!(made.starts_with("exit: 0\n"), "{made}");
    let said = test.run(&["registry", "check", "."]);
    assert!(!said.contains("error[") && !said.contains("key-not-for-tokens"), "{said}");
    let path = |name: &str| test.path().join(name).to_str().expect("UTF-8").to_owned();
    let settings = [("CERTIFICATE", path("domain.crt")), ("KEY", path("domain.key"))];
    let environment: BTreeMap<String, String> =
        settings.into_iter().map(|(name, value)| (format!("REGISTRY_HTTP_TLS_{name}"), value)).collect();
    assert_ne!(docker_registry::starts_with(&test, &environment), Some(false));
}

/// Nor is such a certificate taken for a new group, and a key that cannot be read is said to be one.
#[test]
fn no_group_is_made_with_such_a_key() {
    if !openssl::is_there() {
        return;
    }
    let test = TestDir::new();
    make(&test, &["ED25519"], "ed.key", "ed.crt");
    let said = crate::registry_group::group(
        &test,
        &["--host", "registry.example.com", "--certificate", "ed.crt", "--key", "ed.key"],
    );
    assert!(
        said.starts_with("exit: 2\n") && said.contains("the token server cannot sign with its key (Ed25519)"),
        "{said}"
    );
    assert!(!test.path().join("out").exists());
    let test = group();
    let encrypted = ["-aes256", "-pass", "pass:hush", "-out", "out/certs/domain.key"];
    each_case(
        [
            (&["genpkey", "-algorithm", "RSA"][..], &encrypted[..], "the key is encrypted"),
            (
                &["genpkey", "-algorithm", "ED448"],
                &["-out", "out/certs/domain.key"],
                "not of the kinds RSA, ECDSA and Ed25519",
            ),
        ],
        |(kind, more, why)| {
            openssl::say(test.path(), &[kind, more].concat());
            let said = test.run(&["registry", "check", "out"]);
            assert!(
                said.starts_with("exit: 1\n") && said.contains("error[unreadable-pem]") && said.contains(why),
                "{said}"
            );
        },
    );
}
