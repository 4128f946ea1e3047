//! Reading and checking the definitions that a command names.

use std::fmt;
use std::io::{self, Read as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use clap::ValueEnum;

use crate::config::{BaselineError, ProjectConfigError};
use crate::credential::given::UnusableConfig;
use crate::finding::{Finding, Severity};
use crate::lint;
use crate::policy::SchemaError;
use crate::report::{self, FileFault};
use crate::schema::recognize::{self, NotADefinition};
use crate::source::{
    self, Decoded, Document, Encoding, Format, Kind, MAX_NESTING, file, file::FileError, may_be_a_definition,
};
use crate::target::Settings;
use crate::template::ValuesError;
use crate::util::escape::{on_one_line, shown_path};

use super::discover::{InputFile, Walk};
use super::{Exit, Terminal};

/// Whether an argument is an address of http or https, and not a file.
#[cfg(any(feature = "net", feature = "cert"))]
pub(super) fn is_address(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https"))
}

/// Says that a text is not accepted, and why.
pub(super) fn not_a_definition(why: NotADefinition) -> String {
    format!("this is not an app, pod or group ({why})")
}

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

/// A text that cannot be parsed. It is reported as `lint` does, with the line at fault.
#[derive(Debug)]
pub(super) struct Unparsable {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) finding: Finding,
}

impl Unparsable {
    /// Why the text, named among others, is no definition; nothing when it may be one.
    fn no_definition(&self) -> Option<NotADefinition> {
        recognize::named_unparsable(Path::new(&self.name), &self.text)
    }
}

impl std::error::Error for Unparsable {}

impl fmt::Display for Unparsable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, text, finding } = self;
        let place = report::text::place(name, text, finding.range.start);
        write!(f, "{place}: {}", finding.message)?;
        finding.help.iter().try_for_each(|help| write!(f, "; {help}"))
    }
}

/// Why a named file that cannot be read as a definition is none; nothing when it may be one.
fn no_definition(path: &Path, error: &anyhow::Error) -> Option<NotADefinition> {
    if let Some(FileError::NotText { .. }) = error.downcast_ref() {
        return (!may_be_a_definition(path)).then_some(NotADefinition::OtherFile);
    }
    error.downcast_ref::<Unparsable>().and_then(Unparsable::no_definition)
}

/// Reports why a file, or a run, failed. The exit code says that what was asked about is not fine where a text cannot be
/// parsed, and otherwise that there was no way to ask.
pub(super) fn report_error(error: &anyhow::Error, term: &mut Terminal) -> io::Result<Exit> {
    if let Some(Unparsable { name, text, finding }) = error.downcast_ref() {
        term.findings(name, text, std::slice::from_ref(finding))?;
        return Ok(Exit::Findings);
    }
    match fault_of(error) {
        Some(fault) => term.fault(fault)?,
        None => writeln!(term.err(), "error: {error:#}")?,
    }
    Ok(Exit::Usage)
}

/// The place in a file that is no definition, where an error is about one.
fn fault_of(error: &anyhow::Error) -> Option<&FileFault> {
    if let Some(ProjectConfigError::Fault(fault)) = error.downcast_ref() {
        return Some(fault);
    }
    if let Some(BaselineError::Malformed(fault)) = error.downcast_ref() {
        return Some(fault);
    }
    if let Some(SchemaError::Wrong(fault)) = error.downcast_ref() {
        return Some(fault);
    }
    if let Some(UnusableConfig::At(fault)) = error.downcast_ref() {
        return Some(fault);
    }
    if let Some(ValuesError::Unusable(fault)) = error.downcast_ref() {
        return Some(fault);
    }
    error.downcast_ref()
}

/// A document and its name in messages.
pub(super) struct Input {
    /// The path as given, as messages show it; `-` for standard input without a name.
    pub(super) name: String,
    pub(super) document: Document,
}

/// A file that was found in a directory.
pub(super) enum FoundFile {
    /// A definition of this kind.
    Definition(Input, Kind),
    /// Another file, which is not read on.
    Skipped(NotADefinition),
}

impl FoundFile {
    /// Reads a file that was found in a directory and need not be a definition, in any encoding that Marathon accepts in a
    /// body.
    ///
    /// # Errors
    /// When it cannot be read, and when it cannot be parsed but has the fields of a definition.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        Self::read_in(path, |_| true)
    }

    /// As [`Self::read`], for a file that is edited: a definition must be in UTF-8.
    ///
    /// # Errors
    /// Also when a definition is in another encoding.
    pub(super) fn read_utf8(path: &Path) -> anyhow::Result<Self> {
        Self::read_in(path, |encoding| matches!(encoding, Encoding::Utf8 | Encoding::Utf8WithMark))
    }

    /// As [`Self::read`]; a server's response counts as a definition too.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(super) fn read_response(path: &Path) -> anyhow::Result<Self> {
        let found = Self::read(path)?;
        if let Self::Skipped(_) = found
            && let Ok(input) = Input::read_as_marathon(&path.to_string_lossy())
            && let Some(first) = crate::state::parts(input.document.root())
                .and_then(|parts| parts.first().map(|part| part.kind))
        {
            return Ok(Self::Definition(input, first));
        }
        Ok(found)
    }

    fn read_in(path: &Path, is_allowed: impl FnOnce(Encoding) -> bool) -> anyhow::Result<Self> {
        let name = path.to_string_lossy();
        let format = Format::of_path(path);
        let text = match Decoded::from_bytes(source::read_bytes(path)?) {
            Ok(Decoded { text, encoding }) => {
                if !is_allowed(encoding) && recognize::unparsable(&text, format).is_none() {
                    bail!("{name}: this is {encoding}; save the file as UTF-8");
                }
                text
            }
            Err((bytes, offset)) => match recognize::unparsable(&String::from_utf8_lossy(&bytes), format) {
                None => bail!("{name}: byte {offset} is not UTF-8; save the file as UTF-8"),
                Some(why) => return Ok(Self::Skipped(why)),
            },
        };
        match Input::parse(&name, &text, format) {
            Ok(input) => Ok(match recognize::found(input.document.root()) {
                Ok(kind) => Self::Definition(input, kind),
                Err(why) => Self::Skipped(why),
            }),
            Err(error) => recognize::unparsable(&text, format).map(Self::Skipped).ok_or(error),
        }
    }
}

