//! The definitions in a document.

use std::ops::Range;

use crate::source::{Document, Kind, Pointer, Step, Value};

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
    let root = document.root();
    match kind {
        Kind::App | Kind::Pod => {
            vec![Definition { is_pod: kind == Kind::Pod, pointer: Pointer::root(), value: root }]
        }
        Kind::Apps => apps(&root, &Pointer::root()).collect(),
        Kind::Group => in_groups(root),
    }
}

fn apps<'a>(list: &Value<'a>, pointer: &Pointer) -> impl Iterator<Item = Definition<'a>> {
    list.elements().enumerate().map(|(index, value)| Definition {
        is_pod: false,
        pointer: pointer.index(index),
        value,
    })
}

fn in_groups(root: Value<'_>) -> Vec<Definition<'_>> {
    let mut found = Vec::new();
    let mut waiting = vec![(Pointer::root(), root)];
    while let Some((pointer, group)) = waiting.pop() {
        if let Some(list) = group.get("apps") {
            found.extend(apps(&list, &pointer.key("apps")));
        }
        if let Some(groups) = group.get("groups") {
            let pointer = pointer.key("groups");
            waiting.extend(groups.elements().enumerate().map(|(index, group)| (pointer.index(index), group)));
        }
    }
    found.sort_by_key(|definition| definition.value.range().start);
    found
}
