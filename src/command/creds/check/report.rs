//! The results of `milepost creds check`: a line for each image, findings, or JSON.

use serde::Serialize;

use crate::credential::check::ConfigFinding;
use crate::definition::Containerizer;
use crate::finding::{Effect, Finding};
use crate::registry_client::{CheckedPull, Verdict};
use crate::report;
use crate::source::LineIndex;
use crate::util::text::count;

use super::super::common::{self, JsonCredentials};
use super::{Exit, Input, Terminal};

/// The version of the JSON layout.
const VERSION: u32 = 1;

/// The format of the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum PullFormat {
    /// For people: a line for each image
    Text,
    /// For programs: one versioned document
    Json,
}

/// Writes the results: the lines on standard output, or on standard error when `is_out_taken`, and the findings.
pub(super) fn report(
    files: &[(&Input, Vec<CheckedPull<'_>>)],
    about: &[ConfigFinding],
    format: PullFormat,
    is_out_taken: bool,
    term: &mut Terminal,
) -> anyhow::Result<Exit> {
    if format == PullFormat::Json {
        json(files, about, term)?;
    } else {
        for (input, checked) in files {
            for one in checked {
                let line = line(input, one);
                if is_out_taken {
                    writeln!(term.err(), "{line}")?;
                } else {
                    writeln!(term.report(), "{line}")?;
                }
            }
        }
    }
    term.out().flush()?;
    for (input, checked) in files {
        let found: Vec<Finding> = checked.iter().filter_map(finding).collect();
        term.findings(&input.name, input.document.text(), &found)?;
    }
    let exit = common::tell(about, term)?;
    let all = || files.iter().flat_map(|(_, checked)| checked);
    let bad = || all().filter(|one| one.check.verdict != Verdict::Pullable);
    let images = count(all().count(), "image");
    let (unpullable, late) = (bad().count(), bad().filter(|one| one.check.is_late).count());
    if unpullable == 0 {
        let but = match exit {
            Exit::Fine => String::new(),
            _ => format!(", but {} above", count(about.len(), "problem of credentials")),
        };
        writeln!(term.err(), "{images}: all can be pulled{but}")?;
        return Ok(exit);
    }
    writeln!(term.err(), "{images}: {unpullable} cannot be pulled and run by the agents")?;
    Ok(if unpullable == late && exit == Exit::Fine { Exit::TimedOut } else { Exit::Findings })
}

/// `web.json:5:24: pullable: registry.example.com/web:1.4 (linux/amd64, as ci)`
fn line(input: &Input, one: &CheckedPull<'_>) -> String {
    let place = report::text::place(&input.name, input.document.text(), one.pull.image.range().start);
    let mut details = Vec::new();
    if let Some(manifest) = &one.check.manifest {
        details.extend(manifest.platforms.iter().cloned());
        details.push(match &one.user {
            _ if manifest.is_open => "without credentials".to_owned(),
            Some(user) if !user.is_empty() => format!("as {user}"),
            _ => "with a token".to_owned(),
        });
    }
    let details = if details.is_empty() { String::new() } else { format!(" ({})", details.join(", ")) };
    format!("{place}: {}: {}{details}", one.check.verdict.name(), one.name)
}

fn finding(one: &CheckedPull<'_>) -> Option<Finding> {
    let check = &one.check;
    check.verdict.rule().map(|rule| Finding {
        rule,
        effect: Effect::Ignored,
        pointer: one.pull.pointer.clone(),
        message: format!("{}: {}", one.pull.who, check.message),
        help: Some(check.help.clone()).filter(|help| !help.is_empty()).map(Into::into),
        range: one.pull.image.range(),
        answer: None,
        refusal: None,
        fix: None,
    })
}

#[derive(Serialize)]
struct JsonReport<'a> {
    version: u32,
    images: Vec<JsonEntry<'a>>,
    credentials: Vec<JsonCredentials<'a>>,
}

#[derive(Serialize)]
struct JsonEntry<'a> {
    path: &'a str,
    line: usize,
    column: usize,
    pointer: String,
    who: &'a str,
    image: &'a str,
    /// `docker` or `mesos`.
    engine: &'static str,
    verdict: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    message: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    help: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    /// The source of the credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    platforms: &'a [String],
    /// Whether it can be pulled without credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    open: Option<bool>,
}

fn json(
    files: &[(&Input, Vec<CheckedPull<'_>>)],
    about: &[ConfigFinding],
    term: &mut Terminal,
) -> anyhow::Result<()> {
    let mut images = Vec::new();
    for (input, checked) in files {
        let lines = LineIndex::new(input.document.text());
        for one in checked {
            let place = lines.position(input.document.text(), one.pull.image.range().start);
            let manifest = one.check.manifest.as_ref();
            images.push(JsonEntry {
                path: &input.name,
                line: place.line,
                column: place.column,
                pointer: one.pull.pointer.to_string(),
                who: &one.pull.who,
                image: &one.name,
                engine: if one.pull.containerizer == Containerizer::Mesos { "mesos" } else { "docker" },
                verdict: one.check.verdict.name(),
                message: &one.check.message,
                help: &one.check.help,
                user: one.user.as_deref(),
                from: one.from.as_deref(),
                digest: manifest.map(|manifest| manifest.digest.as_str()),
                platforms: manifest.map_or(&[], |manifest| &manifest.platforms),
                open: manifest.map(|manifest| manifest.is_open),
            });
        }
    }
    let credentials = about.iter().map(JsonCredentials::of).collect();
    Ok(term.out_value(&JsonReport { version: VERSION, images, credentials })?)
}
