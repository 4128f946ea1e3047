//! What the reader of types finds, as rules.

use crate::diagnostic::Rule;

pub(super) static WRONG_TYPE: Rule =
    Rule::verdict("wrong-type", "A value has the JSON type that its field wants");
pub(super) static OUT_OF_RANGE: Rule = Rule::verdict("out-of-range", "A number is within its field's bounds");
pub(super) static WRONG_LENGTH: Rule =
    Rule::verdict("wrong-length", "A string or array is as long as its field allows");
pub(super) static MALFORMED_VALUE: Rule =
    Rule::verdict("malformed-value", "A string has the form that its field wants");
pub(super) static UNKNOWN_VALUE: Rule =
    Rule::verdict("unknown-value", "A word of an enumeration is one that Marathon knows");
pub(super) static MISSING_FIELD: Rule = Rule::verdict("missing-field", "A required field is there");
pub(super) static TOO_DEEP: Rule = Rule::verdict("too-deep", "Groups are not nested deeper than can be read");
pub(super) static OUTSIZE_NUMBER: Rule =
    Rule::verdict("outsize-number", "A number is not larger than Marathon reads");
pub(super) static UNKNOWN_FIELD: Rule =
    Rule::ignored("unknown-field", "A field is one that Marathon knows, at that place");
pub(super) static NEWER_FIELD: Rule =
    Rule::ignored("newer-field", "A field is known to the release aimed at");
pub(super) static REMOVED_FIELD: Rule =
    Rule::ignored("removed-field", "A field is not one that Marathon has given up");
pub(super) static RESPONSE_FIELD: Rule =
    Rule::style("response-field", "What a server fills in is not part of a definition");
pub(super) static READ_AS_DEFAULTS: Rule =
    Rule::ignored("read-as-defaults", "A value is not one that Marathon silently takes for its defaults");
pub(super) static DUPLICATE_KEY: Rule =
    Rule::ignored("duplicate-key", "A member is given once in its object");
pub(super) static TRAILING_CONTENT: Rule =
    Rule::ignored("trailing-content", "Nothing follows the definition in its file");

/// The rules declared here.
pub(crate) static RULES: &[&Rule] = &[
    &WRONG_TYPE,
    &OUT_OF_RANGE,
    &WRONG_LENGTH,
    &MALFORMED_VALUE,
    &UNKNOWN_VALUE,
    &MISSING_FIELD,
    &TOO_DEEP,
    &OUTSIZE_NUMBER,
    &UNKNOWN_FIELD,
    &NEWER_FIELD,
    &REMOVED_FIELD,
    &RESPONSE_FIELD,
    &READ_AS_DEFAULTS,
    &DUPLICATE_KEY,
    &TRAILING_CONTENT,
];
