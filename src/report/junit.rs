//! `JUnit` XML, as CI servers read it: one suite, one test case per file.
//!
//! A test case that fails has one `failure` with all errors of the file in it: several readers take only the first
//! `failure` of a case. What is no error is in the case's `system-out`.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::finding::Severity;

use super::escape::xml;
use super::{MaskedFile, ReportContext, Reporter, Summary, UNREADABLE, text};

pub(super) fn reporter(_: ReportContext) -> Box<dyn Reporter> {
    Box::new(JUnit::default())
}

/// The counts stand before the cases, so the cases wait for the end.
#[derive(Default)]
struct JUnit {
    cases: String,
    tests: usize,
    failures: usize,
    errors: usize,
}

impl JUnit {
    fn open(&mut self, path: &str) {
        self.tests += 1;
        // Writing to a string cannot fail, here and below.
        let _ = write!(self.cases, "    <testcase name=\"{}\" classname=\"milepost.lint\"", xml(path));
    }
}

impl Reporter for JUnit {
    fn file(&mut self, _: &mut dyn Write, file: &MaskedFile<'_>) -> io::Result<()> {
        let file = &file.checked();
        self.open(file.path);
        if file.findings.is_empty() {
            self.cases.push_str("/>\n");
            return Ok(());
        }
        self.cases.push_str(">\n");
        let lines = file.lines();
        let (errors, rest): (Vec<_>, Vec<_>) =
            file.findings.iter().partition(|finding| finding.severity == Severity::Error);
        let listed = |findings: &[&_]| {
            let lines: Vec<_> = findings
                .iter()
                .map(|finding| xml(&text::line(file.path, file.text, &lines, finding)))
                .collect();
            lines.join("\n")
        };
        if let Some(first) = errors.first() {
            self.failures += 1;
            let more = match errors.len() {
                1 => String::new(),
                count => format!(" (and {} more)", count - 1),
            };
            let _ = writeln!(
                self.cases,
                "      <failure message=\"{}{more}\" type=\"{}\">{}</failure>",
                xml(&first.finding.message),
                xml(first.finding.rule.slug),
                listed(&errors)
            );
        }
        if !rest.is_empty() {
            let _ = writeln!(self.cases, "      <system-out>{}</system-out>", listed(&rest));
        }
        self.cases.push_str("    </testcase>\n");
        Ok(())
    }

    fn unreadable(&mut self, _: &mut dyn Write, path: &str, message: &str) -> io::Result<()> {
        self.open(path);
        self.errors += 1;
        let _ = writeln!(
            self.cases,
            ">\n      <error message=\"{}\" type=\"{UNREADABLE}\"/>\n    </testcase>",
            xml(message)
        );
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write, _: &Summary) -> io::Result<()> {
        let Self { tests, failures, errors, .. } = self;
        let counts =
            format!("name=\"milepost\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"");
        writeln!(
            out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  <testsuite {counts}>"
        )?;
        out.write_all(self.cases.as_bytes())?;
        writeln!(out, "  </testsuite>\n</testsuites>")
    }
}
