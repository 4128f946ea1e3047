//! The apps of a document, or its pod, with their paths and absolute ids.

use std::collections::HashMap;
use std::ops::Range;

use crate::definition::id::AbsoluteId;
use crate::finding::Finding;
use crate::source::{Document, Format, Kind, Pointer, ServiceNode, Value, services};

/// One app or pod.
pub(super) struct AppNode<'a> {
    pub(super) value: Value<'a>,
    pub(super) pointer: Pointer,
    /// Absolute and canonical.
    pub(super) id: String,
}

/// All apps, or the pod, in the order of the text, at any depth of groups.
pub(super) fn apps(root: Value<'_>, kind: Kind) -> Vec<AppNode<'_>> {
    services(root, kind, AbsoluteId::root(), id)
        .into_iter()
        .map(|ServiceNode { value, pointer, group }| AppNode {
            value,
            pointer,
            id: id(value, &group).to_string(),
        })
        .collect()
}

fn id(value: Value<'_>, base: &AbsoluteId) -> AbsoluteId {
    let written = value.get("id").and_then(|id| id.as_str()).unwrap_or_default();
    AbsoluteId::parse(&written).canonical(base)
}

/// Finds the app that contains an offset.
pub(super) struct Owners {
    apps: Vec<(Range<usize>, Pointer, String)>,
}

impl Owners {
    pub(super) fn of(text: &str, format: Format, kind: Kind) -> Self {
        // The text was parsed before.
        let Ok(document) = Document::parse(text, format) else { return Self { apps: Vec::new() } };
        let apps = apps(document.root(), kind).into_iter();
        Self { apps: apps.map(|app| (app.value.range(), app.pointer, app.id)).collect() }
    }

    fn of_byte(&self, byte: usize) -> Option<&(Range<usize>, Pointer, String)> {
        let next = self.apps.partition_point(|(range, ..)| range.start <= byte);
        self.apps.get(next.checked_sub(1)?).filter(|(range, ..)| byte < range.end)
    }

    /// The id of the app that holds a finding.
    pub(super) fn of_finding(&self, found: &Finding) -> Option<&str> {
        self.of_byte(found.range.start).map(|(.., id)| id.as_str())
    }

    /// The path of the app that holds a finding.
    pub(super) fn path_of(&self, found: &Finding) -> Option<&Pointer> {
        self.of_byte(found.range.start).map(|(_, pointer, _)| pointer)
    }

    /// The ids by the paths.
    pub(super) fn ids(&self) -> HashMap<&Pointer, &str> {
        self.apps.iter().map(|(_, pointer, id)| (pointer, id.as_str())).collect()
    }
}
