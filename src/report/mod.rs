//! Writes findings and changes, for people and for programs.
//!
//! A format is a [`Reporter`] in a file of its own and a line in [`FORMATS`].

pub mod changes;
mod concise;
mod escape;
mod excerpt;
mod fault;
mod github;
mod gitlab;
mod json;
mod junit;
mod masked;
mod sarif;
mod snippet;
pub mod statistics;
pub mod text;
pub(crate) mod unified;

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::finding::{Finding, RatedFinding, Rule, Scope, Severity};
use crate::source::Format;
use crate::util::escape::cut;
use crate::util::text::count;

pub use crate::finding::CheckedFile;
pub use crate::finding::fingerprint::anchors;
pub use fault::FileFault;
pub(crate) use fault::without_values;
#[cfg(feature = "serve")]
pub(crate) use json::diagnostics;
pub use masked::MaskedFile;

/// The rules declared here.
pub(crate) static RULES: &[&Rule] = &[&UNREADABLE];

/// What formats call an input that could not be checked, where they have a place for such a name.
static UNREADABLE: Rule = Rule::verdict("unreadable", "An input can be read, and is a definition")
    .about(Scope::Inputs)
    .why(
        "The file is missing, not readable, too large, or it was named and is not a definition. milepost cannot \
         check it, so the run fails with exit code 2.",
    )
    .example("milepost lint missing.json");

/// Writes one document about many files. Its methods are called in their order; a reporter keeps what it needs for the
/// end of the document.
pub trait Reporter {
    /// The document begins.
    ///
    /// # Errors
    /// When the stream cannot be written to.
    fn begin(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// A file was checked; most have no findings.
    ///
    /// # Errors
    /// When the stream cannot be written to.
    fn file(&mut self, out: &mut dyn Write, file: &MaskedFile<'_>) -> io::Result<()>;

    /// An input could not be read or is not a definition, which is reported on stderr too.
    ///
    /// # Errors
    /// When the stream cannot be written to.
    fn unreadable(&mut self, _out: &mut dyn Write, _path: &str, _message: &str) -> io::Result<()> {
        Ok(())
    }

    /// A file was not checked, because it is not a definition; called after the last file.
    ///
    /// # Errors
    /// When the stream cannot be written to.
    fn skipped(&mut self, _out: &mut dyn Write, _path: &str, _reason: &str) -> io::Result<()> {
        Ok(())
    }

    /// The document ends.
    ///
    /// # Errors
    /// When the stream cannot be written to.
    fn end(&mut self, _out: &mut dyn Write, _summary: &Summary) -> io::Result<()> {
        Ok(())
    }
}

/// What a format needs of a file beside its findings, and so has to be kept until then. Each includes the ones before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// The lines of the findings, and their numbers.
    Lines,
    /// The definition, for the locations of findings in it.
    Text,
    /// The edits of fixes.
    Edits,
}

/// An output format for findings.
#[derive(Debug)]
pub struct OutputFormat {
    /// The word on the command line.
    pub name: &'static str,
    /// Its purpose, in one line.
    pub about: &'static str,
    /// What it needs beside the findings.
    pub needs: Needs,
    /// A reporter that writes it.
    pub reporter: fn(ReportContext) -> Box<dyn Reporter>,
}

/// Every format there is; the first one is the default.
pub static FORMATS: &[OutputFormat] = &[
    OutputFormat {
        name: "text",
        about: "For people: the source underlined; from the 21st finding of a rule on, a line for each",
        needs: Needs::Lines,
        reporter: text::reporter,
    },
    OutputFormat {
        name: "concise",
        about: "A line for each finding: FILE:LINE:COLUMN: error[RULE] message",
        needs: Needs::Lines,
        reporter: concise::reporter,
    },
    OutputFormat {
        name: "json",
        about: "For programs: one versioned document",
        needs: Needs::Edits,
        reporter: json::reporter,
    },
    OutputFormat {
        name: "sarif",
        about: "SARIF 2.1.0, for code scanning",
        needs: Needs::Edits,
        reporter: sarif::reporter,
    },
    OutputFormat {
        name: "junit",
        about: "JUnit XML, one test case per file",
        needs: Needs::Lines,
        reporter: junit::reporter,
    },
    OutputFormat {
        name: "github",
        about: "Workflow commands of GitHub Actions",
        needs: Needs::Lines,
        reporter: github::reporter,
    },
    OutputFormat {
        name: "gitlab",
        about: "GitLab's code quality report",
        needs: Needs::Text,
        reporter: gitlab::reporter,
    },
];

/// What reporters need beside the findings.
#[derive(Clone, Debug)]
pub struct ReportContext {
    /// The directory that relative paths in a document are relative to: the current directory of the run.
    pub directory: PathBuf,
    /// Whether the output shows colours; colours that are written anyway are stripped later.
    pub colours: bool,
    /// The width of the terminal that shows the output, in columns; nothing where it is none.
    pub width: Option<usize>,
}

impl ReportContext {
    /// The path for other programs: relative to the directory where the file is below it, with `/` between its parts and
    /// without `./`.
    fn relative(&self, path: &str) -> String {
        let inside = std::path::Path::new(path)
            .strip_prefix(&self.directory)
            .map_or_else(|_| path.to_owned(), |inside| inside.to_string_lossy().into_owned());
        let inside = if cfg!(windows) { inside.replace('\\', "/") } else { inside };
        inside.trim_start_matches("./").to_owned()
    }
}

/// Writes the findings in one text in a form of `lint`, where there is no document of all files: `concise` and `github` have
/// none, and of `json` each file is a line.
///
/// # Errors
/// When the stream cannot be written to.
pub(crate) fn beside(
    format: &str,
    out: &mut dyn Write,
    path: &str,
    text: &str,
    findings: &[Finding],
) -> io::Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    let findings: Vec<RatedFinding> = findings.iter().cloned().map(RatedFinding::from).collect();
    let notation = Format::of_path(Path::new(path));
    let file = CheckedFile { path, kind: None, format: notation, text, cuts: &[], findings: &findings };
    if format == "json" {
        return json::line(out, &MaskedFile::of(&file, Needs::Edits));
    }
    let Some(format) = FORMATS.iter().find(|known| known.name == format) else { return Ok(()) };
    let directory = std::env::current_dir().unwrap_or_default();
    let mut reporter = (format.reporter)(ReportContext { directory, colours: false, width: None });
    // As bytes: a stream of messages escapes what looks like a workflow command in a sentence.
    let mut written = Vec::new();
    reporter.file(&mut written, &MaskedFile::of(&file, format.needs))?;
    out.write_all(&written)
}

