//! `values.schema.json` beside a template: what its values have to be.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::finding::{Effect, Finding};
use crate::policy::words::words;
use crate::policy::{CompiledSchema, SchemaError};
use crate::source::Pointer;
use crate::template::rules::VALUE_AGAINST_SCHEMA;
use crate::util::escape::shown_path;

use super::Values;
use super::origin::{fault_at, path_of};

/// The names that a schema for values has.
const NAMES: [&str; 3] = ["values.schema.json", "values.schema.yaml", "values.schema.yml"];

/// What is wrong with a value, where it came from; for a value that is missing, at what lacks it. The value itself is not
/// repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueFault {
    /// The file that has the value; nothing for one of an option or an environment variable, whose name the message says.
    pub file: Option<ValuesFile>,
    /// The place in the file.
    pub range: Range<usize>,
    /// What is wrong: a clause without a full stop.
    pub message: String,
}

/// A file of values, to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValuesFile {
    /// Its name.
    pub name: String,
    /// Its text, with `*` for what may be a secret: all but names. Places are the same.
    pub covered: String,
}

impl ValueFault {
    /// The finding for this fault, with the schema that says what values there are.
    #[must_use]
    pub fn finding(&self, schema: &Path) -> Finding {
        Finding {
            rule: &VALUE_AGAINST_SCHEMA,
            effect: Effect::Rejected,
            pointer: Pointer::root(),
            message: self.message.clone(),
            help: Some(format!("{} says what values there are", shown_path(&schema)).into()),
            range: self.range.clone(),
            answer: None,
            refusal: None,
            fix: None,
        }
    }
}

/// The schema for values that lies in a directory.
///
/// # Errors
/// The names of two, of which only one can count.
pub fn find_values_schema(directory: &Path) -> Result<Option<PathBuf>, [&'static str; 2]> {
    let mut names = NAMES.into_iter().filter(|name| directory.join(name).is_file());
    let first = names.next();
    match (first, names.next()) {
        (Some(first), Some(second)) => Err([first, second]),
        _ => Ok(first.map(|name| directory.join(name))),
    }
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
