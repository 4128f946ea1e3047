//! For programs: one versioned document. A change that could break a reader makes a new version; a new member does not.

use std::io::{self, Write};

use serde::Serialize;

use crate::finding::{Answer, Finding, RatedFinding, Refusal, Stage};
use crate::source::{Edit, Kind, LineIndex, Position};

use super::escape;
use super::{CheckedFile, MaskedFile, ReportContext, Reporter, Summary, Tally};

/// The version of the layout.
const VERSION: u32 = 1;

pub(super) fn reporter(_: ReportContext) -> Box<dyn Reporter> {
    Box::new(Json::default())
}

/// Writes file by file, so that no more than one file's findings are held.
#[derive(Default)]
struct Json {
    begun: bool,
    /// What is written about a file.
    piece: Vec<u8>,
    unreadable: Vec<Unreadable>,
    skipped: Vec<SkippedEntry>,
}

#[derive(Serialize)]
struct SkippedEntry {
    path: String,
    reason: String,
}

#[derive(Serialize)]
struct Unreadable {
    path: String,
    message: String,
}

#[derive(Serialize)]
struct JsonFile<'a> {
    path: &'a str,
    kind: Option<&'static str>,
    diagnostics: Vec<JsonFinding<'a>>,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    severity: &'static str,
    effect: &'static str,
    /// Where it is: in a group and a list the place in the file, in an app or a pod alone the one in Marathon's answer.
    pointer: String,
    /// The place in the file, if that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    message: &'a str,
    help: Option<&'a str>,
    range: Range,
    /// The stage at which Marathon rejects it.
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<AnswerEntry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<RefusalEntry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<FixEntry<'a>>,
}

/// Who refuses the tasks of a definition that Marathon accepts, and the message found there.
#[derive(Serialize)]
struct RefusalEntry<'a> {
    by: &'static str,
    message: &'a str,
}

impl<'a> From<&'a Refusal> for RefusalEntry<'a> {
    fn from(refusal: &'a Refusal) -> Self {
        Self { by: refusal.by.name(), message: &refusal.message }
    }
}

/// A fix.
#[derive(Serialize)]
struct FixEntry<'a> {
    kind: &'static str,
    title: &'a str,
    edits: Vec<EditEntry>,
}

#[derive(Serialize)]
struct EditEntry {
    range: Range,
    replacement: String,
}

/// Marathon's own answer. `now` says whether Marathon answers it to the definition as it is: a request stops at the
/// first stage that fails.
#[derive(Serialize)]
struct AnswerEntry<'a> {
    stage: &'static str,
    path: &'a str,
    error: &'a str,
    now: bool,
    /// The answers to other errors that the finding is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<AnswerEntry<'a>>,
}

impl<'a> From<&'a Answer> for AnswerEntry<'a> {
    fn from(answer: &'a Answer) -> Self {
        Self {
            stage: answer.stage.name(),
            path: &answer.path,
            error: &answer.error,
            now: !answer.later,
            others: answer.others.iter().map(Self::from).collect(),
        }
    }
}

#[derive(Serialize)]
struct Range {
    start: JsonPlace,
    end: JsonPlace,
}

#[derive(Serialize)]
struct JsonPlace {
    line: usize,
    column: usize,
    offset: usize,
}

impl From<Position> for JsonPlace {
    fn from(position: Position) -> Self {
        Self { line: position.line, column: position.column, offset: position.offset }
    }
}

#[derive(Serialize)]
struct Totals {
    files: usize,
    skipped: usize,
    /// Files and directories that `.gitignore` leaves out.
    ignored: usize,
    unreadable: usize,
    #[serde(flatten)]
    tally: Tally,
}

impl Reporter for Json {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{{\"version\":{VERSION},\"files\":[")
    }

