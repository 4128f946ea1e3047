//! A step of `milepost registry up`, and what it looks like.

use std::path::PathBuf;

use super::super::{Exit, Terminal};
use super::StepName;
use super::steps::run_line;
use crate::util::escape::shell_word;

/// A step.
pub(super) struct UpStep {
    pub(super) name: StepName,
    /// Command lines of milepost, which run one after the other.
    pub(super) lines: Vec<Vec<String>>,
    /// Where the standard output of the only line goes: a script.
    pub(super) script: Option<PathBuf>,
    /// Whether that is run; otherwise the operator takes it to the agents.
    pub(super) runs_script: bool,
}

impl UpStep {
    /// Runs its lines, up to the first that fails.
    pub(super) fn run(&self, term: &mut Terminal) -> anyhow::Result<Exit> {
        for line in &self.lines {
            let exit = run_line(line, term)?;
            if exit != Exit::Fine {
                return Ok(exit);
            }
        }
        Ok(Exit::Fine)
    }

    /// What the step does, as lines for a shell.
    pub(super) fn shown(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.lines.iter().map(|line| shown_line(line)).collect();
        let Some(script) = &self.script else { return lines };
        let script = script.to_string_lossy();
        let script = shell_word(&script);
        if let Some(line) = lines.last_mut() {
            line.push_str(" > ");
            line.push_str(&script);
        }
        if self.runs_script {
            lines.push(format!("sh {script}"));
        }
        lines
    }
}

/// A command line of milepost for a shell.
pub(super) fn shown_line(line: &[String]) -> String {
    let words = std::iter::once("milepost").chain(line.iter().map(String::as_str));
    words.map(shell_word).collect::<Vec<_>>().join(" ")
}
