//! A limit for the memory that a template takes: the engine counts its steps, not their size, and one step can make a text
//! of gigabytes.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::super::Exit;

/// What a template may take beside what the program has, in bytes: thirty times the largest definition.
const MOST: u64 = 512 << 20;

/// How often the memory is looked at.
const PAUSE: Duration = Duration::from_millis(2);

/// Does some work, and ends the program with a message where that takes more memory than it may. Nothing has been written
/// then. Without a limit where the system does not tell how much memory is used.
pub(super) fn limited<T>(work: impl FnOnce() -> T) -> T {
    let Some(before) = resident() else { return work() };
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                if resident().is_some_and(|now| now > before + MOST) {
                    end();
                }
                std::thread::sleep(PAUSE);
            }
        });
        let result = work();
        is_done.store(true, Ordering::Relaxed);
        result
    })
}

#[expect(
    clippy::exit,
    reason = "the thread that takes the memory is in the middle of a step, and cannot be asked to stop"
)]
fn end() {
    let message =
        format!("error: the template takes more than {} MiB of memory: it is not rendered\n", MOST >> 20);
    // There is nothing else to do about a message that cannot be shown.
    let _ = std::io::stderr().write_all(message.as_bytes());
    std::process::exit(Exit::Usage as i32);
}

/// The memory in use, in bytes.
#[cfg(target_os = "linux")]
fn resident() -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "no file: the kernel's own figures")]
    let figures = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = figures.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

#[cfg(not(target_os = "linux"))]
fn resident() -> Option<u64> {
    None
}
