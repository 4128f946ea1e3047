//! Changing a JSON or JSONC text at one place, with every other byte left as it is. What is put in takes on the layout
//! of its neighbours: indentation, line breaks, the space after a colon.

mod layout;
mod planner;

use std::ops::Range;

use serde_json::Value as Json;

use super::document::Document;
use super::pointer::Pointer;
use super::syntax::SyntaxError;
use super::tree::Format;

pub(crate) use planner::EditPlanner;

/// One replacement of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The bytes to replace; empty for an insertion.
    pub range: Range<usize>,
    /// What to put there.
    pub replacement: String,
}

impl Edit {
    pub(super) fn insert(at: usize, replacement: impl Into<String>) -> Self {
        Self { range: at..at, replacement: replacement.into() }
    }

    pub(super) fn remove(range: Range<usize>) -> Self {
        Self { range, replacement: String::new() }
    }

    /// Applies edits that do not overlap; insertions at one offset keep their order.
    #[must_use]
    pub fn apply(text: &str, edits: &[Self]) -> String {
        let mut sorted: Vec<&Self> = edits.iter().collect();
        sorted.sort_by_key(|edit| (edit.range.start, edit.range.end));
        let mut out = String::with_capacity(text.len() + 64);
        let mut at = 0;
        for edit in sorted {
            debug_assert!(at <= edit.range.start, "edits overlap");
            out.push_str(&text[at..edit.range.start]);
            out.push_str(&edit.replacement);
            at = edit.range.end;
        }
        out.push_str(&text[at..]);
        out
    }
}

/// Why an edit cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The pointer's parent does not exist, or is not a container of that kind.
    #[error("there is no place for {0} in this document")]
    NoPlace(Pointer),
    /// YAML is not edited in place.
    #[error("a YAML file cannot be edited in place yet; convert it to JSON first")]
    Yaml,
    /// The edited text does not parse: a defect of milepost, caught before anything is written.
    #[error("internal error: the edited text is broken: {0}")]
    Broken(#[from] SyntaxError),
}

/// A document being changed step by step.
#[derive(Clone, Debug)]
pub struct Editor {
    document: Document,
}

impl Editor {
    /// Starts from a document.
    ///
    /// # Errors
    /// For YAML, which is not edited in place.
    pub fn new(document: Document) -> Result<Self, EditError> {
        if document.format() == Format::Yaml {
            return Err(EditError::Yaml);
        }
        Ok(Self { document })
    }

    /// The document with the changes so far.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The changed document.
    #[must_use]
    pub fn into_document(self) -> Document {
        self.document
    }

    fn apply(&mut self, edits: &[Edit]) -> Result<(), EditError> {
        if !edits.is_empty() {
            let text = Edit::apply(self.document.text(), edits);
            self.document = Document::parse(text, self.document.format())?;
        }
        Ok(())
    }

    /// Sets the value at `pointer`: replaces it, or adds the member at the end of its object. An equal value keeps its
    /// spelling.
    ///
    /// # Errors
    /// When the object that would hold it does not exist.
    pub fn set(&mut self, pointer: &Pointer, value: &Json) -> Result<(), EditError> {
        let edits = EditPlanner::new(&self.document).set(self.document.root(), pointer.steps(), value);
        self.apply(&edits.ok_or_else(|| EditError::NoPlace(pointer.clone()))?)
    }

    /// Removes the member or element at `pointer`, with its comma; does nothing when it does not exist.
    ///
    /// # Errors
    /// When the pointer is the root.
    pub fn remove(&mut self, pointer: &Pointer) -> Result<(), EditError> {
        let edits = EditPlanner::new(&self.document).remove(self.document.root(), pointer.steps());
        self.apply(&edits.ok_or_else(|| EditError::NoPlace(pointer.clone()))?)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn edit(text: &str, change: impl FnOnce(&mut Editor)) -> String {
        let format = if text.contains("//") { Format::Jsonc } else { Format::Json };
        let mut editor = Editor::new(Document::parse(text, format).expect(text)).expect("JSON");
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
        assert_eq!(
            set("{\"id\":\"/a\"}", &at("fetch"), &fetch),
            "{\"id\":\"/a\",\"fetch\":[{\"uri\":\"x\"}]}"
        );
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
        assert_eq!(
            set("{\n  \"a\": 1 // one\n}", &at("b"), &json!(2)),
            "{\n  \"a\": 1, // one\n  \"b\": 2\n}"
        );
        assert_eq!(
            set("{\n  \"a\": 1, // one\n}", &at("b"), &json!(2)),
            "{\n  \"a\": 1, // one\n  \"b\": 2,\n}"
        );
        let text = "{\n  \"a\": 1,\n  // two\n  \"b\": 2\n}";
        assert_eq!(
            edit(text, |editor| editor.remove(&at("a")).expect("removed")),
            "{\n  // two\n  \"b\": 2\n}"
        );
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
}
