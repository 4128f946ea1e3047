//! The definitions in a document.

use std::ops::Range;

use crate::source::{Document, Kind, Pointer, ServiceNode, Step, Value, services};

/// One app or pod with its pointer.
pub(super) struct LocatedService<'a> {
    pub(super) is_pod: bool,
    pub(super) pointer: Pointer,
    pub(super) value: Value<'a>,
}

impl<'a> LocatedService<'a> {
    /// Its name in messages: `app "/shop/web"`, as it is written.
    pub(super) fn name(&self) -> String {
        let noun = if self.is_pod { "pod" } else { "app" };
        match self.value.get("id").and_then(|id| id.as_str()) {
            Some(id) => format!("{noun} \"{id}\""),
            None => format!("the {noun} without an id"),
        }
    }

    /// The bytes to underline for the whole definition: its id, or else its opening brace.
    pub(super) fn place(&self) -> Range<usize> {
        let start = self.value.range().start;
        self.value.get("id").map_or(start..start + 1, |id| id.range())
    }

    /// The steps from the definition to a place in it, from a pointer of the document.
    pub(super) fn way_to<'p>(&self, pointer: &'p Pointer) -> &'p [Step] {
        pointer.steps().get(self.pointer.steps().len()..).unwrap_or_default()
    }

    /// The member `name`; `None` also for `null`, which means the same to Marathon.
    pub(super) fn get(&self, name: &str) -> Option<Value<'a>> {
        get(&self.value, name)
    }
}

/// The member `name`; `None` also for `null`, which means the same to Marathon.
pub(super) fn get<'a>(object: &Value<'a>, name: &str) -> Option<Value<'a>> {
    object.get(name).filter(|value| !value.is_null())
}

/// The bytes of a member's key, to underline in place of a value with many lines.
pub(super) fn key_range(object: &Value<'_>, name: &str) -> Range<usize> {
    object.member(name).map_or(object.range().start..object.range().start + 1, |(key, _)| key.range())
}

/// All definitions of the document in the order of the text, those of groups at any depth included. `pods` of groups are
/// left out, because Marathon ignores them.
pub(super) fn definitions(document: &Document, kind: Kind) -> Vec<LocatedService<'_>> {
    let is_pod = kind == Kind::Pod;
    services(document.root(), kind, (), |_, ()| ())
        .into_iter()
        .map(|ServiceNode { value, pointer, .. }| LocatedService { is_pod, pointer, value })
        .collect()
}
