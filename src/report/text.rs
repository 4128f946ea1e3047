//! For people: the source underlined, with line and column.

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::LineIndex;

/// Writes findings about one text, each with its place underlined. Colours are written; a stream that cannot show
/// them strips them.
///
/// # Errors
/// When the stream cannot be written to.
pub fn write(out: &mut dyn Write, path: &str, text: &str, diagnostics: &[Diagnostic]) -> io::Result<()> {
    let renderer = Renderer::styled();
    for diagnostic in diagnostics {
        let rendered = renderer.render(&[group(path, text, diagnostic)]);
        writeln!(out, "{rendered}\n")?;
    }
    Ok(())
}

/// `path:line:column`, for one-line messages.
#[must_use]
pub fn place(path: &str, text: &str, offset: usize) -> String {
    let position = LineIndex::new(text).position(text, offset);
    format!("{path}:{}:{}", position.line, position.column)
}

fn group<'a>(path: &'a str, text: &'a str, diagnostic: &'a Diagnostic) -> Group<'a> {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let range = diagnostic.range.start.min(text.len())..diagnostic.range.end.min(text.len());
    let snippet = Snippet::source(text).path(path).annotation(AnnotationKind::Primary.span(range));
    let group = level.primary_title(&diagnostic.message).id(diagnostic.rule).element(snippet);
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(help)),
        None => group,
    }
}
