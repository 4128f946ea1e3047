//! What a validator finds, in plain words. They name the place and the schema's side, never a value of the definition.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::paths::LocationSegment;
use jsonschema::types::JsonType;
use serde_json::Value as Json;

use crate::util::text::count;

/// The longest list of values that is written out.
const MOST_VALUES: usize = 10;

/// What is wrong: a clause without a full stop. `whole` is what the value validated is called.
pub(crate) fn words(error: &ValidationError<'_>, whole: &str) -> String {
    let subject = subject(error, whole);
    match error.kind() {
        Kind::Required { property } => {
            format!("{subject} lacks {}", quoted(property.as_str().unwrap_or_default()))
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let names = unexpected.iter().map(|name| quoted(name));
            format!("{subject} must not have {}", listed(names))
        }
        kind => format!("{subject} {}", predicate(kind).unwrap_or_else(|| error.masked().to_string())),
    }
}

/// What is wrong with the value itself; nothing for what is said better by the validator.
fn predicate(kind: &Kind) -> Option<String> {
    Some(match kind {
        Kind::Type { kind } => format!("must be {}", types(kind)),
        Kind::Constant { expected_value } => format!("must be {expected_value}"),
        Kind::Enum { options } => format!("must be {}", one_of(options)),
        Kind::Minimum { limit } => format!("must be {limit} or more"),
        Kind::Maximum { limit } => format!("must be {limit} or less"),
        Kind::ExclusiveMinimum { limit } => format!("must be more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("must be less than {limit}"),
        Kind::MultipleOf { multiple_of } => format!("must be a multiple of {multiple_of}"),
        Kind::MinLength { limit } => format!("must have {} or more", of(*limit, "character")),
        Kind::MaxLength { limit } => format!("must have {} or less", of(*limit, "character")),
        Kind::MinItems { limit } => format!("must have {} or more", of(*limit, "element")),
        Kind::MaxItems { limit } => format!("must have {} or less", of(*limit, "element")),
        Kind::AdditionalItems { limit } => format!("must have {} or less", of(*limit as u64, "element")),
        Kind::MinProperties { limit } => format!("must have {} or more", of(*limit, "field")),
        Kind::MaxProperties { limit } => format!("must have {} or less", of(*limit, "field")),
        Kind::UnevaluatedItems { .. } => "has elements that the schema does not allow".to_owned(),
        Kind::Pattern { pattern } => format!("must match the pattern `{pattern}`"),
        Kind::Format { format } => format!("must be a valid {format}"),
        Kind::UniqueItems => "must not have the same element twice".to_owned(),
        Kind::Contains => "has no element of the kind that the schema asks for".to_owned(),
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } => {
            "is in none of the forms that the schema allows".to_owned()
        }
        Kind::OneOfMultipleValid { .. } => {
            "is in more than one of the forms that exclude each other".to_owned()
        }
        Kind::Not { .. } | Kind::FalseSchema => "is not allowed".to_owned(),
        Kind::PropertyNames { error } => format!("has a field whose name {}", predicate(error.kind())?),
        _ => return None,
    })
}

/// The value at the error's path: its last name with the indices after it.
fn subject(error: &ValidationError<'_>, whole: &str) -> String {
    let mut name = String::new();
    for segment in error.instance_path().segments() {
        match segment {
            LocationSegment::Property(property) => name = property.into_owned(),
            LocationSegment::Index(index) => name.extend(["[", &index.to_string(), "]"]),
        }
    }
    if name.is_empty() { whole.to_owned() } else { quoted(&name) }
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace(char::is_control, "?"))
}

fn of(number: u64, word: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), word)
}

fn one_of(options: &Json) -> String {
    let options = options.as_array().map_or(&[][..], Vec::as_slice);
    format!("one of {}", listed(options.iter().map(Json::to_string)))
}

/// The first ones of a list, with `…` for what is not written out.
fn listed(mut items: impl Iterator<Item = String>) -> String {
    let mut first: Vec<String> = items.by_ref().take(MOST_VALUES).collect();
    first.extend(items.next().map(|_| "…".to_owned()));
    first.join(", ")
}

fn types(kind: &TypeKind) -> String {
    let word = |kind: JsonType| match kind {
        JsonType::Array => "an array",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "a string",
    };
    match kind {
        TypeKind::Single(kind) => word(*kind).to_owned(),
        TypeKind::Multiple(kinds) => kinds.iter().map(word).collect::<Vec<_>>().join(" or "),
    }
}
