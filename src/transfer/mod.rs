//! Moves images between registries and local files: what is there is not moved again, several blobs move at once, and a
//! token that runs out is renewed. Prints nothing.

mod backup;
mod brought;
mod check;
mod copy;
mod pull;
mod push;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::task::JoinSet;

use crate::credential::Login;
use crate::http::Client;
use crate::image::leads_elsewhere;
use crate::registry_client::{BlobOutcome, Counter, RefusedAccess, RegistrySession, TransferError};

pub(crate) use backup::{BackupFault, back_up};
pub(crate) use brought::Brought;
pub(crate) use check::check_blobs;
pub(crate) use copy::copy_image;
pub(crate) use pull::{ImageTree, download, image_tree};
pub(crate) use push::{Pushed, push_image};

/// How far a transfer is, for those who show it.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The bytes that moved.
    pub moved: Counter,
    /// The bytes that have to move, as far as that is known.
    pub total: AtomicU64,
    /// The blobs that are done.
    pub done: AtomicUsize,
    /// All blobs.
    pub blobs: AtomicUsize,
}

impl Progress {
    /// Blobs of these sizes are next.
    fn expect(&self, sizes: impl Iterator<Item = u64>) {
        for size in sizes {
            self.total.fetch_add(size, Ordering::Relaxed);
            self.blobs.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A blob is done that did not move.
    fn skip(&self, size: u64) {
        self.total.fetch_sub(size, Ordering::Relaxed);
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// A blob has another size than was expected.
    fn resize(&self, expected: u64, size: u64) {
        self.total.fetch_add(size, Ordering::Relaxed);
        self.total.fetch_sub(expected, Ordering::Relaxed);
    }

    fn finish(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}

/// What became of the blobs of an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BlobTally {
    /// How many moved.
    pub moved: usize,
    /// The bytes of those.
    pub bytes: u64,
    /// How many were there.
    pub present: usize,
    /// How many the registry took from another repository of its own.
    pub mounted: usize,
}

impl BlobTally {
    /// What became of these blobs, with the size of each.
    fn of(outcomes: Vec<(BlobOutcome, u64)>) -> Self {
        let mut tally = Self::default();
        tally.extend(outcomes);
        tally
    }

    /// Adds what became of other blobs.
    pub(crate) fn add_all(&mut self, other: Self) {
        self.moved += other.moved;
        self.bytes += other.bytes;
        self.present += other.present;
        self.mounted += other.mounted;
    }

    fn extend(&mut self, outcomes: Vec<(BlobOutcome, u64)>) {
        for (outcome, size) in outcomes {
            self.add(outcome, size);
        }
    }

    fn add(&mut self, outcome: BlobOutcome, size: u64) {
        match outcome {
            BlobOutcome::Present => self.present += 1,
            BlobOutcome::Mounted => self.mounted += 1,
            BlobOutcome::Sent => {
                self.moved += 1;
                self.bytes += size;
            }
        }
    }
}

/// The most repositories that a token is asked for besides the one that is written to.
const MOST_SOURCES: usize = 8;

/// A repository, and the credentials for it.
pub(crate) struct RepositoryAccess<'a> {
    client: &'a Client,
    host: String,
    repository: String,
    actions: &'static str,
    login: Option<Login>,
    /// The repositories of the same registry that blobs can be taken from.
    sources: Vec<String>,
    session: Arc<RegistrySession>,
}

impl<'a> RepositoryAccess<'a> {
    /// Signs in at a registry's `host`. `actions` are the rights that are needed: `pull`, `pull,push`.
    ///
    /// # Errors
    /// When the registry does not answer, or does not let the user in.
    pub(crate) fn open(
        client: &'a Client,
        host: &str,
        repository: &str,
        actions: &'static str,
        login: Option<Login>,
    ) -> Result<Self, TransferError> {
        // The name may be that of a backup or of a registry's list.
        if leads_elsewhere(repository) {
            return Err(TransferError::Odd(format!(
                "`{repository}` is not the name of a repository: a part of it is only dots"
            )));
        }
        let session = client.open_registry(host, repository, actions, login.as_ref()).map_err(|error| {
            error.of_access(|| RefusedAccess::new(host, repository, actions, login.as_ref()))
        })?;
        let (host, repository) = (host.to_owned(), repository.to_owned());
        Ok(Self { client, host, repository, actions, login, sources: Vec::new(), session: Arc::new(session) })
    }

    /// Signs in anew, so that blobs can be taken from these repositories of the registry, too. Without that they are sent.
    fn take_from(&mut self, sources: impl IntoIterator<Item = String>) {
        let known = self.sources.len();
        let new = sources.into_iter().filter(|source| *source != self.repository);
        let new: Vec<String> =
            new.filter(|source| !self.sources.contains(source)).take(MOST_SOURCES).collect();
        self.sources.extend(new);
        if self.sources.len() > known && self.renew().is_err() {
            self.sources.truncate(known);
        }
    }

    /// An error that tells who is refused.
    fn told(&self, error: TransferError) -> TransferError {
        error
            .of_access(|| RefusedAccess::new(&self.host, &self.repository, self.actions, self.login.as_ref()))
    }

    fn renew(&mut self) -> Result<(), TransferError> {
        // A token for many would be longer than servers take.
        let last = &self.sources[self.sources.len().saturating_sub(MOST_SOURCES)..];
        let wanted = (&*self.repository, self.actions);
        let session = self.client.open_registry_beside(&self.host, wanted, last, self.login.as_ref());
        self.session = Arc::new(session.map_err(|error| self.told(error))?);
        Ok(())
    }

    /// Does one thing with the repository.
    pub(crate) fn run<T, F>(&mut self, work: impl Fn(Arc<RegistrySession>) -> F) -> Result<T, TransferError>
    where
        F: Future<Output = Result<T, TransferError>>,
    {
        let done = match self.client.wait_for(work(Arc::clone(&self.session))) {
            Err(error) if error.is_unauthorized() => {
                self.renew()?;
                self.client.wait_for(work(Arc::clone(&self.session)))
            }
            done => done,
        };
        done.map_err(|error| self.told(error))
    }

    /// Does the same with several items, at most `at_once` at the same time; the results come in no order. Ends at the first
    /// failure.
    pub(crate) fn run_all<I, T, F>(
        &mut self,
        mut items: Vec<I>,
        at_once: usize,
        work: impl Fn(Arc<RegistrySession>, I) -> F,
    ) -> Result<Vec<T>, TransferError>
    where
        I: Clone + Send + 'static,
        T: Send + 'static,
        F: Future<Output = Result<T, TransferError>> + Send + 'static,
    {
        let mut all = Vec::with_capacity(items.len());
        let mut is_renewed = false;
        loop {
            let round = self.client.wait_for(one_round(&self.session, items, at_once, &work));
            let round = round.map_err(|error| self.told(error))?;
            let has_moved = !round.done.is_empty();
            all.extend(round.done);
            let Some(error) = round.unauthorized else { return Ok(all) };
            // A token is for some minutes only; a new one that is not taken either is not the reason.
            if is_renewed && !has_moved {
                return Err(self.told(error));
            }
            self.renew()?;
            is_renewed = true;
            items = round.left;
        }
    }
}

struct Round<I, T> {
    done: Vec<T>,
    /// The items that were not let in, or not begun after that.
    left: Vec<I>,
    unauthorized: Option<TransferError>,
}

async fn one_round<I, T, F>(
    session: &Arc<RegistrySession>,
    items: Vec<I>,
    at_once: usize,
    work: &impl Fn(Arc<RegistrySession>, I) -> F,
) -> Result<Round<I, T>, TransferError>
where
    I: Clone + Send + 'static,
    T: Send + 'static,
    F: Future<Output = Result<T, TransferError>> + Send + 'static,
{
    let mut round = Round { done: Vec::new(), left: Vec::new(), unauthorized: None };
    let mut waiting = items.into_iter();
    let mut running = JoinSet::new();
    loop {
        while running.len() < at_once.max(1) && round.unauthorized.is_none() {
            let Some(item) = waiting.next() else { break };
            let task = work(Arc::clone(session), item.clone());
            running.spawn(async move { (item, task.await) });
        }
        // A task does not panic, and nothing aborts it.
        match running.join_next().await {
            Some(Ok((_, Ok(done)))) => round.done.push(done),
            Some(Ok((item, Err(error)))) if error.is_unauthorized() => {
                round.left.push(item);
                round.unauthorized = Some(error);
            }
            Some(Ok((_, Err(error)))) => return Err(error),
            Some(Err(_)) | None => break,
        }
    }
    round.left.extend(waiting);
    Ok(round)
}
