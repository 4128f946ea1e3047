//! YAML is edited where JSON is: by `wire`, `migrate` and `lint --fix`, with comments and layout kept.

mod commands;
mod random;

use milepost::source::{Document, EditError, Editor, Format, Pointer};
use serde_json::{Value, json};

use super::common::each_case;

/// The text after a change.
fn edited(
    text: &str,
    change: impl FnOnce(&mut Editor) -> Result<(), EditError>,
) -> Result<String, EditError> {
    let mut editor = Editor::new(Document::parse(text, Format::Yaml).expect(text));
    change(&mut editor)?;
    Ok(editor.into_document().text().to_owned())
}

fn pointer(text: &str) -> Pointer {
    let steps = text.split('/').skip(1);
    steps.fold(Pointer::root(), |pointer, step| match step.parse() {
        Ok(index) => pointer.index(index),
        Err(_) => pointer.key(step),
    })
}

#[test]
fn a_value_takes_on_the_layout_of_the_one_it_replaces() {
    let cases: Vec<(&str, &str, Value, &str)> = vec![
        ("a: 1 # one\nb: 2\n", "/a", json!(3), "a: 3 # one\nb: 2\n"),
        ("a: 1.50\n", "/a", json!(1.5), "a: 1.50\n"),
        ("a: 'x'\nb: \"x\"\nc: x\n", "/a", json!("it's"), "a: 'it''s'\nb: \"x\"\nc: x\n"),
        ("a: 'x'\nb: \"x\"\nc: x\n", "/b", json!("y"), "a: 'x'\nb: \"y\"\nc: x\n"),
        ("a: 'x'\nb: \"x\"\nc: x\n", "/c", json!("yes"), "a: 'x'\nb: \"x\"\nc: \"yes\"\n"),
        ("a:\nb: 2\n", "/a", json!("x"), "a: x\nb: 2\n"),
        ("a: # none\nb: 2\n", "/a", json!("x"), "a: x # none\nb: 2\n"),
        ("-\n- 2\n", "/0", json!(1), "- 1\n- 2\n"),
        (
            "a: x # one\nb: 2\n",
            "/a",
            json!({"c": [1, {"d": 2, "e": []}]}),
            "a: # one\n  c:\n    - 1\n    - d: 2\n      e: []\nb: 2\n",
        ),
        ("a:\n    c: 1\nb: 2\n", "/b", json!({"c": 1}), "a:\n    c: 1\nb:\n    c: 1\n"),
        ("a:\n- 1\n# two\n- 2\nb: 2\n", "/a", json!([3]), "a:\n- 3\nb: 2\n"),
        ("a:\n- 1\nb: 2\n", "/b", json!([3]), "a:\n- 1\nb:\n- 3\n"),
        ("a:\n  # about b\n  b: 1\nc: 2\n", "/a", json!("x"), "a: x\n  # about b\nc: 2\n"),
        ("a: |\n  one\n  two\n\nb: 2\n", "/a", json!("x"), "a: x\n\nb: 2\n"),
        ("a: | # text\n  one\nb: 2\n", "/a", json!("x"), "a: x # text\nb: 2\n"),
        ("a: [1, 2] # list\nb: 2\n", "/a", json!([3]), "a: [3] # list\nb: 2\n"),
        ("- a: 1\n  b: 2\n- x\n", "/0", json!({"c": 3, "d": 4}), "- c: 3\n  d: 4\n- x\n"),
        ("- x # it\n", "/0", json!({"c": 3, "d": 4}), "- c: 3\n  d: 4 # it\n"),
        ("a: !!str 5 # tag\n", "/a", json!(6), "a: 6 # tag\n"),
        ("a: 1\r\nb:\r\n  c: 2\r\n", "/b", json!({"d": [3]}), "a: 1\r\nb:\r\n  d:\r\n    - 3\r\n"),
    ];
    each_case(cases, |(text, at, value, wanted)| {
        let text_now = edited(text, |editor| editor.set(&pointer(at), &value)).expect(text);
        assert_eq!(text_now, wanted, "{text}{at}");
    });
}

