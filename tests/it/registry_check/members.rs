//! Each agreement that a group is written with (docs/registry.md), broken alone.

use super::{COMPOSE, CONFIG, JSON, write};
use crate::common::{TestDir, each_case};

/// A group with a web page and a scanner.
fn group() -> TestDir {
    let test = TestDir::new().file("scanner.txt", "scanpw12");
    let more = [
        &["--host", "registry.example.com", "--compose", "--host-path", "/srv/images", "--delete"][..],
        &["--ui", "--scanner", "--scan", "shop/web:1", "--scanner-password-file", "scanner.txt"],
    ];
    let made = crate::registry_group::group(&test, &more.concat());
    assert!(made.starts_with("exit: 0\n"), "{made}");
    test
}

/// The certificate of an authority of the same name, with another key.
const OTHER_AUTHORITY: &str = "[OTHER]";

/// A part of a file, what stands in its place, and the rule that finds it. Each is a row of the table in docs/registry.md.
const BROKEN: &[(&str, &str, &str, &str)] = &[
    // Registry and token server.
    (CONFIG, "issuer: \"auth_service\"", "issuer: \"Acme\"", "issuer-differs"),
    (JSON, "TOKEN_SERVICE\": \"registry\"", "TOKEN_SERVICE\": \"images\"", "definitions-disagree"),
    (JSON, "example.com:5001/auth", "example.com:5009/auth", "realm-elsewhere"),
    (JSON, "example.com:5001/auth", "example.com:5001/token", "realm-elsewhere"),
    (JSON, "https://registry.example.com:5001", "http://registry.example.com:5001", "realm-elsewhere"),
    (
        CONFIG,
        "issuer: \"auth_service\"",
        "issuer: auth_service\n  disable_legacy_key_id: true",
        "key-id-of-other-version",
    ),
    (JSON, "certs/domain.crt\"", "certs/ca.crt\"", "bundle-without-signer"),
    (CONFIG, "addr: \":5001\"", "addr: \":5002\"", "port-differs"),
    (JSON, "\"/registry/auth\"\n      ]", "\"/registry/ui\"\n      ]", "start-order"),
    (CONFIG, "/certs/domain.key", "/keys/domain.key", "file-not-mounted"),
    (JSON, "\"/config/auth_config.yml\"", "\"/config/other.yml\"", "token-server-config-elsewhere"),
    // The registry and its clients.
    (JSON, "MESOS_HTTPS", "MESOS_HTTP", "health-check-of-other-scheme"),
    (JSON, "\"containerPort\": 5000", "\"containerPort\": 5003", "port-differs"),
    (COMPOSE, "\"5000:5000\"", "\"443:5000\"", "registry-asked-elsewhere"),
    (JSON, "\"hostPort\": 5000", "\"hostPort\": 443", "registry-asked-elsewhere"),
    (COMPOSE, "      - /srv/images:/var/lib/registry\n", "", "images-outside-volume"),
    (
        JSON,
        "\"containerPath\": \"/var/lib/registry\"",
        "\"containerPath\": \"/var/lib/images\"",
        "images-outside-volume",
    ),
    // The web page.
    (
        COMPOSE,
        "_URL: https://registry.example.com:5000",
        "_URL: http://registry.example.com:5000",
        "registry-asked-otherwise",
    ),
    (
        JSON,
        "_URL\": \"https://registry.example.com:5000",
        "_URL\": \"http://registry.example.com:5000",
        "registry-asked-otherwise",
    ),
    (
        COMPOSE,
        "_URL: https://registry.example.com:5000",
        "_URL: https://registry.example.com:5009",
        "name-at-other-port",
    ),
    (
        JSON,
        "_URL\": \"https://registry.example.com:5000",
        "_URL\": \"https://registry.example.com:5009",
        "registry-asked-elsewhere",
    ),
    (
        JSON,
        "_URL\": \"https://registry.example.com:5000",
        "_URL\": \"https://images.example.com:5000",
        "certificate-for-other-name",
    ),
    (
        JSON,
        "\"PUBLIC_REGISTRY_URL\": \"registry.example.com:5000",
        "\"PUBLIC_REGISTRY_URL\": \"registry.example.com:443",
        "registry-asked-elsewhere",
    ),
    (COMPOSE, "      CA_FILE: /certs/ca.crt\n", "", "certificate-not-trusted"),
    (JSON, "\"CA_FILE\"", "\"NO_CA_FILE\"", "certificate-not-trusted"),
    (JSON, "\"CA_FILE\": \"/certs/ca.crt\"", "\"CA_FILE\": \"/ca/ca.crt\"", "file-not-mounted"),
    (JSON, "\"CA_FILE\": \"/certs/ca.crt\"", "\"CA_FILE\": \"/certs/domain.key\"", "file-of-other-sort"),
    (COMPOSE, "SSL_KEY_PATH: /certs/domain.key", "SSL_KEY_PATH: /certs/domain.crt", "file-of-other-sort"),
    (COMPOSE, "      SSL_KEY_PATH: /certs/domain.key\n", "", "setting-missing"),
    (COMPOSE, "\"8443:8443\"", "\"8443:8080\"", "port-differs"),
    (JSON, "\"containerPort\": 8443", "\"containerPort\": 8080", "port-differs"),
    (
        JSON,
        "\"REGISTRY_STORAGE_DELETE_ENABLED\": \"true\"",
        "\"REGISTRY_STORAGE_DELETE_ENABLED\": \"false\"",
        "deletion-refused",
    ),
    (JSON, "\"/registry/registry\"\n      ]", "\"/registry/auth\"\n      ]", "start-order"),
    // The scanner.
    (COMPOSE, "SCANNER_PASSWORD: scanpw12", "SCANNER_PASSWORD: other123", "login-refused"),
    (JSON, "\"SCANNER_PASSWORD\": \"scanpw12\"", "\"SCANNER_PASSWORD\": \"other123\"", "login-refused"),
    (CONFIG, "  scanner:\n    password", "  scaner:\n    password", "login-refused"),
    (JSON, "--username scanner", "--username admin", "login-refused"),
    (CONFIG, "account: scanner", "account: nobody", "login-refused"),
    (
        JSON,
        "--password-stdin registry.example.com:5000",
        "--password-stdin registry.example.com:5009",
        "login-refused",
    ),
    (COMPOSE, "      SSL_CERT_DIR: /etc/ssl/certs:/trusted\n", "", "certificate-not-trusted"),
    (JSON, "/etc/ssl/certs:/trusted", "/etc/ssl/certs:/trust", "certificate-not-trusted"),
    (
        COMPOSE,
        "      - ./certs/ca.crt:/trusted/ca.crt:ro\n",
        "      - ./certs/domain.crt:/etc/domain.crt:ro\n",
        "certificate-not-trusted",
    ),
    (COMPOSE, "./certs/ca.crt:/trusted", "./ca/ca.crt:/trusted", "file-not-there"),
    ("out/certs/ca.crt", "", OTHER_AUTHORITY, "certificate-not-trusted"),
];

