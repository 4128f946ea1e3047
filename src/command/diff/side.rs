//! Reading one side of a comparison.

use std::path::Path;

use anyhow::bail;
use serde_json::Value as Json;

use super::super::Terminal;
use super::super::discover::{InputFile, WalkArgs, WalkEnd};
use super::super::input::{FoundFile, Input, KindArg, report_error};
use crate::finding::{Effect, Finding, Stage};
use crate::lint;
use crate::normalize::{Normalized, answered, applied, normalize};
use crate::report::text::place_in;
use crate::schema::{self, recognize::NotADefinition};
use crate::secret_scan::Secrets;
use crate::source::{Document, Format, Kind, LineIndex, Step, Type};
use crate::state::{ResponsePart, ServerState, is_complete, parts};
use crate::target::Settings;
use crate::util::escape::shown_path;
use crate::util::hash::Set;

/// The texts of one side of a comparison.
pub(super) struct Texts {
    /// Its name in messages.
    name: String,
    all: Vec<SideText>,
    /// It is a directory, or several files.
    is_list: bool,
    /// It is one directory.
    is_directory: bool,
    /// The files that cannot be read, by their origins: each was reported.
    failed: Vec<String>,
    /// The files that cannot be parsed and have no sign of a definition, by their origins: nothing in them is compared.
    unparsable: Vec<String>,
}

struct SideText {
    input: Input,
    /// As the user says.
    kind: Option<Kind>,
    /// The file: below a directory its path from there, so that it can be found on the other side.
    origin: String,
}

/// The definitions of one side of a comparison.
pub(super) struct Side {
    /// Its name in messages.
    pub(super) name: String,
    pub(super) definitions: Vec<Normalized>,
    /// The file of each definition: below a directory its path from there, so that it can be found on the other side.
    pub(super) origins: Vec<String>,
    /// It is a directory, or several files.
    pub(super) is_list: bool,
    /// It is one directory.
    pub(super) is_directory: bool,
    /// The files that cannot be compared, by their origins: each was reported.
    pub(super) failed: Vec<String>,
    /// See [`Texts`].
    pub(super) unparsable: Vec<String>,
    pub(super) rejections: Rejections,
    /// The texts that Marathon accepts, to tell why their tasks fail.
    accepted: Vec<(Input, Kind)>,
}

/// Why the tasks of a definition fail.
struct FailingTask {
    rule: &'static str,
    message: String,
    /// The file, the line and the column.
    place: String,
}

/// What becomes of a definition that Marathon would reject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rejections {
    /// It is compared as it is written, where its fields can be read; nothing is sent.
    AsWritten,
    /// It cannot be sent, so it is not compared.
    Fail,
}

/// Whether each field of a definition can be read: Marathon would reject it only for what it says.
fn is_readable(input: &Input, kind: Kind, settings: &Settings) -> bool {
    let found = schema::check(&input.document, kind, settings.release);
    found.iter().all(|finding| finding.effect != Effect::Rejected)
}

impl Texts {
    /// Reads files and directories. What below a directory cannot be read is reported and left out.
    pub(super) fn read(
        paths: &[&String],
        kind: Option<KindArg>,
        walk_args: &WalkArgs,
        term: &mut Terminal,
    ) -> anyhow::Result<Self> {
        let name = paths.iter().map(|path| path.as_str()).collect::<Vec<_>>().join(", ");
        let (all, failed, unparsable) = (Vec::new(), Vec::new(), Vec::new());
        let is_list = paths.len() > 1;
        let mut texts = Self { name, all, is_list, is_directory: false, failed, unparsable };
        for path in paths {
            let directory = Path::new(path.as_str());
            if directory.is_dir() {
                (texts.is_list, texts.is_directory) = (true, paths.len() == 1);
                texts.directory(directory, walk_args, term)?;
                continue;
            }
            let input = Input::read_as_marathon(path)?;
            let kind = kind.map(|kind| Kind::from(kind).of_shape(input.document.root()));
            texts.all.push(SideText { input, kind, origin: (*path).clone() });
        }
        Ok(texts)
    }

    fn directory(
        &mut self,
        directory: &Path,
        walk_args: &WalkArgs,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let before = self.all.len() + self.failed.len();
        let mut walk = walk_args.walk(&[directory.to_owned()])?;
        for InputFile { path: file, .. } in std::mem::take(&mut walk.files) {
            let origin = file.strip_prefix(directory).unwrap_or(&file).to_string_lossy().into_owned();
            match FoundFile::read_response(&file) {
                Ok(FoundFile::Definition(input, _)) => {
                    self.all.push(SideText { input, kind: None, origin });
                }
                Ok(FoundFile::Skipped(why)) => {
                    if why == NotADefinition::Unparsable {
                        self.unparsable.push(origin);
                    }
                    walk.skip(file, &why.to_string());
                }
                Err(error) if error.downcast_ref::<std::io::Error>().is_some() => return Err(error),
                Err(error) => {
                    report_error(&error, term)?;
                    self.failed.push(origin);
                }
            }
        }
        if walk.end(walk_args, term)? == WalkEnd::Unreadable {
            bail!("{}: not all of it can be read, so nothing is compared", shown_path(&directory));
        }
        if self.all.len() + self.failed.len() == before {
            let what = format!("{}: found no definitions", shown_path(&directory));
            walk.end_without_files(&what, term)?;
        }
        Ok(())
    }