#[test]
fn new_entries_take_on_the_layout_of_their_neighbours() {
    let cases: Vec<(&str, &str, Value, &str)> = vec![
        ("a: 1\n", "/b", json!(2), "a: 1\nb: 2\n"),
        ("a: 1", "/b", json!(2), "a: 1\nb: 2"),
        ("a: 1 # one\n\n# end\n", "/b", json!([{"uri": "x"}]), "a: 1 # one\nb:\n  - uri: x\n\n# end\n"),
        (
            "a:\n    b:\n        c: 1\nd: 2\n",
            "/a/e",
            json!({"f": 1}),
            "a:\n    b:\n        c: 1\n    e:\n        f: 1\nd: 2\n",
        ),
        ("a: |\n  text\n\nb: >-\n  more\n", "/c", json!(1), "a: |\n  text\n\nb: >-\n  more\nc: 1\n"),
        ("a: {}\n", "/a/b", json!(1), "a:\n  b: 1\n"),
        ("a: {} # none\nc: 1\n", "/a/b", json!([1]), "a: # none\n  b:\n    - 1\nc: 1\n"),
        ("- {}\n- x\n", "/0/b", json!(1), "- b: 1\n- x\n"),
        ("a: {b: 1}\n", "/a/c", json!("x"), "a: {b: 1, c: x}\n"),
        ("a: {'b': 1, }\n", "/a/c", json!("x"), "a: {'b': 1, 'c': x, }\n"),
        ("a: {\n  b: 1 # one\n}\n", "/a/c", json!("x"), "a: {\n  b: 1, # one\n  c: x\n}\n"),
        ("\"a\": 1\n", "/b", json!(2), "\"a\": 1\n\"b\": 2\n"),
        (
            "{\n  \"a\": 1\n}\n",
            "/b",
            json!({"c": [1]}),
            "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": [1]\n  }\n}\n",
        ),
        ("{\"a\":1}", "/b", json!({"c": 1}), "{\"a\":1,\"b\":{\"c\":1}}"),
        ("---\na: 1\n...\n", "/b", json!(2), "---\na: 1\nb: 2\n...\n"),
    ];
    each_case(cases, |(text, at, value, wanted)| {
        let text_now = edited(text, |editor| editor.set(&pointer(at), &value)).expect(text);
        assert_eq!(text_now, wanted, "{text}{at}");
    });
    let cases: Vec<(&str, &str, Value, &str)> = vec![
        ("a:\n- 1\nb: 2\n", "/a", json!({"c": 1, "d": 2}), "a:\n- 1\n- c: 1\n  d: 2\nb: 2\n"),
        ("a:\n  - x: 1\n    y: 2 # two\n", "/a", json!("z"), "a:\n  - x: 1\n    y: 2 # two\n  - z\n"),
        ("a: []\n", "/a", json!({"c": 1}), "a:\n  - c: 1\n"),
        ("a: [1, 2]\n", "/a", json!({"c": 1}), "a: [1, 2, {c: 1}]\n"),
    ];
    each_case(cases, |(text, at, value, wanted)| {
        let text_now = edited(text, |editor| editor.push(&pointer(at), &value)).expect(text);
        assert_eq!(text_now, wanted, "{text}{at}");
    });
}

