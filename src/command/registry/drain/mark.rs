//! Which agents this program drains: Mesos does not tell who drained an agent, and one that a killed run has left is given back
//! by the next.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::dcos::MesosAgent;
use crate::source;
use crate::util::escape::shown_path;

/// The file that tells that an agent is drained by this program. Without a home directory there is none.
#[derive(Debug)]
pub(super) struct DrainMark(Option<PathBuf>);

impl DrainMark {
    /// That of an agent: `milepost/drained/ID` under `XDG_STATE_HOME` or `~/.local/state`. Mesos gives each id once.
    pub(super) fn of(agent: &MesosAgent) -> Self {
        let set = |name| std::env::var_os(name).map(PathBuf::from).filter(|value| value.is_absolute());
        let directory =
            set("XDG_STATE_HOME").or_else(|| set("HOME").map(|home| home.join(".local").join("state")));
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let is_name = !agent.id.is_empty() && !agent.id.starts_with('.') && agent.id.bytes().all(is_plain);
        Self(
            directory
                .filter(|_| is_name)
                .map(|directory| directory.join("milepost").join("drained").join(&agent.id)),
        )
    }

    /// Whether it is there.
    pub(super) fn is_there(&self) -> bool {
        self.0.as_ref().is_some_and(|file| file.is_file())
    }

    /// Makes it, before the agent is drained.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn put(&self) -> anyhow::Result<()> {
        let Some(file) = &self.0 else { return Ok(()) };
        source::make_private_directory(file.parent().unwrap_or(Path::new(".")))?;
        // Not by a file beside it: what clears that up would end the program at a Ctrl-C, and the agent is given back then. That
        // it is there is enough.
        std::fs::File::create(file).map(drop).with_context(|| format!("cannot write {}", shown_path(file)))
    }

    /// Removes it, once the agent is not drained any more.
    ///
    /// # Errors
    /// When it is still there.
    pub(super) fn remove(&self) -> io::Result<()> {
        match self.0.as_ref().map(std::fs::remove_file) {
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
