//! The values a template is filled with: layers from files, the environment and the command line, later ones on top.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Number, Value as Json};

use crate::report;
use crate::source::{self, Document, FileError, Format, SyntaxError, Type};

use super::assignment::{PathStep, assign, parse_path, unescaped_equals};
use super::slot::MAX_DEPTH;

mod toml;

/// Why a layer of values cannot be used. A value is never repeated: it may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum ValuesError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The name does not say how the file is written.
    #[error("{}: values are read from .yaml, .yml, .json, .jsonc and .toml files", .0.display())]
    Extension(PathBuf),
    /// The file is not what its name says; the text names line and column.
    #[error("{0}")]
    Syntax(String),
    /// Something else than names and values.
    #[error("{place}: values are a map from names to values, and this is {found}; {help}")]
    NoMap {
        /// File, line and column.
        place: String,
        /// What it is instead.
        found: &'static str,
        /// What to write.
        help: &'static str,
    },
    /// A value that JSON has no counterpart for, or nesting without end.
    #[error("{place}: {message}")]
    Unusable {
        /// File, line and column.
        place: String,
        /// What is wrong.
        message: String,
    },
    /// An assignment without `=`.
    #[error("{option} {path}: there is no `=`; write {option} name=value")]
    NoEquals {
        /// The option it came with.
        option: &'static str,
        /// What was given.
        path: String,
    },
    /// A path such as `a..b`, `a[x]` or nothing at all.
    #[error(
        "{origin}: `{path}` is no path; write names with dots between them and list items as `[0]`: `apps[0].image`"
    )]
    Path {
        /// The option or the environment variable.
        origin: String,
        /// The path.
        path: String,
    },
    /// A path that goes through something that has no inside.
    #[error("{origin}: `{path}` cannot be set: {obstacle}")]
    Obstacle {
        /// The option or the environment variable.
        origin: String,
        /// The path.
        path: String,
        /// What is in the way.
        obstacle: String,
    },
    /// The value of `--set-json` is no JSON.
    #[error("--set-json {path}: the value is no JSON: {problem} (column {column} of the value)")]
    Json {
        /// The path.
        path: String,
        /// What is wrong with the value.
        problem: String,
        /// Where in the value, from 1.
        column: usize,
    },
    /// An environment variable is no text.
    #[error("the environment variable {0} is not UTF-8")]
    Environment(String),
}

/// What an assignment's text becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typing {
    /// `--set`: a number, `true`, `false` or `null` where the text is exactly one in JSON's spelling, else a string.
    Scalar,
    /// `--set-string`: a string, whatever it looks like.
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

/// How the given numbers are written. `1.10` is the number 1.1 and yet, as an image's tag, another one.
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

    /// The spelling of a number, where it was given in one; an error where it was given in several.
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

    /// Whether any number would be written differently by an engine that knows only its value.
    pub(super) fn matter(&self) -> bool {
        self.0.iter().any(|(bits, text)| {
            let plain = Number::from_f64(f64::from_bits(*bits)).map(|number| number.to_string());
            text.is_some() && *text != plain
        })
    }
}

/// The values, all layers laid on top of each other.
#[derive(Clone, Debug, Default)]
pub struct Values {
    root: Map<String, Json>,
    spellings: Spellings,
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

    /// Lays a file on top: maps merge member by member, anything else replaces what was there.
    ///
    /// # Errors
    /// When it cannot be read, with line and column where its text is at fault.
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
            // An empty layer changes nothing.
            return Ok(());
        }
        let document = Document::parse(text, format).map_err(|error| {
            let place = report::text::place(name, text, error.range.start);
            let help = error.problem.help().map(|help| format!("; {help}")).unwrap_or_default();
            ValuesError::Syntax(format!("{place}: {}{help}", describe(&error)))
        })?;
        let root = document.root();
        if root.kind() != Type::Object {
            return Err(ValuesError::NoMap {
                place: report::text::place(name, text, root.range().start),
                found: root.kind().with_article(),
                help: "put a name before it",
            });
        }
        let layer = self.take(&root, name, text, 0)?;
        merge(&mut self.root, layer);
        Ok(())
    }

    /// A parsed value as JSON, the spelling of its numbers noted.
    fn take(
        &mut self,
        value: &source::Value<'_>,
        name: &str,
        text: &str,
        depth: usize,
    ) -> Result<Json, ValuesError> {
        if depth > MAX_DEPTH {
            return Err(ValuesError::Unusable {
                place: report::text::place(name, text, value.range().start),
                message: format!("values nest deeper than {MAX_DEPTH} levels"),
            });
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

    /// Lays an assignment `a.b[0].c=text` on top. A dot, bracket or equals sign that belongs to a name is written with
    /// a backslash before it. Returns the path without escapes.
    ///
    /// # Errors
    /// When it has no `=`, its path leads nowhere, or its value is no JSON where JSON is called for.
    pub fn set(&mut self, assignment: &str, typing: Typing) -> Result<Vec<String>, ValuesError> {
        let option = typing.option();
        let Some(equals) = unescaped_equals(assignment) else {
            // Whatever follows the name may be meant as a value.
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
        let steps = parse_path(path)
            .ok_or_else(|| ValuesError::Path { origin: option.to_owned(), path: path.to_owned() })?;
        self.assign(&steps, value).map_err(|obstacle| ValuesError::Obstacle {
            origin: origin(),
            path: path.to_owned(),
            obstacle,
        })?;
        Ok(steps
            .into_iter()
            .filter_map(|step| if let PathStep::Name(name) = step { Some(name) } else { None })
            .collect())
    }

    /// Lays environment variables on top: `P_TEAM` is `team`, `P_DOCKER__IMAGE` is `docker.image`. A name in capitals
    /// is taken in small letters, any other as it is. Values are typed as by [`Typing::Scalar`].
    ///
    /// # Errors
    /// When one of them is not UTF-8, or two get in each other's way.
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
                path: name.replace("__", "."),
                obstacle,
            })?;
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
        let mut root = Json::Object(std::mem::take(&mut self.root));
        let outcome = assign(&mut root, steps, value);
        if let Json::Object(members) = root {
            self.root = members;
        }
        outcome
    }
}

/// A syntax error without the characters it met, which may be a secret's.
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
