//! Which comments of a text another one has.

use std::collections::HashMap;

use crate::source::{Format, yaml_comments};

use super::comment;

/// Whether two texts have the same comments, in any order and with any indentation.
pub(super) fn has_same_comments(one: &str, other: &str, format: Format) -> bool {
    let words = |text| {
        let mut comments: Vec<String> = all(text, format).into_iter().map(words).collect();
        comments.sort_unstable();
        comments
    };
    words(one) == words(other)
}

/// The comments of a text that a later one lacks, with their offsets.
#[must_use]
pub(crate) fn lost_comments<'t>(before: &'t str, after: &str, format: Format) -> Vec<(usize, &'t str)> {
    let mut kept: HashMap<String, usize> = HashMap::new();
    for comment in all(after, format) {
        *kept.entry(words(comment)).or_insert(0) += 1;
    }
    let mut is_lost = |comment: &&str| match kept.get_mut(&words(comment)) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    let lost = all(before, format).into_iter().filter(|comment| is_lost(comment));
    lost.map(|comment| (comment.as_ptr().addr() - before.as_ptr().addr(), comment)).collect()
}

fn all(text: &str, format: Format) -> Vec<&str> {
    match format {
        Format::Json => Vec::new(),
        Format::Jsonc => comment::all(text),
        Format::Yaml => yaml_comments(text).into_iter().map(|range| &text[range]).collect(),
    }
}

fn words(comment: &str) -> String {
    comment.split_whitespace().collect::<Vec<_>>().join(" ")
}
