//! Reading and checking the definitions that a command names.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use clap::ValueEnum;

use crate::finding::Severity;
use crate::report;
use crate::source::{self, Decoded, Document, Format, Kind, file};
use crate::target::Settings;

use super::Terminal;

/// Why a text without a recognizable kind is not accepted.
pub(super) const NOT_A_DEFINITION: &str =
    "this is not an app, pod or group: it has no `id` beside `cmd`, `container`, `containers` or `apps`";

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

/// A document and its name in messages.
pub(super) struct Input {
    /// The path as given; `-` for standard input without a name.
    pub(super) name: String,
    pub(super) document: Document,
}

impl Input {
    /// Reads a file, or standard input for `-`; the name's extension sets the format.
    ///
    /// # Errors
    /// Names the input, and line and column of a syntax error.
    pub(super) fn read(name: &str) -> anyhow::Result<Self> {
        Self::open(Path::new(name), None)
    }

    /// Reads a file, or standard input for `-`, under the name `stdin_filename` where that is given.
    ///
    /// # Errors
    /// As [`Input::read`].
    pub(super) fn open(path: &Path, stdin_filename: Option<&str>) -> anyhow::Result<Self> {
        let is_stdin = path == Path::new("-");
        let name = stdin_filename.filter(|_| is_stdin).map_or_else(|| path.to_string_lossy(), Into::into);
        let text = if is_stdin { read_stdin()? } else { source::read(path)? };
        Self::parse(&name, &text, Format::of_path(Path::new(&*name)))
    }

    /// Reads a file, or standard input for `-`, in any encoding that Marathon accepts in a body. Not for files that are
    /// edited.
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

    /// Parses a text from another source.
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
        Kind::detect(&self.document.root()).with_context(|| format!("{}: {NOT_A_DEFINITION}", self.name))
    }

    /// Checks the document for a target as `lint` does, and shows findings of this severity or worse on stderr; `false`
    /// when there is an error: Marathon would reject the definition or ignore a part of it.
    pub(super) fn check(
        &self,
        kind: Kind,
        settings: &Settings,
        severity: Severity,
        term: &mut Terminal,
    ) -> anyhow::Result<bool> {
        let mut findings = crate::lint::check(&self.document, kind, settings);
        // The worst is the least.
        findings.retain(|finding| finding.severity() <= severity);
        report::text::write(term.err(), &self.name, self.document.text(), &findings)?;
        Ok(findings.iter().all(|finding| finding.severity() != Severity::Error))
    }
}

/// Reads a file that was named, or found in a directory. None for one that was found and is no definition; that one does
/// not parse is noted.
pub(super) fn read_found(
    path: &Path,
    is_named: bool,
    stdin_filename: Option<&str>,
    term: &mut Terminal,
) -> anyhow::Result<Option<Input>> {
    match Input::open(path, stdin_filename) {
        Err(error) if !is_named => {
            writeln!(term.err(), "note: left out: {error:#}")?;
            Ok(None)
        }
        Ok(input) if !is_named && input.kind().is_err() => Ok(None),
        input => input.map(Some),
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
        bail!("standard input is larger than {} MiB, too large for a definition", file::MAX_BYTES >> 20);
    }
    Ok(bytes)
}

/// Standard input as UTF-8 text without a byte-order mark.
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
