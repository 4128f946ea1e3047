//! From local files to a registry.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::thread;

use tokio::sync::Semaphore;

use super::{BlobTally, Brought, Progress, RepositoryAccess};
use crate::image::archive::{ArchivedImage, LocalBlob, LocalImage, PlainImage, PlainLayer, RawManifest};
use crate::registry_client::{BlobOutcome, RegistrySession, TransferError, aside};

/// What became of an image.
#[derive(Debug)]
pub(crate) struct Pushed {
    pub tally: BlobTally,
    /// Its manifest, which has the tags.
    pub manifest: Option<RawManifest>,
}

/// Pushes an image under these tags. The manifests come last: what has a tag is whole. What the registry was brought before, in
/// another repository, it is asked to take from there.
///
/// # Errors
/// When a part cannot be pushed; those before it stay, and are not sent again the next time.
pub(crate) fn push_image(
    to: &mut RepositoryAccess<'_>,
    image: &ArchivedImage,
    tags: &[String],
    at_once: usize,
    (progress, brought): (&Arc<Progress>, &Brought),
) -> Result<Pushed, TransferError> {
    let repository = to.repository.as_str().into();
    let note = BlobNote { progress: Arc::clone(progress), brought: brought.clone(), repository };
    let (tally, manifests) = match image {
        ArchivedImage::Ready(LocalImage { manifests, blobs }) => {
            to.take_from(brought.sources(blobs.iter().map(|blob| &*blob.digest)));
            (push_blobs(to, blobs, at_once, &note)?, manifests.clone())
        }
        ArchivedImage::Plain(image) => {
            // The digests of layers are known once they are packed.
            to.take_from(brought.sources([]));
            let mut tally = push_blobs(to, std::slice::from_ref(&image.config), at_once, &note)?;
            let (layers, packed) = push_layers(to, image, at_once, &note)?;
            tally.add_all(layers);
            (tally, vec![image.manifest(&packed)])
        }
    };
    put_manifests(to, &manifests, tags)?;
    Ok(Pushed { tally, manifest: manifests.into_iter().next_back() })
}

/// What is noted of blobs on their way to a repository.
#[derive(Clone)]
struct BlobNote {
    progress: Arc<Progress>,
    brought: Brought,
    repository: Arc<str>,
}

fn push_blobs(
    to: &mut RepositoryAccess<'_>,
    blobs: &[LocalBlob],
    at_once: usize,
    note: &BlobNote,
) -> Result<BlobTally, TransferError> {
    note.progress.expect(blobs.iter().map(|blob| blob.range.size));
    let note = note.clone();
    let outcomes = to.run_all(blobs.to_vec(), at_once, move |session, blob: LocalBlob| {
        let note = note.clone();
        async move { Ok((push_blob(&session, &blob, &note).await?, blob.range.size)) }
    })?;
    Ok(BlobTally::of(outcomes))
}

async fn push_blob(
    session: &RegistrySession,
    blob: &LocalBlob,
    BlobNote { progress, brought, repository }: &BlobNote,
) -> Result<BlobOutcome, TransferError> {
    let outcome = match brought.elsewhere(&blob.digest, repository) {
        Some(_) if session.has_blob(&blob.digest).await? => BlobOutcome::Present,
        Some(other) if session.mount(&blob.digest, &other).await? => BlobOutcome::Mounted,
        _ => session.upload(blob, &progress.moved).await?,
    };
    brought.note(&blob.digest, repository);
    match outcome {
        BlobOutcome::Sent => progress.finish(),
        BlobOutcome::Present | BlobOutcome::Mounted => progress.skip(blob.range.size),
    }
    Ok(outcome)
}

/// A layer on its way.
#[derive(Clone)]
struct LayerErrand {
    index: usize,
    layer: Arc<PlainLayer>,
    /// Set once it is packed, so that it is not packed again where a token runs out meanwhile.
    packed: Arc<OnceLock<LocalBlob>>,
}

/// Packs layers and sends them: while one is sent, others are packed. No more than `at_once` are on the disk at a time.
fn push_layers(
    to: &mut RepositoryAccess<'_>,
    image: &PlainImage,
    at_once: usize,
    note: &BlobNote,
) -> Result<(BlobTally, Vec<LocalBlob>), TransferError> {
    note.progress.expect(image.layers.iter().map(|layer| layer.size()));
    let errands = image.layers.iter().enumerate().map(|(index, layer)| LayerErrand {
        index,
        layer: Arc::clone(layer),
        packed: Arc::default(),
    });
    let packing = EndOnDrop(Arc::default());
    let turns = Arc::new(Semaphore::new(thread::available_parallelism().map_or(1, Into::into)));
    let (note, at) = (note.clone(), (turns, Arc::clone(&packing.0)));
    let mut done = to.run_all(errands.collect(), at_once, move |session, errand: LayerErrand| {
        let (note, (turns, packing)) = (note.clone(), at.clone());
        async move {
            let blob = packed(&errand, &turns, packing, &note.progress).await?;
            let outcome = push_blob(&session, &blob, &note).await?;
            errand.layer.discard();
            Ok((errand.index, outcome, blob))
        }
    })?;
    done.sort_by_key(|(index, ..)| *index);
    let tally = BlobTally::of(done.iter().map(|(_, outcome, blob)| (*outcome, blob.range.size)).collect());
    Ok((tally, done.into_iter().map(|(.., blob)| blob).collect()))
}

/// The layer, packed once it has its turn.
async fn packed(
    errand: &LayerErrand,
    turns: &Semaphore,
    packing: Arc<Packing>,
    progress: &Progress,
) -> Result<LocalBlob, TransferError> {
    if let Some(packed) = errand.packed.get() {
        return Ok(packed.clone());
    }
    // Nobody closes it.
    let _turn = turns.acquire().await;
    let layer = Arc::clone(&errand.layer);
    let blob = aside(move || {
        let _running = packing.running.read().unwrap_or_else(PoisonError::into_inner);
        Ok(layer.pack(&packing.is_over)?)
    })
    .await?;
    progress.resize(errand.layer.size(), blob.range.size);
    Ok(errand.packed.get_or_init(|| blob).clone())
}

/// The threads that pack.
#[derive(Default)]
struct Packing {
    /// Nobody waits for them any more.
    is_over: AtomicBool,
    /// Each of them reads it.
    running: RwLock<()>,
}

/// Ends the threads, and waits for that: what they write to is removed next.
struct EndOnDrop(Arc<Packing>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::SeqCst);
        drop(self.0.running.write());
    }
}

/// Stores manifests, each after those it names, and gives the last one its tags.
pub(super) fn put_manifests(
    to: &mut RepositoryAccess<'_>,
    manifests: &[RawManifest],
    tags: &[String],
) -> Result<(), TransferError> {
    let Some((root, children)) = manifests.split_last() else { return Ok(()) };
    let by_digest = |manifest: &RawManifest| (manifest.digest.clone(), manifest.clone());
    let mut all: Vec<(String, RawManifest)> = children.iter().map(by_digest).collect();
    if tags.is_empty() {
        all.push(by_digest(root));
    }
    all.extend(tags.iter().map(|tag| (tag.clone(), root.clone())));
    for (reference, manifest) in all {
        to.run(|session| {
            let (reference, manifest) = (reference.clone(), manifest.clone());
            async move { session.put_manifest(&reference, &manifest).await }
        })?;
    }
    Ok(())
}
