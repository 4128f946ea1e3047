//! The modes of the terminal while a password is typed, which it does not show.

use std::fs::File;
use std::sync::{Mutex, Once, PoisonError};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/// The terminal, and its modes before the password.
static BEFORE: Mutex<Option<(File, Termios)>> = Mutex::new(None);

/// As long as it is kept, a signal that ends the program sets the terminal back to what it is now.
pub(crate) struct KeptEcho(());

impl KeptEcho {
    /// Keeps the modes of the terminal that passwords are read from; nothing where there is none.
    pub(crate) fn new() -> Self {
        static WATCH: Once = Once::new();
        super::signals::clear_up_on(&WATCH, &[SIGHUP, SIGINT, SIGQUIT, SIGTERM]);
        let terminal = File::options().read(true).write(true).open("/dev/tty").ok();
        let modes = terminal.and_then(|terminal| Some((tcgetattr(&terminal).ok()?, terminal)));
        *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) =
            modes.map(|(modes, terminal)| (terminal, modes));
        Self(())
    }
}

impl Drop for KeptEcho {
    fn drop(&mut self) {
        *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Sets the terminal back, if a password is being read.
pub(super) fn restore() {
    if let Some((terminal, modes)) = &*BEFORE.lock().unwrap_or_else(PoisonError::into_inner) {
        let _ = tcsetattr(terminal, OptionalActions::Now, modes);
    }
}
