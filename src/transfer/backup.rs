//! Everything in a registry, into an OCI layout.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::pull::{collect, download_what_is_whole};
use super::{BlobTally, ImageTree, Progress, RepositoryAccess};
use crate::image::archive::{Layout, NamedRoot};
use crate::image::referrer::{Chosen, subject_of_tag};
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
    /// Whether the registry says that there are no tags.
    pub is_untagged: bool,
}

/// Brings the chosen images of a repository into a layout: each tag as it is now, with what refers to it, such as signatures. All
/// manifests are read before the first blob, so that what is deleted meanwhile is noticed.
///
/// # Errors
/// When the registry fails. An image that cannot be read is a fault.
pub(crate) fn back_up(
    from: &mut RepositoryAccess<'_>,
    choice: impl Fn(&str) -> Chosen,
    layout: &Layout,
    at_once: usize,
    progress: &Arc<Progress>,
) -> Result<RepositoryBackup, TransferError> {
    let repository = from.repository.clone();
    let name_of = |tag: &str| format!("{repository}:{tag}");
    let (mut tags, mut following) = (Vec::new(), Vec::new());
    let listed = match tags_of(from) {
        // The other repositories may well be read.
        Err(TransferError::Odd(error)) => {
            let faults = vec![BackupFault { name: repository, error }];
            return Ok(RepositoryBackup { faults, ..RepositoryBackup::default() });
        }
        listed => listed?,
    };
    let is_untagged = listed.is_empty();
    for tag in listed {
        match (choice(&name_of(&tag)), subject_of_tag(&tag)) {
            (Chosen::Yes, _) => tags.push(tag),
            (Chosen::WithSubject, Some(subject)) => following.push((subject, tag)),
            (Chosen::WithSubject, None) | (Chosen::No, _) => {}
        }
    }
    let named = tags.into_iter().map(|tag| (name_of(&tag), tag)).collect();
    let trees = collect_all(from, named, at_once)?;
    let mut backup = RepositoryBackup { is_untagged, ..RepositoryBackup::default() };
    let mut whole = ImageTree::default();
    let (mut seen, mut seen_blobs) = (HashSet::new(), HashSet::new());
    // The images of each blob, for the names of those that are not whole.
    let mut users: HashMap<String, Vec<String>> = HashMap::new();
    let mut missing = Vec::new();
    let mut keep = |(name, tree): NamedTree, whole: &mut ImageTree| match tree {
        Ok(tree) => {
            for blob in &tree.blobs {
                users.entry(blob.digest.clone()).or_default().push(name.clone());
            }
            let tag = Some(name);
            backup.roots.extend(tree.root().map(|descriptor| NamedRoot { tag, full_name: None, descriptor }));
            add(whole, tree, &mut seen, &mut seen_blobs);
        }
        Err(error @ TransferError::Missing(_)) => missing.push((name, error)),
        Err(error) => backup.faults.push(BackupFault { name, error: error.to_string() }),
    };
    for named in trees {
        keep(named, &mut whole);
    }
    for named in referrers(from, &whole, following, &choice, at_once)? {
        keep(named, &mut whole);
    }
    // A tag that was deleted meanwhile is not listed any more; one without its manifest is.
    let still_there = if missing.is_empty() { Vec::new() } else { tags_of(from)? };
    for (name, error) in missing {
        let is_gone = name.rsplit_once(':').is_some_and(|(_, tag)| !still_there.iter().any(|it| it == tag));
        if name.contains('@') || !is_gone {
            backup.faults.push(BackupFault { name, error: error.to_string() });
        }
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

/// Reads images: their names, and the tag or digest of each.
fn collect_all(
    from: &mut RepositoryAccess<'_>,
    named: Vec<(String, String)>,
    at_once: usize,
) -> Result<Vec<NamedTree>, TransferError> {
    from.run_all(named, at_once, |session, (name, reference)| async move {
        match collect(&session, &reference, None).await {
            Err(error) if error.may_pass() || error.is_unauthorized() => Err(error),
            tree => Ok((name, tree)),
        }
    })
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

/// An image by its name, or why it cannot be read.
type NamedTree = (String, Result<ImageTree, TransferError>);

/// What refers to the images, and to that in turn: under `REPOSITORY@DIGEST` where the registry tells (OCI distribution-spec
/// 1.1, "Listing Referrers"), and what `following` names, which are tags and what each refers to.
fn referrers(
    from: &mut RepositoryAccess<'_>,
    whole: &ImageTree,
    mut following: Vec<(String, String)>,
    choice: impl Fn(&str) -> Chosen,
    at_once: usize,
) -> Result<Vec<NamedTree>, TransferError> {
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
        found.sort_unstable();
        let found = found.into_iter().map(|digest| (format!("{repository}@{digest}"), digest));
        let mut next: Vec<(String, String)> = found.filter(|(name, _)| choice(name) != Chosen::No).collect();
        following.retain(|(subject, tag)| {
            let is_next = known.contains(subject);
            next.extend(is_next.then(|| (format!("{repository}:{tag}"), tag.clone())));
            !is_next
        });
        if next.is_empty() {
            return Ok(all);
        }
        let trees = collect_all(from, next, at_once)?;
        asked = trees.iter().filter_map(|(_, tree)| tree.as_ref().ok()).flat_map(digests_of).collect();
        known.extend(asked.iter().cloned());
        all.extend(trees);
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
