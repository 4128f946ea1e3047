//! Working through a list on several threads, with what comes of it passed on in the order of the list.

use std::collections::VecDeque;
use std::num::NonZero;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::Context as _;

/// So many items are taken at a time.
const PORTION: usize = 16;
/// So many portions may be done before the first of them is passed on, so that memory does not grow with the list.
const AHEAD: usize = 16;
/// As much stack as a main thread has, for definitions nested as deep.
const STACK: usize = 8 << 20;

/// How far the work has come, in portions.
struct Progress<T> {
    /// The first that nobody has begun.
    next: usize,
    /// The first that is not passed on.
    first: usize,
    /// What came of those from the first on, where they are done.
    done: VecDeque<Option<Vec<T>>>,
    /// A thread has panicked: what it had begun will never be done.
    is_broken: bool,
}

struct Pool<'a, I, T> {
    portions: Vec<&'a [I]>,
    progress: Mutex<Progress<T>>,
    /// Something was done, passed on, or broken.
    news: Condvar,
}

/// Calls `work` for every item, on so many threads (0: as many as there are processors) of which this one is one, and
/// `take` here, in order, for what comes of each. Each thread has an `S` of its own to work with.
///
/// # Errors
/// What `take` fails with, or when no thread can be started.
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
    let progress = Progress { next: 0, first: 0, done: VecDeque::new(), is_broken: false };
    let portions = items.chunks(portion).collect();
    let crew = Pool { portions, progress: Mutex::new(progress), news: Condvar::new() };
    let work = |state: &mut S, portion: &'a [I]| portion.iter().map(|item| work(state, item)).collect();
    thread::scope(|scope| {
        // Whatever becomes of this thread, the others must come to an end.
        let _end = Breaks(&crew);
        for _ in 1..threads.min(crew.portions.len()) {
            let help = || {
                let guard = Breaks(&crew);
                let mut state = S::default();
                while let Some(number) = crew.begin(crew.lock(), true) {
                    crew.finish(number, work(&mut state, crew.portions[number]));
                }
                std::mem::forget(guard);
            };
            thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, help)
                .context("cannot start threads")?;
        }
        for portion in &crew.portions {
            let Some(done) = crew.next_done(|number| work(&mut own, crew.portions[number])) else { break };
            portion.iter().zip(done).try_for_each(|(item, done)| take(item, done))?;
        }
        Ok(())
    })
}

impl<I, T> Pool<'_, I, T> {
    fn lock(&self) -> MutexGuard<'_, Progress<T>> {
        // Nothing is left half done while the lock is held.
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A portion to work on; nothing when there are no more. A thread that `waits` does so when it is far enough ahead.
    fn begin(&self, mut progress: MutexGuard<'_, Progress<T>>, waits: bool) -> Option<usize> {
        while waits && !progress.is_broken && progress.next >= progress.first + AHEAD {
            progress = self.news.wait(progress).unwrap_or_else(PoisonError::into_inner);
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
        self.news.notify_all();
    }

    /// What came of the next portion in order; as long as that is not done, works on another one. Nothing when it will
    /// never be done.
    fn next_done(&self, mut work: impl FnMut(usize) -> Vec<T>) -> Option<Vec<T>> {
        loop {
            let mut progress = self.lock();
            if let Some(Some(_)) = progress.done.front() {
                progress.first += 1;
                let done = progress.done.pop_front().flatten();
                drop(progress);
                self.news.notify_all();
                return done;
            }
            if progress.is_broken {
                return None;
            }
            match self.begin(progress, false) {
                Some(number) => self.finish(number, work(number)),
                // Others have it in hand.
                None => drop(self.news.wait_while(self.lock(), |progress| {
                    !matches!(progress.done.front(), Some(Some(_))) && !progress.is_broken
                })),
            }
        }
    }
}

/// Ends the work of all when it is dropped.
struct Breaks<'c, 'a, I, T>(&'c Pool<'a, I, T>);

impl<I, T> Drop for Breaks<'_, '_, I, T> {
    fn drop(&mut self) {
        self.0.lock().is_broken = true;
        self.0.news.notify_all();
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
            // Those that come first take longest.
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
