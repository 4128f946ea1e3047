//! `--as-server`: the answers a server would give, in the place of findings.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::super::discover::Walk;
use super::super::{Exit, Terminal};
use super::job::{LintJob, Skip};
use crate::lint::{Report, ServerAnswer};
use crate::schema::recognize::NotADefinition;
use crate::secret_scan::Secrets;
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

/// Writes what a Marathon of a release answers: the body alone for one file, a line for each of several. A definition
/// that is accepted has no message.
pub(super) struct ServerAnswers<'a> {
    release: Release,
    is_alone: bool,
    stdin_name: Option<&'a Path>,
    checked: usize,
    skipped: Vec<(PathBuf, NotADefinition)>,
    exit: Exit,
}

impl<'a> ServerAnswers<'a> {
    pub(super) fn new(args: &'a super::Args, release: Release) -> anyhow::Result<Self> {
        let format = args.format.name;
        if !["text", "json"].contains(&format) {
            anyhow::bail!(
                "--as-server writes what a server answers, which is JSON: leave --format {format} out"
            );
        }
        let is_alone = matches!(&args.paths[..], [path] if !path.is_dir());
        let stdin_name = args.stdin_filename.as_deref();
        Ok(Self { release, is_alone, stdin_name, checked: 0, skipped: Vec::new(), exit: Exit::Fine })
    }

    pub(super) fn take(
        &mut self,
        job: &LintJob,
        report: anyhow::Result<Report>,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let report = match report {
            Ok(Report { skipped: Some(why), .. }) => {
                let name = job.name(self.stdin_name);
                self.skipped.push((job.path_or(self.stdin_name).to_owned(), why));
                match job.no_definition(&name, why) {
                    Skip::Error(message) => {
                        writeln!(term.err(), "error: {message}")?;
                        self.exit = Exit::Usage;
                    }
                    Skip::Warning(message) => writeln!(term.err(), "warning: {message}")?,
                    Skip::Silent => {}
                }
                return Ok(());
            }
            Ok(mut report) => {
                let secrets = Secrets::of(&report.text);
                for found in &mut report.findings {
                    secrets.hide_in_finding(&report.text, found);
                }
                report
            }
            Err(error) => {
                writeln!(term.err(), "error: {error:#}")?;
                self.exit = Exit::Usage;
                return Ok(());
            }
        };
        self.checked += 1;
        let answer = report.server_answer(self.release);
        if answer.is_some() {
            self.exit = self.exit.max(Exit::Findings);
        }
        let json = if self.is_alone {
            answer.map_or(Ok("{}".to_owned()), |answer| serde_json::to_string(&answer))
        } else {
            let path = &*job.name(self.stdin_name);
            let status = answer.as_ref().and_then(|answer| answer.status);
            serde_json::to_string(&Line { path, accepted: answer.is_none(), status, answer })
        };
        writeln!(term.out(), "{}", json?)?;
        Ok(())
    }

    pub(super) fn end(self, mut walk: Walk, term: &mut Terminal) -> anyhow::Result<Exit> {
        if self.checked > 0 || self.exit > Exit::Fine {
            return Ok(self.exit);
        }
        for (path, why) in self.skipped {
            walk.skip(path, &why.to_string());
        }
        walk.end_without_files("found no definitions", term)
    }
}
