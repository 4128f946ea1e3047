//! From one registry to another, or within one.

use std::path::Path;
use std::sync::Arc;

use super::push::put_manifests;
use super::{BlobTally, ImageTree, Progress, RepositoryAccess};
use crate::image::archive::{FileRange, LocalBlob};
use crate::image::manifest::Descriptor;
use crate::registry_client::{BlobOutcome, TransferError};

/// Copies an image. Blobs go through files below `scratch`, one after the other for each of the blobs that move at once.
///
/// # Errors
/// When a part cannot be read or written; what has been copied stays.
pub(crate) fn copy_image(
    from: &mut RepositoryAccess<'_>,
    to: &mut RepositoryAccess<'_>,
    tree: &ImageTree,
    tags: &[String],
    scratch: &Path,
    at_once: usize,
    progress: &Arc<Progress>,
) -> Result<BlobTally, TransferError> {
    progress.expect(tree.blobs.iter().map(|blob| blob.size));
    // Only a registry itself can take a blob from another repository of its own.
    let mount = (from.host == to.host).then(|| from.repository.clone());
    let mut tally = BlobTally::default();
    let mut missing = Vec::new();
    let present = to.run_all(tree.blobs.clone(), at_once, |session, blob| async move {
        let is_present = session.has_blob(&blob.digest).await?;
        Ok((blob, is_present))
    })?;
    for (blob, is_present) in present {
        if is_present {
            progress.skip(blob.size);
            tally.add(BlobOutcome::Present, blob.size);
        } else {
            missing.push(blob);
        }
    }
    if let Some(mount) = mount.as_ref().filter(|_| !missing.is_empty()) {
        to.take_from([mount.clone()]);
    }
    // As many at once as are allowed to be on the disk.
    for some in missing.chunks(at_once.max(1)) {
        let mut left = some.to_vec();
        if let Some(mount) = &mount {
            let mounted = mounted(to, &left, mount, at_once)?;
            for blob in &mounted {
                progress.skip(blob.size);
                tally.add(BlobOutcome::Mounted, blob.size);
            }
            left.retain(|blob| !mounted.contains(blob));
        }
        let items: Vec<_> = left.iter().map(|blob| (blob.clone(), scratch.join(blob.hex()))).collect();
        let unseen = Arc::new(Progress::default());
        let files = from.run_all(items, at_once, move |session, (blob, path)| {
            let unseen = Arc::clone(&unseen);
            async move {
                session.download(&blob, &path, &unseen.moved).await?;
                Ok((blob, path))
            }
        })?;
        let mut local = Vec::with_capacity(files.len());
        for (blob, path) in files {
            let range = FileRange::of_file(&path).map_err(TransferError::file(&path))?;
            local.push(LocalBlob { digest: blob.digest, range, is_proven: true });
        }
        let note = Arc::clone(progress);
        let sent = to.run_all(local, at_once, move |session, blob: LocalBlob| {
            let progress = Arc::clone(&note);
            async move {
                let outcome = session.upload(&blob, &progress.moved).await?;
                progress.finish();
                let path = blob.range.path.to_path_buf();
                std::fs::remove_file(&path).map_err(TransferError::file(&path))?;
                Ok((outcome, blob.range.size))
            }
        })?;
        tally.extend(sent);
    }
    put_manifests(to, &tree.manifests, tags)?;
    Ok(tally)
}

/// Asks the registry to take blobs from another repository of its own: those that it took.
fn mounted(
    to: &mut RepositoryAccess<'_>,
    blobs: &[Descriptor],
    from: &str,
    at_once: usize,
) -> Result<Vec<Descriptor>, TransferError> {
    let from = from.to_owned();
    let answers = to.run_all(blobs.to_vec(), at_once, move |session, blob| {
        let from = from.clone();
        async move { Ok((session.mount(&blob.digest, &from).await?, blob)) }
    })?;
    Ok(answers.into_iter().filter(|(is_mounted, _)| *is_mounted).map(|(_, blob)| blob).collect())
}
