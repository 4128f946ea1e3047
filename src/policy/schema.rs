//! Reading and compiling a JSON Schema. Nothing is fetched: a `$ref` leads to another place in the same file.

use std::path::Path;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ErrorIterator, PatternOptions, ValidationError, Validator};
use serde_json::Value as Json;

use crate::report;
use crate::source::{self, Document, FileError, Format, MAX_NESTING};

use super::location::Below;
use super::words::words;

/// Why a schema cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is not a JSON Schema.
    #[error("{place}: {message}")]
    Wrong {
        /// File, line and column.
        place: String,
        /// What is wrong.
        message: String,
    },
}

/// A JSON Schema, ready for use.
#[derive(Debug)]
pub(crate) struct CompiledSchema {
    validator: Validator,
    /// The schema's own title.
    pub(crate) title: Option<String>,
    /// The schema's own description.
    pub(crate) description: Option<String>,
}

impl CompiledSchema {
    /// Reads a schema from JSON, JSONC or YAML, as its name says. Its `$schema` decides the draft; without one it is
    /// 2020-12.
    pub(crate) fn read(path: &Path) -> Result<Self, SchemaError> {
        Self::parse(&path.to_string_lossy(), &source::read(path)?, Format::of_path(path))
    }

    fn parse(name: &str, text: &str, format: Format) -> Result<Self, SchemaError> {
        let wrong = |offset: usize, message: String| SchemaError::Wrong {
            place: report::text::place(name, text, offset),
            message,
        };
        let document = Document::parse(text, format)
            .map_err(|error| wrong(error.range.start, error.problem.to_string()))?;
        if document.is_too_deep() {
            return Err(wrong(0, format!("nested deeper than {MAX_NESTING} levels")));
        }
        let schema = document.root().to_json();
        // Patterns are matched in linear time, whoever wrote them.
        let options = jsonschema::options().offline().with_pattern_options(PatternOptions::regex());
        let validator = options.build(&schema).map_err(|error| {
            let location = Below::default().locate(document.root(), &error, false);
            wrong(location.range.start, format!("this is not a usable JSON Schema: {}", message(&error)))
        })?;
        let text = |name| schema.get(name).and_then(Json::as_str).map(str::to_owned);
        Ok(Self { validator, title: text("title"), description: text("description") })
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

fn message(error: &ValidationError<'_>) -> String {
    match error.kind() {
        ValidationErrorKind::Referencing(error) => error.to_string(),
        _ => words(error, "it"),
    }
}
