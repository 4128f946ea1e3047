//! Rendering findings and changes: for people, and for machines. This room knows no rules.
//!
//! A format is a [`Reporter`] in a file of its own and a line in [`FORMATS`].

pub mod changes;
mod escape;
mod github;
mod gitlab;
mod json;
mod junit;
mod sarif;
mod snippet;
pub mod statistics;
pub mod text;

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;

use crate::finding::{RatedFinding, Severity};
use crate::source::{self, Cut, Document, Kind, LineIndex};
use crate::util::text::count;

pub use crate::finding::fingerprint::anchors;

/// Writes one document about many files. The calls come in the order of the methods; what has to be known before the
/// end can be written, a reporter keeps.
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
    fn file(&mut self, out: &mut dyn Write, file: &CheckedFile<'_>) -> io::Result<()>;

    /// An input could not be read or is no definition, which stderr tells too.
    ///
    /// # Errors
    /// When the stream cannot be written to.
    fn unreadable(&mut self, _out: &mut dyn Write, _path: &str, _message: &str) -> io::Result<()> {
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

/// What is told of a file beside its findings: how much of it has to be kept until then. Each has in it what comes before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// The lines that the findings are about, and their numbers.
    Lines,
    /// The definition, to say where in it a finding is.
    Text,
    /// The edits that mends come to.
    Edits,
}

/// A format findings can be written in.
#[derive(Debug)]
pub struct OutputFormat {
    /// The word on the command line.
    pub name: &'static str,
    /// What it is for, one line.
    pub about: &'static str,
    /// What it is made from beside the findings.
    pub needs: Needs,
    /// A reporter that writes it.
    pub reporter: fn(ReportContext) -> Box<dyn Reporter>,
}

/// Every format there is; the first one is the default.
pub static FORMATS: &[OutputFormat] = &[
    OutputFormat {
        name: "text",
        about: "For people: the source underlined",
        needs: Needs::Lines,
        reporter: text::reporter,
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

/// What reporters may want to know beside the findings.
#[derive(Clone, Debug)]
pub struct ReportContext {
    /// The directory that relative paths in a document are relative to: the one the run started in.
    pub directory: PathBuf,
    /// The words for a rule, where there are any.
    pub rule: fn(&str) -> Option<RuleText>,
    /// Whether the reader sees colours; what writes them all the same has them stripped later.
    pub colours: bool,
}

impl ReportContext {
    /// The path other programs find a file by: relative to the directory where it lies below it, with `/` between its
    /// parts and no `./` before them.
    fn relative(&self, path: &str) -> String {
        let inside = std::path::Path::new(path)
            .strip_prefix(&self.directory)
            .map_or_else(|_| path.to_owned(), |inside| inside.to_string_lossy().into_owned());
        let inside = if cfg!(windows) { inside.replace('\\', "/") } else { inside };
        inside.trim_start_matches("./").to_owned()
    }
}

/// The words for a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleText {
    /// What it finds, one sentence without a full stop.
    pub title: &'static str,
    /// Why that matters.
    pub why: &'static str,
}

/// A file and what was found in it.
#[derive(Clone, Copy, Debug)]
pub struct CheckedFile<'a> {
    /// Its path as it was given.
    pub path: &'a str,
    /// What it is a definition of; nothing when that could not be told, or it is none (milepost's own settings).
    pub kind: Option<Kind>,
    /// The notation it is written in.
    pub format: source::Format,
    /// Its text, or the lines of it that its findings are about; what their ranges refer to.
    pub text: &'a str,
    /// What is left out of the text.
    pub cuts: &'a [Cut],
    /// The findings, in the order of the text.
    pub findings: &'a [RatedFinding],
}

impl<'a> CheckedFile<'a> {
    /// Where in the file the places of the text are.
    fn lines(&self) -> LineIndex<'a> {
        LineIndex::of_excerpt(self.text, self.cuts)
    }
}

/// The file as a document to be edited, when one of its findings has a mend.
fn mendable(file: &CheckedFile<'_>) -> Option<Document> {
    let has_fix = file.findings.iter().any(|finding| finding.finding.fix.is_some());
    has_fix.then(|| Document::parse(file.text, file.format).ok())?
}

/// What came of all files together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Definitions that were checked.
    pub files: usize,
    /// Files met in a directory that are no definitions.
    pub skipped: usize,
    /// Inputs that could not be read, or that were named and are no definitions.
    pub unreadable: usize,
    /// The findings.
    pub tally: Tally,
}

/// How many findings of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Findings that must be mended.
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

    /// How many are at least as bad as `severity`.
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

/// A finding in one line: what is wrong, and what to do about it.
fn sentence(finding: &RatedFinding) -> String {
    let diagnostic = &finding.finding;
    diagnostic
        .help
        .as_ref()
        .map_or_else(|| diagnostic.message.clone(), |help| format!("{}; {help}", diagnostic.message))
}
