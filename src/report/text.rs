//! Text for people: the source underlined, with line, column and JSON pointer.

use std::io::{self, Write};

use crate::finding::{Finding, RatedFinding, Severity};
use crate::secret_scan::Secrets;
use crate::source::{Cut, LineIndex};

use super::escape::on_one_line;
use super::snippet::{Palette, Snippet};
use super::{CheckedFile, ReportContext, Reporter};

/// The widest line of source that is shown; of a longer line (a minified file) the part around the finding is.
const MAX_LINE: usize = 400;

/// The most bytes of output that are gathered before they are written.
const MOST_AT_ONCE: usize = 16 << 10;

/// The note of an error that Marathon does not get as far as.
const LATER: &str = "Marathon reports this only after the errors before it are fixed";

pub(super) fn reporter(ReportContext { colours, .. }: ReportContext) -> Box<dyn Reporter> {
    let palette = if colours { Palette::coloured() } else { Palette::plain() };
    Box::new(Text { palette, rendered: String::new() })
}

struct Text {
    palette: Palette,
    /// Buffer for rendered findings, kept from one file to the next.
    rendered: String,
}

impl Reporter for Text {
    fn file(&mut self, out: &mut dyn Write, file: &CheckedFile<'_>) -> io::Result<()> {
        let findings = file.findings.iter().map(|finding| (&finding.finding, finding.severity));
        write_all(out, &self.palette, &mut self.rendered, file.path, (file.text, file.cuts), findings)
    }
}

/// Writes the findings in one text, each with its range underlined. Colours are written; a stream without colours strips
/// them.
///
/// # Errors
/// When the stream cannot be written to.
pub fn write(out: &mut dyn Write, path: &str, text: &str, diagnostics: &[Finding]) -> io::Result<()> {
    let mut diagnostics = diagnostics.to_vec();
    let secrets = Secrets::of(text);
    diagnostics.iter_mut().for_each(|diagnostic| secrets.hide_in_finding(text, diagnostic));
    let own = diagnostics.iter().map(|diagnostic| (diagnostic, diagnostic.severity()));
    write_all(out, &Palette::coloured(), &mut String::new(), path, (text, &[]), own)
}

fn write_all<'d>(
    out: &mut dyn Write,
    palette: &Palette,
    rendered: &mut String,
    path: &str,
    (text, cuts): (&str, &[Cut]),
    diagnostics: impl ExactSizeIterator<Item = (&'d Finding, Severity)> + Clone,
) -> io::Result<()> {
    if diagnostics.len() == 0 {
        return Ok(());
    }
    let text = &*Secrets::of(text).cover(text);
    let lines = LineIndex::of_excerpt(text, cuts);
    for (diagnostic, severity) in diagnostics {
        render(rendered, palette, path, text, &lines, diagnostic, severity);
        rendered.push_str("\n\n");
        if rendered.len() > MOST_AT_ONCE {
            out.write_all(rendered.as_bytes())?;
            rendered.clear();
        }
    }
    out.write_all(rendered.as_bytes())?;
    rendered.clear();
    Ok(())
}

/// `path:line:column`, for one-line messages.
#[must_use]
pub fn place(path: &str, text: &str, offset: usize) -> String {
    place_in(path, text, &LineIndex::new(text), offset)
}

/// As [`place`], for several of one text.
#[must_use]
pub fn place_in(path: &str, text: &str, lines: &LineIndex, offset: usize) -> String {
    let position = lines.position(text, offset);
    format!("{}:{}:{}", on_one_line(path), position.line, position.column)
}

/// A finding in one line: `path:line:column: severity[rule]: message; help`.
pub(super) fn line(path: &str, text: &str, lines: &LineIndex, finding: &RatedFinding) -> String {
    let position = lines.position(text, finding.finding.range.start);
    format!(
        "{path}:{}:{}: {}[{}]: {}",
        position.line,
        position.column,
        finding.severity.name(),
        finding.finding.rule,
        super::sentence(finding)
    )
}

fn render(
    out: &mut String,
    palette: &Palette,
    path: &str,
    text: &str,
    lines: &LineIndex,
    diagnostic: &Finding,
    severity: Severity,
) {
    let position = lines.position(text, diagnostic.range.start);
    let line = lines.line_around(text, diagnostic.range.start);
    let start = diagnostic.range.start.clamp(line.start, line.end);
    let end = diagnostic.range.end.clamp(start, line.end);
    // Only the line is passed on, so that the cost of a finding does not grow with the file.
    let shown = window(text, &line, start);
    let snippet = Snippet {
        severity,
        rule: diagnostic.rule.slug,
        message: &diagnostic.message,
        path,
        line: position.line,
        source: &text[shown.clone()],
        span: start - shown.start..end.min(shown.end) - shown.start,
        label: diagnostic.pointer.as_str(),
        help: diagnostic.help.as_deref(),
        note: diagnostic.answer.as_ref().filter(|answer| answer.later).map(|_| LATER),
    };
    snippet.render(palette, out);
}

/// The part of a line to show: all of it, or the part around `at`.
fn window(text: &str, line: &std::ops::Range<usize>, at: usize) -> std::ops::Range<usize> {
    if line.len() <= MAX_LINE {
        return line.clone();
    }
    let start = text.floor_char_boundary(at.saturating_sub(MAX_LINE / 4).max(line.start));
    let end = text.ceil_char_boundary((start + MAX_LINE).min(line.end));
    start..end
}
