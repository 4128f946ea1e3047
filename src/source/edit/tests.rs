//! Edits of JSON texts.

use serde_json::json;

use super::super::notation::Format;
use super::*;

fn edit(text: &str, change: impl FnOnce(&mut Editor)) -> String {
    let format = if text.contains("//") { Format::Jsonc } else { Format::Json };
    let mut editor = Editor::new(Document::parse(text, format).expect(text));
    change(&mut editor);
    editor.into_document().text().to_owned()
}

fn set(text: &str, pointer: &Pointer, value: &Json) -> String {
    edit(text, |editor| editor.set(pointer, value).expect("there is a place"))
}

fn at(name: &str) -> Pointer {
    Pointer::root().key(name)
}

#[test]
fn a_new_member_takes_on_the_layout_of_its_neighbours() {
    let fetch = json!([{"uri": "x"}]);
    assert_eq!(
        set("{\n    \"id\": \"/a\"\n}\n", &at("fetch"), &fetch),
        "{\n    \"id\": \"/a\",\n    \"fetch\": [\n        {\n            \"uri\": \"x\"\n        }\n    ]\n}\n"
    );
    assert_eq!(set("{\"id\":\"/a\"}", &at("fetch"), &fetch), "{\"id\":\"/a\",\"fetch\":[{\"uri\":\"x\"}]}");
    assert_eq!(
        set("{ \"id\": \"/a\" }", &at("fetch"), &fetch),
        "{ \"id\": \"/a\", \"fetch\": [{ \"uri\": \"x\" }] }"
    );
    assert_eq!(set("{\r\n\t\"id\": 1\r\n}", &at("b"), &json!(2)), "{\r\n\t\"id\": 1,\r\n\t\"b\": 2\r\n}");
    assert_eq!(set("{}", &at("b"), &json!(2)), "{ \"b\": 2 }");
    assert_eq!(
        set("{\n  \"a\": {}\n}", &at("a").key("b"), &json!([1, 2])),
        "{\n  \"a\": {\n    \"b\": [1, 2]\n  }\n}"
    );
}

#[test]
fn comments_stay_with_what_they_are_about() {
    assert_eq!(set("{\n  \"a\": 1 // one\n}", &at("b"), &json!(2)), "{\n  \"a\": 1, // one\n  \"b\": 2\n}");
    assert_eq!(set("{\n  \"a\": 1, // one\n}", &at("b"), &json!(2)), "{\n  \"a\": 1, // one\n  \"b\": 2,\n}");
    let text = "{\n  \"a\": 1,\n  // two\n  \"b\": 2\n}";
    assert_eq!(edit(text, |editor| editor.remove(&at("a")).expect("removed")), "{\n  // two\n  \"b\": 2\n}");
}

#[test]
fn removing_takes_the_comma_along() {
    let remove = |text: &str, pointer: Pointer| edit(text, |e| e.remove(&pointer).expect("removed"));
    assert_eq!(remove("{\n  \"a\": 1,\n  \"b\": 2\n}", at("a")), "{\n  \"b\": 2\n}");
    assert_eq!(remove("{\n  \"a\": 1,\n  \"b\": 2\n}", at("b")), "{\n  \"a\": 1\n}");
    assert_eq!(remove("{\"a\": [1, 2, 3]}", at("a").index(1)), "{\"a\": [1, 3]}");
    assert_eq!(remove("{\"a\": 1}", at("a")), "{}");
    assert_eq!(remove("{\"a\": 1, \"b\": 2, \"a\": 3}", at("a")), "{\"b\": 2}");
    assert_eq!(remove("{\"a\": 1}", at("z")), "{\"a\": 1}");
    assert_eq!(remove("{\"b\": 1, \"a\": 2, \"a\": 3}", at("a")), "{\"b\": 1}");
    assert_eq!(remove("{\"a\": 1, \"a\": 2, \"b\": 3, \"a\": 4}", at("a")), "{\"b\": 3}");
    assert_eq!(remove("{\"a\": 1, // one\n}", at("a")), "{ // one\n}");
}

#[test]
fn an_equal_value_keeps_its_spelling() {
    assert_eq!(set("{\"cpus\": 1.50}", &at("cpus"), &json!(1.5)), "{\"cpus\": 1.50}");
    assert_eq!(set("{\"cpus\": 1.50}", &at("cpus"), &json!(2)), "{\"cpus\": 2}");
}
