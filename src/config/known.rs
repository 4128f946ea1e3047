//! The rules there are, by name.

/// The slugs of all rules.
#[must_use]
pub fn rules() -> &'static [&'static str] {
    RULES
}

/// In the order of the alphabet.
const RULES: &[&str] = &[
    "duplicate-key",
    "malformed-value",
    "missing-field",
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
