//! The bodies of requests.

use serde_json::Value as Json;

use crate::schema::SCHEMA_FIELD;
use crate::source::json_text::{self, JsonSpelling};
use crate::source::{Document, Format, Value};

/// The body to send: the text as it is where that is JSON, otherwise converted to JSON. The name of a schema is for
/// editors and is left out.
pub(crate) fn json_of(document: &Document) -> String {
    let root = document.root();
    if document.format() == Format::Json && root.get(SCHEMA_FIELD).is_none() {
        return document.text().to_owned();
    }
    json_text::compact(root, &SentBody { root: root.node_id() })
}

/// A part of a document as a body, with these members at its top instead of its own.
pub(super) fn with_members(value: Value<'_>, members: Vec<(&str, Json)>) -> String {
    let mut json = value.to_json();
    if let Some(object) = json.as_object_mut() {
        object.shift_remove(SCHEMA_FIELD);
        for (name, member) in members {
            object.insert(name.to_owned(), member);
        }
    }
    json.to_string()
}

/// A request's body: as written (through doubles, numbers would lose their spelling), without the name of a schema.
struct SentBody {
    root: u32,
}

impl JsonSpelling for SentBody {
    fn members<'a>(&self, object: Value<'a>) -> Vec<(Value<'a>, Value<'a>)> {
        let is_root = object.node_id() == self.root;
        object.members().filter(|(name, _)| !(is_root && name.is_str(SCHEMA_FIELD))).collect()
    }
}
