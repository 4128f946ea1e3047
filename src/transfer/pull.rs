//! From a registry to local files.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::path::Path;
use std::sync::Arc;

use super::{BlobTally, Progress, RepositoryAccess};
use crate::image::archive::{FileRange, Layout, RawManifest};
use crate::image::manifest::{Descriptor, MAX_MANIFESTS, Manifest, ManifestParts};
use crate::registry_client::{BlobOutcome, RegistrySession, TransferError, aside};

/// An image of a registry: what it consists of.
#[derive(Clone, Debug, Default)]
pub(crate) struct ImageTree {
    /// Its manifests, each after those it names: the last one is the image's.
    pub manifests: Vec<RawManifest>,
    /// The same, read.
    pub read: Vec<Manifest>,
    /// Their blobs, each once.
    pub blobs: Vec<Descriptor>,
}

impl ImageTree {
    /// What an index says about the image.
    pub(crate) fn root(&self) -> Option<Descriptor> {
        let root = self.manifests.last()?;
        Some(Descriptor {
            media_type: root.media_type.clone(),
            digest: root.digest.clone(),
            size: root.content.len() as u64,
            platform: None,
            annotations: BTreeMap::default(),
            urls: Vec::new(),
        })
    }
}

/// Reads all manifests of an image. Of an image for several platforms only one, where `platform` names it.
///
/// # Errors
/// When one cannot be read, or there is none for the platform.
pub(crate) fn image_tree(
    from: &mut RepositoryAccess<'_>,
    reference: &str,
    platform: Option<&str>,
) -> Result<ImageTree, TransferError> {
    from.run(|session| {
        let (reference, platform) = (reference.to_owned(), platform.map(str::to_owned));
        async move { collect(&session, &reference, platform).await }
    })
}

/// See [`image_tree`].
pub(super) async fn collect(
    session: &RegistrySession,
    reference: &str,
    platform: Option<String>,
) -> Result<ImageTree, TransferError> {
    let (mut tree, mut wanted, mut others) = (ImageTree::default(), platform, Vec::new());
    let (mut seen, mut seen_blobs) = (HashSet::new(), HashSet::new());
    let mut waiting = VecDeque::from([reference.to_owned()]);
    while let Some(next) = waiting.pop_front() {
        if !seen.insert(next.clone()) {
            continue;
        }
        if seen.len() > MAX_MANIFESTS {
            return Err(TransferError::Odd(format!("the image has more than {MAX_MANIFESTS} manifests")));
        }
        let raw = session.raw_manifest(&next).await?;
        let manifest = Manifest::read(&raw.content, Some(&raw.media_type))
            .map_err(|error| TransferError::Odd(format!("the manifest of {next} cannot be used: {error}")))?;
        if let ManifestParts::Index(children) = &manifest.parts {
            if let Some(platform) = &wanted {
                if let Some(found) = of_platform(children, platform) {
                    waiting = VecDeque::from([found.digest.clone()]);
                    wanted = None;
                } else {
                    others.extend(
                        children.iter().filter_map(|child| child.platform.as_ref()).map(ToString::to_string),
                    );
                    // An index may be for no platform itself, and have another one for each.
                    let inner = children.iter().filter(|child| child.platform.is_none() && child.is_index());
                    waiting.extend(inner.map(|child| child.digest.clone()));
                }
                continue;
            }
            waiting.extend(children.iter().map(|child| child.digest.clone()));
        }
        // An image by itself is for one platform, and that is not looked at.
        if wanted.is_some() && next != reference {
            continue;
        }
        let blobs = manifest.blobs().filter(|blob| seen_blobs.insert(blob.digest.clone()));
        tree.blobs.extend(blobs.cloned());
        tree.manifests.push(RawManifest { media_type: manifest.media_type.clone(), ..raw });
        tree.read.push(manifest);
    }
    if let Some(wanted) = wanted.filter(|_| tree.manifests.is_empty()) {
        return Err(TransferError::Odd(not_for(&wanted, &mut others)));
    }
    tree.manifests.reverse();
    tree.read.reverse();
    Ok(tree)
}

fn of_platform<'d>(children: &'d [Descriptor], wanted: &str) -> Option<&'d Descriptor> {
    children.iter().find(|child| child.platform.as_ref().is_some_and(|of| of.is(wanted)))
}

fn not_for(wanted: &str, others: &mut Vec<String>) -> String {
    others.dedup();
    if others.is_empty() {
        return format!("the image is not for {wanted}, and does not say for which platforms it is");
    }
    format!("the image is not for {wanted}, only for {}", others.join(", "))
}

/// Brings an image into a layout. What an earlier run has brought stays, where it still has its digest.
///
/// # Errors
/// When a blob cannot be read whole; what has come stays for the next run.
pub(crate) fn download(
    from: &mut RepositoryAccess<'_>,
    tree: &ImageTree,
    layout: &Layout,
    at_once: usize,
    progress: &Arc<Progress>,
) -> Result<BlobTally, TransferError> {
    let (tally, faults) = download_what_is_whole(from, tree, layout, at_once, progress)?;
    faults.into_iter().next().map_or(Ok(tally), |(_, error)| Err(error))
}

/// The same; blobs that the registry does not have whole come back with the reason.
pub(super) fn download_what_is_whole(
    from: &mut RepositoryAccess<'_>,
    tree: &ImageTree,
    layout: &Layout,
    at_once: usize,
    progress: &Arc<Progress>,
) -> Result<(BlobTally, Vec<(String, TransferError)>), TransferError> {
    progress.expect(tree.blobs.iter().map(|blob| blob.size));
    let items: Vec<_> = tree.blobs.iter().map(|blob| (blob.clone(), layout.blob(&blob.digest))).collect();
    let note = Arc::clone(progress);
    let outcomes = from.run_all(items, at_once, move |session, (blob, path)| {
        let progress = Arc::clone(&note);
        async move {
            let (there, digest) = (path.clone(), blob.digest.clone());
            if aside(move || Ok(is_whole(&there, &digest, blob.size))).await? {
                progress.skip(blob.size);
                return Ok(Ok((BlobOutcome::Present, blob.size)));
            }
            let partial = path.with_extension("part");
            match session.download(&blob, &partial, &progress.moved).await {
                Ok(()) => {}
                Err(
                    error
                    @ (TransferError::Digest { .. } | TransferError::Missing(_) | TransferError::Odd(_)),
                ) => return Ok(Err((blob.digest, error))),
                Err(error) => return Err(error),
            }
            rename(&partial, &path)?;
            progress.finish();
            Ok(Ok((BlobOutcome::Sent, blob.size)))
        }
    })?;
    for manifest in &tree.manifests {
        let path = layout.blob(&manifest.digest);
        if !is_whole(&path, &manifest.digest, manifest.content.len() as u64) {
            layout.put(manifest)?;
        }
    }
    let (mut tally, mut faults) = (BlobTally::default(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Ok((outcome, size)) => tally.add(outcome, size),
            Err(fault) => faults.push(fault),
        }
    }
    Ok((tally, faults))
}

/// Whether a blob is there. It gets its name once it is whole; a disk may lose some of it later.
fn is_whole(path: &Path, digest: &str, size: u64) -> bool {
    let file = FileRange::of_file(path).ok().filter(|file| file.size == size);
    file.is_some_and(|file| file.digest().is_ok_and(|found| found == digest))
}

fn rename(from: &Path, to: &Path) -> Result<(), TransferError> {
    std::fs::rename(from, to).map_err(TransferError::file(to))
}
