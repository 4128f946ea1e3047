//! Transfers that hardly move: a peer that sends a byte now and then would be waited for without end.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// A transfer that moves fewer bytes than this in the time-out of a request stands still.
const LEAST: u64 = 1024;

/// The pace of one transfer.
pub(super) struct TransferPace {
    /// What is counted.
    moved: Arc<AtomicU64>,
    /// How many bytes there are to move, where that is known.
    whole: Option<u64>,
    timeout: Duration,
    /// What had moved when this period began.
    before: u64,
    /// The end of this period.
    end: Instant,
}

impl TransferPace {
    /// A transfer begins.
    pub(super) fn new(timeout: Duration, whole: Option<u64>) -> Self {
        Self { moved: Arc::default(), whole, timeout, before: 0, end: Instant::now() + timeout }
    }

    /// What counts its bytes.
    pub(super) fn counter(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.moved)
    }

    /// Bytes have moved.
    pub(super) fn add(&self, bytes: u64) {
        self.moved.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Does a part of the transfer: nothing when the whole stands still.
    pub(super) async fn keep<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        // Whoever takes the parts was slow, and not the peer.
        if Instant::now() >= self.end {
            self.begin(self.moved.load(Ordering::Relaxed));
        }
        loop {
            if let Ok(done) = timeout_at(self.end, &mut work).await {
                return Some(done);
            }
            let now = self.moved.load(Ordering::Relaxed);
            if !is_moving(self.before, now, self.whole) {
                return None;
            }
            self.begin(now);
        }
    }

    /// Begins a period.
    fn begin(&mut self, moved: u64) {
        self.before = moved;
        self.end = Instant::now() + self.timeout;
    }
}

/// Whether enough moved in a period. Once the last byte has moved, the answer to it has a period of its own.
fn is_moving(before: u64, now: u64, whole: Option<u64>) -> bool {
    let moved = now.saturating_sub(before);
    moved >= LEAST || (moved > 0 && whole.is_some_and(|whole| now >= whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_now_and_then_is_no_transfer() {
        for (before, now, whole, expected) in [
            (0, 0, None, false),
            (0, 60, None, false),
            (5_000, 5_060, Some(9_000), false),
            (0, LEAST, None, true),
            (5_000, 5_000 + LEAST, Some(9_000), true),
            // The rest of a blob is less than that.
            (5_000, 5_060, Some(5_060), true),
            (5_060, 5_060, Some(5_060), false),
        ] {
            assert_eq!(is_moving(before, now, whole), expected, "{before} {now} {whole:?}");
        }
    }
}
