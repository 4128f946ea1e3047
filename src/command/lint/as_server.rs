//! `--as-server`: the answers a server would give, in the place of findings.

use serde::Serialize;

use super::super::{Exit, Terminal};
use super::job::Job;
use crate::lint::{Report, ServerAnswer};
use crate::target::Release;

/// The answer to one of several definitions.
#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    accepted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(flatten)]
    answer: Option<ServerAnswer>,
}

/// Writes what a Marathon of this release answers: the body alone for one file, a line for each of several. A definition
/// that is accepted has no message.
pub(super) fn write<'j>(
    args: &super::Args,
    reports: impl Iterator<Item = (&'j Job, anyhow::Result<Report>)>,
    release: Release,
    term: &mut Terminal,
) -> anyhow::Result<Exit> {
    let format = args.format.name;
    if !["text", "json"].contains(&format) {
        anyhow::bail!("--as-server writes what a server answers, which is JSON: leave --format {format} out");
    }
    let is_alone = matches!(&args.paths[..], [path] if !path.is_dir());
    let (mut checked, mut exit) = (0, Exit::Fine);
    for (job, report) in reports {
        let report = match report {
            Ok(report) if report.kind.is_none() && report.diagnostics.is_empty() => continue,
            Ok(report) => report,
            Err(error) => {
                writeln!(term.err(), "error: {error:#}")?;
                exit = Exit::Usage;
                continue;
            }
        };
        checked += 1;
        let answer = report.server_answer(release);
        if answer.is_some() {
            exit = exit.max(Exit::Findings);
        }
        let json = if is_alone {
            answer.map_or(Ok("{}".to_owned()), |answer| serde_json::to_string(&answer))
        } else {
            let path = &*job.name(args.stdin_filename.as_deref());
            let status = answer.as_ref().and_then(|answer| answer.status);
            serde_json::to_string(&Line { path, accepted: answer.is_none(), status, answer })
        };
        writeln!(term.out(), "{}", json?)?;
    }
    if checked == 0 && exit == Exit::Fine {
        anyhow::bail!("no definition found: there is no app, pod or group in what was named");
    }
    Ok(exit)
}
