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
    insta::assert_snapshot!(test.run_with_stdin(&["convert", "-", "--to", "yaml"], r#"{"a": 1, "\u0061": 2}"#), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: -:1:10: `a` occurs twice in this object; remove the first one, which does not count; nothing is written
    ");
    insta::assert_snapshot!(test.run_with_stdin(&["convert", "-", "--to", "yaml"], r#"{"a": "\ud800"}"#), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: -:1:7: half a character (a lone surrogate), which only JSON's escapes can hold; nothing is written
    ");
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
