//! SARIF 2.1.0 (OASIS standard, 27 March 2020), for code scanning.
//!
//! Results are written as they come, and the tool with its rules after them: the order of members is free, and the rules
//! are known only at the end.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use crate::finding::{Fix, RatedFinding, Rule, Severity};
use crate::source::{Edit, LineIndex, Position};

use super::escape::{self, uri};
use super::{MaskedFile, ReportContext, Reporter, Summary, sentence};
use crate::finding::fingerprint::fingerprints;

pub(super) fn reporter(context: ReportContext) -> Box<dyn Reporter> {
    Box::new(Sarif { context, begun: false, rules: Vec::new(), unreadable: Vec::new() })
}

struct Sarif {
    context: ReportContext,
    begun: bool,
    /// The rules of the results so far; a result names its rule by its index here.
    rules: Vec<&'static Rule>,
    unreadable: Vec<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [SarifLocation; 1],
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Value>,
    properties: Properties,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifLocation {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

impl Region {
    fn of(start: Position, end: Position) -> Self {
        Self {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "milepost/v1")]
    first: String,
}

#[derive(Serialize)]
struct Properties {
    effect: &'static str,
}

impl Sarif {
    fn result<'a>(
        &mut self,
        uri: &str,
        text: &str,
        lines: &LineIndex,
        finding: &'a RatedFinding,
        fingerprint: String,
        edits: Option<&[Edit]>,
    ) -> SarifResult<'a> {
        let diagnostic = &finding.finding;
        let rule_index = self.rules.iter().position(|rule| *rule == diagnostic.rule).unwrap_or_else(|| {
            self.rules.push(diagnostic.rule);
            self.rules.len() - 1
        });
        let (start, end) =
            (lines.position(text, diagnostic.range.start), lines.position(text, diagnostic.range.end));
        let edits = edits.filter(|edits| !edits.is_empty());
        let fixes = diagnostic.fix.as_ref().zip(edits).map(|(fix, edits)| {
            let region = |range: &std::ops::Range<usize>| {
                Region::of(lines.position(text, range.start), lines.position(text, range.end))
            };
            fixed(uri, fix, edits, region)
        });
        // The root has no name of its own.
        let names = (!diagnostic.pointer.is_root()).then(|| diagnostic.pointer.to_string());
        SarifResult {
            rule_id: diagnostic.rule.slug,
            rule_index,
            level: level(finding.severity),
            message: Message { text: sentence(finding) },
            locations: [SarifLocation {
                physical_location: PhysicalLocation {
                    artifact_location: ArtifactLocation { uri: uri.to_owned() },
                    region: Region::of(start, end),
                },
                logical_locations: names
                    .map(|fully_qualified_name| LogicalLocation { fully_qualified_name })
                    .into_iter()
                    .collect(),
            }],
            partial_fingerprints: Fingerprints { first: fingerprint },
            fixes: fixes.into_iter().collect(),
            properties: Properties { effect: diagnostic.effect.name() },
        }
    }

    /// Where a file is: relative to the directory of the run, or a `file:` URI for one that is not below it.
    fn uri(&self, path: &str) -> String {
        let relative = self.context.relative(path);
        let scheme = if relative.starts_with('/') { "file://" } else { "" };
        format!("{scheme}{}", uri(&relative))
    }
}

/// A rule as SARIF's `reportingDescriptor`.
fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.slug,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
    })
}

/// A fix as SARIF's `fix` object.
fn fixed(uri: &str, fix: &Fix, edits: &[Edit], region: impl Fn(&std::ops::Range<usize>) -> Region) -> Value {
    let replacements: Vec<Value> = edits
        .iter()
        .map(|edit| json!({"deletedRegion": region(&edit.range), "insertedContent": {"text": edit.replacement}}))
        .collect();
    json!({
        "description": {"text": fix.title},
        "artifactChanges": [{"artifactLocation": {"uri": uri}, "replacements": replacements}],
    })
}

impl Reporter for Sarif {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(
            b"{\"$schema\":\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json\",\
              \"version\":\"2.1.0\",\"runs\":[{\"columnKind\":\"unicodeCodePoints\",\"results\":[",
        )
    }

    fn file(&mut self, out: &mut dyn Write, file: &MaskedFile<'_>) -> io::Result<()> {
        let (mut edits, file) = (file.edits(), &file.checked());
        if file.findings.is_empty() {
            return Ok(());
        }
        let lines = file.lines();
        let uri = self.uri(file.path);
        let fingerprints = fingerprints(&self.context.relative(file.path), file);
        for (finding, fingerprint) in file.findings.iter().zip(fingerprints) {
            let result = self.result(&uri, file.text, &lines, finding, fingerprint, edits.next().flatten());
            out.write_all(if self.begun { b",\n" } else { b"\n" })?;
            self.begun = true;
            escape::json(out, &result)?;
        }
        Ok(())
    }

    fn unreadable(&mut self, _: &mut dyn Write, path: &str, message: &str) -> io::Result<()> {
        self.unreadable.push(json!({
            "level": "error",
            "message": {"text": message},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": self.uri(path)}}}],
        }));
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write, _: &Summary) -> io::Result<()> {
        let rules: Vec<Value> = self.rules.iter().map(|rule| descriptor(rule)).collect();
        let tool = json!({"driver": {
            "name": "milepost",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules,
        }});
        let invocation = json!({
            "executionSuccessful": self.unreadable.is_empty(),
            "toolExecutionNotifications": self.unreadable,
        });
        writeln!(out, "\n],\"tool\":{tool},\"invocations\":[{invocation}]}}]}}")
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}
