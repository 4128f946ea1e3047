//! Ids of apps, pods and groups: their pattern, and how Marathon's `AbsoluteId` splits and joins them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::target::Release;

use super::text::reads_as_str;

/// What an app, pod or group id has to match. Before 1.5 consecutive dots and a trailing dash or dot were allowed.
pub const PATH_ID: &str = r"^(\/?((\.\.)|(([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9]))?($|\/))+$";

/// The id of an app, pod or group: segments of lower-case letters, digits, dashes and dots, separated by slashes.
///
/// An absolute id starts with a slash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct PathId(#[schemars(length(min = 1), regex(pattern = PATH_ID))] pub String);

reads_as_str!(PathId);

/// Whether a text matches [`PATH_ID`].
pub(crate) fn is_path_id(text: &str) -> bool {
    text.split('/').all(|segment| matches!(segment, "" | "..") || segment.split('.').all(is_label))
}

/// Whether a text is the id of a service as it is stored: no empty segment, no `.` or `..`, and a last segment that
/// services may have.
pub(crate) fn is_service_id(text: &str) -> bool {
    let path = text.strip_prefix('/').unwrap_or(text);
    path.split('/').all(|segment| segment.split('.').all(is_label)) && !AbsoluteId::parse(text).is_reserved()
}

/// Whether a segment of an id can be a file's name: it has only characters of ids, so that it leads out of no directory,
/// and is not hidden.
pub(crate) fn is_file_name(segment: &str) -> bool {
    segment.bytes().all(|byte| is_alphanumeric(byte) || matches!(byte, b'-' | b'.'))
        && !segment.starts_with('.')
}

fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// One or more letters and digits, with dashes between them.
fn is_label(label: &str) -> bool {
    let bytes = label.as_bytes();
    let ends = bytes.first().zip(bytes.last());
    ends.is_some_and(|(first, last)| is_alphanumeric(*first) && is_alphanumeric(*last))
        && bytes.iter().all(|byte| is_alphanumeric(*byte) || *byte == b'-')
}

/// An id, split into segments; absolute, or relative to a group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AbsoluteId {
    /// As it is displayed: the segments that are not empty, with one slash between them, and one in front of an absolute
    /// id.
    text: String,
}

/// Last segments that services must not have: Marathon's own addresses end with the first three; Marathon 1.9 and later
/// name the other two as well.
const RESERVED: [&str; 5] = ["restart", "tasks", "versions", ".", ".."];

/// The reserved last segments that a release names.
pub(crate) fn reserved(release: Release) -> &'static [&'static str] {
    if release >= Release::V1_9 { &RESERVED } else { &RESERVED[..3] }
}

impl AbsoluteId {
    pub(crate) fn parse(text: &str) -> Self {
        // Nearly all ids are written as they are displayed.
        if !text.ends_with('/') && !has(text, "//") {
            return Self { text: text.to_owned() };
        }
        let mut id = Self { text: String::with_capacity(text.len()) };
        if text.starts_with('/') {
            id.text.push('/');
        }
        segments(text).for_each(|segment| id.push(segment));
        id
    }

    pub(crate) fn root() -> Self {
        Self { text: "/".to_owned() }
    }

    pub(crate) fn is_root(&self) -> bool {
        self.segments().next().is_none()
    }

    /// Whether it starts with a slash.
    pub(crate) fn is_absolute(&self) -> bool {
        self.text.starts_with('/')
    }

    /// As it is displayed.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// As it is displayed, for callers that keep only the text.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// The segments that are not empty.
    pub(crate) fn segments(&self) -> impl DoubleEndedIterator<Item = &str> + Clone {
        segments(&self.text)
    }

    /// The last segment; empty where there is none.
    pub(crate) fn last(&self) -> &str {
        self.segments().next_back().unwrap_or_default()
    }

    /// How many segments there are.
    pub(crate) fn depth(&self) -> usize {
        self.segments().count()
    }

    /// The first segment; empty where there is none.
    pub(crate) fn first(&self) -> &str {
        self.segments().next().unwrap_or_default()
    }

    /// The first segment of several: the top-level group that the id is in.
    pub(crate) fn top_group(&self) -> Option<&str> {
        let mut segments = self.segments();
        segments.next().filter(|_| segments.next().is_some())
    }

    /// Whether it is this id or one below it; both are absolute.
    pub(crate) fn is_at_or_below(&self, above: &Self) -> bool {
        let mut segments = self.segments();
        above.segments().all(|segment| segments.next() == Some(segment))
    }

    fn push(&mut self, segment: &str) {
        if !self.text.is_empty() && self.text != "/" {
            self.text.push('/');
        }
        self.text.push_str(segment);
    }

    /// The absolute id, relative to `base`: `.` is dropped, `..` removes a segment, and nothing is above the root.
    pub(crate) fn canonical(self, base: &Self) -> Self {
        // Only segments that begin with a dot have to be resolved.
        if self.is_absolute() && !has(&self.text, "/.") {
            return self;
        }
        let mut id = if self.is_absolute() { Self::root() } else { base.clone() };
        for segment in self.segments() {
            match segment {
                "." => {}
                ".." => id = id.parent(),
                _ => id.push(segment),
            }
        }
        if !id.is_absolute() {
            id.text.insert(0, '/');
        }
        id
    }

    /// The group it is in.
    pub(crate) fn parent(&self) -> Self {
        let (before, _) = self.text.rsplit_once('/').unwrap_or_default();
        Self {
            text: if before.is_empty() && self.is_absolute() { "/".to_owned() } else { before.to_owned() },
        }
    }

    /// Whether the last segment is one that services must not have.
    pub(crate) fn is_reserved(&self) -> bool {
        RESERVED.contains(&self.last())
    }

    /// Whether an absolute id, once resolved, is not directly in the group that its text names: it has a segment `.` or
    /// `..`.
    pub(crate) fn is_astray(&self) -> bool {
        // Only segments that begin with a dot can lead elsewhere.
        self.is_absolute()
            && has(&self.text, "/.")
            && self.clone().canonical(&Self::root()).parent() != self.parent()
    }

    /// Whether every segment is one or more labels, `.` or `..`.
    pub(crate) fn is_well_formed(&self) -> bool {
        self.segments().all(|segment| matches!(segment, "." | "..") || segment.split('.').all(is_label))
    }
}

impl std::fmt::Display for AbsoluteId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether a text contains these two bytes; ids are short.
fn has(text: &str, pair: &str) -> bool {
    text.as_bytes().windows(2).any(|two| two == pair.as_bytes())
}

fn segments(text: &str) -> impl DoubleEndedIterator<Item = &str> + Clone {
    text.split('/').filter(|segment| !segment.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_services_are_told_from_others() {
        for id in ["/web", "web", "/shop/web-1.canary", "/a/tasks/b"] {
            assert!(is_service_id(id), "{id}");
        }
        for id in
            ["", "/", "/a//b", "/a/", "/a/../b", "/a/.", "/A", "/a-", "/a/tasks", "/restart", "/a/versions"]
        {
            assert!(!is_service_id(id), "{id}");
        }
    }

    #[test]
    fn ids_are_canonical_from_their_base() {
        let base = AbsoluteId::parse("/a/b");
        for (text, canonical) in [
            ("/x", "/x"),
            ("x", "/a/b/x"),
            ("../x", "/a/x"),
            ("/x/..", "/"),
            ("../../../x", "/x"),
            ("//a///b/", "/a/b"),
        ] {
            assert_eq!(AbsoluteId::parse(text).canonical(&base).to_string(), canonical, "{text}");
        }
    }
}
