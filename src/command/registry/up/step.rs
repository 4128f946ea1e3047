//! A step of `milepost registry up`, and what it looks like.

use std::path::PathBuf;

use super::StepName;
use crate::util::escape::shell_word;

/// A step.
pub(super) struct UpStep {
    pub(super) name: StepName,
    /// A command line of milepost.
    pub(super) line: Vec<String>,
    /// Where its standard output goes: a script.
    pub(super) script: Option<PathBuf>,
    /// Whether that is run; otherwise the operator takes it to the agents.
    pub(super) runs_script: bool,
}

impl UpStep {
    /// What the step does, as lines for a shell.
    pub(super) fn shown(&self) -> Vec<String> {
        let words = std::iter::once("milepost").chain(self.line.iter().map(String::as_str));
        let mut line = words.map(shell_word).collect::<Vec<_>>().join(" ");
        let Some(script) = &self.script else { return vec![line] };
        let script = script.to_string_lossy();
        let script = shell_word(&script);
        line = format!("{line} > {script}");
        if self.runs_script { vec![line, format!("sh {script}")] } else { vec![line] }
    }
}
