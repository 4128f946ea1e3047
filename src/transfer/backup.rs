//! Everything in a registry, into an OCI layout.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::pull::{collect, download_what_is_whole};
use super::{BlobTally, ImageTree, Progress, RepositoryAccess};
use crate::image::archive::{Layout, NamedRoot};
use crate::registry_client::TransferError;

/// How deep referrers of referrers are followed.
const DEEPEST: usize = 16;

/// What could not be read.
#[derive(Debug)]
pub(crate) struct BackupFault {
    /// `shop/web:1`
    pub name: String,
    /// The reason.
    pub error: String,
}

/// The images of one repository.
#[derive(Debug, Default)]
pub(crate) struct RepositoryBackup {
    /// What the index of the layout has to name.
    pub roots: Vec<NamedRoot>,
    pub tally: BlobTally,
    /// Images that are not in the layout, so that it is not whole.
    pub faults: Vec<BackupFault>,
}

/// Brings the images of a repository into a layout: each tag as it is now, with what refers to it, such as signatures. All
/// manifests are read before the first blob, so that what is deleted meanwhile is noticed.
///
/// # Errors
/// When the registry fails. An image that cannot be read is a fault.
pub(crate) fn back_up(
    from: &mut RepositoryAccess<'_>,
    is_wanted: impl Fn(&str) -> bool,
    layout: &Layout,
    at_once: usize,
    progress: &Arc<Progress>,
) -> Result<RepositoryBackup, TransferError> {
    let repository = from.repository.clone();
    let name_of = |tag: &str| format!("{repository}:{tag}");
    let tags: Vec<String> = tags_of(from)?.into_iter().filter(|tag| is_wanted(&name_of(tag))).collect();
    let trees = from.run_all(tags, at_once, |session, tag| async move {
        match collect(&session, &tag, None).await {
            Err(error) if error.may_pass() || error.is_unauthorized() => Err(error),
            tree => Ok((tag, tree)),
        }
    })?;
    let is_gone = |(_, tree): &(String, Result<ImageTree, TransferError>)| {
        matches!(tree, Err(TransferError::Missing(_)))
    };
    // A tag that was deleted meanwhile is not listed any more; one without its manifest is.
    let still_there = if trees.iter().any(is_gone) { tags_of(from)? } else { Vec::new() };
    let mut backup = RepositoryBackup::default();
    let mut whole = ImageTree::default();
    let (mut seen, mut seen_blobs) = (HashSet::new(), HashSet::new());
    // The images of each blob, for the names of those that are not whole.
    let mut users: HashMap<String, Vec<String>> = HashMap::new();
    let mut note = |name: &str, tree: &ImageTree| {
        for blob in &tree.blobs {
            users.entry(blob.digest.clone()).or_default().push(name.to_owned());
        }
    };
    for (tag, tree) in trees {
        let name = name_of(&tag);
        match tree {
            Ok(tree) => {
                note(&name, &tree);
                let tag = Some(name);
                backup.roots.extend(tree.root().map(|descriptor| NamedRoot {
                    tag,
                    full_name: None,
                    descriptor,
                }));
                add(&mut whole, tree, &mut seen, &mut seen_blobs);
            }
            Err(TransferError::Missing(_)) if !still_there.contains(&tag) => {}
            Err(error) => backup.faults.push(BackupFault { name, error: error.to_string() }),
        }
    }
    for (name, tree) in referrers(from, &whole, at_once)? {
        note(&name, &tree);
        backup.roots.extend(tree.root().map(|descriptor| NamedRoot {
            tag: Some(name),
            full_name: None,
            descriptor,
        }));
        add(&mut whole, tree, &mut seen, &mut seen_blobs);
    }
    backup.roots.sort_by(|one, other| one.tag.cmp(&other.tag));
    let (tally, faults) = download_what_is_whole(from, &whole, layout, at_once, progress)?;
    backup.tally = tally;
    for (digest, error) in faults {
        for name in users.remove(&digest).unwrap_or_default() {
            backup.faults.push(BackupFault { name, error: error.to_string() });
        }
    }
    backup.faults.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(backup)
}

fn tags_of(from: &mut RepositoryAccess<'_>) -> Result<Vec<String>, TransferError> {
    match from.run(|session| async move { session.all_tags().await }) {
        // All of it has been deleted.
        Err(TransferError::Missing(_)) => Ok(Vec::new()),
        tags => tags,
    }
}

/// Adds an image to others of its repository.
fn add(whole: &mut ImageTree, tree: ImageTree, seen: &mut HashSet<String>, seen_blobs: &mut HashSet<String>) {
    for (raw, read) in tree.manifests.into_iter().zip(tree.read) {
        if seen.insert(raw.digest.clone()) {
            whole.manifests.push(raw);
            whole.read.push(read);
        }
    }
    whole.blobs.extend(tree.blobs.into_iter().filter(|blob| seen_blobs.insert(blob.digest.clone())));
}

/// What refers to the images, and to that in turn, under `REPOSITORY@DIGEST`, where the registry tells (OCI
/// distribution-spec 1.1, "Listing Referrers"). Others keep it under tags such as `sha256-….sig`.
fn referrers(
    from: &mut RepositoryAccess<'_>,
    whole: &ImageTree,
    at_once: usize,
) -> Result<Vec<(String, ImageTree)>, TransferError> {
    let repository = from.repository.clone();
    let digests_of = |tree: &ImageTree| -> Vec<String> {
        tree.manifests.iter().map(|manifest| manifest.digest.clone()).collect()
    };
    let mut asked = digests_of(whole);
    let mut known: HashSet<String> = asked.iter().cloned().collect();
    let mut all = Vec::new();
    for _ in 0..DEEPEST {
        let mut found = referrers_of(from, &asked, at_once)?;
        found.retain(|digest| known.insert(digest.clone()));
        if found.is_empty() {
            return Ok(all);
        }
        found.sort_unstable();
        let trees = from.run_all(found, at_once, |session, digest| async move {
            let tree = collect(&session, &digest, None).await?;
            Ok((digest, tree))
        })?;
        asked = trees.iter().flat_map(|(_, tree)| digests_of(tree)).collect();
        known.extend(asked.iter().cloned());
        all.extend(trees.into_iter().map(|(digest, tree)| (format!("{repository}@{digest}"), tree)));
    }
    Err(TransferError::Odd(format!("{repository}: signatures refer to signatures, more than {DEEPEST} deep")))
}

/// The digests of what refers to these manifests.
fn referrers_of(
    from: &mut RepositoryAccess<'_>,
    digests: &[String],
    at_once: usize,
) -> Result<Vec<String>, TransferError> {
    let Some((first, rest)) = digests.split_first() else { return Ok(Vec::new()) };
    // A registry that does not know the first one's does not know any.
    let Some(mut found) = from.run(|session| {
        let first = first.clone();
        async move { session.referrers(&first).await }
    })?
    else {
        return Ok(Vec::new());
    };
    let more = from
        .run_all(rest.to_vec(), at_once, |session, digest| async move { session.referrers(&digest).await })?;
    found.extend(more.into_iter().flatten().flatten());
    Ok(found)
}