    /// What the texts define, without a check.
    #[cfg(feature = "net")]
    pub(super) fn unchecked(&self, settings: &Settings) -> anyhow::Result<Vec<Normalized>> {
        let mut definitions = Vec::new();
        for text in &self.all {
            match text.responses() {
                Some(parts) => {
                    let parts = parts.into_iter();
                    definitions.extend(parts.map(|part| answered(part.value, part.kind, settings)));
                }
                None => definitions.push(answered(text.input.document.root(), text.kind()?, settings)),
            }
        }
        Ok(definitions)
    }
}

impl SideText {
    /// The definitions in a text that is a server's response.
    fn responses(&self) -> Option<Vec<ResponsePart<'_>>> {
        let is_of_kind = |parts: &Vec<ResponsePart<'_>>| match self.kind {
            None => true,
            Some(kind) => parts.first().is_none_or(|part| part.kind == kind),
        };
        parts(self.input.document.root()).filter(is_of_kind)
    }

    fn kind(&self) -> anyhow::Result<Kind> {
        self.kind.map_or_else(|| self.input.kind(), Ok)
    }
}

impl Side {
    /// Reads files and directories. What Marathon would reject, and below a directory what cannot be read, is reported and
    /// left out.
    pub(super) fn read(
        paths: &[&String],
        kind: Option<KindArg>,
        settings: &Settings,
        (walk_args, rejections): (&WalkArgs, Rejections),
        term: &mut Terminal,
    ) -> anyhow::Result<Self> {
        Self::of(Texts::read(paths, kind, walk_args, term)?, settings, rejections, &|_| None, term)
    }

    /// Checks texts against what runs, which `held` gives by id: the apps of an array are updates of it. What Marathon
    /// would reject is reported and left out.
    pub(super) fn of(
        texts: Texts,
        settings: &Settings,
        rejections: Rejections,
        held: &dyn Fn(&str) -> Option<Json>,
        term: &mut Terminal,
    ) -> anyhow::Result<Self> {
        let Texts { name, all, is_list, is_directory, failed, unparsable } = texts;
        let (definitions, origins) = (Vec::new(), Vec::new());
        let mut side = Self {
            name,
            definitions,
            origins,
            is_list,
            is_directory,
            failed,
            unparsable,
            rejections,
            accepted: Vec::new(),
        };
        for text in all {
            side.take(text, settings, held, term)?;
        }
        Ok(side)
    }

    /// Adds one text, or reports that Marathon would reject it.
    fn take(
        &mut self,
        text: SideText,
        settings: &Settings,
        held: &dyn Fn(&str) -> Option<Json>,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let SideText { input, origin, .. } = &text;
        let root = input.document.root();
        if let Some(parts) = text.responses() {
            self.is_list |= parts.len() > 1;
            for ResponsePart { kind, value } in parts {
                self.push(answered(value, kind, settings), origin);
            }
            return Ok(());
        }
        let kind = text.kind()?;
        let normalized = match kind {
            Kind::Apps => updates(&input.document, held, settings),
            _ => normalize(&input.document, kind, settings),
        };
        let normalized = match normalized {
            Ok(normalized) => {
                self.push(normalized, origin);
                self.accepted.push((text.input, kind));
                return Ok(());
            }
            Err(rejections) => {
                let name = &input.name;
                term.findings(name, input.document.text(), &rejections)?;
                let is_held = kind == Kind::App && is_complete(root);
                let is_compared =
                    is_held || self.rejections == Rejections::AsWritten && is_readable(input, kind, settings);
                if !is_compared {
                    writeln!(term.err(), "{name}: Marathon would reject this, so it cannot be compared")?;
                    self.failed.push(origin.to_owned());
                    return Ok(());
                }
                let how = if is_held { "as what a server holds" } else { "as it is written" };
                writeln!(term.err(), "note: {name}: Marathon would reject this; compared {how}")?;
                answered(root, kind, settings)
            }
        };
        self.push(normalized, origin);
        Ok(())
    }

