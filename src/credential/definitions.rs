//! The definitions in a document.

use std::ops::Range;

use crate::source::{Document, Kind, Pointer, ServiceNode, Step, Value, services};

/// One app or pod, and where it stands.
pub(super) struct Definition<'a> {
    pub(super) is_pod: bool,
    pub(super) pointer: Pointer,
    pub(super) value: Value<'a>,
}

impl<'a> Definition<'a> {
    /// What to call it in a message: `app "/shop/web"`, as it is written.
    pub(super) fn name(&self) -> String {
        let noun = if self.is_pod { "pod" } else { "app" };
        match self.value.get("id").and_then(|id| id.as_str()) {
            Some(id) => format!("{noun} \"{id}\""),
            None => format!("the {noun} without an id"),
        }
    }

    /// The bytes to underline when the whole of it is meant: its id, or else its opening brace.
    pub(super) fn place(&self) -> Range<usize> {
        let start = self.value.range().start;
        self.value.get("id").map_or(start..start + 1, |id| id.range())
    }

    /// The way from here to a place in it that is told from the root.
    pub(super) fn way_to<'p>(&self, pointer: &'p Pointer) -> &'p [Step] {
        pointer.steps().get(self.pointer.steps().len()..).unwrap_or_default()
    }

    /// The member `name`, unless it is missing or `null`, which Marathon takes for missing.
    pub(super) fn get(&self, name: &str) -> Option<Value<'a>> {
        get(&self.value, name)
    }
}

/// The member `name`, unless it is missing or `null`, which Marathon takes for missing.
pub(super) fn get<'a>(object: &Value<'a>, name: &str) -> Option<Value<'a>> {
    object.get(name).filter(|value| !value.is_null())
}

/// The bytes of a member's key, to underline without what may be many lines of value.
pub(super) fn key_range(object: &Value<'_>, name: &str) -> Range<usize> {
    object.member(name).map_or(object.range().start..object.range().start + 1, |(key, _)| key.range())
}

/// All definitions of the document in the order of the text. Groups are walked to any depth; their `pods` are not,
/// because Marathon ignores them.
pub(super) fn definitions(document: &Document, kind: Kind) -> Vec<Definition<'_>> {
    let is_pod = kind == Kind::Pod;
    services(document.root(), kind, (), |_, ()| ())
        .into_iter()
        .map(|ServiceNode { value, pointer, .. }| Definition { is_pod, pointer, value })
        .collect()
}
