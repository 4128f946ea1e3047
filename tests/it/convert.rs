//! `milepost convert`: the same value in the other notation.

use milepost::format;
use milepost::source::{Document, Format};

use super::common::{TestDir, each_case};
use super::verdicts::records;

#[test]
fn there_and_back_is_the_same_value() {
    let mut count = 0;
    each_case(records(), |record| {
        let Ok(document) = Document::parse(record.text, Format::Json) else { return };
        let Ok(yaml) = format::convert(&document, Format::Yaml) else { return };
        let yaml = Document::parse(yaml.text, Format::Yaml).expect("it is YAML");
        let json = format::convert(&yaml, Format::Json).expect("it was JSON");
        let json = Document::parse(json.text, Format::Json).expect("it is JSON");
        assert_eq!(json.root().to_json(), document.root().to_json(), "{}", record.id);
        count += 1;
    });
    assert!(count > 500, "{count} are too few to show anything");
}

#[test]
fn strings_stay_strings_and_comments_go_along() {
    let test = TestDir::new().fixture("fmt/strings.jsonc").fixture("fmt/comments.yaml");
    insta::assert_snapshot!(test.run(&["convert", "strings.jsonc", "--to", "yaml"]));
    insta::assert_snapshot!(test.run(&["convert", "strings.jsonc", "--to", "json"]));
    insta::assert_snapshot!(test.run(&["convert", "comments.yaml", "--to", "jsonc"]));
}

