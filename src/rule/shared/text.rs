//! Marathon's words that rules in several places share.

use crate::rule::id::PathId;
use crate::target::Release;

/// Where the last segment of an id is one of Marathon's own.
pub(in crate::rule) fn reserved_text(release: Release) -> &'static str {
    if release >= Release::V1_9 {
        "must not end with any of the following reserved keywords: restart, tasks, versions, ., .."
    } else {
        "must not end with any of the following reserved keywords: restart, tasks, versions"
    }
}

/// Where an id is not right below the group `parent`.
pub(in crate::rule) fn not_child_text(parent: &PathId, release: Release) -> String {
    if release >= Release::V1_9 {
        format!("Identifier is not child of '{parent}'")
    } else {
        format!("Identifier is not child of {parent}. Hint: use relative paths.")
    }
}

/// Where a feature is not enabled; the bracket is Marathon's own.
pub(in crate::rule) fn feature_text(feature: &str) -> String {
    format!("Feature {feature} is not enabled. Enable with --enable_features {feature})")
}
