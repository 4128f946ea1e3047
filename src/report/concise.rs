//! A line for each finding, for editors, `grep` and long lists.

use std::io::{self, Write};

use super::escape::on_one_line;
use super::{MaskedFile, ReportContext, Reporter, sentence, text};

pub(super) fn reporter(_: ReportContext) -> Box<dyn Reporter> {
    Box::new(Concise::default())
}

#[derive(Default)]
struct Concise {
    /// The lines of a file, written at once.
    lines: String,
}

impl Reporter for Concise {
    fn file(&mut self, out: &mut dyn Write, file: &MaskedFile<'_>) -> io::Result<()> {
        let file = &file.checked();
        if file.findings.is_empty() {
            return Ok(());
        }
        self.lines.clear();
        let lines = file.lines();
        for finding in file.findings {
            let place = text::place_in(file.path, file.text, &lines, finding.finding.range.start);
            let (severity, rule) = (finding.severity.name(), finding.finding.rule);
            let line = format!("{place}: {severity}[{rule}] {}", sentence(finding));
            self.lines.push_str(&on_one_line(&line));
            self.lines.push('\n');
        }
        out.write_all(self.lines.as_bytes())
    }

    fn unreadable(&mut self, out: &mut dyn Write, path: &str, message: &str) -> io::Result<()> {
        let message = message.strip_prefix(path).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(message);
        writeln!(out, "{}", on_one_line(&format!("{path}: error[unreadable] {message}")))
    }
}