/// The result of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Definitions that were checked.
    pub files: usize,
    /// Files in directories that are not definitions.
    pub skipped: usize,
    /// Files and directories that `.gitignore` and `.ignore` leave out.
    pub ignored: usize,
    /// Inputs that could not be read, or that were named and are not definitions.
    pub unreadable: usize,
    /// The findings.
    pub tally: Tally,
}

/// The number of findings of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Findings that must be fixed.
    pub errors: usize,
    /// Findings that should be looked at.
    pub warnings: usize,
    /// The rest.
    pub infos: usize,
}

impl Tally {
    /// Counts a finding.
    pub fn add(&mut self, severity: Severity) {
        match severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Info => self.infos += 1,
        }
    }

    /// The number of findings of `severity` or worse.
    #[must_use]
    pub fn at_least(&self, severity: Severity) -> usize {
        match severity {
            Severity::Error => self.errors,
            Severity::Warning => self.errors + self.warnings,
            Severity::Info => self.errors + self.warnings + self.infos,
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [(self.errors, "error"), (self.warnings, "warning"), (self.infos, "note")];
        let words: Vec<String> = counts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(number, word)| count(number, word))
            .collect();
        f.write_str(&if words.is_empty() { "nothing found".to_owned() } else { words.join(", ") })
    }
}

/// The longest sentence on a finding that is shown whole, in bytes: some quote a name of the file.
const LONGEST_SENTENCE: usize = 2000;

/// A finding in one line: its message, its help, and who refuses the task in which words.
fn sentence(rated: &RatedFinding) -> String {
    let finding = &rated.finding;
    let help = finding.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    let refusal = finding.refusal.as_ref().map(|refusal| format!(" ({refusal})")).unwrap_or_default();
    cut(&format!("{}{help}{refusal}", finding.message), LONGEST_SENTENCE).into_owned()
}
