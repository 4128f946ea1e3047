//! `values.schema.json` beside a template: what its values have to be.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::policy::words::words;
use crate::policy::{CompiledSchema, SchemaError};
use crate::report::FileFault;

use super::Values;
use super::origin::{fault_at, path_of};

/// The names that a schema for values has.
const NAMES: [&str; 3] = ["values.schema.json", "values.schema.yaml", "values.schema.yml"];

/// What is wrong with a value, where it came from; for a value that is missing, at what lacks it. The value itself is not
/// repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueFault {
    /// At a place of a file.
    InFile(FileFault),
    /// Of an option or an environment variable, whose name is said.
    Elsewhere(String),
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
            fault_at(&self.layers, &path, &words(&error, "this set of values"))
        });
        Ok(faults.collect())
    }
}
