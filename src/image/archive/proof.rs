//! Reads what was written as the next command will read it.

use std::collections::BTreeSet;
use std::path::Path;

use super::open::Images;
use super::{ArchiveError, ImageArchive, NamedRoot};

impl ImageArchive {
    /// Compares a layout that was written, a directory or a tar file that is not packed, with what it has to hold: the names,
    /// and every part of each image. The content of blobs was compared when they came.
    ///
    /// # Errors
    /// When it is not read as that.
    pub(crate) fn prove(path: &Path, roots: &[NamedRoot]) -> Result<(), ArchiveError> {
        // Only what is packed is unpacked there.
        let written = Self::open(path, path)?;
        let Images::LaidOut(images) = written.images() else {
            return Err(ArchiveError::Lies("it is taken for what `docker save` writes".to_owned()));
        };
        let mut found = BTreeSet::new();
        for image in images {
            let parts = image.collect(written.files())?;
            let digest = parts.manifests.last().map(|root| root.digest.clone()).unwrap_or_default();
            found.insert((None, digest.clone()));
            found.extend(image.names.iter().map(|name| (Some(name.clone()), digest.clone())));
        }
        let expected = roots.iter().map(|root| (root.tag.clone(), root.descriptor.digest.clone()));
        match expected.into_iter().find(|root| !found.contains(root)) {
            Some((name, digest)) => Err(ArchiveError::Lies(format!(
                "{} is not in it with the digest {digest}",
                name.as_deref().unwrap_or("an image")
            ))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::{self, Write as _};

    use serde_json::json;

    use super::super::{Layout, RawManifest};
    use super::*;
    use crate::image::digest::sha256;
    use crate::image::manifest::{Descriptor, OCI_MANIFEST};
    use crate::source::ScratchDirectory;

    fn put(path: &Path, text: &str) -> io::Result<()> {
        File::create(path)?.write_all(text.as_bytes())
    }

    /// What a layout with one image is read as, in a tar file and in its directory, once a file of it is changed.
    fn read_again(change: impl Fn(&Layout, &str) -> io::Result<()>, name: &str) -> Vec<Result<(), String>> {
        let place = ScratchDirectory::new("proof-").expect("a directory");
        let layout = Layout::backup_of(&place.path().join("layout"), "registry.example.com").expect("made");
        let config = "{}";
        let digest = sha256(config.as_bytes());
        put(&layout.blob(&digest), config).expect("written");
        let part =
            json!({"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": 2});
        let manifest = json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": part, "layers": []});
        let manifest = RawManifest::new(OCI_MANIFEST, manifest.to_string().into_bytes());
        layout.put(&manifest).expect("written");
        let root =
            json!({"mediaType": OCI_MANIFEST, "digest": manifest.digest, "size": manifest.content.len()});
        let descriptor: Descriptor = serde_json::from_value(root).expect("a descriptor");
        let named = |name: &str| NamedRoot {
            tag: Some(name.to_owned()),
            full_name: None,
            descriptor: descriptor.clone(),
        };
        change(&layout, &digest).expect("changed");
        let written = [named("shop/web:1")];
        let tar = place.path().join("layout.tar");
        layout.write_tar(&written, File::create(&tar).expect("made")).expect("written");
        layout.finish(&written).expect("written");
        [tar, place.path().join("layout")]
            .iter()
            .map(|path| ImageArchive::prove(path, &[named(name)]).map_err(|error| error.to_string()))
            .collect()
    }

    #[test]
    fn what_cannot_be_read_again_is_told() {
        let fine = |_: &Layout, _: &str| Ok(());
        assert_eq!(read_again(fine, "shop/web:1"), [Ok(()), Ok(())]);
        let has = |found: Vec<Result<(), String>>, told: &str| {
            assert!(
                found.iter().all(|one| one.as_ref().is_err_and(|error| error.contains(told))),
                "{found:?}"
            );
        };
        has(read_again(fine, "shop/web:2"), "shop/web:2 is not in it");
        has(read_again(|layout, digest| fs::remove_file(layout.blob(digest)), "shop/web:1"), " is missing");
        has(read_again(|layout, digest| put(&layout.blob(digest), "{} "), "shop/web:1"), "has 3 bytes");
    }
}
