//! For people: the source underlined, with line and column.

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::LineIndex;

/// The widest line of source shown; of a longer one (a minified file) the part around the finding.
const MAX_LINE: usize = 400;

/// Writes findings about one text, each with its place underlined. Colours are written; a stream that cannot show
/// them strips them.
///
/// # Errors
/// When the stream cannot be written to.
pub fn write(out: &mut dyn Write, path: &str, text: &str, diagnostics: &[Diagnostic]) -> io::Result<()> {
    if diagnostics.is_empty() {
        return Ok(());
    }
    let renderer = Renderer::styled();
    let lines = LineIndex::new(text);
    for diagnostic in diagnostics {
        let report = [group(path, text, &lines, diagnostic)];
        writeln!(out, "{}\n", renderer.render(&report))?;
    }
    Ok(())
}

/// `path:line:column`, for one-line messages.
#[must_use]
pub fn place(path: &str, text: &str, offset: usize) -> String {
    let position = LineIndex::new(text).position(text, offset);
    format!("{path}:{}:{}", position.line, position.column)
}

fn group<'a>(path: &'a str, text: &'a str, lines: &LineIndex, diagnostic: &'a Diagnostic) -> Group<'a> {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let position = lines.position(text, diagnostic.range.start);
    let line = lines.line(text, position.line);
    let start = diagnostic.range.start.clamp(line.start, line.end);
    let end = diagnostic.range.end.clamp(start, line.end);
    // Only the line is handed over, so that a file with many findings is not gone through for each.
    let shown = window(text, &line, start);
    let snippet = Snippet::source(&text[shown.clone()])
        .path(path)
        .line_start(position.line)
        .annotation(AnnotationKind::Primary.span(start - shown.start..end.min(shown.end) - shown.start));
    let group = level.primary_title(&diagnostic.message).id(diagnostic.rule).element(snippet);
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(help)),
        None => group,
    }
}

/// The part of a line to show: all of it, or what stands around `at`.
fn window(text: &str, line: &std::ops::Range<usize>, at: usize) -> std::ops::Range<usize> {
    if line.len() <= MAX_LINE {
        return line.clone();
    }
    let start = text.floor_char_boundary(at.saturating_sub(MAX_LINE / 4).max(line.start));
    let end = text.ceil_char_boundary((start + MAX_LINE).min(line.end));
    start..end
}
