//! GitLab's code quality report: a JSON array in the form of the "Code Quality" page of GitLab's documentation.

use std::io::{self, Write};

use serde::Serialize;

use crate::finding::{Effect, RatedFinding, Severity};

use super::escape::json;
use super::{MaskedFile, ReportContext, Reporter, Summary, UNREADABLE, sentence};
use crate::finding::fingerprint::{fingerprints, of_file};

pub(super) fn reporter(context: ReportContext) -> Box<dyn Reporter> {
    Box::new(GitLab { context, begun: false })
}

struct GitLab {
    context: ReportContext,
    begun: bool,
}

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'a str,
    fingerprint: &'a str,
    severity: &'static str,
    location: GitlabLocation<'a>,
}

#[derive(Serialize)]
struct GitlabLocation<'a> {
    path: &'a str,
    lines: GitlabLines,
}

#[derive(Serialize)]
struct GitlabLines {
    begin: usize,
    end: usize,
}

impl GitLab {
    fn issue(&mut self, out: &mut dyn Write, issue: &Issue<'_>) -> io::Result<()> {
        out.write_all(if self.begun { b",\n" } else { b"\n" })?;
        self.begun = true;
        json(out, issue)
    }
}

impl Reporter for GitLab {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"[")
    }

    fn file(&mut self, out: &mut dyn Write, file: &MaskedFile<'_>) -> io::Result<()> {
        let file = &file.checked();
        if file.findings.is_empty() {
            return Ok(());
        }
        let lines = file.lines();
        let path = self.context.relative(file.path);
        for (finding, fingerprint) in file.findings.iter().zip(fingerprints(&path, file)) {
            let line = |offset| lines.position(file.text, offset).line;
            let range = &finding.finding.range;
            let issue = Issue {
                description: &sentence(finding),
                check_name: finding.finding.rule.slug,
                fingerprint: &fingerprint,
                severity: severity(finding),
                location: GitlabLocation {
                    path: &path,
                    lines: GitlabLines { begin: line(range.start), end: line(range.end) },
                },
            };
            self.issue(out, &issue)?;
        }
        Ok(())
    }

    fn unreadable(&mut self, out: &mut dyn Write, path: &str, message: &str) -> io::Result<()> {
        let path = self.context.relative(path);
        let fingerprint = of_file(&path, UNREADABLE.first_name());
        let location = GitlabLocation { path: &path, lines: GitlabLines { begin: 1, end: 1 } };
        let issue = Issue {
            description: message,
            check_name: UNREADABLE.slug,
            fingerprint: &fingerprint,
            severity: "blocker",
            location,
        };
        self.issue(out, &issue)
    }

    fn end(&mut self, out: &mut dyn Write, _: &Summary) -> io::Result<()> {
        out.write_all(b"\n]\n")
    }
}

/// GitLab's severities: what Marathon rejects is critical, what it silently ignores is major.
fn severity(finding: &RatedFinding) -> &'static str {
    match (finding.severity, finding.finding.effect) {
        (Severity::Error, Effect::Rejected) => "critical",
        (Severity::Error, _) => "major",
        (Severity::Warning, _) => "minor",
        (Severity::Info, _) => "info",
    }
}
