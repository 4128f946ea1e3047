//! Programs that run in a group of their own, so that they can be ended together with their children.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command};
use std::sync::{Mutex, Once, PoisonError};

use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::signals::clear_up_on;

/// The groups that run.
static RUNNING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// A group that runs. A signal that ends this program ends the group: a terminal sends its signals to this program's own.
#[derive(Debug)]
pub(crate) struct ProcessGroup(Pid);

impl ProcessGroup {
    /// Starts a program in a group of its own.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(command: &mut Command) -> io::Result<(Self, Child)> {
        static WATCH: Once = Once::new();
        clear_up_on(&WATCH, &[SIGHUP, SIGINT, SIGTERM]);
        // Held, so that a signal does not come between the start and the note of it.
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let child = command.process_group(0).spawn()?;
        let group = Pid::from_child(&child);
        running.push(group);
        Ok((Self(group), child))
    }

    /// Ends all its processes.
    pub(crate) fn end(&self) {
        // They may have ended by themselves.
        let _ = kill_process_group(self.0, Signal::KILL);
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).retain(|group| *group != self.0);
    }
}

/// Ends all groups that run.
pub(super) fn end_all() {
    for group in &*RUNNING.lock().unwrap_or_else(PoisonError::into_inner) {
        let _ = kill_process_group(*group, Signal::KILL);
    }
}
