//! For machines: one versioned document. A change that could break a reader makes a new version.

use std::io::{self, Write};

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::source::{Kind, LineIndex, Position};

use super::Tally;

/// The version of the layout.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    kind: Option<&'static str>,
    diagnostics: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    severity: &'static str,
    effect: &'static str,
    pointer: String,
    message: &'a str,
    help: Option<&'a str>,
    range: Range,
}

#[derive(Serialize)]
struct Range {
    start: Place,
    end: Place,
}

#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
    offset: usize,
}

impl From<Position> for Place {
    fn from(position: Position) -> Self {
        Self { line: position.line, column: position.column, offset: position.offset }
    }
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    skipped: usize,
    #[serde(flatten)]
    tally: Tally,
}

/// Writes the document file by file, so that no more than one file's findings are held.
pub struct Writer<'w> {
    out: &'w mut dyn Write,
    files: usize,
}

impl<'w> Writer<'w> {
    /// Begins the document.
    ///
    /// # Errors
    /// When the stream cannot be written to.
    pub fn begin(out: &'w mut dyn Write) -> io::Result<Self> {
        write!(out, "{{\"version\":{VERSION},\"files\":[")?;
        Ok(Self { out, files: 0 })
    }

    /// Adds a file.
    ///
    /// # Errors
    /// When the stream cannot be written to.
    pub fn file(
        &mut self,
        path: &str,
        kind: Option<Kind>,
        text: &str,
        diagnostics: &[Diagnostic],
    ) -> io::Result<()> {
        // Without a finding no line has to be counted.
        let lines = if diagnostics.is_empty() { LineIndex::new("") } else { LineIndex::new(text) };
        let diagnostics = diagnostics
            .iter()
            .map(|diagnostic| Finding {
                rule: diagnostic.rule,
                severity: diagnostic.severity().name(),
                effect: diagnostic.effect.name(),
                pointer: diagnostic.pointer.to_string(),
                message: &diagnostic.message,
                help: diagnostic.help.as_deref(),
                range: Range {
                    start: lines.position(text, diagnostic.range.start).into(),
                    end: lines.position(text, diagnostic.range.end).into(),
                },
            })
            .collect();
        self.out.write_all(if self.files > 0 { b",\n" } else { b"\n" })?;
        self.files += 1;
        serde_json::to_writer(&mut *self.out, &File { path, kind: kind.map(Kind::name), diagnostics })?;
        Ok(())
    }

    /// Ends the document.
    ///
    /// # Errors
    /// When the stream cannot be written to.
    pub fn end(self, skipped: usize, tally: Tally) -> io::Result<()> {
        self.out.write_all(b"\n],\"summary\":")?;
        serde_json::to_writer(&mut *self.out, &Summary { files: self.files, skipped, tally })?;
        self.out.write_all(b"}\n")
    }
}