#[test]
fn files_go_into_a_directory_and_replace_nothing_unasked() {
    let test = TestDir::new().file("a.json", "{\"id\": \"/a\"}").file("b.jsonc", "[1, true, null]");
    insta::assert_snapshot!(test.run(&["convert", "a.json", "b.jsonc", "--to", "yaml"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: several files need a directory to write to: name it with -o
    ");
    insta::assert_snapshot!(test.run(&["convert", "a.json", "b.jsonc", "--to", "yaml", "-o", "out/"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    wrote out/a.yaml
    wrote out/b.yaml
    ");
    assert_eq!(test.read("out/a.yaml"), "id: /a\n");
    assert_eq!(test.read("out/b.yaml"), "- 1\n- true\n- null\n");
    insta::assert_snapshot!(test.run(&["convert", "a.json", "--to", "yaml", "-o", "out"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: out/a.yaml exists: --force replaces it
    ");
    insta::assert_snapshot!(test.run(&["convert", "a.json", "--to", "yaml", "-o", "out", "--force"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    wrote out/a.yaml
    ");
}

#[test]
fn what_the_other_notation_cannot_hold_is_rejected() {
    let test = TestDir::new();
    insta::assert_snapshot!(test.run_with_stdin(&["convert", "-", "--to", "yaml"], r#"{"a": 1, "\u0061": 2}"#), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `a` occurs twice in this object; remove the first one, which does not count; nothing is written
     --> -:1:10
      |
    1 | {"a": 1, "\u0061": 2}
      |          ^
    "#);
    insta::assert_snapshot!(test.run_with_stdin(&["convert", "-", "--to", "yaml"], r#"{"a": "\ud800"}"#), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: half a character (a lone surrogate), which only JSON's escapes can hold; nothing is written
     --> -:1:7
      |
    1 | {"a": "\ud800"}
      |       ^
    "#);
}

#[test]
fn a_directory_keeps_its_shape_and_only_definitions_are_converted() {
    let test = TestDir::new()
        .file("all/dev/web.json", r#"{"id": "/web", "cmd": "a"}"#)
        .file("all/prod/web.json", r#"{"id": "/web", "cmd": "b"}"#)
        .file("all/old.yaml", "id: /old\ncmd: c\n")
        .file("all/package.json", r#"{"name": "left-pad"}"#)
        .file("all/broken.json", "{");
    let told = test.run(&["convert", "all", "--to", "yaml", "-o", "out/"]);
    assert!(told.starts_with("exit: 0"), "{told}");
    assert_eq!(test.read("out/dev/web.yaml"), "id: /web\ncmd: a\n");
    assert_eq!(test.read("out/prod/web.yaml"), "id: /web\ncmd: b\n");
    assert!(!test.path().join("out/old.yaml").exists() && !test.path().join("out/package.yaml").exists());
    let without = test.run(&["convert", "all", "--to", "yaml"]);
    assert!(without.contains("several files need a directory"), "{without}");
}

/// What is broken is named, each file of it, and does not keep the others from being converted.
#[test]
fn broken_files_do_not_keep_the_others_from_being_converted() {
    let test = TestDir::new()
        .file("all/a.json", r#"{"id": "/a", "cmd": "a"}"#)
        .file("all/b.json", r#"{"id": "/b", "cmd": "#)
        .file("all/c.json", r#"{"id": "/c", "cmd": "c"}"#)
        .file("all/d.json", r#"{"id": "/d", "cmd": "d"} {}"#);
    for args in [&["all"][..], &["all/a.json", "all/b.json", "all/c.json", "all/d.json"]] {
        let told = test.run(&[&["convert", "--to", "yaml", "--force", "-o", "out/"], args].concat());
        assert!(told.starts_with("exit: 2") && told.contains("b.json") && told.contains("d.json"), "{told}");
        assert_eq!(test.read("out/a.yaml"), "id: /a\ncmd: a\n");
        assert_eq!(test.read("out/c.yaml"), "id: /c\ncmd: c\n");
        assert!(!test.path().join("out/b.yaml").exists());
    }
}

/// Every name and every comment comes back: quoted or escaped where YAML would take it for something else.
#[test]
fn odd_names_and_comments_come_back() {
    let json = r#"{"id": "/a", "env": {"<<": "a", "=": "b", "~": "c", "A": "<<", "null": "d"}, "labels": {"<<": "x"}}"#;
    let test = TestDir::new().file("a.json", json);
    assert!(test.run(&["convert", "a.json", "--to", "yaml", "-o", "a.yaml"]).starts_with("exit: 0\n"));
    assert!(test.read("a.yaml").contains("  \"<<\": a\n"), "{}", test.read("a.yaml"));
    let back = test.command(&["convert", "a.yaml", "--to", "json"]).output().expect("it runs");
    let value = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).expect("JSON");
    assert_eq!(value(&back.stdout), value(json.as_bytes()));
    assert!(test.run(&["lint", "a.yaml"]).contains("checked 1 file"));
    assert!(!test.run(&["lint", "a.yaml"]).contains("syntax-error"));
    // In YAML itself only a plain one merges.
    let merged = "x: &x\n  b: c\nid: /a\nenv:\n  <<: *x\n  \"<<\": d\n  '<<e': f\n";
    let test = TestDir::new().file("m.yaml", merged);
    let json = test.command(&["convert", "m.yaml", "--to", "json"]).output().expect("it runs");
    assert_eq!(value(&json.stdout)["env"], serde_json::json!({"b": "c", "<<": "d", "<<e": "f"}));
    each_case(
        [
            ("// x\u{7f}y", "# x\\u007Fy"),
            ("// e\u{1b}[31mz", "# e\\u001B[31mz"),
            ("/* a\u{85}b\u{2028}c */", "# a\\u0085b\\u2028c"),
            ("/* a\u{0}b */", "# a\\u0000b"),
            ("// tab\there", "# tab\there"),
        ],
        |(comment, written)| {
            for text in [
                format!("{{\n  {comment}\n  \"id\": \"/a\", \"cmd\": \"x\"\n}}"),
                format!("{{\n  \"id\": \"/a\", \"cmd\": \"x\" {comment}\n}}"),
            ] {
                let test = TestDir::new().file("a.jsonc", &text);
                let said = test.run(&["convert", "a.jsonc", "--to", "yaml", "-o", "a.yaml"]);
                assert!(said.starts_with("exit: 0\n"), "{comment:?}: {said}");
                let yaml = test.read("a.yaml");
                assert!(yaml.contains(written), "{comment:?}: {yaml:?}");
                assert!(test.run(&["fmt", "--check", "a.yaml"]).starts_with("exit: 0\n"), "{yaml:?}");
            }
        },
    );
}
