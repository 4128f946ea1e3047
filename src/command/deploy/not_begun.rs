//! What is known of a run that ended before anything was sent.

use serde_json::{Value as Json, json};

use super::super::Exit;
use crate::finding::{CheckedFile, Finding, RatedFinding, Severity};
use crate::http::Endpoint;
use crate::report::{MaskedFile, Needs};
use crate::source::Format;

/// A run that ended before anything was sent; why, is on standard error.
#[derive(Debug)]
pub(in super::super) struct NotBegun {
    pub(in super::super) exit: Exit,
    /// The server's address.
    pub(super) server: String,
    /// What the check of the definitions found.
    pub(super) findings: Vec<FoundBefore>,
}

/// What a run goes on with, or why it has ended before anything was sent.
pub(in super::super) type MayBegin<T> = anyhow::Result<Result<T, NotBegun>>;

/// A finding, as it is told in a report for programs.
#[derive(Debug)]
pub(in super::super) struct FoundBefore {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) rule: &'static str,
    pub(super) severity: Severity,
    /// The place in the definition, as a JSON pointer.
    pub(super) place: String,
    pub(super) message: String,
}

impl NotBegun {
    /// A run that ended without findings.
    pub(in super::super) fn at(endpoint: &Endpoint, exit: Exit) -> Self {
        Self { exit, server: endpoint.to_string(), findings: Vec::new() }
    }
}

impl FoundBefore {
    /// The findings in a text, without its secrets.
    pub(super) fn all<'a>(name: &'a str, text: &'a str, findings: &[Finding]) -> Vec<Self> {
        let rated: Vec<RatedFinding> = findings.iter().cloned().map(RatedFinding::from).collect();
        let format = Format::of_path(std::path::Path::new(name));
        let file = CheckedFile { path: name, kind: None, format, text, cuts: &[], findings: &rated };
        let masked = MaskedFile::of(&file, Needs::Lines);
        let checked = masked.checked();
        let lines = checked.lines();
        let told = |RatedFinding { finding, severity }: &RatedFinding| Self {
            file: name.to_owned(),
            line: lines.position(text, finding.range.start).line,
            rule: finding.rule.slug,
            severity: *severity,
            place: finding.pointer.to_string(),
            message: finding.message.clone(),
        };
        checked.findings.iter().map(told).collect()
    }

    pub(super) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    pub(super) fn json(&self) -> Json {
        let Self { file, line, rule, severity, place, message } = self;
        json!({"file": file, "line": line, "rule": rule, "severity": severity.name(), "place": place,
            "message": message})
    }
}
