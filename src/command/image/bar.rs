//! Shows on a terminal how far a transfer is; says nothing in a pipe.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::super::Terminal;
use crate::transfer::Progress;

/// How often the bar is drawn.
const EVERY: Duration = Duration::from_millis(100);

/// Does something, and shows how far it is.
pub(in crate::command) fn with_bar<T>(
    what: &str,
    term: &Terminal,
    work: impl FnOnce(&Arc<Progress>) -> T,
) -> T {
    let progress = Arc::new(Progress::default());
    if !term.err_is_live() {
        return work(&progress);
    }
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    // A template of this program: it is right.
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}")
    {
        bar.set_style(style.progress_chars("=> "));
    }
    let is_over = AtomicBool::new(false);
    let done = thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                let [done, blobs] =
                    [&progress.done, &progress.blobs].map(|count| count.load(Ordering::Relaxed));
                bar.set_length(progress.total.load(Ordering::Relaxed));
                bar.set_position(progress.moved.load(Ordering::Relaxed));
                bar.set_message(format!("{what} {done}/{blobs}"));
                thread::sleep(EVERY);
            }
        });
        let done = work(&progress);
        is_over.store(true, Ordering::Relaxed);
        done
    });
    bar.finish_and_clear();
    done
}
