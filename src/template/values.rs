//! The values of a template: layers from files, the environment and the command line; later layers have precedence.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Number, Value as Json};

use crate::report::FileFault;
use crate::source::{self, Document, FileError, Format, SyntaxError, Type};
use crate::util::escape::{quoted, shown_path};

use super::assignment::{PathStep, assign, parse_path, unescaped_equals};
use super::slot::MAX_DEPTH;

mod origin;
mod schema;
mod toml;

use origin::ValuesLayer;
pub use schema::{ValueFault, ValuesFile, find_values_schema};

/// Why a layer of values cannot be used. Never repeats a value, which may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum ValuesError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file's extension is unknown.
    #[error("{}: values are read from .yaml, .yml, .json, .jsonc and .toml files", shown_path(.0))]
    Extension(PathBuf),
    /// The file does not parse, is not a map, has a value that JSON cannot represent, or nests too deep.
    #[error("{0}")]
    Unusable(FileFault),
    /// An assignment without `=`.
    #[error("{option} {path}: there is no `=`; write {option} name=value")]
    NoEquals {
        /// The option it came with.
        option: &'static str,
        /// The text before the value.
        path: String,
    },
    /// A text that is not a path, such as `a..b`, `a[x]` or the empty text.
    #[error(
        "{origin}: `{path}` is not a path; write names with dots between them and list items as `[0]`: `apps[0].image`"
    )]
    Path {
        /// The option or the environment variable.
        origin: String,
        /// The path.
        path: String,
    },
    /// A path through a value that is neither a map nor a list.
    #[error("{origin}: `{path}` cannot be set: {obstacle}")]
    Obstacle {
        /// The option or the environment variable.
        origin: String,
        /// The path.
        path: String,
        /// Why the path cannot be followed.
        obstacle: String,
    },
    /// The value of `--set-json` is not JSON.
    #[error("--set-json {path}: the value is not JSON: {problem} (column {column} of the value)")]
    Json {
        /// The path.
        path: String,
        /// What is wrong with the value.
        problem: String,
        /// The column in the value, from 1.
        column: usize,
    },
    /// An environment variable is not UTF-8.
    #[error("the environment variable {0} is not UTF-8")]
    Environment(String),
}

/// How the text of an assignment becomes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typing {
    /// `--set`: a number, `true`, `false` or `null` if the text is one in JSON's spelling, otherwise a string.
    Scalar,
    /// `--set-string`: always a string.
    String,
    /// `--set-json`: any JSON.
    Json,
}

impl Typing {
    fn option(self) -> &'static str {
        match self {
            Self::Scalar => "--set",
            Self::String => "--set-string",
            Self::Json => "--set-json",
        }
    }
}

/// How the given numbers are spelled. `1.10` is the number 1.1, but another tag of an image than `1.1`.
#[derive(Clone, Debug, Default)]
pub(super) struct Spellings(HashMap<u64, Option<String>>);

impl Spellings {
    fn note(&mut self, number: &Number, text: &str) {
        let Some(value) = number.as_f64().filter(|_| number.is_f64()) else {
            return;
        };
        let spelling = self.0.entry(value.to_bits()).or_insert_with(|| Some(text.to_owned()));
        if spelling.as_deref() != Some(text) {
            *spelling = None;
        }
    }

    /// The spelling of a number, if it is known; an error if it was given in several spellings.
    pub(super) fn of(&self, number: &Number) -> Result<Option<&str>, ()> {
        let Some(value) = number.as_f64().filter(|_| number.is_f64()) else {
            return Ok(None);
        };
        match self.0.get(&value.to_bits()) {
            None => Ok(None),
            Some(Some(text)) => Ok(Some(text)),
            Some(None) => Err(()),
        }
    }

    /// Whether an engine that knows only the values would print any number in another spelling.
    pub(super) fn matter(&self) -> bool {
        self.0.iter().any(|(bits, text)| {
            let plain = Number::from_f64(f64::from_bits(*bits)).map(|number| number.to_string());
            text.is_some() && *text != plain
        })
    }
}

/// The values of all layers.
#[derive(Clone, Debug, Default)]
pub struct Values {
    root: Map<String, Json>,
    spellings: Spellings,
    /// The layers, the lowest first.
    layers: Vec<ValuesLayer>,
}

impl Values {
    /// No values yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The values by name.
    #[must_use]
    pub fn root(&self) -> &Map<String, Json> {
        &self.root
    }

    pub(super) fn spellings(&self) -> &Spellings {
        &self.spellings
    }

