//! Ids of apps, pods and groups, as Marathon's `AbsoluteId` takes them apart and puts them together.

use crate::target::Release;

/// An id: segments, from the root or from wherever it is used.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AbsoluteId {
    /// As it is shown: the segments that are not empty with one slash between them, and one in front when it was written
    /// with one.
    text: String,
}

/// Last segments that a service must not have: Marathon's own addresses, and since 1.9 (the last two) those that lead
/// elsewhere.
const RESERVED: [&str; 5] = ["restart", "tasks", "versions", ".", ".."];

/// The reserved last segments that a release names.
pub(crate) fn reserved(release: Release) -> &'static [&'static str] {
    if release >= Release::V1_9 { &RESERVED } else { &RESERVED[..3] }
}

/// Whether this is an id as a service's definition should have it: one or more names between slashes, no empty segment,
/// no `.` or `..`, and no reserved name at the end.
pub(crate) fn is_service_id(text: &str) -> bool {
    let id = AbsoluteId::parse(text);
    // An id that is shown in another way has empty segments.
    id.as_str() == text && !id.is_root() && id.has_only_names() && !id.is_reserved()
}

impl AbsoluteId {
    pub(crate) fn parse(text: &str) -> Self {
        // As it is shown already, as nearly all are.
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

    /// Written with a slash in front.
    pub(crate) fn is_absolute(&self) -> bool {
        self.text.starts_with('/')
    }

    /// As it is shown.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// As it is shown, for who keeps nothing else of it.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// Without empty ones, as written.
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

    /// The first segment where there are others below it: the top-level group that it is in.
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

    /// The id seen from `base`: `.` vanishes, `..` takes a segment away, and nothing is above the root.
    pub(crate) fn canonical(self, base: &Self) -> Self {
        // Without a segment that begins with a dot there is nothing to do.
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

    /// Whether an absolute id is not right below the group that it is written below: it ends with `.` or `..`, or has
    /// one of them in between.
    pub(crate) fn is_astray(&self) -> bool {
        // Without a segment that begins with a dot it is where it is written.
        self.is_absolute()
            && has(&self.text, "/.")
            && self.clone().canonical(&Self::root()).parent() != self.parent()
    }

    /// Whether every segment is one or more labels, `.` or `..`.
    pub(crate) fn is_well_formed(&self) -> bool {
        self.segments().all(|segment| matches!(segment, "." | "..") || is_name(segment))
    }

    /// Whether every segment is one or more labels.
    pub(crate) fn has_only_names(&self) -> bool {
        self.segments().all(is_name)
    }
}

/// One or more labels with dots between.
fn is_name(segment: &str) -> bool {
    let is_edge = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    segment.split('.').all(|label| {
        let bytes = label.as_bytes();
        bytes.first().zip(bytes.last()).is_some_and(|(first, last)| is_edge(*first) && is_edge(*last))
            && bytes.iter().all(|byte| is_edge(*byte) || *byte == b'-')
    })
}

impl std::fmt::Display for AbsoluteId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether two characters stand in a text; ids are short.
fn has(text: &str, pair: &str) -> bool {
    text.as_bytes().windows(2).any(|two| two == pair.as_bytes())
}

fn segments(text: &str) -> impl DoubleEndedIterator<Item = &str> + Clone {
    text.split('/').filter(|segment| !segment.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{AbsoluteId, is_service_id};

    #[test]
    fn ids_of_services_are_names() {
        for id in ["/registry", "registry", "/infra/registry-2", "/a.b/c"] {
            assert!(is_service_id(id), "{id}");
        }
        for id in ["", "/", "//a", "/a/", "/a//b", "/a/..", "/./a", "/-a", "/a_b", "/A", "/a..b", "/a/tasks"]
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
