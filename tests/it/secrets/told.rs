//! What tells a secret, and what only looks like one.

use serde_json::json;

use super::added;
use crate::common::{TestDir, each_case};

#[test]
fn names_and_forms_tell_a_secret() {
    let cases = [
        (r#""REDIS_AUTH": "letmein""#, r#""REDIS_AUTH": "***""#),
        (r#""NEO4J_AUTH": "neo4j/letmein""#, r#""NEO4J_AUTH": "***""#),
        (r#""HAPROXY_0_AUTH": "realm:user:letmein""#, r#""HAPROXY_0_AUTH": "***""#),
        (r#""SENTRY_DSN": "https://key@host/1""#, r#""SENTRY_DSN": "https://***@host/1""#),
        (r#""SIGNING_SALT": "letmein""#, r#""SIGNING_SALT": "***""#),
        (r#""PGPASS": "letmein""#, r#""PGPASS": "***""#),
        (r#""SESSION_KEY": "letmein""#, r#""SESSION_KEY": "***""#),
        (r#""CARD_PIN": "letmein""#, r#""CARD_PIN": "***""#),
        (r#""HEADER": "Bearer letme1nn""#, r#""HEADER": "Bearer ***""#),
        (r#""LDAP_BIND_PW": "letmein""#, r#""LDAP_BIND_PW": "***""#),
        (r#""dbPw": "letmein""#, r#""dbPw": "***""#),
        (r#""SLACK_WEBHOOK_1_OPS": "https://chat/a/T0""#, r#""SLACK_WEBHOOK_1_OPS": "https://chat/***""#),
        (r#""A": "https://chat/hooks/0123456789abcdefgh""#, r#""A": "https://chat/hooks/***""#),
        (r#""GITHUB_PAT": "letmein""#, r#""GITHUB_PAT": "***""#),
        (r#""A_PASS_PHRASE": "letmein""#, r#""A_PASS_PHRASE": "***""#),
        (r#""A": "{\"passw\\u006frd\": \"letmein\"}""#, r#""A": "{\"passw\\u006frd\": \"***\"}""#),
        (r#""DB_PASS\u0057ORD": "letmein""#, r#""DB_PASS\u0057ORD": "***""#),
        (r#""SLACK_WEBHOOK": "https://chat/a/T0""#, r#""SLACK_WEBHOOK": "https://chat/***""#),
        (r#""A": "https://hooks.slack.com/services/T0/B0""#, r#""A": "https://hooks.slack.com/***""#),
        (r#""A": "https://api.telegram.org/bot1:x/send""#, r#""A": "https://api.telegram.org/bot***""#),
        (r#""AUTH_BASIC": "Basic d2ViOmxldG1laW4=""#, r#""AUTH_BASIC": "***""#),
        (r#""HEADER": "Basic d2ViOmxldG1laW4=""#, r#""HEADER": "Basic ***""#),
        (r#""HEADER": "bearer 0123456789abcdefg""#, r#""HEADER": "bearer ***""#),
        (r#""a.basicauth.users": "me:{SHA}x""#, r#""a.basicauth.users": "***""#),
        (r#""A": "me:$apr1$abcdefgh$0123456789,you:x""#, r#""A": "me:***,you:x""#),
        (r#""A": "me:$$2y$$05$$0123456789""#, r#""A": "me:***""#),
        (r#""A": "{SSHA}0123456789abcdef0123""#, r#""A": "{SSHA}***""#),
        (r#""BROKER": "web:letmein@mq.example.com:5672""#, r#""BROKER": "web:***@mq.example.com:5672""#),
        (r#""A": "web:letmein@tcp(db:3306)/shop""#, r#""A": "web:***@tcp(db:3306)/shop""#),
        (r#""A": "jdbc:oracle:thin:web/letmein@db:1521""#, r#""A": "jdbc:oracle:thin:web/***@db:1521""#),
    ];
    each_case(cases, |(given, shown)| {
        let lines = added(&format!(r#"{{"id": "/a", "cmd": "x", "labels": {{{given}}}}}"#));
        assert!(lines.iter().any(|line| line == shown), "{given}: {lines:#?}");
    });
}

#[test]
fn names_that_only_look_like_a_secret_s_are_shown() {
    let cases = [
        r#""AUTHOR": "letmein""#,
        r#""OAUTH": "letmein""#,
        r#""BASIC_AUTH_ENABLED": "true""#,
        r#""AUTH": "no""#,
        r#""REGISTRY_AUTH": "token""#,
        r#""CLIENT_AUTH": "required""#,
        r#""SASL_AUTH": "SCRAM-SHA-256""#,
        r#""AUTH_URL": "https://example.com/x1""#,
        r#""PASSWORD_FILE": "/run/x""#,
        r#""PGPASS": "/root/.pgpass""#,
        r#""COMPASS": "letmein""#,
        r#""TOKEN_TTL": "30""#,
        r#""DB_DSN": "postgres://web@db/shop""#,
        r#""SENTRY_DSN": "https://$KEY@example.com/1""#,
        r#""WEBHOOK_URL": "https://example.com/api/v1/webhook""#,
        r#""CONTAINER_HOOK_URI": "https://example.com/Hook-0.2.5.tgz""#,
        r#""A": "Basic authentication and a bearer of news""#,
        r#""A": "nginx:1.25@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08""#,
        r#""A": "mailto:web@example.com git@github.com:shop/web npm:lodash@4.17.21""#,
        r#""A": "price $1$2 and $HOME$5""#,
    ];
    each_case(cases, |shown| {
        let lines = added(&format!(r#"{{"id": "/a", "cmd": "x", "labels": {{{shown}}}}}"#));
        assert!(lines.iter().any(|line| line == shown), "{shown}: {lines:#?}");
        let test =
            TestDir::new().file("a.json", format!(r#"{{"id": "/a", "cmd": "x", "env": {{{shown}}}}}"#));
        let output = test.run(&["lint", "--select", "plain-secret,password-in-uri", "a.json"]);
        assert!(output.starts_with("exit: 0\n"), "{output}");
    });
}

#[test]
fn command_lines_have_passwords() {
    let cases = [
        ("mysql -u root -pletmein shop", "mysql -u root -p*** shop"),
        ("x && /usr/bin/mysqldump -p'let me in' shop", "x && /usr/bin/mysqldump -p'***' shop"),
        ("mysql -P 3306 -p$PASSWORD", "mysql -P 3306 -p$PASSWORD"),
        ("sshpass -p letmein ssh -p 2222 web", "sshpass -p *** ssh -p 2222 web"),
        ("PGPASSWORD=letmein psql -p 5432", "PGPASSWORD=*** psql -p 5432"),
        ("redis-cli -h db -a letmein ping", "redis-cli -h db -a *** ping"),
        ("java -Xmx64m; redis-cli -aletmein ping", "java -Xmx64m; redis-cli -a*** ping"),
        (r"cd /x\nredis-cli -a letmein", r"cd /x\nredis-cli -a ***"),
        ("PASSWORD=redis-cli -a letmein", "PASSWORD=*** -a letmein"),
        ("curl -uweb:letmein -U web:letmein x", "curl -uweb:*** -U web:*** x"),
        ("vault-agent --secret=letmein", "vault-agent --secret=***"),
        ("wget --password=letmein --user web x", "wget --password=*** --user web x"),
        ("mongo db -u web -p letmein", "mongo db -u web -p ***"),
        ("ldapsearch -x -w letmein", "ldapsearch -x -w ***"),
        ("docker login -u web -p letmein r.example", "docker login -u web -p *** r.example"),
        ("docker run --name mysql -p 3306:3306 mysql", "docker run --name mysql -p 3306:3306 mysql"),
        ("mkdir -p letmein; mysql; ls -p letmein", "mkdir -p letmein; mysql; ls -p letmein"),
        ("openssl x -passin pass:letmein", "openssl x -passin ***"),
        (r#"sh -c \"mysql -p\\\"let me in\\\"\""#, r#"sh -c \"mysql -p\\\"***\\\"\""#),
        ("smbclient -U web%letmein //x", "smbclient -U web%*** //x"),
    ];
    each_case(cases, |(given, shown)| {
        for layout in [
            |cmd: &str| format!(r#""cmd": "{cmd}""#),
            |cmd: &str| {
                format!(r#""healthChecks": [{{"protocol": "COMMAND", "command": {{"value": "{cmd}"}}}}]"#)
            },
            |cmd: &str| format!(r#""containers": [{{"exec": {{"command": {{"shell": "{cmd}"}}}}}}]"#),
        ] {
            let lines = added(&format!(r#"{{"id": "/a", {}}}"#, layout(given)));
            assert!(lines.iter().any(|line| line.contains(&format!("\"{shown}\""))), "{given}: {lines:#?}");
        }
    });
    let args = r#"{"id": "/a", "args": ["mysql", "-plet me in", "-h", "db", "redis-cli", "-a", "letmein"]}"#;
    let lines = added(args);
    each_case([r#""-p***""#, r#""-a""#, r#""***""#, r#""db""#], |shown| {
        assert!(lines.iter().any(|line| line.contains(shown)), "{shown}: {lines:#?}");
    });
}

#[test]
fn a_changed_password_of_a_command_line_is_hidden_on_both_sides() {
    let app =
        |password: &str| json!({"id": "/a", "args": ["mysql", format!("-p{password}"), "shop"]}).to_string();
    let test = TestDir::new().file("old.json", app("first2SECRET")).file("new.json", app("second2SECRET"));
    let output = test.run(&["diff", "old.json", "new.json"]);
    assert!(output.contains("*** (before)") && output.contains("*** (after)"), "{output}");
    assert!(!output.contains("2SECRET"), "{output}");
}

#[test]
fn a_registry_s_user_is_hidden_everywhere() {
    let app = json!({"id": "/a", "cpu": 1, "container": {"type": "DOCKER", "docker": {
        "image": "web:letmein@registry.example/shop/web:1", "credential": {"principal": "web", "secret": "hunter"}}}});
    each_case([app.to_string(), format!("{app:#}")], |text| {
        let test = TestDir::new().file("a.json", text);
        for format in ["text", "concise", "json", "sarif", "junit", "github", "gitlab"] {
            let output = test.run(&["lint", "--format", format, "a.json"]);
            assert!(!output.contains("letmein") && !output.contains("hunter"), "{output}");
        }
        for args in [
            &["fmt", "--diff", "a.json"][..],
            &["lint", "--fix=unsafe", "--diff", "a.json"],
            &["wire", "--diff", "--archive", "file:///x.tgz", "a.json"],
            &["wire", "--registry", "other.example", "--archive", "file:///x.tgz", "--diff", "a.json"],
        ] {
            let output = test.run(args);
            assert!(!output.contains("letmein") && !output.contains("hunter"), "{output}");
        }
    });
    let lines = added(&app.to_string());
    each_case(
        [
            r#""image": "web:***@registry.example/shop/web:1""#,
            r#""credential": { "principal": "***", "secret": "***" }"#,
        ],
        |shown| {
            assert!(lines.iter().any(|line| line == shown), "{shown}: {lines:#?}");
        },
    );
}

#[test]
fn names_of_yaml_in_any_spelling() {
    let cases = [
        ("  ? DB_PASSWORD\n  : letmein\n", "   ? DB_PASSWORD\n   : ***\n"),
        ("  \"PASS\\u0057ORD\": letmein\n", "   \"PASS\\u0057ORD\": ***\n"),
        ("  \"PASS\\x57ORD\": letmein\n", "   \"PASS\\x57ORD\": ***\n"),
        ("  DB_PASSWORD: &db letmein\n  A: *db\n", "   DB_PASSWORD: &db ***\n"),
        ("  A: &db letmein\n  DB_PASSWORD: *db\n", "   A: &db ***\n   DB_PASSWORD: ***\n"),
        ("  DB_PASSWORD: !!str letmein\n", "   DB_PASSWORD: !!str ***\n"),
        ("  DB_PASSWORD: # below\n    letmein\n", "   DB_PASSWORD: # below\n     ***\n"),
        ("  DB_PASSWORD: let\n    me in\n", "   DB_PASSWORD: ***\n ***\n"),
        ("  DB_PASSWORD: 'let\n    me in'\n", "   DB_PASSWORD: '***\n ***'\n"),
        ("  DB_PASSWORD:\n  - letmein\n  - qwerty\n", "   DB_PASSWORD:\n   - ***\n   - ***\n"),
        ("  DB_PASSWORD: [qwerty, 'letmein']\n", "   DB_PASSWORD: [***]\n"),
        ("  A: &db [letmein]\n  DB_PASSWORD: *db\n", "   A: &db [***]\n   DB_PASSWORD: ***\n"),
        ("  <<: {DB_PASSWORD: letmein}\n", "   <<: {DB_PASSWORD: ***}\n"),
    ];
    each_case(cases, |(given, shown)| {
        let test = TestDir::new().file("a.yaml", format!("id: /a\ncmd: x\nenv:\n{given}cpu: 1\n"));
        let output = test.run(&["lint", "--fix", "--diff", "a.yaml"]);
        assert!(output.contains(shown), "{output}");
    });
}

/// No command shows the secrets of this file, which have `3cret` or `cretPW` in them.
fn shows_no_secret(name: &str, text: &str) {
    let test = TestDir::new().file(name, text);
    for args in [
        &["lint", name][..],
        &["lint", "--format", "json", name],
        &["fmt", "--diff", name],
        &["migrate", "--to", "1.11", "--diff", name],
        &["wire", "--archive", "file:///x.tgz", "--diff", name],
        &["diff", name, name],
    ] {
        let said = test.run(args);
        assert!(!said.contains("3cret") && !said.contains("cretPW"), "{args:?} of {text}: {said}");
    }
}

#[test]
fn a_password_goes_on_behind_a_quote_in_it() {
    let members = [
        r#""env": {"DB_PASSWORD":"pa"ss3cretPW"}"#,
        r#""env": {"DB_PASSWORD": "a"ss3cretPW"}"#,
        r#""env": {"DB_PASSWORD": ""ss3cretPW"}"#,
        r#""env": {"DB_PASSWORD": "pa"ss3,cretPW", "A": "x"}"#,
        r#""env": {"DB_PASSWORD": "pa" s3cretPW"}"#,
        r#""env": {"DB_PASSWORD": "pa", s3cretPW"}"#,
        r#""env": {"DB_PASSWORD": "pa"}s3cretPW"}"#,
        r#""env": {"DB_PASSWORD": "pa"//s3cretPW"}"#,
        r#""env": {"DB_PASSWORD": "pa" #s3cretPW"}"#,
        r#""env": {"DB_PASSWORD": "pa"ss\"cretPW"}"#,
        r#""env": {"DB_PASSWORD": "pa"ss3cretPW}"#,
        r#""env": {"DB_PASSWORD": "pa"ss3cretPW, "A": "x"}"#,
        "\"env\": {\"DB_PASSWORD\": \"first\"\n \"s3cretPW\"}",
        "\"env\": {\"DB_PASSWORD\": \"first\" +\n \"s3cretPW\"}",
        r#""env": {"DB_PASSWORD": "a" + "s3cretPW"}"#,
        r#""env": {"DB_PASSWORD": "\\"bs3cretPW"}"#,
        r#""env": {"DB_PASSWORD": 'pa'ss3cretPW'}"#,
        r#""env": {"A": "x"y", "DB_PASSWORD": "s3cretPW"}"#,
        r#""env": {"DATABASE_URL": "postgres://web:pa"ss3cretPW@db/x"}"#,
        r#""env": {"DATABASE_URL": "postgres://web:p@a"ss3cretPW@db/x"}"#,
        r#""env": {"DATABASE_URL": "postgres://web:pa" s3cretPW@db/x"}"#,
        r#""env": {"HEADER": "Bearer abc1def2"s3cretPW"}"#,
        r#""env": [{"name": "DB_PASSWORD", "value": "pa"ss3cretPW"}]"#,
        r#""secrets": {"x": "pa"ss3cretPW"}"#,
        r#""cmd": "curl -u u:pa"ss3cretPW http://x""#,
        r#""cmd": "curl -u u:"s3cretPW" http://x""#,
        r#""cmd": "mysql -ppa"ss3cretPW shop""#,
        r#""cmd": "mysql -p"s3cretPW" shop""#,
        r#""cmd": "mysql -p "s3cretPW" shop""#,
        r#""cmd": "serve --password="s3cretPW" x""#,
        r#""cmd": "serve --password "s3cretPW" x""#,
        r#""cmd": "vault login pa"ss3cretPW""#,
        r#""cmd": "x --password='pa'ss3cretPW' y" 1"#,
        r#""args": ["--password", "pa"ss3cretPW"]"#,
        r#""args": ["mysql", "-ppa"ss3cretPW", "x"]"#,
        r#""container": {"docker": {"parameters": [{"key": "env", "value": "DB_PASSWORD=pa"ss3cretPW"}]}}"#,
    ];
    each_case(members, |member| {
        shows_no_secret("a.json", &format!("{{\"id\": \"/a\", {member}}}"));
        shows_no_secret("a.json", &format!("{{\n  \"id\": \"/a\",\n  {member},\n  \"cpus\": 1\n}}\n"));
    });
    let lines = [
        "env:\n  DB_PASSWORD: \"pa\"ss3cretPW\"\n",
        "env:\n  DB_PASSWORD: 'pa'ss3cretPW'\n",
        "env:\n  DB_PASSWORD: 'pa\\'ss3cretPW'\n",
        "env:\n  DB_PASSWORD: \"pa\", \"s3cretPW\"\n",
        "env: {DB_PASSWORD: \"pa\"ss3cretPW\"}\n",
        "env:\n  DB_PASSWORD: \"pa\" s3cretPW\n",
        "env:\n- name: DB_PASSWORD\n  value: 'pa'ss3cretPW'\n",
        "cmd: \"curl -u u:pa\"ss3cretPW x\"\n",
        "args:\n- --password\n- \"pa\"ss3cretPW\"\n",
        // Fine, but for what comes later.
        "env:\n  DB_PASSWORD: 'pa''ss3cretPW'\ncpu: 1\n",
        "env: {DB_PASSWORD: pa\"ss3cretPW}\ncpu: 1\n",
        "args:\n    - --password=pa\"ss3cretPW\n    - --token\n    - pa'ss3cretPW\n",
        "fetch:\n    - uri: https://u:pa\"ss3cretPW@h.example.com/x?token=pa\"ss3cretPW\n",
        "secrets:\n  x: pa\"ss3cretPW\n",
    ];
    each_case(lines, |lines| shows_no_secret("a.yaml", &format!("id: /a\n{lines}")));
}

#[test]
fn what_is_behind_a_password_in_a_broken_file_is_shown() {
    let members = [
        r#""env": {"DB_PASSWORD": "letme1n" "A": "seen-it"}"#,
        r#""env": {"DB_PASSWORD": "letme1n"}, "cmd" "seen-it""#,
        r#""args": ["--password", "letme1n", "seen-it" 1]"#,
        r#""args": ["--password", "letme1n", 5, true, "seen-it" 1]"#,
        r#""env": {"DB_PASSWORD": "letme1n"; "A": "seen-it"}"#,
        r#""env": {"DB_PASSWORD": "letme1n", /* x */ "A" "seen-it"}"#,
        r#""cmd": "curl -u u:letme1n http://seen-it" 1"#,
        r#""env": {"DATABASE_URL": "postgres://web:letme1n@seen-it/x" 1}"#,
        r#""env": {"URL": "http://seen-it:8080" 1, "A": "web@example.com"}"#,
        r#""cmd": "mysql -p" 1, "A": "seen-it""#,
    ];
    each_case(members, |member| {
        let test = TestDir::new().file("a.json", format!("{{\"id\": \"/a\", {member}}}"));
        let said = test.run(&["lint", "a.json"]);
        assert!(
            said.contains("syntax-error") && said.contains("seen-it") && !said.contains("letme1n"),
            "{said}"
        );
    });
    // A shell's quotes in YAML, which parses.
    let yaml = "id: /a\ncmd: mysql -p\"letme1n\" seen-it\ncpu: 1\n";
    let said = TestDir::new().file("a.yaml", yaml).run(&["lint", "--fix", "--diff", "a.yaml"]);
    assert!(said.contains(" cmd: mysql -p\"***\" seen-it\n"), "{said}");
}

#[test]
fn passwords_of_yaml_may_begin_like_its_syntax() {
    let values = [
        "{s3cretPW",
        "{s3cretPW}",
        "{s3 cretPW}",
        "{{s3cretPW",
        "{s3:cretPW",
        "[s3cretPW",
        "[s3cretPW]",
        "!!s3cretPW",
        "!s3cretPW",
        "!s3cret rest",
        "!<s3cret> rest",
        "&s3cret x",
        "&s3cret",
        "&s3cret long words",
        "*s3cretPW",
        "|s3cretPW",
        ">s3cretPW",
        "%s3cretPW",
        "@s3cretPW",
        "`s3cretPW",
        "#s3cretPW",
        "//s3cretPW",
        "!!str !s3cret x",
        "!s3cret |\n    s3cretPW",
        "? s3cretPW",
        "- s3cretPW",
        "}s3cretPW",
        "]s3cretPW",
    ];
    each_case(values, |value| {
        shows_no_secret("a.yaml", &format!("id: /a\ncmd: x\nenv:\n  DB_PASSWORD: {value}\ncpu: 1\n"));
        shows_no_secret("a.yaml", &format!("id: /a\ncmd: x\nenv:\n    DB_PASSWORD:  {value}\n"));
        shows_no_secret("a.yaml", &format!("id: /a\nenv:\n  DB_PASSWORD:\n  - {value}\ncpu: 1\n"));
        shows_no_secret("a.yaml", &format!("id: /a\nenv: {{DB_PASSWORD: {value}, A: 1}}\ncpu: 1\n"));
    });
    let shown = [
        "{{ seen_it }}",
        "{% seen_it %}",
        "{secret: seen-it}",
        "{\"secret\": \"seen-it\"}",
        "# seen-it",
        "!!str ${SEEN}",
    ];
    each_case(shown, |value| {
        let test =
            TestDir::new().file("a.yaml", format!("id: /a\ncmd: x\nenv:\n  DB_PASSWORD: {value}\ncpu: 1\n"));
        let said = test.run(&["fmt", "--diff", "a.yaml"]) + &test.run(&["lint", "--fix", "--diff", "a.yaml"]);
        assert!(!said.contains("***"), "{said}");
    });
}

#[test]
fn a_name_and_its_value_may_be_on_two_lines() {
    let cases = [
        "{\"id\": \"/a\", \"env\": {\"DB_PASSWORD\"\n\"letmein\"}}",
        "{\"id\": \"/a\", \"env\": {\"DB_PASSWORD\"\n:\n\"letmein\" \"x\"}}",
        "{\"id\": \"/a\", \"env\": {\"DB_PASSWORD\":\n\"letmein\" \"x\"}}",
        "{\"id\": \"/a\", \"env\": {\"DB_PASSWORD\": // a comment\n\"letmein\" \"x\"}}",
        "{\"id\": \"/a\", \"env\": {\"DB\\u005fPASSWORD\"\n:\n\"letmein\" \"x\"}}",
    ];
    each_case(cases, |text| {
        let test = TestDir::new().file("a.json", text);
        let output = test.run(&["lint", "a.json"]);
        assert!(output.starts_with("exit: 1\n") && !output.contains("letmein"), "{output}");
        assert!(output.contains("\"***\"") || !output.contains("| \"*"), "{output}");
    });
}

#[test]
fn a_password_at_which_a_file_is_cut_off_is_hidden() {
    each_case(
        [
            r#"{"id": "/a", "env": {"DATABASE_URL": "postgres://web:hunter2SECRET"#,
            "{\"id\": \"/a\",\n \"cmd\": \"serve --db postgres://web:hunter2SECRET\n",
            r#"{"id": "/a", "uris": ["https://web:hunter2SECRET"#,
        ],
        |text| {
            let test = TestDir::new().file("cut.json", text);
            let said = test.run(&["lint", "cut.json"]);
            assert!(said.contains("syntax-error") && !said.contains("2SECRET"), "{said}");
        },
    );
    // The port of a host, a variable, and what is whole.
    each_case(
        [
            r#"{"id": "/a", "uris": ["https://example.com:8080"#,
            r#"{"id": "/a", "uris": ["https://example.com:$PORT0"#,
            "{\"id\": \"/a\",\n \"cmd\" \"docker://busybox:latest\"",
        ],
        |text| {
            let said = TestDir::new().file("cut.json", text).run(&["lint", "cut.json"]);
            assert!(said.contains("syntax-error") && !said.contains("***"), "{said}");
        },
    );
}

#[test]
fn a_command_in_a_parameter_is_hidden_before_its_last_secret_too() {
    let value = "a --password hunter2SECRET && API_TOKEN=hunter2SECRET run";
    let app = json!({"id": "/a", "cmd": "sleep 1", "container": {"type": "DOCKER", "docker": {"image": "a/b:1",
        "parameters": [{"key": "entrypoint", "value": value}]}}});
    let test = TestDir::new()
        .file("old.json", r#"{"id": "/a", "cmd": "sleep 1"}"#)
        .file("new.json", app.to_string());
    each_case(["text", "unified", "json"], |format| {
        let said = test.run(&["diff", "--format", format, "old.json", "new.json"]);
        assert!(said.starts_with("exit: 1\n") && !said.contains("2SECRET"), "{said}");
    });
}