    /// Adds the values of a file: maps are merged member by member, other values replace earlier ones.
    ///
    /// # Errors
    /// When it cannot be read or does not parse, with line and column.
    pub fn add_file(&mut self, path: &Path) -> Result<(), ValuesError> {
        let name = path.to_string_lossy();
        let format = match path.extension().and_then(|extension| extension.to_str()) {
            Some("yaml" | "yml") => Format::Yaml,
            Some("json") => Format::Json,
            Some("jsonc" | "json5") => Format::Jsonc,
            Some("toml") => return self.add_toml(&name, &source::read(path)?),
            _ => return Err(ValuesError::Extension(path.to_owned())),
        };
        self.add_text(&name, &source::read(path)?, format)
    }

    fn add_text(&mut self, name: &str, text: &str, format: Format) -> Result<(), ValuesError> {
        if text
            .lines()
            .all(|line| line.trim().is_empty() || (format == Format::Yaml && line.starts_with('#')))
        {
            // A file without values changes nothing.
            return Ok(());
        }
        let document = Document::parse(text, format).map_err(|error| {
            let fault = FileFault::among_secrets(name, text, &error.range, describe(&error));
            ValuesError::Unusable(fault.help(error.problem.help()))
        })?;
        let root = document.root();
        if root.kind() != Type::Object {
            let found = root.kind().with_article();
            let message = format!("values must be a map from names to values, not {found}");
            let fault = FileFault::among_secrets(name, text, &root.first_line(), message);
            return Err(ValuesError::Unusable(fault.help(Some("put a name before it"))));
        }
        let layer = self.take(&root, name, text, 0)?;
        merge(&mut self.root, layer);
        self.note_file(name, text, Some(format));
        Ok(())
    }

    fn note_file(&mut self, name: &str, text: &str, format: Option<Format>) {
        self.layers.push(ValuesLayer::File { name: name.to_owned(), text: text.to_owned(), format });
    }

    /// A parsed value as JSON; records the spelling of its numbers.
    fn take(
        &mut self,
        value: &source::Value<'_>,
        name: &str,
        text: &str,
        depth: usize,
    ) -> Result<Json, ValuesError> {
        if depth > MAX_DEPTH {
            let message = format!("values nest deeper than {MAX_DEPTH} levels");
            let fault = FileFault::among_secrets(name, text, &value.first_line(), message);
            return Err(ValuesError::Unusable(fault));
        }
        Ok(match value.kind() {
            Type::Number => {
                let json = value.to_json();
                if let (Json::Number(number), Some(text)) = (&json, value.as_number()) {
                    self.spellings.note(number, text);
                }
                json
            }
            Type::Array => value
                .elements()
                .map(|element| self.take(&element, name, text, depth + 1))
                .collect::<Result<_, _>>()?,
            Type::Object => value
                .members()
                .map(|(key, member)| {
                    let key = key.as_str().unwrap_or_default().into_owned();
                    Ok((key, self.take(&member, name, text, depth + 1)?))
                })
                .collect::<Result<Map<_, _>, ValuesError>>()?
                .into(),
            _ => value.to_json(),
        })
    }

    /// Adds an assignment `a.b[0].c=text`. A dot, bracket or equals sign in a name is written with a backslash before
    /// it. Returns the names of the path without escapes.
    ///
    /// # Errors
    /// When it has no `=`, its path is invalid, or its value is not JSON with [`Typing::Json`].
    pub fn set(&mut self, assignment: &str, typing: Typing) -> Result<Vec<String>, ValuesError> {
        let option = typing.option();
        let Some(equals) = unescaped_equals(assignment) else {
            // The text after the name may be a value.
            let is_name = |character: char| character.is_alphanumeric() || "_-.[]".contains(character);
            let path = assignment.chars().take_while(|character| is_name(*character)).collect();
            return Err(ValuesError::NoEquals { option, path });
        };
        let (path, text) = (&assignment[..equals], &assignment[equals + 1..]);
        let value = match typing {
            Typing::String => Json::String(text.to_owned()),
            Typing::Scalar => self.scalar(text),
            Typing::Json => self.json(path, text)?,
        };
        let origin = || format!("{option} {path}");
        let steps = parse_path(path).ok_or_else(|| ValuesError::Path {
            origin: option.to_owned(),
            path: quoted(path).into_owned(),
        })?;
        self.assign(&steps, value).map_err(|obstacle| ValuesError::Obstacle {
            origin: option.to_owned(),
            path: quoted(path).into_owned(),
            obstacle,
        })?;
        self.layers.push(ValuesLayer::Assignment { origin: origin(), steps: steps.clone() });
        Ok(steps
            .into_iter()
            .filter_map(|step| if let PathStep::Name(name) = step { Some(name) } else { None })
            .collect())
    }

