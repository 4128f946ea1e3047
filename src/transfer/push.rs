//! From local files to a registry.

use std::sync::Arc;

use super::{Progress, RepositoryAccess, Tally};
use crate::image::archive::{LocalBlob, LocalImage, RawManifest};
use crate::registry_client::{BlobOutcome, TransferError};

/// Pushes an image under these tags. The manifests come last: what has a tag is whole.
///
/// # Errors
/// When a part cannot be pushed; those before it stay, and are not sent again the next time.
pub(crate) fn push_image(
    to: &mut RepositoryAccess<'_>,
    image: &LocalImage,
    tags: &[String],
    at_once: usize,
    progress: &Arc<Progress>,
) -> Result<Tally, TransferError> {
    progress.expect(image.blobs.iter().map(|blob| blob.range.size));
    let note = Arc::clone(progress);
    let outcomes = to.run_all(image.blobs.clone(), at_once, move |session, blob: LocalBlob| {
        let progress = Arc::clone(&note);
        async move {
            let outcome = session.upload(&blob, &progress.moved).await?;
            match outcome {
                BlobOutcome::Sent => progress.finish(),
                BlobOutcome::Present | BlobOutcome::Mounted => progress.skip(blob.range.size),
            }
            Ok((outcome, blob.range.size))
        }
    })?;
    let tally = Tally::of(outcomes);
    put_manifests(to, &image.manifests, tags)?;
    Ok(tally)
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
