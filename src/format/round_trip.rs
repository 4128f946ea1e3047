//! Whether two texts have the same comments.

use crate::source::{Format, yaml_comments};

use super::comment;

/// Whether two texts have the same comments, in any order and with any indentation.
pub(super) fn has_same_comments(one: &str, other: &str, format: Format) -> bool {
    let all = |text| match format {
        Format::Json => Vec::new(),
        Format::Jsonc => comment::all(text),
        Format::Yaml => yaml_comments(text).into_iter().map(|range| &text[range]).collect(),
    };
    let words = |text| {
        let mut comments: Vec<String> = all(text)
            .into_iter()
            .map(|comment| comment.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        comments.sort_unstable();
        comments
    };
    words(one) == words(other)
}
