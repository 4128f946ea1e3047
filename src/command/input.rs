//! Reading what a command was pointed at.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use clap::ValueEnum;

use crate::finding::{Effect, Finding, Severity};
use crate::report;
use crate::source::{self, Decoded, Document, Format, Kind, file};
use crate::target::Target;

use super::Terminal;

/// A kind of definition, on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum KindArg {
    /// An app, or an array of apps
    App,
    /// A pod
    Pod,
    /// A group
    Group,
}

impl From<KindArg> for Kind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::App => Self::App,
            KindArg::Pod => Self::Pod,
            KindArg::Group => Self::Group,
        }
    }
}

/// A document and the name to call it by.
pub(super) struct Input {
    /// The path as given; `-` for standard input, unless it was given a name.
    pub(super) name: String,
    pub(super) document: Document,
}

impl Input {
    /// Reads a file, or standard input for `-`; the format is told by the name.
    ///
    /// # Errors
    /// One sentence naming the input, with line and column where the text is at fault.
    pub(super) fn read(name: &str) -> anyhow::Result<Self> {
        Self::open(Path::new(name), None)
    }

    /// Reads a file, or standard input for `-`, which is called `stdin_filename` where that is given.
    ///
    /// # Errors
    /// As [`Input::read`].
    pub(super) fn open(path: &Path, stdin_filename: Option<&str>) -> anyhow::Result<Self> {
        let is_stdin = path == Path::new("-");
        let name = stdin_filename.filter(|_| is_stdin).map_or_else(|| path.to_string_lossy(), Into::into);
        let text = if is_stdin { read_stdin()? } else { source::read(path)? };
        Self::parse(&name, &text, Format::of_path(Path::new(&*name)))
    }

    /// Reads a file, or standard input for `-`, in any encoding that Marathon takes in a body. Not for files that are
    /// written back.
    ///
    /// # Errors
    /// As [`Input::read`].
    pub(super) fn read_as_marathon(name: &str) -> anyhow::Result<Self> {
        let bytes = if name == "-" { read_stdin_bytes()? } else { source::read_bytes(Path::new(name))? };
        let text = Decoded::from_bytes(bytes)
            .map_err(|(_, offset)| anyhow::anyhow!("{name}: byte {offset} is not UTF-8"))?
            .text;
        Self::parse(name, &text, Format::of_path(Path::new(name)))
    }

    /// Takes a text that came from elsewhere.
    ///
    /// # Errors
    /// As [`Input::read`].
    pub(super) fn parse(name: &str, text: &str, format: Format) -> anyhow::Result<Self> {
        match Document::parse(text, format) {
            Ok(document) => Ok(Self { name: name.to_owned(), document }),
            Err(error) => {
                let place = report::text::place(name, text, error.range.start);
                let help = error.problem.help().map(|help| format!("; {help}")).unwrap_or_default();
                bail!("{place}: {error}{help}")
            }
        }
    }

    /// The kind of definition this is.
    ///
    /// # Errors
    /// When it does not look like one.
    pub(super) fn kind(&self) -> anyhow::Result<Kind> {
        Kind::detect(&self.document.root()).with_context(|| {
            format!(
                "{}: this is no app, pod or group: no `id` with `cmd`, `container`, `containers` or `apps`",
                self.name
            )
        })
    }

    /// Checks the document and writes what Marathon would refuse or ignore to stderr; `false` when it would refuse it.
    pub(super) fn check(&self, kind: Kind, term: &mut Terminal) -> anyhow::Result<bool> {
        let mut found: Vec<Finding> = crate::lint::check(&self.document, kind, &Target::default().settings());
        found.retain(|diagnostic| diagnostic.severity() == Severity::Error);
        report::text::write(term.err(), &self.name, self.document.text(), &found)?;
        Ok(found.iter().all(|diagnostic| diagnostic.effect != Effect::Rejected))
    }
}

pub(super) fn read_stdin_bytes() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(file::MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .context("cannot read standard input")?;
    if bytes.len() as u64 > file::MAX_BYTES {
        bail!("standard input is larger than {} MiB, which no definition is", file::MAX_BYTES >> 20);
    }
    Ok(bytes)
}

/// Standard input as UTF-8 text, a byte-order mark dropped.
///
/// # Errors
/// When it is too large, or not UTF-8.
pub(super) fn read_stdin() -> anyhow::Result<String> {
    let mut text = String::from_utf8(read_stdin_bytes()?).map_err(|error| {
        anyhow::anyhow!("standard input: byte {} is not UTF-8", error.utf8_error().valid_up_to())
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..3);
    }
    Ok(text)
}
