//! Which names, keys and commands make a text a secret, and which only look so.

use super::added;
use crate::common::{TestDir, each_case};

/// The line of this text in a laid out definition, as it is shown.
fn is_shown_as(given: &str, shown: &str) {
    let lines = added(&format!(r#"{{"id": "/a", "cmd": "x", "labels": {{{given}}}}}"#));
    assert!(lines.iter().any(|line| line == shown), "{given}: {lines:#?}");
}

#[test]
fn a_secret_s_word_may_begin_a_name_or_be_within_it() {
    let names = [
        "PWD_DB",
        "PASS_FOR_DB",
        "PASS_FOR_HOST",
        "TOKEN_1",
        "TOKEN_OLD",
        "TOKEN2_OLD",
        "DB_PW_OLD",
        "SECRET_FOR_API",
        "API_KEY_PROD",
        "dbPassOld",
        "my.token.old",
        "db-password-2-old",
        "KENNWORT_DB",
        "AWS_SECRET_ACCESS_KEY_PROD",
        "PWD",
        "bearer",
        "API_BEARER",
        "apiBearer",
    ];
    each_case(names, |name| {
        is_shown_as(&format!(r#""{name}": "letmein""#), &format!(r#""{name}": "***""#));
    });
    // A password may be a number.
    is_shown_as(r#""PWD_DB": "123456""#, r#""PWD_DB": "***""#);
    is_shown_as(r#""DB_PASS": "1234""#, r#""DB_PASS": "***""#);
    // What is no URI is the part of one that is secret.
    each_case(["webhook_url", "SLACK_WEBHOOK_URL", "webhookUri"], |name| {
        is_shown_as(&format!(r#""{name}": "letme1nPW""#), &format!(r#""{name}": "***""#));
    });
}

#[test]
fn names_of_something_about_a_secret_are_shown() {
    let cases = [
        r#""PWD": "/home/web""#,
        r#""PWD": "$HOME/x""#,
        r#""TOKEN_URL": "letmein""#,
        r#""TOKEN_URL_PROD": "letmein""#,
        r#""tokenEndpointUrl": "letmein""#,
        r#""PASSWORD_FILE": "/run/secrets/db""#,
        r#""SECRET_NAME": "letmein""#,
        r#""PASS_THROUGH": "letmein""#,
        r#""TOKEN_TTL": "5m""#,
        r#""ACCESS_KEY_ID": "letmein""#,
        r#""SECRET_STORE": "letmein""#,
        r#""AUTH_MODE": "letmein""#,
        r#""COOKIE_DOMAIN": "letmein""#,
        r#""COMPASS_DIR": "letmein""#,
        r#""BYPASS_X": "letmein""#,
        r#""PASSENGER_APP": "letmein""#,
        r#""TOKENIZER": "letmein""#,
        r#""MAX_TOKEN_COUNT": "4096""#,
        r#""BEARER_FORMAT": "letmein""#,
        r#""BEARER": "true""#,
        r#""FORBEARER": "letmein""#,
        r#""WEBHOOK_URL": "alerts""#,
        r#""WEBHOOK_URL": "hooks.example.com:8080""#,
        r#""WEBHOOK_URL": "$HOOK""#,
        r#""SLACK_WEBHOOK_CHANNEL": "Ops-Room1""#,
        r#""mongoUri": "Shop1""#,
    ];
    each_case(cases, |shown| is_shown_as(shown, shown));
}

#[test]
fn a_header_s_credentials_may_look_like_anything() {
    let cases = [
        ("curl -H 'Authorization: Basic letmein' x", "curl -H 'Authorization: ***' x"),
        ("curl -H 'Proxy-Authorization: Basic let+me' x", "curl -H 'Proxy-Authorization: ***' x"),
        ("curl -H 'authorization: letmein' x", "curl -H 'authorization: ***' x"),
        ("HEADERS=Authorization=Basic letmein", "HEADERS=Authorization=*** ***"),
    ];
    each_case(cases, |(given, shown)| {
        is_shown_as(&format!(r#""a": "{given}""#), &format!(r#""a": "{shown}""#));
    });
}

#[test]
fn commands_take_secrets_as_arguments() {
    let cases = [
        (
            "consul agent -server -encrypt letmein -data-dir /x",
            "consul agent -server -encrypt *** -data-dir /x",
        ),
        ("/bin/consul agent -encrypt=letmein", "/bin/consul agent -encrypt=***"),
        ("vault login letmein", "vault login ***"),
        ("vault login -no-print letmein && x", "vault login -no-print *** && x"),
        ("vault operator unseal letmein", "vault operator unseal ***"),
        ("vault login -method=userpass username=me", "vault login -method=userpass username=me"),
        ("vault auth enable userpass", "vault auth enable userpass"),
        ("redis-cli -h db auth letmein", "redis-cli -h db auth ***"),
        ("rabbitmqctl add_user web letmein", "rabbitmqctl add_user web ***"),
        ("htpasswd -bc /etc/users web letmein > x", "htpasswd -bc /etc/users web *** > x"),
        ("htpasswd -c /etc/users web", "htpasswd -c /etc/users web"),
        ("docker login registry.example", "docker login registry.example"),
        ("docker login --password-stdin registry.example", "docker login --password-stdin registry.example"),
        (
            "echo -n letmein | docker login --password-stdin registry.example",
            "echo -n *** | docker login --password-stdin registry.example",
        ),
        ("echo done; x | docker login --password-stdin", "echo done; x | docker login --password-stdin"),
        ("docker login --password-stdin <<< letmein", "docker login --password-stdin <<< ***"),
        ("app login -u me -p letmein", "app login -u me -p ***"),
        ("tool -p S3cretPw9 x", "tool -p *** x"),
        ("tool -pS3cretPw9", "tool -p***"),
        (
            "tool -p 8080:80 -p /path -p Project12 -p web-1 -pretty -path x -prod -p 8080",
            "tool -p 8080:80 -p /path -p Project12 -p web-1 -pretty -path x -prod -p 8080",
        ),
        ("app login -p 8080 -p /path", "app login -p 8080 -p /path"),
        ("run -p 8080 && login.sh", "run -p 8080 && login.sh"),
        (
            "tar --encrypt x && openssl enc -pass file:/run/x",
            "tar --encrypt x && openssl enc -pass file:/run/x",
        ),
    ];
    each_case(cases, |(given, shown)| {
        is_shown_as(&format!(r#""a": "{given}""#), &format!(r#""a": "{shown}""#));
        // The same as a list, and in YAML; there the words after the first are elements.
        if !given.contains(['&', '|', '<', '>', '\'']) {
            let words = |text: &str| text.split(' ').map(|word| format!("{word:?}")).collect::<Vec<_>>();
            let test = TestDir::new()
                .file("a.json", format!(r#"{{"id": "/a", "args": [{}], "cpu": 1}}"#, words(given).join(", ")))
                .file(
                    "b.json",
                    format!(r#"{{"id": "/a", "args": [{}], "cpu": 2}}"#, words("other x y").join(", ")),
                );
            for said in [
                test.run(&["lint", "a.json"]),
                test.run(&["diff", "a.json", "b.json"]),
                test.run(&["diff", "--format", "json", "b.json", "a.json"]),
            ] {
                let is_told = shown.contains("***") && said.contains("letmein");
                assert!(!is_told, "{given}: {said}");
            }
        }
    });
}

#[test]
fn texts_below_secrets_are_secrets() {
    let hidden = [
        r#"{"id": "/a", "secrets": {"x": "the-secret"}, "cpu": 1}"#,
        r#"{"id": "/a", "secrets": ["the-secret"], "cpu": 1}"#,
        "{\n  \"id\": \"/a\",\n  \"secrets\": {\n    \"x\": \"the-secret\",\n    \"y\": {\"source\": \"a\"}\n  },\n  \"cpu\": 1\n}",
        r#"{"id": "/a", "secrets": ["the-secret""#,
    ];
    each_case(hidden, |text| {
        let test = TestDir::new().file("a.json", text).file("b.json", r#"{"id": "/a", "cmd": "x"}"#);
        for args in [
            &["lint", "a.json"][..],
            &["lint", "--format", "json", "a.json"],
            &["fmt", "--diff", "a.json"],
            &["diff", "a.json", "b.json"],
        ] {
            let said = test.run(args);
            assert!(!said.contains("the-secret"), "{args:?}: {said}");
        }
    });
    let yaml = "id: /a\nsecrets:\n  x: the-secret\n  y:\n    source: shown/y\nother:\n  x: shown-x\n  secrets:\n  - the-secret\n  - \"the-secret\"\n";
    let said = TestDir::new().file("a.yaml", yaml).run(&["lint", "a.yaml"]);
    assert!(!said.contains("the-secret"), "{said}");
    let shown = [
        r#"{"id": "/a", "cmd": "x", "secrets": {"x": {"source": "shop/name-of-it"}}, "cpu": 1}"#,
        r#"{"id": "/a", "cmd": "x", "secrets": {"x": "shop/name-of-it"}, "cpu": 1}"#,
    ];
    each_case(shown, |text| {
        let said = TestDir::new().file("a.json", text).run(&["fmt", "--diff", "a.json"]);
        assert!(said.contains("name-of-it") && !said.contains("**"), "{said}");
    });
}

#[test]
fn a_setting_with_a_secret_s_name_is_hidden_in_a_command() {
    is_shown_as(
        r#""a": "aws configure set aws_secret_access_key letmein --profile x""#,
        r#""a": "aws configure set aws_secret_access_key *** --profile x""#,
    );
}
