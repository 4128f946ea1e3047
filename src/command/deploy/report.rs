//! The report of a deployment, for people and for programs.

use std::fmt::Write as _;

use clap::ValueEnum;
use serde_json::json;

use super::super::{Terminal, exit_of};
use super::not_begun::FoundBefore;
use super::outcome::{Outcome, ServiceOutcome};
use crate::source::json_text;
use crate::util::escape;

/// The form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in super::super) enum ReportFormat {
    /// One sentence
    Text,
    /// One JSON document
    Json,
    /// `JUnit`: a test case for each service
    Junit,
    /// Annotations of GitHub Actions
    Github,
}

/// Writes the report to standard output.
pub(in super::super) fn write(
    format: ReportFormat,
    outcome: &Outcome,
    server: &str,
    term: &mut Terminal,
) -> anyhow::Result<()> {
    if let Some(text) = for_programs(format, outcome, server)? {
        term.out_masked(&text)?;
        writeln!(term.err(), "{}", outcome.sentence)?;
    } else {
        writeln!(term.report(), "{}", outcome.sentence)?;
    }
    term.out().flush()?;
    Ok(())
}

/// Writes a report for programs on an error that ended the run; for people the error itself is shown. An error that came before
/// there was a connection does not say which server was meant: that is found out then.
pub(super) fn write_error(
    format: ReportFormat,
    error: &anyhow::Error,
    server: impl FnOnce() -> Option<String>,
    term: &mut Terminal,
) -> anyhow::Result<()> {
    if format == ReportFormat::Text {
        return Ok(());
    }
    let outcome = Outcome::of_error(exit_of(error), format!("error: {error:#}"));
    if let Some(text) = for_programs(format, &outcome, &server().unwrap_or_default())? {
        term.out_masked(&text)?;
        term.out().flush()?;
    }
    Ok(())
}

/// The report in a form for programs; nothing where it is for people.
fn for_programs(format: ReportFormat, outcome: &Outcome, server: &str) -> anyhow::Result<Option<String>> {
    let text = match format {
        ReportFormat::Text => return Ok(None),
        ReportFormat::Json => json_text::of_serialized(&as_json(outcome, server))?,
        ReportFormat::Junit => junit(outcome),
        ReportFormat::Github => github(outcome),
    };
    Ok(Some(text))
}

/// The report as JSON.
pub(super) fn as_json(outcome: &Outcome, server: &str) -> serde_json::Value {
    let services: Vec<_> = outcome
        .services
        .iter()
        .map(|service| {
            json!({"id": service.id, "action": service.action, "result": service.result,
                "reason": service.reason, "deployment": service.deployment, "version": service.version})
        })
        .collect();
    let findings: Vec<_> = outcome.findings.iter().map(FoundBefore::json).collect();
    json!({"version": 1, "server": server, "exitCode": outcome.exit as u8, "sentence": outcome.sentence,
        "services": services, "notInFiles": outcome.left, "findings": findings})
}

fn junit(outcome: &Outcome) -> String {
    let failures = outcome.services.iter().filter(|service| !service.is_fine()).count();
    let errors: Vec<_> = outcome.findings.iter().filter(|found| found.is_error()).collect();
    let is_green = outcome.exit as u8 == 0;
    let own_failure = usize::from(failures == 0 && !is_green);
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let tests = outcome.services.len() + errors.len() + own_failure;
    let _ = writeln!(
        xml,
        "<testsuite name=\"milepost deploy\" tests=\"{tests}\" failures=\"{}\">",
        failures + errors.len() + own_failure
    );
    for ServiceOutcome { id, result, reason, .. } in &outcome.services {
        let _ = write!(xml, "  <testcase classname=\"deploy\" name=\"{}\"", escaped(id));
        match reason {
            Some(reason) => {
                let _ = writeln!(
                    xml,
                    ">\n    <failure type=\"{result}\" message=\"{}\"/>\n  </testcase>",
                    escaped(reason)
                );
            }
            None => xml.push_str("/>\n"),
        }
    }
    for FoundBefore { file, line, rule, place, message, .. } in errors {
        let (file, place, message) = (escaped(file), escaped(place), escaped(message));
        let _ = writeln!(
            xml,
            "  <testcase classname=\"deploy\" name=\"{file}: {place}\">\n    <failure type=\"{rule}\" \
             message=\"{file}:{line}: {message}\"/>\n  </testcase>"
        );
    }
    if own_failure > 0 {
        let _ = writeln!(
            xml,
            "  <testcase classname=\"deploy\" name=\"deploy\">\n    <failure message=\"{}\"/>\n  </testcase>",
            escaped(&outcome.sentence)
        );
    }
    xml + "</testsuite>"
}

fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

fn github(outcome: &Outcome) -> String {
    let data = |text: &str| {
        let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
        escape::on_one_line(&text).into_owned()
    };
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let found = |found: &FoundBefore| {
        let level = if found.is_error() { "error" } else { "warning" };
        let FoundBefore { file, line, rule, message, .. } = found;
        format!("::{level} file={},line={line},title={rule}::{}", property(file), data(message))
    };
    let mut lines: Vec<String> = outcome
        .services
        .iter()
        .filter_map(|service| {
            let title = property(&service.id);
            Some(format!("::error title={title}::{}", data(service.reason.as_ref()?)))
        })
        .collect();
    lines.extend(outcome.findings.iter().map(found));
    let level = if outcome.exit as u8 == 0 { "notice" } else { "error" };
    lines.push(format!("::{level} title=deploy::{}", data(&outcome.sentence)));
    lines.join("\n")
}
