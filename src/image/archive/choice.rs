//! A part of the images of an archive, with what refers to them.

use std::collections::HashSet;

use super::layout::LaidOutImage;
use super::open::{ImageArchive, Images};
use super::{ArchiveError, RawManifest};
use crate::image::referrer::{Chosen, repository_of, subject_of_manifest, subject_of_tag};

/// An image that is chosen where another one is.
struct Follower<'a> {
    name: &'a str,
    /// The digest of the other one.
    subject: String,
    manifests: Vec<RawManifest>,
}

impl ImageArchive {
    /// The names of the images that are chosen: of a registry's backup also of those that refer to one.
    ///
    /// # Errors
    /// When the manifests cannot be read.
    pub(crate) fn chosen(&self, choice: impl Fn(&str) -> Chosen) -> Result<HashSet<String>, ArchiveError> {
        let mut chosen = HashSet::new();
        let Images::LaidOut(images) = self.images() else {
            let names = self.names().into_iter().flatten();
            return Ok(names.filter(|name| choice(name) == Chosen::Yes).cloned().collect());
        };
        let mut digests = HashSet::new();
        let mut keep = |name: &str, manifests: &[RawManifest], digests: &mut HashSet<(String, String)>| {
            let of = |manifest: &RawManifest| (repository_of(name).to_owned(), manifest.digest.clone());
            digests.extend(manifests.iter().map(of));
            chosen.insert(name.to_owned());
        };
        let mut waiting = Vec::new();
        for (image, name) in images.iter().flat_map(|image| image.names.iter().map(move |name| (image, name)))
        {
            match choice(name) {
                Chosen::Yes => keep(name, &image.manifests(self.files())?.0, &mut digests),
                Chosen::WithSubject => waiting.extend(self.follower(image, name)?),
                Chosen::No => {}
            }
        }
        // What refers to one that refers to another comes in a later round.
        loop {
            let is_next = |it: &Follower<'_>| {
                digests.contains(&(repository_of(it.name).to_owned(), it.subject.clone()))
            };
            let (next, others): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_next);
            if next.is_empty() {
                return Ok(chosen);
            }
            for follower in next {
                keep(follower.name, &follower.manifests, &mut digests);
            }
            waiting = others;
        }
    }

    /// An image as one that refers to another; nothing where it refers to none.
    fn follower<'a>(
        &self,
        image: &LaidOutImage,
        name: &'a str,
    ) -> Result<Option<Follower<'a>>, ArchiveError> {
        let by_tag = name.rsplit_once(':').and_then(|(_, tag)| subject_of_tag(tag));
        if by_tag.is_none() && !name.contains('@') {
            return Ok(None);
        }
        let (manifests, _) = image.manifests(self.files())?;
        let named = || manifests.last().and_then(|root| subject_of_manifest(&root.content));
        let subject = by_tag.or_else(named);
        Ok(subject.map(|subject| Follower { name, subject, manifests }))
    }
}
