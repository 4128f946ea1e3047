//! Inputs that are not what they should be: one clear message that names the input, exit code 2 (1 for findings), and
//! never a panic.

use super::common::{TestDir, each_case};

#[test]
fn broken_texts_are_findings() {
    let test = TestDir::new()
        .file("blank.json", " \n")
        .file("comma.json", "{\n  \"id\": \"/a\",\n}")
        .file("comment.json", "{\n  // mine\n  \"id\": \"/a\"\n}")
        .file("cut.json", "{\"id\": \"/a\", \"cmd\": \"sl")
        .file("empty.json", "")
        .file("latin1.json", b"{\"id\": \"/a\", \"cmd\": \"caf\xe9\"}")
        .file("quotes.json", "{'id': '/a'}")
        .file("trailing.json", "{\"id\": \"/a\", \"cmd\": \"sleep 1\"} {\"id\": \"/b\"}")
        .file("yaml.yaml", "id: /a\n  cmd: x\n");
    insta::assert_snapshot!(test.run(&[
        "lint",
        "blank.json",
        "comma.json",
        "comment.json",
        "cut.json",
        "empty.json",
        "latin1.json",
        "quotes.json",
        "trailing.json",
        "yaml.yaml",
    ]));
}

#[test]
fn odd_texts_that_marathon_takes_are_taken() {
    let text = "{\"id\": \"/a\", \"cmd\": \"sleep 1\"}";
    let utf16: Vec<u8> = text.replace("/a", "/b").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let test = TestDir::new()
        .file("mark.json", format!("\u{feff}{text}"))
        .file("utf16.json", utf16)
        .file("twice.json", "{\"id\": \"/c\", \"cmd\": 5, \"cmd\": \"sleep 1\"}");
    insta::assert_snapshot!(test.run(&["lint", "mark.json", "utf16.json", "twice.json"]));
}

#[test]
fn depth_is_what_marathon_takes() {
    let deep = |open: &str, close: &str, levels| format!("{}{}", open.repeat(levels), close.repeat(levels));
    let groups =
        format!("{{\"id\": \"/g\", \"groups\": [{}]}}", deep("{\"id\": \"g\", \"groups\": [", "]}", 200));
    let test = TestDir::new()
        .file("groups.json", groups)
        .file(
            "arrays.json",
            format!("{{\"id\": \"/a\", \"cmd\": \"sleep 1\", \"zz\": {}}}", deep("[", "]", 200)),
        )
        .file(
            "deep.json",
            format!("{{\"id\": \"/a\", \"cmd\": \"sleep 1\", \"zz\": {}}}", deep("[", "]", 100_000)),
        )
        .file("deep.yaml", format!("id: /a\nzz: {}", deep("[", "]", 20_000)));
    assert!(test.run(&["lint", "groups.json"]).starts_with("exit: 0\n"));
    each_case(["arrays.json", "deep.json"], |name| {
        let output = test.run(&["lint", name]);
        assert!(output.starts_with("exit: 1\n") && output.contains("error[unknown-field]"), "{name}");
    });
    let output = test.run(&["lint", "deep.yaml"]);
    assert!(output.starts_with("exit: 1\n") && output.contains("error[syntax-error]"), "{output:.400}");
    let groups =
        format!("{{\"id\": \"/g\", \"groups\": [{}]}}", deep("{\"id\": \"g\", \"groups\": [", "]}", 50_000));
    let test = test.file("hostile.json", groups);
    let output = test.run(&["lint", "hostile.json"]);
    assert!(output.starts_with("exit: 1\n") && output.contains("error[too-deep]"), "{output:.400}");
    // Marathon's answer quotes the whole of an object that lacks something.
    let lacks_name = format!("{{\"id\": \"/p\", \"containers\": [{{\"x\": {}}}]}}", deep("[", "]", 100_000));
    let test = TestDir::new().file("pod.json", lacks_name);
    let output = test.run(&["lint", "pod.json"]);
    assert!(output.starts_with("exit: 1\n") && output.contains("error[missing-field]"), "{output:.400}");
}

#[test]
fn what_cannot_be_read_is_named() {
    let test = TestDir::new()
        .file("large.json", vec![b' '; 50 * 1024 * 1024])
        .file("empty/notes.txt", "text")
        .file("other.json", "{\"name\": \"left-pad\"}")
        .file("good.json", "{\"id\": \"/a\", \"cmd\": \"sleep 1\"}");
    insta::assert_snapshot!(test.run(&["lint", "large.json"]));
    insta::assert_snapshot!(test.run(&["lint", "empty"]));
    insta::assert_snapshot!(test.run(&["lint", "other.json"]));
    insta::assert_snapshot!(test.run(&["lint", "missing.json", "good.json"]));
    insta::assert_snapshot!(test.run(&["lint"]));
}