#[test]
fn removed_entries_take_their_lines_along_and_leave_comments() {
    let cases = [
        ("a: 1\nb: 2\nc: 3\n", "/b", "a: 1\nc: 3\n"),
        ("a: 1\nb: 2\n", "/a", "b: 2\n"),
        ("a: 1\nb: 2", "/b", "a: 1"),
        ("a: 1\n# about b\nb: # two\n  c: 1\n# about d\nd: 4\n", "/b", "a: 1\n# about b\n# about d\nd: 4\n"),
        ("a: 1\nb: 2 # two\nc: 3\n", "/b", "a: 1\n# two\nc: 3\n"),
        ("a:\n  b: 1\nc: 3\n", "/a/b", "a: {}\nc: 3\n"),
        ("a: # all\n- 1\nc: 3\n", "/a/0", "a: [] # all\nc: 3\n"),
        ("- a: 1\n  b: 2\n- c\n", "/0/a", "- b: 2\n- c\n"),
        ("- a: 1 # one\n  b: 2\n- c\n", "/0/a", "- # one\n  b: 2\n- c\n"),
        ("- a: 1\n- c\n", "/0/a", "- {}\n- c\n"),
        ("- a\n- b\n- c\n", "/1", "- a\n- c\n"),
        ("a: {b: 1, c: 2} # x\n", "/a/b", "a: {c: 2} # x\n"),
        ("a: {b: 1, c: 2} # x\n", "/a/c", "a: {b: 1} # x\n"),
        ("a: |\n  x\nb: |+\n  y\n\nc: 1\n", "/b", "a: |\n  x\nc: 1\n"),
        ("a: 1\n", "/z", "a: 1\n"),
    ];
    each_case(cases, |(text, at, wanted)| {
        let text_now = edited(text, |editor| editor.remove(&pointer(at))).expect(text);
        assert_eq!(text_now, wanted, "{text}{at}");
    });
}

#[test]
fn moved_values_stay_as_they_are_written() {
    let cases = [
        (
            "a:\n  b: # it\n    - 0x10 # hex\n    - 'q'\n  x: 1\nc:\n    d: 1\n",
            "/a/b",
            "/c/b",
            "a:\n  x: 1\nc:\n    d: 1\n    b: # it\n      - 0x10 # hex\n      - 'q'\n",
        ),
        (
            "a:\n  b: |\n    one\n      two\nc: {}\n",
            "/a/b",
            "/c/t",
            "a: {}\nc:\n  t: |\n    one\n      two\n",
        ),
        ("a: '1'\nc: {d: 1}\n", "/a", "/c/e", "c: {d: 1, e: \"1\"}\n"),
        ("c:\n  d: {x: 0x1} # flow\n", "/c/d", "/d", "c: {} # flow\nd: {x: 0x1}\n"),
    ];
    each_case(cases, |(text, from, to, wanted)| {
        let change = |editor: &mut Editor| editor.relocate(&pointer(from), &pointer(to));
        let Ok(now) = edited(text, change) else { panic!("{text} is not edited") };
        assert_eq!(now, wanted, "{text}{from}");
    });
}

#[test]
fn what_aliases_and_merge_keys_share_is_changed_where_that_is_meant_and_nowhere_else() {
    let text = "base: &b\n  cpus: 1\napps:\n- <<: *b\n  id: /a\n- id: /b\n  env: *b\n";
    let set = |at: &str, value: Value| edited(text, |editor| editor.set(&pointer(at), &value));
    // An alias is replaced, and what a merge key adds is overridden.
    assert_eq!(set("/apps/1/env", json!("x")).expect("edited"), text.replace("env: *b", "env: x"));
    assert_eq!(
        set("/apps/0/cpus", json!(2)).expect("edited"),
        text.replace("id: /a\n", "id: /a\n  cpus: 2\n")
    );
    assert_eq!(set("/apps/0/mem", json!(2)).expect("edited"), text.replace("id: /a\n", "id: /a\n  mem: 2\n"));
    // What is written once and read several times cannot be changed for one of them.
    for (at, value) in
        [("/base/cpus", json!(2)), ("/apps/1/env/cpus", json!(2)), ("/apps/1/env/mem", json!(2))]
    {
        let error = set(at, value).expect_err(at);
        assert!(matches!(error, EditError::Yaml { .. }), "{error}");
    }
    let removed = edited(text, |editor| editor.remove(&pointer("/apps/0/cpus"))).expect_err("not its own");
    assert_eq!(removed.to_string(), "this YAML cannot be edited there: a merge key adds it");
    let explicit = edited("? a\n: 1\n", |editor| editor.set(&pointer("/a"), &json!(2)));
    assert!(explicit.is_err() || explicit.is_ok_and(|text| text == "? a\n: 2\n"));
}
