//! Maps a list on several threads and passes the results on in the order of the list.

use std::collections::VecDeque;
use std::num::NonZero;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::Context as _;

/// Items that a thread takes at a time.
const PORTION: usize = 16;
/// Portions that may be done before the first of them is passed on, so that memory does not grow with the list.
const AHEAD: usize = 16;
/// Bytes of stack of a thread: as much as a main thread has.
const STACK: usize = 8 << 20;

/// How far the work has come, in portions.
struct PortionsDone<T> {
    /// The first that no thread has begun.
    next: usize,
    /// The first that is not passed on.
    first: usize,
    /// The results of the portions from the first on; `None` for those not done.
    done: VecDeque<Option<Vec<T>>>,
    /// A thread has panicked, so what it had begun will never be done.
    is_broken: bool,
}

struct Pool<'a, I, T> {
    portions: Vec<&'a [I]>,
    progress: Mutex<PortionsDone<T>>,
    /// Signals that a portion was done or passed on, or that a thread has panicked.
    changed: Condvar,
}

/// Calls `work` for every item on `threads` threads (0: one for each processor), this one included, and `take` on this
/// thread for each result, in the order of the items. Each thread has its own `S`, made by default.
///
/// # Errors
/// The error of `take`, or when a thread cannot be started.
pub(crate) fn work_through<'a, I: Sync, S: Default, T: Send>(
    items: &'a [I],
    threads: usize,
    work: impl Fn(&mut S, &'a I) -> T + Sync,
    take: impl FnMut(&'a I, T) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    work_in_portions(items, PORTION, threads, work, take)
}

/// As [`work_through`]; a thread takes `portion` items at a time: one, where each waits for a server.
///
/// # Errors
/// As [`work_through`].
pub(crate) fn work_in_portions<'a, I: Sync, S: Default, T: Send>(
    items: &'a [I],
    portion: usize,
    threads: usize,
    work: impl Fn(&mut S, &'a I) -> T + Sync,
    mut take: impl FnMut(&'a I, T) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let threads =
        if threads == 0 { thread::available_parallelism().map_or(1, NonZero::get) } else { threads };
    let mut own = S::default();
    if threads == 1 {
        return items.iter().try_for_each(|item| take(item, work(&mut own, item)));
    }
    let progress = PortionsDone { next: 0, first: 0, done: VecDeque::new(), is_broken: false };
    let portions = items.chunks(portion).collect();
    let pool = Pool { portions, progress: Mutex::new(progress), changed: Condvar::new() };
    let work = |state: &mut S, portion: &'a [I]| portion.iter().map(|item| work(state, item)).collect();
    thread::scope(|scope| {
        // The others must end however this thread ends.
        let _end = BreakOnDrop(&pool);
        for _ in 1..threads.min(pool.portions.len()) {
            let run = || {
                let guard = BreakOnDrop(&pool);
                let mut state = S::default();
                while let Some(number) = pool.begin(pool.lock(), true) {
                    pool.finish(number, work(&mut state, pool.portions[number]));
                }
                std::mem::forget(guard);
            };
            thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, run)
                .context("cannot start threads")?;
        }
        for portion in &pool.portions {
            let Some(done) = pool.next_done(|number| work(&mut own, pool.portions[number])) else { break };
            portion.iter().zip(done).try_for_each(|(item, done)| take(item, done))?;
        }
        Ok(())
    })
}

impl<I, T> Pool<'_, I, T> {
    fn lock(&self) -> MutexGuard<'_, PortionsDone<T>> {
        // No change of the progress is left half done, so what a poisoned lock guards is sound.
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of a portion to work on; `None` when there are no more. A thread that `waits` does so while it is too far
    /// ahead; others get `None` then.
    fn begin(&self, mut progress: MutexGuard<'_, PortionsDone<T>>, waits: bool) -> Option<usize> {
        while waits && !progress.is_broken && progress.next >= progress.first + AHEAD {
            progress = self.changed.wait(progress).unwrap_or_else(PoisonError::into_inner);
        }
        let number = progress.next;
        let is_there = number < self.portions.len() && number < progress.first + AHEAD && !progress.is_broken;
        progress.next += usize::from(is_there);
        is_there.then_some(number)
    }

    fn finish(&self, number: usize, done: Vec<T>) {
        let mut progress = self.lock();
        let index = number - progress.first;
        if progress.done.len() <= index {
            progress.done.resize_with(index + 1, || None);
        }
        progress.done[index] = Some(done);
        drop(progress);
        self.changed.notify_all();
    }

    /// The results of the next portion in order; works on other portions until that one is done. `None` when it will never
    /// be done.
    fn next_done(&self, mut work: impl FnMut(usize) -> Vec<T>) -> Option<Vec<T>> {
        loop {
            let mut progress = self.lock();
            if let Some(Some(_)) = progress.done.front() {
                progress.first += 1;
                let done = progress.done.pop_front().flatten();
                drop(progress);
                self.changed.notify_all();
                return done;
            }
            if progress.is_broken {
                return None;
            }
            match self.begin(progress, false) {
                Some(number) => self.finish(number, work(number)),
                // Other threads work on what is left.
                None => drop(self.changed.wait_while(self.lock(), |progress| {
                    !matches!(progress.done.front(), Some(Some(_))) && !progress.is_broken
                })),
            }
        }
    }
}

/// Ends the work of all threads when it is dropped.
struct BreakOnDrop<'c, 'a, I, T>(&'c Pool<'a, I, T>);

impl<I, T> Drop for BreakOnDrop<'_, '_, I, T> {
    fn drop(&mut self) {
        self.0.lock().is_broken = true;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(threads: usize, count: usize) -> Vec<usize> {
        let items: Vec<usize> = (0..count).collect();
        let mut taken = Vec::new();
        let work = |calls: &mut usize, item: &usize| {
            *calls += 1;
            // The first items take longest.
            if item.is_multiple_of(50) {
                thread::sleep(std::time::Duration::from_millis(2));
            }
            *item * 2
        };
        work_through(&items, threads, work, |item, double| {
            assert_eq!(double, item * 2);
            taken.push(*item);
            Ok(())
        })
        .expect("nothing fails");
        taken
    }

    #[test]
    fn all_are_taken_in_order() {
        for threads in [0, 1, 2, 5] {
            for count in [0, 1, PORTION, 1_000] {
                assert_eq!(all(threads, count), (0..count).collect::<Vec<_>>(), "{threads} threads");
            }
        }
    }

    #[test]
    fn a_failure_ends_it() {
        let items: Vec<usize> = (0..10_000).collect();
        let work = |(): &mut (), item: &usize| *item;
        let error = work_through(&items, 3, work, |item, _| {
            anyhow::ensure!(*item != 500, "enough");
            Ok(())
        });
        assert_eq!(error.expect_err("it fails").to_string(), "enough");
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_of_a_thread_is_one_of_all() {
        let items: Vec<usize> = (0..1_000).collect();
        let here = thread::current().id();
        let work = |(): &mut (), item: &usize| {
            assert!(thread::current().id() == here, "on purpose");
            thread::sleep(std::time::Duration::from_micros(100));
            *item
        };
        let _ = work_through(&items, 2, work, |_, _| Ok(()));
    }
}
