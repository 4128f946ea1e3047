//! Reading one side of a comparison.

use std::path::Path;

use anyhow::bail;

use super::super::Terminal;
use super::super::discover::{InputFile, WalkArgs, WalkEnd};
use super::super::input::{FoundFile, Input, KindArg, report_error};
use crate::finding::Effect;
use crate::normalize::{Normalized, answered, normalize};
use crate::report;
use crate::schema;
use crate::source::{Document, Kind};
use crate::state::{ResponsePart, ServerState, is_complete, parts};
use crate::target::Settings;

/// The definitions of one side of a comparison.
pub(super) struct Side {
    /// Its name in messages.
    pub(super) name: String,
    pub(super) definitions: Vec<Normalized>,
    /// The file of each definition: below a directory its path from there, so that it can be found on the other side.
    pub(super) origins: Vec<String>,
    /// The arrays among them as they are written: the index of the definition, and the text.
    pub(super) arrays: Vec<(usize, Document)>,
    /// It is a directory, or several files.
    pub(super) is_list: bool,
    /// It is one directory.
    pub(super) is_directory: bool,
    /// The files that cannot be compared, by their origins: each was reported.
    pub(super) failed: Vec<String>,
    pub(super) rejections: Rejections,
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
        let name = paths.iter().map(|path| path.as_str()).collect::<Vec<_>>().join(", ");
        let mut side = Self {
            name,
            definitions: Vec::new(),
            origins: Vec::new(),
            arrays: Vec::new(),
            is_list: paths.len() > 1,
            is_directory: false,
            failed: Vec::new(),
            rejections,
        };
        for path in paths {
            let directory = Path::new(path.as_str());
            if directory.is_dir() {
                (side.is_list, side.is_directory) = (true, paths.len() == 1);
                side.directory(directory, settings, walk_args, term)?;
                continue;
            }
            let input = Input::read_as_marathon(path)?;
            let kind = kind.map(|kind| Kind::from(kind).of_shape(input.document.root()));
            side.take(&input, kind, path, settings, term)?;
        }
        Ok(side)
    }

    fn directory(
        &mut self,
        directory: &Path,
        settings: &Settings,
        walk_args: &WalkArgs,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let before = self.definitions.len() + self.failed.len();
        let mut walk = walk_args.walk(&[directory.to_owned()])?;
        for InputFile { path: file, .. } in std::mem::take(&mut walk.files) {
            let origin = file.strip_prefix(directory).unwrap_or(&file).to_string_lossy().into_owned();
            let taken = match FoundFile::read_response(&file) {
                Ok(FoundFile::Definition(input, _)) => self.take(&input, None, &origin, settings, term),
                Ok(FoundFile::Skipped(why)) => {
                    walk.skip(file, &why.to_string());
                    continue;
                }
                Err(error) => Err(error),
            };
            if let Err(error) = taken {
                if error.downcast_ref::<std::io::Error>().is_some() {
                    return Err(error);
                }
                report_error(&error, term)?;
                self.failed.push(origin);
            }
        }
        if walk.end(walk_args, term)? == WalkEnd::Unreadable {
            bail!("{}: not all of it can be read, so nothing is compared", directory.display());
        }
        if self.definitions.len() + self.failed.len() == before {
            bail!("{}: found no definitions: {}", directory.display(), walk.why_nothing_is_left());
        }
        Ok(())
    }

    /// Adds one text, or reports that Marathon would reject it.
    fn take(
        &mut self,
        input: &Input,
        kind: Option<Kind>,
        origin: &str,
        settings: &Settings,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let root = input.document.root();
        let is_of_kind = |parts: &Vec<ResponsePart<'_>>| match kind {
            None => true,
            Some(kind) => parts.first().is_none_or(|part| part.kind == kind),
        };
        if let Some(parts) = parts(root).filter(is_of_kind) {
            self.is_list |= parts.len() > 1;
            for ResponsePart { kind, value } in parts {
                self.push(answered(value, kind, settings), origin);
            }
            return Ok(());
        }
        let kind = match kind {
            Some(kind) => kind,
            None => input.kind()?,
        };
        let normalized = match normalize(&input.document, kind, settings) {
            Ok(normalized) => normalized,
            Err(rejections) => {
                let name = &input.name;
                report::text::write(term.err(), name, input.document.text(), &rejections)?;
                let is_held = kind == Kind::App && is_complete(root);
                if !is_held
                    && !(self.rejections == Rejections::AsWritten && is_readable(input, kind, settings))
                {
                    writeln!(term.err(), "{name}: Marathon would reject this, so it cannot be compared")?;
                    self.failed.push(origin.to_owned());
                    return Ok(());
                }
                let how = if is_held { "as what a server holds" } else { "as it is written" };
                writeln!(term.err(), "note: {name}: Marathon would reject this; compared {how}")?;
                answered(root, kind, settings)
            }
        };
        if kind == Kind::Apps {
            self.arrays.push((self.definitions.len(), input.document.clone()));
        }
        self.push(normalized, origin);
        Ok(())
    }

    fn push(&mut self, definition: Normalized, origin: &str) {
        self.definitions.push(definition);
        self.origins.push(origin.to_owned());
    }

    /// The state that the files of a side describe.
    pub(super) fn held(&self) -> anyhow::Result<ServerState<'_>> {
        let held = ServerState::of(&self.definitions);
        if let Some(id) = held.duplicates().first() {
            let defines = |index: &usize| ServerState::of([&self.definitions[*index]]).get(id).is_some();
            let files = (0..self.definitions.len()).filter(defines).map(|index| self.origins[index].as_str());
            let files: Vec<&str> = files.collect();
            bail!("{}: several definitions of {id}: {}; leave one", self.name, files.join(", "));
        }
        // A list counts as complete, so that a service in only one of two lists is a difference.
        Ok(if self.is_list { held.exhaustive() } else { held })
    }
}
