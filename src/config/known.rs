//! The rules there are, by name.

use std::sync::LazyLock;

use crate::rule;

/// The slugs of all rules, in the order of the alphabet.
#[must_use]
pub fn rules() -> &'static [&'static str] {
    static ALL: LazyLock<Vec<&str>> = LazyLock::new(|| {
        let mut all: Vec<&str> =
            OF_PARSERS.iter().copied().chain(rule::all().map(|rule| rule.slug)).collect();
        all.sort_unstable();
        all
    });
    &ALL
}

/// What the readers of texts and types find, and what is found about milepost's own settings.
const OF_PARSERS: &[&str] = &[
    "duplicate-key",
    "malformed-value",
    "missing-field",
    "newer-field",
    "not-text",
    "odd-encoding",
    "out-of-range",
    "outsize-number",
    "read-as-defaults",
    "removed-field",
    "response-field",
    "syntax",
    "too-deep",
    "trailing-content",
    "unknown-field",
    "unknown-value",
    "unused-exception",
    "unused-ignore",
    "wrong-length",
    "wrong-type",
];

/// The rules that say that a text could not be checked at all. Choosing other rules does not silence them, and what is
/// not found in such a text is not known to be gone.
pub(super) const NOT_CHECKED: &[&str] = &["not-text", "syntax"];
