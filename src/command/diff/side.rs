//! Reading one side of a comparison.

use std::path::Path;

use anyhow::bail;

use super::super::Terminal;
use super::super::input::{Input, KindArg};
use crate::command::discover;
use crate::normalize::{Normalized, answered, normalize};
use crate::report;
use crate::source::{Document, Kind};
use crate::state::{ResponsePart, is_complete, parts};
use crate::target::Settings;

/// The definitions of one side of a comparison.
pub(super) struct Side {
    /// Its name in messages.
    pub(super) name: String,
    pub(super) definitions: Vec<Normalized>,
    /// The arrays among them as they are written: the index of the definition, and the text.
    pub(super) arrays: Vec<(usize, Document)>,
    /// It is a directory, or several files.
    pub(super) is_list: bool,
}

impl Side {
    /// Reads files and directories. None when Marathon would reject one of them, which is reported.
    pub(super) fn read(
        paths: &[&String],
        kind: Option<KindArg>,
        settings: &Settings,
        term: &mut Terminal,
    ) -> anyhow::Result<Option<Self>> {
        let name = paths.iter().map(|path| path.as_str()).collect::<Vec<_>>().join(", ");
        let mut side = Self { name, definitions: Vec::new(), arrays: Vec::new(), is_list: paths.len() > 1 };
        let mut is_rejected = false;
        for path in paths {
            let directory = Path::new(path.as_str());
            if !directory.is_dir() {
                let input = Input::read_as_marathon(path)?;
                let kind = kind.map(|kind| Kind::from(kind).of_shape(input.document.root()));
                is_rejected |= !side.take(&input, kind, settings, term)?;
                continue;
            }
            side.is_list = true;
            let before = side.definitions.len();
            for file in discover::definitions(directory)? {
                let name = file.to_string_lossy();
                let input = Input::read_as_marathon(&name)?;
                // A directory may also contain other files.
                if parts(input.document.root()).is_some() || Kind::detect(&input.document.root()).is_some() {
                    is_rejected |= !side.take(&input, None, settings, term)?;
                }
            }
            if side.definitions.len() == before && !is_rejected {
                bail!("{path}: none of its files is an app, pod or group");
            }
        }
        Ok((!is_rejected).then_some(side))
    }

    /// Adds one text; `false` when Marathon would reject it.
    fn take(
        &mut self,
        input: &Input,
        kind: Option<Kind>,
        settings: &Settings,
        term: &mut Terminal,
    ) -> anyhow::Result<bool> {
        let root = input.document.root();
        let is_of_kind = |parts: &Vec<ResponsePart<'_>>| match kind {
            None => true,
            Some(kind) => parts.first().is_none_or(|part| part.kind == kind),
        };
        if let Some(parts) = parts(root).filter(is_of_kind) {
            self.is_list |= parts.len() > 1;
            self.definitions.extend(
                parts.into_iter().map(|ResponsePart { kind, value }| answered(value, kind, settings)),
            );
            return Ok(true);
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
        if kind == Kind::Apps {
            self.arrays.push((self.definitions.len(), input.document.clone()));
        }
        self.definitions.push(normalized);
        Ok(true)
    }
}
