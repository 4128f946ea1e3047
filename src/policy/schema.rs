//! Reading and compiling a JSON Schema. Nothing is fetched: a `$ref` leads to another place in the same file.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use jsonschema::{ErrorIterator, PatternOptions, Validator};
use serde_json::Value as Json;

use crate::report::FileFault;
use crate::source::{self, Document, FileError, Format, MAX_NESTING, SyntaxProblem};

use super::unusable::{UnusableSchema, unknown_draft, unusable};

/// Why a schema cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is not a JSON Schema.
    #[error("{0}")]
    Wrong(FileFault),
}

/// A JSON Schema, ready for use.
#[derive(Debug)]
pub(crate) struct CompiledSchema {
    validator: Validator,
    /// The schema's own title.
    pub(crate) title: Option<String>,
    /// The schema's own description.
    pub(crate) description: Option<String>,
    /// The fields whose values it may depend on; nothing for any.
    names: Option<BTreeSet<String>>,
}

impl CompiledSchema {
    /// Reads a schema from JSON, JSONC or YAML, as its name says. Its `$schema` decides the draft; without one it is
    /// 2020-12.
    pub(crate) fn read(path: &Path) -> Result<Self, SchemaError> {
        Self::parse(&path.to_string_lossy(), &source::read(path)?, Format::of_path(path))
    }

    fn parse(name: &str, text: &str, format: Format) -> Result<Self, SchemaError> {
        let wrong = |range: &Range<usize>, message: String| FileFault::new(name, text, range, message);
        let document = Document::parse(text, format).map_err(|error| {
            let fault = wrong(&error.range, error.problem.to_string());
            let help = match error.problem {
                SyntaxProblem::Empty => Some("write a JSON Schema; `{}` allows everything"),
                ref problem => problem.help(),
            };
            SchemaError::Wrong(fault.help(help))
        })?;
        if document.is_too_deep() {
            let fault = wrong(&(0..0), format!("nested deeper than {MAX_NESTING} levels"));
            return Err(SchemaError::Wrong(fault));
        }
        let schema = document.root().to_json();
        // Patterns are matched in linear time, whoever wrote them.
        let options = jsonschema::options().offline().with_pattern_options(PatternOptions::regex());
        let not_usable = |UnusableSchema { range, message, help }| {
            let fault = wrong(&range, format!("this is not a usable JSON Schema: {message}"));
            SchemaError::Wrong(fault.help(help.as_deref()))
        };
        if let Some(draft) = unknown_draft(document.root(), &schema) {
            return Err(not_usable(draft));
        }
        let validator =
            options.build(&schema).map_err(|error| not_usable(unusable(document.root(), &error)))?;
        let text = |name| schema.get(name).and_then(Json::as_str).map(str::to_owned);
        let names = names_in(&schema);
        Ok(Self { validator, title: text("title"), description: text("description"), names })
    }

    /// Whether what a field of a definition is may decide whether the definition is valid.
    pub(crate) fn may_name(&self, field: &str) -> bool {
        self.names.as_ref().is_none_or(|names| names.contains(field))
    }

    /// Whether a value is valid: quicker than to look for errors.
    pub(crate) fn is_valid(&self, value: &Json) -> bool {
        self.validator.is_valid(value)
    }

    /// What is wrong with a value.
    pub(crate) fn errors<'v>(&'v self, value: &'v Json) -> ErrorIterator<'v> {
        self.validator.iter_errors(value)
    }
}

/// The names of all fields that a schema mentions, at whatever depth; nothing where a keyword speaks of fields without their
/// names.
fn names_in(schema: &Json) -> Option<BTreeSet<String>> {
    /// Keywords of all drafts that do not look at an object, or whose schemas do. Others may.
    const HARMLESS: &[&str] = &[
        "$schema",
        "$id",
        "id",
        "$ref",
        "$defs",
        "definitions",
        "type",
        "format",
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minItems",
        "maxItems",
        "items",
        "prefixItems",
        "additionalItems",
        "contains",
        "minContains",
        "maxContains",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "deprecated",
        "readOnly",
        "writeOnly",
        "contentEncoding",
        "contentMediaType",
    ];
    let mut names = BTreeSet::new();
    let mut waiting = vec![schema];
    while let Some(value) = waiting.pop() {
        let keywords = match value {
            Json::Object(keywords) => keywords,
            Json::Array(schemas) => {
                waiting.extend(schemas);
                continue;
            }
            _ => continue,
        };
        for (keyword, value) in keywords {
            match (keyword.as_str(), value) {
                ("properties", Json::Object(properties)) => {
                    names.extend(properties.keys().cloned());
                    waiting.extend(properties.values());
                }
                ("$defs" | "definitions", Json::Object(schemas)) => waiting.extend(schemas.values()),
                ("required", Json::Array(required)) => {
                    names.extend(required.iter().filter_map(Json::as_str).map(str::to_owned));
                }
                // A value that is compared with others: an object is compared with all of its fields.
                ("const" | "enum", value) => {
                    let holds_objects = |value: &Json| match value {
                        Json::Array(values) => {
                            values.iter().any(|value| value.is_object() || value.is_array())
                        }
                        value => value.is_object(),
                    };
                    if holds_objects(value) {
                        return None;
                    }
                }
                // Elements are the same or not by all of their fields.
                ("uniqueItems", Json::Bool(true)) => return None,
                ("uniqueItems" | "default" | "examples" | "title" | "description" | "$comment", _) => {}
                (keyword, value) if HARMLESS.contains(&keyword) => waiting.push(value),
                _ => return None,
            }
        }
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::names_in;

    #[test]
    fn a_schema_names_the_fields_that_it_may_depend_on() {
        let named = |schema: serde_json::Value| {
            names_in(&schema).map(|names| names.into_iter().collect::<Vec<_>>().join(" "))
        };
        let some = |names: &str| Some(names.to_owned());
        assert_eq!(
            named(json!({"required": ["labels"], "properties": {"mem": {"maximum": 1}}})),
            some("labels mem")
        );
        let nested = json!({"allOf": [{"if": {"properties": {"a": {"const": 1}}}, "then": {"$ref": "#/$defs/x"}}], "$defs": {"x": {"required": ["b"]}}});
        assert_eq!(named(nested), some("a b"));
        assert_eq!(named(json!({"items": {"items": [{"properties": {"c": {}}}]}})), some("c"));
        for keyword in [
            "additionalProperties",
            "patternProperties",
            "minProperties",
            "propertyNames",
            "dependentRequired",
            "x-other",
            "dependentSchemas",
        ] {
            assert_eq!(named(json!({"properties": {"a": {keyword: {}}}})), None, "{keyword}");
        }
        assert_eq!(named(json!({"enum": [{"a": 1}]})), None);
        assert_eq!(named(json!({"properties": {"a": {"uniqueItems": true}}})), None);
        assert_eq!(named(json!(true)), some(""));
    }
}
