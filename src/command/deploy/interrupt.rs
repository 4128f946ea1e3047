//! Ctrl-C while something is watched.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::super::Terminal;
use super::outcome::{self, ServiceOutcome};
use crate::deploy::{Book, progress};
use crate::http::{Client, Endpoint};
use crate::marathon::Reply;
use crate::util::text::listed;

/// What an interruption does with the deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in super::super) enum OnInterrupt {
    /// It continues; a second Ctrl-C cancels it
    Keep,
    /// It is cancelled
    Cancel,
    /// It continues, whatever follows: another client has started it
    #[value(skip)]
    Leave,
}

/// What counts the interruptions at the moment.
static COUNTING: Mutex<Weak<AtomicUsize>> = Mutex::new(Weak::new());

/// Counts SIGINT and SIGTERM as long as the counter is kept, instead of being ended by them; the fourth ends the program
/// after all.
pub(in super::super) fn count() -> std::io::Result<Arc<AtomicUsize>> {
    static WATCH: OnceLock<()> = OnceLock::new();
    let counter = Arc::new(AtomicUsize::new(0));
    *counting() = Arc::downgrade(&counter);
    if WATCH.set(()).is_ok() {
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        std::thread::spawn(move || {
            for signal in signals.forever() {
                let counter = counting().upgrade();
                if counter.is_none_or(|counter| counter.fetch_add(1, Ordering::Relaxed) >= 3) {
                    // It ends the program.
                    let _ = signal_hook::low_level::emulate_default_handler(signal);
                }
            }
        });
    }
    Ok(counter)
}

fn counting() -> MutexGuard<'static, Weak<AtomicUsize>> {
    COUNTING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says what runs under which deployment, and cancels it where that is asked for, which it notes of the services. Returns the
/// last sentence.
pub(in super::super) fn tell(
    (book, services): (&Book, &mut [ServiceOutcome]),
    (client, endpoint): (&Client, &Endpoint),
    how: OnInterrupt,
    counter: &AtomicUsize,
    term: &mut Terminal,
) -> std::io::Result<String> {
    for service in book.services.values() {
        // Where nothing had to be sent, another client's may be under way.
        let under_way = || service.view.as_ref().and_then(|view| view.deployments.first());
        let deployment = service.deployment.as_ref().or_else(under_way).map_or("none", String::as_str);
        let line = progress::line(service, book);
        writeln!(term.err(), "interrupted: {} (deployment {deployment}): {line}", service.id)?;
    }
    let running: Vec<&String> = book.running().collect();
    if running.is_empty() {
        return Ok("interrupted: no deployment of this run continues".to_owned());
    }
    let ids = running.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
    let is_cancelled = match how {
        OnInterrupt::Cancel => true,
        OnInterrupt::Keep => asked_again(&ids, client, counter, term)?,
        OnInterrupt::Leave => false,
    };
    if !is_cancelled {
        return Ok(format!(
            "interrupted: deployment {ids} continues; `milepost wait {}` waits for it",
            running[0]
        ));
    }
    Ok(format!("interrupted: {}", cancel((book, services), client, endpoint)))
}

/// Stops the deployments that still run, where they are, and notes that of their services: what came of it.
pub(in super::super) fn cancel(
    (book, services): (&Book, &mut [ServiceOutcome]),
    client: &Client,
    endpoint: &Endpoint,
) -> String {
    let (mut cancelled, mut failed) = (Vec::new(), Vec::new());
    for id in book.endable() {
        match client.stop_deployment(endpoint, id) {
            Ok(Some(Reply::Accepted { .. })) => cancelled.push(id.clone()),
            // It has ended meanwhile.
            Ok(None) => {}
            Ok(Some(Reply::Refused(refusal))) => failed.push(format!("{id}: {}", refusal.message)),
            Err(error) => failed.push(format!("{id}: {error}")),
        }
    }
    for (id, others) in book.adopted.iter().filter(|(_, others)| !others.is_empty()) {
        if book.running().any(|running| running == id) {
            failed.push(format!("{id}, because it also changes {}", listed(others)));
        }
    }
    outcome::cancelled(services, &cancelled);
    match (&cancelled[..], &failed[..]) {
        ([], []) => "no deployment had to be cancelled".to_owned(),
        ([], failed) => format!("not cancelled: {}", failed.join("; ")),
        (ids, failed) => {
            let (noun, stays) =
                if ids.len() == 1 { ("deployment", "stays") } else { ("deployments", "stay") };
            let others = if failed.is_empty() {
                String::new()
            } else {
                format!("; not cancelled: {}", failed.join("; "))
            };
            format!("cancelled {noun} {}, which {stays} half done{others}", listed(ids))
        }
    }
}

/// Waits a moment for a second Ctrl-C.
fn asked_again(
    ids: &str,
    client: &Client,
    counter: &AtomicUsize,
    term: &mut Terminal,
) -> std::io::Result<bool> {
    let time = if term.err_is_terminal() { 5 } else { 2 };
    writeln!(term.err(), "deployment {ids} continues; Ctrl-C again within {time} s cancels it")?;
    let until = Instant::now() + Duration::from_secs(time);
    while Instant::now() < until {
        if counter.load(Ordering::Relaxed) > 1 {
            return Ok(true);
        }
        client.pause(Duration::from_millis(20));
    }
    Ok(false)
}
