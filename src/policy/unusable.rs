//! Why a JSON Schema cannot be used, at the place in its file, and what to write instead.

use std::ops::Range;

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::paths::LocationSegment;
use jsonschema::types::JsonType;
use jsonschema::{Draft, ReferencingError, ValidationError};
use serde_json::Value as Json;

use crate::source::Value;

use super::location::Below;
use super::words::words;

/// What is wrong with a schema.
pub(super) struct UnusableSchema {
    pub(super) range: Range<usize>,
    /// A clause without a full stop.
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// Keywords whose values are no schemas and hold none.
const DATA: [&str; 5] = ["const", "enum", "default", "example", "examples"];

/// Keywords that lead to another schema.
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// The schema's own `$schema`, where it is no draft that can be applied.
pub(super) fn unknown_draft(root: Value<'_>, schema: &Json) -> Option<UnusableSchema> {
    let named = root.get("$schema").filter(|_| Draft::default().detect(schema) == Draft::Unknown)?;
    Some(unknown_specification(named))
}

fn unknown_specification(named: Value<'_>) -> UnusableSchema {
    UnusableSchema {
        range: named.first_line(),
        message: format!("`$schema` names no known draft: {}", shown(named)),
        help: Some(
            "drafts 4, 6, 7, 2019-09 and 2020-12 are known; write \"https://json-schema.org/draft/2020-12/schema\", \
             or leave `$schema` out"
                .to_owned(),
        ),
    }
}

/// What keeps a schema from being used: an error from compiling it.
pub(super) fn unusable(root: Value<'_>, error: &ValidationError<'_>) -> UnusableSchema {
    if let Kind::Referencing(cause) = error.kind() {
        return reference(root, cause);
    }
    let range = Below::default().locate(root, error, false).range;
    let (message, help) = match (error.kind(), last_name(error).as_deref()) {
        // The list of types, or one type: the schema of schemas has two forms.
        (Kind::AnyOf { .. } | Kind::Enum { .. }, Some("type")) => {
            ("`type` is no type".to_owned(), Some(format!("write one of {}, or a list of them", TYPES.join(", "))))
        }
        (Kind::Type { kind: TypeKind::Single(JsonType::Array) }, Some("required")) => (
            words(error, "it"),
            Some(
                "write the names of required fields as a list beside `properties`; true and false are of draft 3, \
                 which is not known"
                    .to_owned(),
            ),
        ),
        (Kind::Format { format }, _) if format == "regex" => {
            let help = is_not_linear(error.instance().as_str().unwrap_or_default()).then(|| {
                "look-around such as `(?=` and back-references such as `\\1` are not known: a pattern is matched in \
                 linear time"
                    .to_owned()
            });
            (words(error, "it").replace("a valid regex", "a regular expression"), help)
        }
        _ => (words(error, "it"), None),
    };
    UnusableSchema { range, message, help }
}

/// The types of JSON Schema.
const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];

/// The name of the nearest field at or around an error.
fn last_name(error: &ValidationError<'_>) -> Option<String> {
    let names = error.instance_path().segments().filter_map(|segment| match segment {
        LocationSegment::Property(name) => Some(name.into_owned()),
        LocationSegment::Index(_) => None,
    });
    names.last()
}

/// Whether a pattern has what only engines without a bound on their time match.
fn is_not_linear(pattern: &str) -> bool {
    let is_back_reference = |pair: &[u8]| pair[0] == b'\\' && matches!(pair[1], b'1'..=b'9' | b'k');
    ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|group| pattern.contains(group))
        || pattern.as_bytes().windows(2).any(is_back_reference)
}

/// Whether a reference is the one that an error is about.
type FitsText<'f> = Box<dyn Fn(&str) -> bool + 'f>;

/// A reference that leads nowhere.
fn reference(root: Value<'_>, cause: &ReferencingError) -> UnusableSchema {
    let places = "only places of this file are looked up";
    let (fits, message, help): (FitsText<'_>, _, _) = match cause {
        ReferencingError::UnknownSpecification { specification } => {
            let is_it = |name: &str, text: &str| name == "$schema" && text == specification;
            let Some(named) = keyword(root, &is_it) else { return at_root(root, cause) };
            return unknown_specification(named);
        }
        ReferencingError::Unretrievable { uri, .. } => (
            Box::new(move |text| {
                let file = |text: &str| text.split('#').next().unwrap_or_default().to_owned();
                let named = file(text);
                !named.is_empty() && file(uri).ends_with(named.trim_start_matches("./"))
            }),
            "leads to another file or address",
            format!("{places}: copy what it needs to `$defs`, and write `#/$defs/…`"),
        ),
        ReferencingError::PointerToNowhere { pointer }
        | ReferencingError::InvalidArrayIndex { pointer, .. }
        | ReferencingError::InvalidPercentEncoding { pointer, .. } => (
            Box::new(move |text| {
                let fragment = text.split_once('#').map_or("", |(_, fragment)| fragment);
                fragment == pointer || fragment.replace("%25", "%").replace("%24", "$") == *pointer
            }),
            "leads to nothing",
            format!("{places}: write the JSON pointer of a schema in it, such as `#/$defs/name`"),
        ),
        ReferencingError::NoSuchAnchor { anchor } | ReferencingError::InvalidAnchor { anchor } => (
            Box::new(move |text| text.split_once('#').is_some_and(|(_, fragment)| fragment == anchor)),
            "leads to nothing",
            format!("give a schema in this file `\"$anchor\": \"{anchor}\"`, or write `#/$defs/…`"),
        ),
        _ => {
            let said = cause.to_string();
            (
                Box::new(move |text| !text.is_empty() && said.contains(text)),
                "is not a reference",
                "write `#/…` with the JSON pointer of a schema in this file".to_owned(),
            )
        }
    };
    let is_it = |name: &str, text: &str| REFERENCES.contains(&name) && fits(text);
    let Some(found) = keyword(root, &is_it) else { return at_root(root, cause) };
    UnusableSchema {
        range: found.first_line(),
        message: format!("`$ref` {message}: {}", shown(found)),
        help: Some(help),
    }
}

/// In the validator's words, where its cause is not found in the text.
fn at_root(root: Value<'_>, cause: &ReferencingError) -> UnusableSchema {
    UnusableSchema { range: root.first_line(), message: cause.to_string(), help: None }
}

/// The first text of a keyword for which `is_it` holds, in the order of the file.
fn keyword<'a>(root: Value<'a>, is_it: &dyn Fn(&str, &str) -> bool) -> Option<Value<'a>> {
    let mut waiting = vec![root];
    while let Some(value) = waiting.pop() {
        let mut inner: Vec<Value<'a>> = value.elements().collect();
        for (key, value) in value.members() {
            let name = key.as_str().unwrap_or_default();
            if value.as_str().is_some_and(|text| is_it(&name, &text)) {
                return Some(value);
            }
            if !DATA.contains(&&*name) {
                inner.push(value);
            }
        }
        waiting.extend(inner.into_iter().rev());
    }
    None
}

fn shown(value: Value<'_>) -> String {
    let text = value.as_str().unwrap_or_default();
    format!("`{}`", text.replace(char::is_control, "?"))
}