    /// Adds environment variables: `P_TEAM` is `team`, `P_DOCKER__IMAGE` is `docker.image`. Names in upper case become
    /// lower case, other names stay. Values are typed as with [`Typing::Scalar`].
    ///
    /// # Errors
    /// When a variable is not UTF-8, or two of them contradict each other.
    pub fn add_environment(
        &mut self,
        prefix: &str,
        variables: impl IntoIterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
    ) -> Result<(), ValuesError> {
        let prefix = format!("{}_", prefix.trim_end_matches('_'));
        let mut named: Vec<(String, std::ffi::OsString)> = variables
            .into_iter()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .filter(|(name, _)| name.starts_with(&prefix) && name.len() > prefix.len())
            .collect();
        named.sort();
        for (variable, value) in named {
            let text = value.into_string().map_err(|_| ValuesError::Environment(variable.clone()))?;
            let name = &variable[prefix.len()..];
            let name = if name.contains(char::is_lowercase) { name.to_owned() } else { name.to_lowercase() };
            let steps: Vec<PathStep> = name.split("__").map(|name| PathStep::Name(name.to_owned())).collect();
            if steps.iter().any(|step| matches!(step, PathStep::Name(name) if name.is_empty())) {
                return Err(ValuesError::Path {
                    origin: format!("the environment variable {variable}"),
                    path: name,
                });
            }
            let value = self.scalar(&text);
            self.assign(&steps, value).map_err(|obstacle| ValuesError::Obstacle {
                origin: format!("the environment variable {variable}"),
                path: quoted(&name.replace("__", ".")).into_owned(),
                obstacle,
            })?;
            let origin = format!("the environment variable {variable}");
            self.layers.push(ValuesLayer::Assignment { origin, steps });
        }
        Ok(())
    }

    fn scalar(&mut self, text: &str) -> Json {
        let Ok(document) = Document::parse(text, Format::Json) else {
            return Json::String(text.to_owned());
        };
        let root = document.root();
        let is_all = root.source() == text;
        match root.kind() {
            Type::Number if is_all => {
                let json = root.to_json();
                if let Json::Number(number) = &json {
                    self.spellings.note(number, text);
                }
                json
            }
            Type::Boolean | Type::Null if is_all => root.to_json(),
            _ => Json::String(text.to_owned()),
        }
    }

    fn json(&mut self, path: &str, text: &str) -> Result<Json, ValuesError> {
        let bad = |problem: String, at: usize| ValuesError::Json {
            path: path.to_owned(),
            problem,
            column: text[..at.min(text.len())].chars().count() + 1,
        };
        let document =
            Document::parse(text, Format::Json).map_err(|error| bad(describe(&error), error.range.start))?;
        if let Some(source::Note::TrailingContent(range)) = document.notes().first() {
            return Err(bad("there is more text after it".to_owned(), range.start));
        }
        self.take(&document.root(), "--set-json", text, 0)
    }

    fn assign(&mut self, steps: &[PathStep], value: Json) -> Result<(), String> {
        // The engine and the definition go as deep as the values do.
        const DEEPEST: usize = 100;
        if steps.len() > DEEPEST {
            return Err(format!("the path has {} steps, more than {DEEPEST}", steps.len()));
        }
        let mut root = Json::Object(std::mem::take(&mut self.root));
        let outcome = assign(&mut root, steps, value);
        if let Json::Object(members) = root {
            self.root = members;
        }
        outcome
    }
}

/// A syntax error without the characters of the text, which may be part of a secret.
fn describe(error: &SyntaxError) -> String {
    use crate::source::SyntaxProblem as P;
    match &error.problem {
        P::UnknownWord(_) => "a bare word is not a JSON value".to_owned(),
        P::Unexpected(_, expected) => format!("expected {expected}, found something else"),
        problem => problem.to_string(),
    }
}

fn merge(into: &mut Map<String, Json>, layer: Json) {
    let Json::Object(layer) = layer else { return };
    for (name, value) in layer {
        match (into.get_mut(&name), value) {
            (Some(Json::Object(old)), new @ Json::Object(_)) => merge(old, new),
            (_, value) => {
                into.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests;
