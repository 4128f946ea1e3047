//! Whether a registry has all of an image.

use std::sync::Arc;

use super::{ImageTree, Progress, RepositoryAccess};
use crate::image::manifest::Descriptor;
use crate::registry_client::TransferError;

/// What is wrong with a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlobFault {
    /// The blob, as its manifest names it.
    pub blob: Descriptor,
    /// What is wrong, as a sentence about the blob.
    pub problem: String,
}

/// Looks for each blob of an image; with `reads` each is read and compared with its digest.
///
/// # Errors
/// When the registry does not answer.
pub(crate) fn check_blobs(
    of: &mut RepositoryAccess<'_>,
    tree: &ImageTree,
    reads: bool,
    at_once: usize,
    progress: &Arc<Progress>,
) -> Result<Vec<BlobFault>, TransferError> {
    progress.expect(tree.blobs.iter().map(|blob| blob.size));
    let note = Arc::clone(progress);
    let faults = of.run_all(tree.blobs.clone(), at_once, move |session, blob| {
        let progress = Arc::clone(&note);
        async move {
            let problem = if reads {
                match session.verify(&blob, &progress.moved).await {
                    Ok(()) => None,
                    Err(TransferError::Missing(_)) => Some("it is missing".to_owned()),
                    Err(error @ (TransferError::Digest { .. } | TransferError::Odd(_))) => {
                        Some(error.to_string())
                    }
                    Err(error) => return Err(error),
                }
            } else {
                progress.skip(blob.size);
                match session.head_blob(&blob.digest).await? {
                    None => Some("it is missing".to_owned()),
                    Some(Some(size)) if size != blob.size => {
                        Some(format!("it has {size} bytes, and the manifest says {}", blob.size))
                    }
                    Some(_) => None,
                }
            };
            if reads {
                progress.finish();
            }
            Ok(problem.map(|problem| BlobFault { blob, problem }))
        }
    })?;
    let mut faults: Vec<BlobFault> = faults.into_iter().flatten().collect();
    faults.sort_by(|one, other| one.blob.digest.cmp(&other.blob.digest));
    Ok(faults)
}