#[test]
fn a_reader_that_leaves_changes_no_exit_code() {
    let many = "\"a\": 1, ".repeat(2_000);
    let test = TestDir::new()
        .file("red.json", format!("{{{many}\"id\": \"/a\", \"cmd\": \"sleep 1\"}}"))
        .file("green.json", r#"{"id": "/a", "cmd": "sleep 1"}"#);
    let program = env!("CARGO_BIN_EXE_milepost");
    each_case(
        [
            ("lint --format json red.json", 1),
            ("lint red.json", 1),
            ("lint green.json", 0),
            ("rules --format json", 0),
            ("lint missing.json", 2),
            ("fmt --check red.json", 1),
            ("diff missing.json green.json", 2),
        ],
        |(command, code)| {
            for closed in ["| head -c 100 > /dev/null", "2>&1 >/dev/null | true", "2>&1 | true"] {
                let script =
                    format!("set -o pipefail; '{program}' {command} {closed}; exit ${{PIPESTATUS[0]}}");
                let output = std::process::Command::new("bash")
                    .args(["-c", &script])
                    .current_dir(test.path())
                    .output()
                    .expect("bash runs");
                assert_eq!(output.status.code(), Some(code), "{command} {closed}: {output:?}");
            }
        },
    );
}

#[test]
fn what_nests_too_deep_is_refused_by_every_command() {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(50_000), close.repeat(50_000));
    let test = TestDir::new()
        .file("ok.json", r#"{"id": "/a", "cmd": "sleep 1"}"#)
        .file("env.json", format!(r#"{{"id": "/a", "cmd": "sleep 1", "env": {}}}"#, deep(r#"{"env": "#, "}")))
        .file(
            "labels.json",
            format!(r#"{{"apps": [{{"id": "/a", "version": "x", "labels": {}}}]}}"#, deep("[", "]")),
        )
        .file(
            "comment.jsonc",
            format!(r#"{{"id": "/a", "cmd": "sleep 1", "z": {}}}"#, deep(r#"{"a": "#, "}")),
        );
    each_case(["env.json", "labels.json", "comment.jsonc"], |name| {
        for args in [
            &["normalize", name][..],
            &["export", "--from", name],
            &["diff", "ok.json", name],
            &["fmt", "--check", name],
            &["convert", "--to", "yaml", name],
            &["wire", "--archive", "file:///x.tgz", name],
            &["migrate", "--to", "1.11", "--kind", "app", name],
        ] {
            let output = test.run(args);
            assert!(
                output.starts_with("exit: 2\n") && output.contains("nested deeper than 1000 levels"),
                "{args:?}: {output:.300}"
            );
        }
    });
    let path = format!("{}b=1", "a.".repeat(40_000));
    let output = test.run(&["render", "ok.json", "--set", &path]);
    assert!(output.starts_with("exit: 2\n") && output.len() < 2_000, "{output:.300}");
}

#[test]
fn a_long_name_is_no_width() {
    let name = "v".repeat(70_000);
    let auth = "dTpw";
    let test = TestDir::new()
        .file(
            "c.json",
            format!(r#"{{"auths": {{"{name}": {{"auth": "{auth}"}}, "r.example": {{"auth": "{auth}"}}}}}}"#),
        )
        .file("v.json.j2", format!(r#"{{"id": {{{{ {name} }}}}, "cmd": {{{{ x|default("{name}") }}}}}}"#));
    each_case(
        [&["creds", "show", "--config", "c.json"][..], &["render", "v.json.j2", "--list-variables"]],
        |args| {
            let output = test.run(args);
            assert!(!output.starts_with("exit: killed") && !output.contains("panicked"), "{output:.300}");
        },
    );
}

/// What a word processor made of quotes and spaces has one right spelling.
#[test]
fn typographic_quotes_and_spaces_are_fixed() {
    let odd =
        "{\n  \u{201c}id\u{201d}: \u{201c}/a\u{201d},\n\u{a0}\u{a0}\"cmd\": \"say \u{201c}hi\u{201d}\"\n}\n";
    let plain = "{\n  \"id\": \"/a\",\n  \"cmd\": \"say \u{201c}hi\u{201d}\"\n}\n";
    let open = "{\n  \u{201c}id: 1,\n}\n";
    let test = TestDir::new().file("a.json", odd).file("open.json", open);
    let said = test.run(&["lint", "a.json", "--format", "json"]);
    assert!(said.contains(r#""title":"write plain quotes and spaces""#), "{said}");
    let said = test.run(&["lint", "--fix", "a.json"]);
    assert!(said.starts_with("exit: 0\n"), "{said}");
    assert_eq!(test.read("a.json"), plain);
    let said = test.run(&["lint", "--fix", "open.json"]);
    assert!(said.starts_with("exit: 1\n"), "{said}");
    assert_eq!(test.read("open.json"), open);
}

/// Settings, schemas, values and credentials are shown as definitions are, and of what may be a secret only the punctuation.
#[test]
fn other_files_are_shown_with_the_line_at_fault() {
    let test = TestDir::new()
        .file("app.json", "{\"id\": \"/a\", \"cmd\": \"sleep 1\"}")
        .file("app.json.j2", "{\"id\": \"/{{ name }}\", \"cmd\": \"sleep 1\"}")
        .file("policy.json", "{\n  \"required\": [\"labels\"],\n}\n")
        .file("no-schema.json", "{\n  \"type\": \"objekt\"\n}\n")
        .file("baseline.json", "{\n  \"version\": 1,\n  \"findings\": [}\n}\n")
        .file("bad.toml", "[target]\nrelease = \n")
        .file("values.yaml", "name: letmein1\n  password: [letmein2\n")
        .file("list.json", "[\n  \"letmein1\"\n]\n")
        .file("creds.json", "{\n  \"auths\": {\"a.example\": {\"auth\": letmein1}}\n}\n")
        .file("no-creds.json", "{\n  \"auths\": [\"letmein1\"]\n}\n");
    let runs = [
        &["lint", "app.json", "--policy", "policy.json"][..],
        &["lint", "app.json", "--policy", "no-schema.json"],
        &["lint", "app.json", "--baseline", "baseline.json"],
        &["lint", "app.json", "--config", "bad.toml"],
        &["render", "app.json.j2", "-f", "values.yaml"],
        &["render", "app.json.j2", "-f", "list.json"],
        &["creds", "import", "creds.json", "-o", "out.json"],
        &["creds", "import", "no-creds.json", "-o", "out.json"],
    ];
    let said: Vec<String> = runs.iter().map(|args| test.run(args)).collect();
    let said = said.join("\n");
    assert!(!said.contains("letmein"), "{said}");
    insta::assert_snapshot!(said);
}
