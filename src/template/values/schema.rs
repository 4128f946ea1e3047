//! `values.schema.json` beside a template: what its values have to be.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::policy::words::words;
use crate::policy::{CompiledSchema, SchemaError};

use super::Values;
use super::origin::{origin, path_of};

/// The names that a schema for values has.
const NAMES: [&str; 3] = ["values.schema.json", "values.schema.yaml", "values.schema.yml"];

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueFault {
    /// Where it came from: file, line and column, or the option. For a value that is missing, of what lacks it.
    pub place: String,
    /// What is wrong; the value itself is not repeated.
    pub message: String,
}

/// The schema for values that lies in a directory.
#[must_use]
pub fn find_values_schema(directory: &Path) -> Option<PathBuf> {
    NAMES.iter().map(|name| directory.join(name)).find(|file| file.is_file())
}

impl Values {
    /// Where the values are not as a schema wants them: all layers together, nothing of a template's defaults.
    ///
    /// # Errors
    /// When the schema cannot be read, or is not one.
    pub fn check(&self, schema: &Path) -> Result<Vec<ValueFault>, SchemaError> {
        let schema = CompiledSchema::read(schema)?;
        let root = Json::Object(self.root.clone());
        let faults = schema.errors(&root).map(|error| {
            let path = path_of(&root, error.instance_path().as_str());
            ValueFault {
                place: origin(&self.layers, &path).unwrap_or_else(|| "values".to_owned()),
                message: words(&error, "this set of values"),
            }
        });
        Ok(faults.collect())
    }
}