    /// Why tasks of the definitions fail.
    fn failures(&self, settings: &Settings) -> Vec<FailingTask> {
        let mut all = Vec::new();
        for (input, kind) in &self.accepted {
            let text = input.document.text();
            let failures = lint::failures(&input.document, *kind, settings);
            if failures.is_empty() {
                continue;
            }
            let (lines, secrets) = (LineIndex::new(text), Secrets::of(text));
            all.extend(failures.into_iter().map(|mut found| {
                secrets.hide_in_finding(text, &mut found);
                let place = place_in(&input.name, text, &lines, found.range.start);
                FailingTask { rule: found.rule.slug, message: found.message, place }
            }));
        }
        all
    }

    /// Whether it is compared as definitions that Marathon accepts, and nothing else.
    pub(super) fn is_all_accepted(&self) -> bool {
        self.accepted.len() == self.definitions.len()
    }

    /// Warns of definitions whose tasks fail, unless they fail for the same reason on the old side, which is looked through
    /// only where there are any (`whole`, diff).
    pub(super) fn warn_of_failures(
        &self,
        old: Option<&Self>,
        settings: &Settings,
        term: &mut Terminal,
    ) -> std::io::Result<()> {
        let failures = self.failures(settings);
        if failures.is_empty() {
            return Ok(());
        }
        let known = old.map(|old| old.failures(settings)).unwrap_or_default();
        let known: Set<_> = known.iter().map(|old| (old.rule, &old.message)).collect();
        let is_new = |failure: &&FailingTask| !known.contains(&(failure.rule, &failure.message));
        for FailingTask { rule, message, place } in failures.iter().filter(is_new) {
            writeln!(term.err(), "warning: {place}: {message} [{rule}]")?;
        }
        Ok(())
    }

    fn push(&mut self, definition: Normalized, origin: &str) {
        self.definitions.push(definition);
        self.origins.push(origin.to_owned());
    }

    /// The files that were not compared.
    pub(super) fn not_compared(&self) -> Vec<String> {
        [&self.failed[..], &self.unparsable[..]].concat()
    }

    /// Names the files that were not compared, at the end of the output; whether there are any.
    pub(super) fn list_not_compared(&self, term: &mut Terminal) -> std::io::Result<bool> {
        let why = |index| if index < self.failed.len() { "" } else { ": it cannot be parsed" };
        let all = self.failed.iter().chain(&self.unparsable);
        for (index, file) in all.enumerate() {
            writeln!(term.err(), "error: not compared: {file} of {}{}", self.name, why(index))?;
        }
        Ok(self.failed.len() + self.unparsable.len() > 0)
    }

    /// The state that the files of a side describe.
    pub(super) fn held(&self) -> ServerState<'_> {
        let held = ServerState::of(&self.definitions);
        // A list counts as complete, so that a service in only one of two lists is a difference.
        if self.is_list { held.exhaustive() } else { held }
    }

    /// The files that define a service.
    pub(super) fn defining(&self, id: &str) -> Vec<&str> {
        let defines = |index: &usize| ServerState::of([&self.definitions[*index]]).get(id).is_some();
        (0..self.definitions.len()).filter(defines).map(|index| self.origins[index].as_str()).collect()
    }
}

/// What `PUT /v2/apps` makes of an array: apps that run are changed, and all others are made.
///
/// # Errors
/// Why the server would reject it. What is wrong with an app only once it is changed is reported at its element.
pub(in super::super) fn updates(
    array: &Document,
    held: &dyn Fn(&str) -> Option<Json>,
    settings: &Settings,
) -> Result<Normalized, Vec<Finding>> {
    let mut refused = lint::refusals(array, Kind::Apps, settings);
    // The types of an update count as they are written.
    let is_type = |found: &Finding| found.stage().is_none_or(|stage| stage <= Stage::Parse);
    if refused.iter().any(is_type) {
        refused.retain(is_type);
        lint::put_placeholders_together(array.root(), &mut refused);
        return Err(refused);
    }
    let result = applied(array.root(), held, settings);
    let elements: Vec<_> =
        array.root().elements().enumerate().filter(|(_, element)| element.kind() == Type::Object).collect();
    for (index, element) in elements {
        let id = answered(element, Kind::App, settings).id().to_owned();
        if held(&id).is_none() {
            continue;
        }
        let range = element.range();
        refused.retain(|found| !range.contains(&found.range.start));
        let app = result.value.as_array().into_iter().flatten().find(|app| app["id"] == id.as_str());
        let document = app.and_then(|app| Document::parse(app.to_string(), Format::Json).ok());
        let changed = document.map(|document| lint::refusals(&document, Kind::App, settings));
        refused.extend(changed.into_iter().flatten().map(|found| Finding {
            message: format!("{id}, changed like this: {}", found.message),
            pointer:
                std::iter::once(Step::Index(index)).chain(found.pointer.steps().iter().cloned()).collect(),
            range: element.get("id").map_or(range.clone(), |id| id.range()),
            fix: None,
            ..found
        }));
    }
    if refused.is_empty() {
        return Ok(result);
    }
    lint::put_placeholders_together(array.root(), &mut refused);
    Err(refused)
}
