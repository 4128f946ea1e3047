//! Ids of apps, pods and groups, as Marathon's `PathId` takes them apart and puts them together.

/// An id: segments, from the root or from wherever it is used.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PathId {
    /// Without empty ones, as written.
    pub(crate) segments: Vec<String>,
    /// Written with a slash in front.
    pub(crate) absolute: bool,
}

/// Last segments that would hide a service behind Marathon's own addresses.
const RESERVED: [&str; 3] = ["restart", "tasks", "versions"];

impl PathId {
    pub(crate) fn parse(text: &str) -> Self {
        let segments = text.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect();
        Self { segments, absolute: text.starts_with('/') }
    }

    pub(crate) fn root() -> Self {
        Self { segments: Vec::new(), absolute: true }
    }

    pub(crate) fn is_root(&self) -> bool {
        self.segments.is_empty()
    }

    /// The id seen from `base`: `.` vanishes, `..` takes a segment away, and nothing is above the root.
    pub(crate) fn canonical(&self, base: &Self) -> Self {
        let mut segments = if self.absolute { Vec::new() } else { base.segments.clone() };
        for segment in &self.segments {
            match segment.as_str() {
                "." => {}
                ".." => {
                    segments.pop();
                }
                _ => segments.push(segment.clone()),
            }
        }
        Self { segments, absolute: true }
    }

    /// The group it is in.
    pub(crate) fn parent(&self) -> Self {
        let keep = self.segments.len().saturating_sub(1);
        Self { segments: self.segments[..keep].to_vec(), absolute: self.absolute }
    }

    /// Whether the last segment is one that services must not have.
    pub(crate) fn is_reserved(&self) -> bool {
        self.segments
            .last()
            .is_some_and(|last| RESERVED.contains(&last.as_str()) || last == "." || last == "..")
    }

    /// Whether every segment is one or more labels, `.` or `..`.
    pub(crate) fn is_well_formed(&self) -> bool {
        self.segments.iter().all(|segment| {
            matches!(segment.as_str(), "." | "..")
                || segment.split('.').all(|label| {
                    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
                    let bytes = label.as_bytes();
                    bytes.first().zip(bytes.last()).is_some_and(|(first, last)| plain(*first) && plain(*last))
                        && bytes.iter().all(|byte| plain(*byte) || *byte == b'-')
                })
        })
    }
}

impl std::fmt::Display for PathId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", if self.absolute { "/" } else { "" }, self.segments.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::PathId;

    #[test]
    fn ids_are_canonical_from_their_base() {
        let base = PathId::parse("/a/b");
        for (text, canonical) in [
            ("/x", "/x"),
            ("x", "/a/b/x"),
            ("../x", "/a/x"),
            ("/x/..", "/"),
            ("../../../x", "/x"),
            ("//a///b/", "/a/b"),
        ] {
            assert_eq!(PathId::parse(text).canonical(&base).to_string(), canonical, "{text}");
        }
    }
}