    fn file(&mut self, out: &mut dyn Write, file: &MaskedFile<'_>) -> io::Result<()> {
        let masked = file;
        let file = &masked.checked();
        let diagnostics = entries(masked, file);
        // In one piece: what strips colours looks at each that it is given.
        self.piece.clear();
        self.piece.extend_from_slice(if self.begun { b",\n" } else { b"\n" });
        self.begun = true;
        let file = JsonFile { path: file.path, kind: file.kind.map(Kind::name), diagnostics };
        escape::json(&mut self.piece, &file)?;
        out.write_all(&self.piece)
    }

    fn unreadable(&mut self, _: &mut dyn Write, path: &str, message: &str) -> io::Result<()> {
        self.unreadable.push(Unreadable { path: path.to_owned(), message: message.to_owned() });
        Ok(())
    }

    fn skipped(&mut self, _: &mut dyn Write, path: &str, reason: &str) -> io::Result<()> {
        self.skipped.push(SkippedEntry { path: path.to_owned(), reason: reason.to_owned() });
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        let Summary { files, skipped, ignored, unreadable, tally } = *summary;
        out.write_all(b"\n],\"unreadable\":")?;
        escape::json(out, &self.unreadable)?;
        out.write_all(b",\"skipped\":")?;
        escape::json(out, &self.skipped)?;
        out.write_all(b",\"summary\":")?;
        escape::json(out, &Totals { files, skipped, ignored, unreadable, tally })?;
        out.write_all(b"}\n")
    }
}

/// Writes what a document says of a file, in a line of its own.
pub(super) fn line(out: &mut dyn Write, masked: &MaskedFile<'_>) -> io::Result<()> {
    let file = &masked.checked();
    let diagnostics = entries(masked, file);
    let mut line = Vec::new();
    escape::json(&mut line, &JsonFile { path: file.path, kind: file.kind.map(Kind::name), diagnostics })?;
    line.push(b'\n');
    out.write_all(&line)
}

/// The findings of a file, as the document has them.
#[cfg(feature = "serve")]
pub(crate) fn diagnostics(file: &MaskedFile<'_>) -> serde_json::Value {
    serde_json::to_value(entries(file, &file.checked())).unwrap_or_default()
}

fn entries<'a>(masked: &MaskedFile<'_>, file: &CheckedFile<'a>) -> Vec<JsonFinding<'a>> {
    let mut edits = masked.edits();
    // Without a finding no line has to be counted.
    let lines = if file.findings.is_empty() { LineIndex::new("") } else { file.lines() };
    // Alone, a definition is what Marathon's paths count from.
    let is_alone = matches!(file.kind, Some(Kind::App | Kind::Pod));
    let entry = |finding| entry(file.text, &lines, finding, is_alone, edits.next().flatten());
    file.findings.iter().map(entry).collect()
}

fn entry<'a>(
    text: &str,
    lines: &LineIndex,
    finding: &'a RatedFinding,
    is_alone: bool,
    edits: Option<&[Edit]>,
) -> JsonFinding<'a> {
    let diagnostic = &finding.finding;
    let range = |range: &std::ops::Range<usize>| Range {
        start: lines.position(text, range.start).into(),
        end: lines.position(text, range.end).into(),
    };
    let fix = diagnostic.fix.as_ref().zip(edits).map(|(fix, edits)| {
        let edits = edits
            .iter()
            .map(|edit| EditEntry { range: range(&edit.range), replacement: edit.replacement.clone() });
        FixEntry { kind: fix.kind.name(), title: &fix.title, edits: edits.collect() }
    });
    let said = Some(diagnostic).filter(|_| is_alone).and_then(Finding::said);
    JsonFinding {
        rule: diagnostic.rule.slug,
        severity: finding.severity.name(),
        effect: diagnostic.effect.name(),
        pointer: said.as_ref().unwrap_or(&diagnostic.pointer).to_string(),
        place: said.map(|_| diagnostic.pointer.to_string()),
        message: &diagnostic.message,
        help: diagnostic.help.as_deref(),
        range: range(&diagnostic.range),
        stage: diagnostic.stage().map(Stage::name),
        answer: diagnostic.answer.as_deref().map(AnswerEntry::from),
        refusal: diagnostic.refusal.as_deref().map(RefusalEntry::from),
        fix,
    }
}
