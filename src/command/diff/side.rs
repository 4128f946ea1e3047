//! Reading one side of a comparison.

use std::path::Path;

use anyhow::bail;
use serde_json::Value as Json;

use super::super::Terminal;
use super::super::input::{Input, KindArg};
use crate::command::discover;
use crate::finding::{Finding, Stage};
use crate::lint;
use crate::normalize::{Normalized, answered, applied, normalize};
use crate::report;
use crate::source::{Document, Kind, Type};
use crate::state::{ResponsePart, is_complete, parts};
use crate::target::Settings;

/// The texts of one side of a comparison.
pub(super) struct Texts {
    /// Its name in messages.
    name: String,
    /// Each with the kind that the user says.
    inputs: Vec<(Input, Option<Kind>)>,
    /// It is a directory, or several files.
    is_list: bool,
}

/// The definitions of one side of a comparison.
pub(super) struct Side {
    /// Its name in messages.
    pub(super) name: String,
    pub(super) definitions: Vec<Normalized>,
    /// It is a directory, or several files.
    pub(super) is_list: bool,
}

impl Texts {
    /// Reads files and directories.
    pub(super) fn read(paths: &[&String], kind: Option<KindArg>) -> anyhow::Result<Self> {
        let name = paths.iter().map(|path| path.as_str()).collect::<Vec<_>>().join(", ");
        let mut texts = Self { name, inputs: Vec::new(), is_list: paths.len() > 1 };
        for path in paths {
            let directory = Path::new(path.as_str());
            if !directory.is_dir() {
                let input = Input::read_as_marathon(path)?;
                let kind = kind.map(|kind| Kind::from(kind).of_shape(input.document.root()));
                texts.inputs.push((input, kind));
                continue;
            }
            texts.is_list = true;
            let before = texts.inputs.len();
            for file in discover::definitions(directory)? {
                let name = file.to_string_lossy();
                let input = Input::read_as_marathon(&name)?;
                // A directory may also contain other files.
                if parts(input.document.root()).is_some() || Kind::detect(&input.document.root()).is_some() {
                    texts.inputs.push((input, None));
                }
            }
            if texts.inputs.len() == before {
                bail!("{path}: none of its files is an app, pod or group");
            }
        }
        Ok(texts)
    }

    /// What the texts define, without a check.
    #[cfg(feature = "net")]
    pub(super) fn unchecked(&self, settings: &Settings) -> anyhow::Result<Vec<Normalized>> {
        let mut definitions = Vec::new();
        for (input, kind) in &self.inputs {
            match responses(input, *kind) {
                Some(parts) => {
                    definitions
                        .extend(parts.into_iter().map(|part| answered(part.value, part.kind, settings)));
                }
                None => definitions.push(answered(input.document.root(), kind_of(input, *kind)?, settings)),
            }
        }
        Ok(definitions)
    }
}

/// The definitions in a text that is a server's response.
fn responses(input: &Input, kind: Option<Kind>) -> Option<Vec<ResponsePart<'_>>> {
    let is_of_kind = |parts: &Vec<ResponsePart<'_>>| match kind {
        None => true,
        Some(kind) => parts.first().is_none_or(|part| part.kind == kind),
    };
    parts(input.document.root()).filter(is_of_kind)
}

fn kind_of(input: &Input, kind: Option<Kind>) -> anyhow::Result<Kind> {
    kind.map_or_else(|| input.kind(), Ok)
}

impl Side {
    /// Reads files and directories. None when Marathon would reject one of them, which is reported.
    pub(super) fn read(
        paths: &[&String],
        kind: Option<KindArg>,
        settings: &Settings,
        term: &mut Terminal,
    ) -> anyhow::Result<Option<Self>> {
        Self::of(&Texts::read(paths, kind)?, settings, &|_| None, term)
    }

    /// Checks texts against what runs, which `held` gives by id: the apps of an array are updates of it. None when Marathon
    /// would reject one of them, which is reported.
    pub(super) fn of(
        texts: &Texts,
        settings: &Settings,
        held: &dyn Fn(&str) -> Option<Json>,
        term: &mut Terminal,
    ) -> anyhow::Result<Option<Self>> {
        let mut side = Self { name: texts.name.clone(), definitions: Vec::new(), is_list: texts.is_list };
        let mut is_rejected = false;
        for (input, kind) in &texts.inputs {
            is_rejected |= !side.take(input, *kind, settings, held, term)?;
        }
        Ok((!is_rejected).then_some(side))
    }

    /// Adds one text; `false` when Marathon would reject it.
    fn take(
        &mut self,
        input: &Input,
        kind: Option<Kind>,
        settings: &Settings,
        held: &dyn Fn(&str) -> Option<Json>,
        term: &mut Terminal,
    ) -> anyhow::Result<bool> {
        let root = input.document.root();
        if let Some(parts) = responses(input, kind) {
            self.is_list |= parts.len() > 1;
            self.definitions.extend(
                parts.into_iter().map(|ResponsePart { kind, value }| answered(value, kind, settings)),
            );
            return Ok(true);
        }
        let kind = kind_of(input, kind)?;
        let normalized = match kind {
            Kind::Apps => updates(&input.document, held, settings),
            _ => normalize(&input.document, kind, settings),
        };
        let normalized = match normalized {
            Ok(normalized) => normalized,
            Err(rejections) => {
                let name = &input.name;
                report::text::write(term.err(), name, input.document.text(), &rejections)?;
                if kind != Kind::App || !is_complete(root) {
                    writeln!(term.err(), "{name}: Marathon would reject this, so it cannot be compared")?;
                    return Ok(false);
                }
                writeln!(
                    term.err(),
                    "note: {name}: Marathon would reject this; compared as what a server holds"
                )?;
                answered(root, kind, settings)
            }
        };
        self.definitions.push(normalized);
        Ok(true)
    }
}

/// What `PUT /v2/apps` makes of an array: apps that run are changed, and all others are made.
///
/// # Errors
/// Why the server would reject it. What is wrong with an app only once it is changed is reported at its element.
fn updates(
    array: &Document,
    held: &dyn Fn(&str) -> Option<Json>,
    settings: &Settings,
) -> Result<Normalized, Vec<Finding>> {
    let mut refused = lint::refusals(array, Kind::Apps, settings);
    // The types of an update count as they are written.
    let is_type = |found: &Finding| found.stage().is_none_or(|stage| stage <= Stage::Parse);
    if refused.iter().any(is_type) {
        refused.retain(is_type);
        return Err(refused);
    }
    let result = applied(array.root(), held, settings);
    let elements: Vec<_> = array.root().elements().filter(|element| element.kind() == Type::Object).collect();
    for element in elements {
        let id = answered(element, Kind::App, settings).id().to_owned();
        if held(&id).is_none() {
            continue;
        }
        let range = element.range();
        refused.retain(|found| !range.contains(&found.range.start));
        let app = result.value.as_array().into_iter().flatten().find(|app| app["id"] == id.as_str());
        let document = app.and_then(|app| Document::parse(app.to_string(), crate::source::Format::Json).ok());
        let changed = document.map(|document| lint::refusals(&document, Kind::App, settings));
        refused.extend(changed.into_iter().flatten().map(|found| Finding {
            message: format!("{id}, changed like this: {}", found.message),
            range: element.get("id").map_or(range.clone(), |id| id.range()),
            fix: None,
            ..found
        }));
    }
    if refused.is_empty() { Ok(result) } else { Err(refused) }
}
