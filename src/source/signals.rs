//! What is cleared up when a signal ends the program.

#[cfg(feature = "serve")]
use std::sync::PoisonError;
use std::sync::{Mutex, Once};

use signal_hook::iterator::Signals;

use super::{echo, process_group, scratch};

/// What is done before a signal ends the program.
static LAST: Mutex<Vec<LastDeed>> = Mutex::new(Vec::new());

/// See [`before_end`].
type LastDeed = Box<dyn Fn() + Send>;

/// From now on this is done before a signal that is watched ends the program: SIGINT and SIGTERM, once a file was written.
#[cfg(feature = "serve")]
pub(crate) fn before_end(deed: impl Fn() + Send + 'static) {
    LAST.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(deed));
}

/// From now on the program removes its temporary files, lets the terminal show what is typed and ends the programs that it
/// runs before one of these signals ends it, as it would have without this.
pub(super) fn clear_up_on(once: &Once, signals: &'static [i32]) {
    once.call_once(|| {
        // Without the watch a signal leaves something behind, and everything else is as it was.
        let Ok(mut signals) = Signals::new(signals) else { return };
        std::thread::spawn(move || {
            for signal in &mut signals {
                if let Ok(last) = LAST.lock() {
                    last.iter().for_each(|deed| deed());
                }
                let _no_more_files = scratch::remove_all();
                echo::restore();
                process_group::end_all();
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        });
    });
}
