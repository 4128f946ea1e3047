//! Where values came from: asked only when something is wrong with one.

use std::ops::Range;

use ::toml::de::{DeTable, DeValue};
use serde_json::Value as Json;

use crate::report::without_values;
use crate::source::{Document, Format};

use super::{PathStep, ValueFault, ValuesFile};

/// A layer of values.
#[derive(Clone, Debug)]
pub(super) enum ValuesLayer {
    /// A file; without a format it is TOML.
    File { name: String, text: String, format: Option<Format> },
    /// One value, by an option or an environment variable.
    Assignment {
        /// `--set a.b`, `the environment variable P_A`.
        origin: String,
        steps: Vec<PathStep>,
    },
}

/// What is wrong with the value at `path`, told where it came from, or the nearest one around it: a place in a file, an option
/// or a variable. Of several layers that have it the last counts.
pub(super) fn fault_at(layers: &[ValuesLayer], path: &[PathStep], message: &str) -> ValueFault {
    let fault = |len: usize| layers.iter().rev().find_map(|layer| layer.fault(&path[..len], message));
    let found = (0..=path.len()).rev().find_map(fault);
    found.unwrap_or_else(|| elsewhere("values", message))
}

fn elsewhere(origin: &str, message: &str) -> ValueFault {
    ValueFault { file: None, range: 0..0, message: format!("{origin}: {message}") }
}

impl ValuesLayer {
    /// What is wrong at exactly this path.
    fn fault(&self, path: &[PathStep], message: &str) -> Option<ValueFault> {
        match self {
            Self::File { name, text, format } => {
                let range = match format {
                    Some(format) => in_document(text, *format, path),
                    None => in_toml(text, path),
                };
                range.map(|range| {
                    let file = ValuesFile { name: name.clone(), covered: without_values(text) };
                    ValueFault { file: Some(file), range, message: message.to_owned() }
                })
            }
            Self::Assignment { origin, steps } => {
                (!path.is_empty() && path.starts_with(steps)).then(|| elsewhere(origin, message))
            }
        }
    }
}

fn in_document(text: &str, format: Format, path: &[PathStep]) -> Option<Range<usize>> {
    let document = Document::parse(text, format).ok()?;
    let found = path.iter().try_fold(document.root(), |value, step| match step {
        PathStep::Name(name) => value.get(name),
        PathStep::Index(index) => value.elements().nth(*index),
    });
    Some(found?.first_line())
}

fn in_toml(text: &str, path: &[PathStep]) -> Option<Range<usize>> {
    let table = DeTable::parse(text).ok()?;
    let Some((PathStep::Name(first), rest)) = path.split_first() else { return Some(0..0) };
    let found = rest.iter().try_fold(table.get_ref().get(first.as_str())?, |value, step| {
        match (value.get_ref(), step) {
            (DeValue::Table(table), PathStep::Name(name)) => table.get(name.as_str()),
            (DeValue::Array(items), PathStep::Index(index)) => items.get(*index),
            _ => None,
        }
    });
    Some(found?.span())
}

/// A JSON pointer's steps as a path in `root`: digits are an index only in a list.
pub(super) fn path_of(root: &Json, pointer: &str) -> Vec<PathStep> {
    let mut at = Some(root);
    let mut path = Vec::new();
    for part in pointer.split('/').skip(1) {
        let name = part.replace("~1", "/").replace("~0", "~");
        let step = match (at, name.parse()) {
            (Some(Json::Array(_)), Ok(index)) => PathStep::Index(index),
            _ => PathStep::Name(name),
        };
        at = at.and_then(|value| match &step {
            PathStep::Name(name) => value.get(name),
            PathStep::Index(index) => value.get(*index),
        });
        path.push(step);
    }
    path
}