/// How a command reads its files.
pub(super) struct FileReader<'a> {
    /// The kind that the user says every file is.
    pub(super) kind: Option<KindArg>,
    /// Files are changed, so they must be in UTF-8; otherwise any encoding is read that Marathon accepts in a body.
    pub(super) edits: bool,
    /// The name for standard input.
    pub(super) stdin_filename: Option<&'a str>,
    /// What the command does with any text when the user gives its kind, such as `formats`.
    pub(super) with_kind: Option<&'a str>,
}

impl FileReader<'_> {
    /// Reads a file of a walk. A file that is named alone must be a definition; nothing for one that is none and was found
    /// in a directory or is named among others, which the walk notes.
    ///
    /// # Errors
    /// As [`FoundFile::read`] and [`Input::read`].
    pub(super) fn read(
        &self,
        file: &InputFile,
        walk: &mut Walk,
        term: &mut Terminal,
    ) -> anyhow::Result<Option<(Input, Kind)>> {
        let path = &file.path;
        if !file.is_named && self.kind.is_none() {
            let found = if self.edits { FoundFile::read_utf8(path) } else { FoundFile::read(path) };
            return Ok(match found? {
                FoundFile::Definition(input, kind) => Some((input, kind)),
                FoundFile::Skipped(why) => {
                    walk.skip(path.clone(), &why.to_string());
                    None
                }
            });
        }
        let why = match self.open(path) {
            Ok(input) => match self.kind_of(&input, walk.is_of_several) {
                Ok(kind) => return Ok(Some((input, kind))),
                Err(why) => why,
            },
            Err(error) => {
                let may_be_another = walk.is_of_several || !may_be_a_definition(path);
                no_definition(path, &error).filter(|_| may_be_another).ok_or(error)?
            }
        };
        if !walk.is_of_several {
            let anyway = self.with_kind.map(|does| format!("; --kind {does} it anyway"));
            bail!("{}: {}{}", shown_path(path), not_a_definition(why), anyway.unwrap_or_default())
        }
        walk.skip_named(path, why, term)?;
        Ok(None)
    }

    fn open(&self, path: &Path) -> anyhow::Result<Input> {
        if self.edits {
            Input::open(path, self.stdin_filename)
        } else {
            Input::read_as_marathon(&path.to_string_lossy())
        }
    }

    fn kind_of(&self, input: &Input, is_among_others: bool) -> Result<Kind, NotADefinition> {
        let root = input.document.root();
        match self.kind {
            Some(kind) => Ok(Kind::from(kind).of_shape(root)),
            None if is_among_others => recognize::named_among_others(root),
            None => recognize::named(root),
        }
    }
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
            .map_err(|(_, offset)| FileError::NotText { path: name.into(), offset })?
            .text;
        Self::parse(name, &text, Format::of_path(Path::new(name)))
    }

    /// Parses a text from another source.
    ///
    /// # Errors
    /// As [`Input::read`].
    pub(super) fn parse(name: &str, text: &str, format: Format) -> anyhow::Result<Self> {
        match Document::parse(text, format) {
            Ok(document) if document.is_too_deep() => {
                bail!(
                    "{}: nested deeper than {MAX_NESTING} levels, which no definition is",
                    on_one_line(name)
                )
            }
            Ok(document) => Ok(Self { name: on_one_line(name).into_owned(), document }),
            Err(error) => {
                let mut finding = lint::syntax(text, format, &error);
                lint::name_the_tool(Path::new(name), std::slice::from_mut(&mut finding));
                Err(Unparsable { name: name.to_owned(), text: text.to_owned(), finding }.into())
            }
        }
    }

    /// The kind of definition this is.
    ///
    /// # Errors
    /// When it does not look like one.
    pub(super) fn kind(&self) -> anyhow::Result<Kind> {
        recognize::named(self.document.root())
            .map_err(|why| anyhow::anyhow!("{}: {}", self.name, not_a_definition(why)))
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
        let mut findings = lint::check(&self.document, kind, settings);
        lint::name_the_tool(Path::new(&self.name), &mut findings);
        // The worst is the least.
        findings.retain(|finding| finding.severity() <= severity);
        term.findings(&self.name, self.document.text(), &findings)?;
        Ok(findings.iter().all(|finding| finding.severity() != Severity::Error))
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
