//! Workflow commands of GitHub Actions: annotations on the lines of a change.
//!
//! The form is that of the "Workflow commands for GitHub Actions" page of GitHub's documentation; the escapes are those
//! of `@actions/core`.

use std::io::{self, Write};

use crate::finding::{RatedFinding, Severity};
use crate::source::LineIndex;

use super::escape::{on_one_line, visible};
use super::{MaskedFile, ReportContext, Reporter, sentence};

pub(super) fn reporter(context: ReportContext) -> Box<dyn Reporter> {
    Box::new(GitHub { context })
}

struct GitHub {
    context: ReportContext,
}

impl Reporter for GitHub {
    fn file(&mut self, out: &mut dyn Write, file: &MaskedFile<'_>) -> io::Result<()> {
        let file = &file.checked();
        if file.findings.is_empty() {
            return Ok(());
        }
        let lines = file.lines();
        let path = property(&on_one_line(&self.context.relative(file.path)));
        file.findings.iter().try_for_each(|finding| annotation(out, &path, file.text, &lines, finding))
    }

    fn unreadable(&mut self, out: &mut dyn Write, path: &str, message: &str) -> io::Result<()> {
        writeln!(
            out,
            "::error file={}::{}",
            property(&on_one_line(&self.context.relative(path))),
            data(message)
        )
    }
}

fn annotation(
    out: &mut dyn Write,
    path: &str,
    text: &str,
    lines: &LineIndex,
    finding: &RatedFinding,
) -> io::Result<()> {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let range = &finding.finding.range;
    let (start, end) = (lines.position(text, range.start), lines.position(text, range.end));
    write!(out, "::{command} file={path},line={}", start.line)?;
    // GitHub drops columns, with a complaint, from an annotation of more than one line.
    if start.line == end.line {
        write!(out, ",col={},endLine={},endColumn={}", start.column, end.line, end.column)?;
    } else {
        write!(out, ",endLine={}", end.line)?;
    }
    writeln!(out, ",title={}::{}", property(finding.finding.rule.slug), data(&sentence(finding)))
}

fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_can_become_a_command() {
        assert_eq!(data("100%\r\n::stop-commands::x\u{1b}"), "100%25%0D%0A::stop-commands::x\\u{1b}");
        assert_eq!(property("a,b:c%"), "a%2Cb%3Ac%25");
        // A file name has no line breaks, however they are written.
        let name = property(&on_one_line("a\nb\r.json"));
        assert!(!name.contains("%0A") && !name.contains("%0D") && !name.contains(char::is_control), "{name}");
    }
}
