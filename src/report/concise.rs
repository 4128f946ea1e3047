//! A line for each finding, for editors, `grep` and long lists.

use std::io::{self, Write};

use crate::finding::{CheckedFile, RatedFinding};

use super::escape::on_one_line;
use super::{MaskedFile, ReportContext, Reporter, sentence, text};

pub(super) fn reporter(_: ReportContext) -> Box<dyn Reporter> {
    Box::new(Concise)
}

struct Concise;

impl Reporter for Concise {
    fn file(&mut self, out: &mut dyn Write, file: &MaskedFile<'_>) -> io::Result<()> {
        let file = &file.checked();
        out.write_all(lines(file, file.findings.iter()).as_bytes())
    }

    fn unreadable(&mut self, out: &mut dyn Write, path: &str, message: &str) -> io::Result<()> {
        let message = message.strip_prefix(path).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(message);
        writeln!(out, "{}", on_one_line(&format!("{path}: error[unreadable] {message}")))
    }
}

/// A line for each of these findings in the file.
pub(super) fn lines<'f>(file: &CheckedFile<'_>, findings: impl Iterator<Item = &'f RatedFinding>) -> String {
    let mut lines = String::new();
    let mut index = None;
    for finding in findings {
        let index = index.get_or_insert_with(|| file.lines());
        let place = text::place_in(file.path, file.text, index, finding.finding.range.start);
        let (severity, rule) = (finding.severity.name(), finding.finding.rule);
        lines.push_str(&on_one_line(&format!("{place}: {severity}[{rule}] {}", sentence(finding))));
        lines.push('\n');
    }
    lines
}
