//! What is cleared up when a signal ends the program.

use std::sync::Once;

use signal_hook::iterator::Signals;

use super::{echo, process_group, scratch};

/// From now on the program removes its temporary files, lets the terminal show what is typed and ends the programs that it
/// runs before one of these signals ends it, as it would have without this.
pub(super) fn clear_up_on(once: &Once, signals: &'static [i32]) {
    once.call_once(|| {
        // Without the watch a signal leaves something behind, and everything else is as it was.
        let Ok(mut signals) = Signals::new(signals) else { return };
        std::thread::spawn(move || {
            for signal in &mut signals {
                let _no_more_files = scratch::remove_all();
                echo::restore();
                process_group::end_all();
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        });
    });
}