#[test]
fn each_agreement_of_a_written_group_is_compared() {
    let test = group();
    let sound = test.run(&["registry", "check", "out"]);
    assert!(sound.ends_with(": nothing found\n"), "{sound}");
    let other = rcgen::generate_simple_self_signed(["other.example.com".to_owned()]).expect("made");
    let mut taken = std::collections::BTreeSet::new();
    let cases = BROKEN.iter().filter(|case| taken.insert((case.0, case.1, case.2)));
    each_case(cases.copied(), |(file, from, to, rule)| {
        let before = test.read(file);
        assert!(before.contains(from), "{file}: {from}: {before}");
        let after = if to == OTHER_AUTHORITY { other.cert.pem() } else { before.replace(from, to) };
        assert_ne!(before, after, "{file}: {from}");
        write(&test, file, &after);
        let said = test.run(&["registry", "check", "out", "--format", "concise"]);
        write(&test, file, &before);
        assert!(said.contains(&format!("[{rule}]")), "{file}: {from} -> {to}: {rule}: {said}");
        assert!(!["scanpw12", "other123", "$2y$"].iter().any(|secret| said.contains(secret)), "{said}");
    });
}

/// A name that clients know is no secret, nor is a wrong number of seconds.
#[test]
fn addresses_and_numbers_are_shown() {
    let test = group();
    let compose = test.read(COMPOSE);
    write(&test, COMPOSE, &compose.replace("example.com:5001/auth", "example.com:5002/auth"));
    let config = test.read(CONFIG).replace("expiration: 900", "expiration: -900");
    write(&test, CONFIG, &config);
    let said = test.run(&["registry", "check", "out"]);
    each_case(
        [
            "REGISTRY_AUTH_TOKEN_REALM asks registry.example.com at port 5002",
            "REGISTRY_AUTH_TOKEN_REALM: https://registry.example.com:5002/auth",
            "token.expiration is \"-900\"",
            "expiration: -900",
        ],
        |text| assert!(said.contains(text), "{text}: {said}"),
    );
    // What the scanner has stays hidden.
    write(&test, COMPOSE, &compose.replace("SCANNER_PASSWORD: scanpw12", "SCANNER_PASSWORD: other123"));
    let said = test.run(&["registry", "check", COMPOSE, CONFIG]);
    assert!(said.contains("SCANNER_PASSWORD is not the password of scanner"), "{said}");
    assert!(said.contains("SCANNER_PASSWORD: ***") && !said.contains("other123"), "{said}");
}

/// What an operator may write by hand is no fault.
#[test]
fn defaults_of_compose_and_narrow_rights_are_fine() {
    let test = group();
    let own = "match: {account: scanner";
    each_case(
        [
            (COMPOSE, "REGISTRY_AUTH: token", "REGISTRY_AUTH: ${REGISTRY_AUTH:-token}"),
            (COMPOSE, "REGISTRY_AUTH: token", "REGISTRY_AUTH: ${REGISTRY_AUTH}"),
            (COMPOSE, "TOKEN_SERVICE: registry", "TOKEN_SERVICE: ${SERVICE}"),
            (COMPOSE, "REALM: https://registry.example.com", "REALM: https://${DOM:-registry.example.com}"),
            (CONFIG, own, "match: {name: shop/web, account: scanner"),
            (CONFIG, own, "match: {name: \"shop/*\", type: repository, account: scanner"),
        ],
        |(file, from, to)| {
            let before = test.read(file);
            assert!(before.contains(from), "{file}: {from}: {before}");
            write(&test, file, &before.replacen(from, to, 1));
            let said = test.run(&["registry", "check", "out", "--format", "concise"]);
            write(&test, file, &before);
            assert!(said.starts_with("exit: 0\n"), "{to}: {said}");
            assert!(!said.contains("warning["), "{to}: {said}");
        },
    );
    let config = test.read(CONFIG);
    write(&test, CONFIG, &config.replacen(own, "match: {name: \"team/*\", account: scanner", 1));
    let said = test.run(&["registry", "check", "out", "--format", "concise"]);
    assert!(said.contains("the acl does not let scanner pull shop/web"), "{said}");
}
