//! Which agents this program drains: Mesos does not tell who drained an agent, and one that a killed run has left is given back
//! by the next.

use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::dcos::MesosAgent;
use crate::source::{self, HeldFile};
use crate::util::escape::shown_path;

/// The file that tells that an agent is drained by this program. Without a home directory there is none.
#[derive(Debug)]
pub(super) struct DrainMark {
    file: Option<PathBuf>,
    /// The file, locked while this run has to do with the agent.
    held: RefCell<Option<HeldFile>>,
}

impl DrainMark {
    /// That of an agent: `milepost/drained/ID` under `XDG_STATE_HOME` or `~/.local/state`. Mesos gives each id once.
    pub(super) fn of(agent: &MesosAgent) -> Self {
        let set = |name| std::env::var_os(name).map(PathBuf::from).filter(|value| value.is_absolute());
        let directory =
            set("XDG_STATE_HOME").or_else(|| set("HOME").map(|home| home.join(".local").join("state")));
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let is_name = !agent.id.is_empty() && !agent.id.starts_with('.') && agent.id.bytes().all(is_plain);
        let file = directory
            .filter(|_| is_name)
            .map(|directory| directory.join("milepost").join("drained").join(&agent.id));
        Self { file, held: RefCell::default() }
    }

    /// Keeps other runs from the agent until this one ends, where the mark is there.
    ///
    /// # Errors
    /// When another run has to do with the agent: it would be given back under that.
    pub(super) fn hold(&self) -> anyhow::Result<()> {
        if self.held.borrow().is_some() {
            return Ok(());
        }
        // Where it is not there, or the file system has no locks, nothing is held.
        let Some(file) = self.file.as_ref().and_then(|file| File::open(file).ok()) else { return Ok(()) };
        let Some(held) = HeldFile::of(file) else {
            bail!("another run of this command has to do with it: wait until that has ended");
        };
        self.held.replace(Some(held));
        Ok(())
    }

    /// Whether it is there.
    pub(super) fn is_there(&self) -> bool {
        self.file.as_ref().is_some_and(|file| file.is_file())
    }

    /// Makes it, before the agent is drained.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn put(&self) -> anyhow::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        source::make_private_directory(file.parent().unwrap_or(Path::new(".")))?;
        // Not by a file beside it: what clears that up would end the program at a Ctrl-C, and the agent is given back then. That
        // it is there is enough.
        File::create(file).map(drop).with_context(|| format!("cannot write {}", shown_path(file)))
    }

    /// Removes it, once the agent is not drained any more.
    ///
    /// # Errors
    /// When it is still there.
    pub(super) fn remove(&self) -> io::Result<()> {
        self.held.take();
        match self.file.as_ref().map(std::fs::remove_file) {
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
