//! Where the images of an archive go: no two of them to one tag.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::image::archive::ImageArchive;

/// An image of an archive that goes to a tag.
#[derive(Debug)]
pub(in crate::command) struct TagTarget<'a> {
    /// The tag, with its repository: `shop/web:1`.
    pub tag: String,
    /// The number of the image.
    pub index: usize,
    /// Its name in the archive.
    pub name: &'a str,
}

/// The first two images that go to one tag and differ, in words: the second would take the tag from the first.
pub(in crate::command) fn collision<'a>(
    archive: &ImageArchive,
    targets: impl IntoIterator<Item = TagTarget<'a>>,
) -> Option<String> {
    let digests = archive.digests();
    let shown = |target: &TagTarget<'_>| match digests.get(target.index).copied().flatten() {
        Some(digest) => format!("{} ({digest})", target.name),
        None => format!("{} (image {})", target.name, target.index + 1),
    };
    let mut seen: BTreeMap<String, TagTarget<'a>> = BTreeMap::new();
    for target in targets {
        match seen.entry(target.tag.clone()) {
            Entry::Vacant(place) => {
                place.insert(target);
            }
            Entry::Occupied(first) if archive.is_same(first.get().index, target.index) => {}
            Entry::Occupied(first) => {
                return Some(format!(
                    "{} and {} are different images, and both go to {}",
                    shown(first.get()),
                    shown(&target),
                    target.tag
                ));
            }
        }
    }
    None
}
