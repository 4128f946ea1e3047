//! OCI layouts (OCI image-spec 1.1, `image-layout.md`).

use std::collections::{HashSet, VecDeque};

use serde::Deserialize;

use super::files::ArchiveFiles;
use super::{ArchiveError, LocalBlob, LocalImage, NamedRoot, RawManifest};
use crate::image::digest::{is_sha256, sha256};
use crate::image::manifest::{ALL, Descriptor, MAX_MANIFEST, MAX_MANIFESTS, Manifest, ManifestParts};

/// The name of an image in the index of a layout: mostly a tag.
pub(super) const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// The same, whole, as containerd and Docker write it.
const FULL_NAME: &str = "io.containerd.image.name";

/// The index of a layout (OCI image-spec, `image-layout.md`).
pub(super) const INDEX: &str = "index.json";

/// What says that a directory is a layout, and of which version.
pub(super) const MARKER: &str = "oci-layout";

/// The directory of a layout's blobs.
pub(super) const BLOBS: &str = "blobs/sha256";

/// An image of a layout.
#[derive(Debug)]
pub(super) struct LaidOutImage {
    pub(super) names: Vec<String>,
    root: Descriptor,
}

#[derive(Deserialize)]
struct LayoutIndex {
    #[serde(default)]
    manifests: Option<Vec<Descriptor>>,
}

/// The images of a layout; nothing where there is no layout.
pub(super) fn images(files: &ArchiveFiles) -> Result<Option<Vec<LaidOutImage>>, ArchiveError> {
    let Some(index) = files.read(INDEX)? else { return Ok(None) };
    check_version(files)?;
    let index: LayoutIndex = serde_json::from_slice(&index)
        .map_err(|error| ArchiveError::Other(format!("index.json cannot be read: {error}")))?;
    let mut images: Vec<LaidOutImage> = Vec::new();
    for root in index.manifests.unwrap_or_default() {
        if !is_sha256(&root.digest) {
            return Err(ArchiveError::Other(format!(
                "index.json names `{}`, which is not a digest",
                root.digest
            )));
        }
        let name = root.annotations.get(FULL_NAME).or_else(|| root.annotations.get(REF_NAME)).cloned();
        match images.iter_mut().find(|image| image.root.digest == root.digest) {
            Some(known) => known.names.extend(name),
            None => images.push(LaidOutImage { names: name.into_iter().collect(), root }),
        }
    }
    Ok(Some(images))
}

/// Refuses a layout of another version, in which all may be elsewhere. Some programs write none.
fn check_version(files: &ArchiveFiles) -> Result<(), ArchiveError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Marker {
        image_layout_version: String,
    }
    let Some(marker) = files.read(MARKER)? else { return Ok(()) };
    let Marker { image_layout_version: version } = serde_json::from_slice(&marker)
        .map_err(|error| ArchiveError::Other(format!("{MARKER} cannot be read: {error}")))?;
    if version == "1" || version.starts_with("1.") {
        return Ok(());
    }
    let shown: String = version.chars().filter(|c| !c.is_control()).take(20).collect();
    Err(ArchiveError::Other(format!(
        "its {MARKER} says version {shown} of OCI layouts, and only version 1 is known"
    )))
}

impl LaidOutImage {
    pub(super) fn digest(&self) -> &str {
        &self.root.digest
    }

    /// What the index says of it, under each of its names.
    pub(super) fn into_roots(self) -> Vec<NamedRoot> {
        let Self { names, root } = self;
        let of = |tag: Option<String>| NamedRoot { tag, full_name: None, descriptor: root.clone() };
        if names.is_empty() { vec![of(None)] } else { names.into_iter().map(|name| of(Some(name))).collect() }
    }

    /// The manifests, each after those it names.
    pub(super) fn manifests(
        &self,
        files: &ArchiveFiles,
    ) -> Result<(Vec<RawManifest>, Vec<Manifest>), ArchiveError> {
        let (mut raw, mut read) = (Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        let mut waiting = VecDeque::from([self.root.clone()]);
        while let Some(descriptor) = waiting.pop_front() {
            if !seen.insert(descriptor.digest.clone()) {
                continue;
            }
            if seen.len() > MAX_MANIFESTS {
                return Err(ArchiveError::Bomb(format!("an image has more than {MAX_MANIFESTS} manifests")));
            }
            let content = read_manifest(files, &descriptor)?;
            let media_type = Some(&*descriptor.media_type).filter(|kind| ALL.contains(kind));
            let manifest = Manifest::read(&content, media_type)
                .map_err(|error| ArchiveError::Manifest { digest: descriptor.digest.clone(), error })?;
            if let ManifestParts::Index(children) = &manifest.parts {
                waiting.extend(children.iter().cloned());
            }
            raw.push(RawManifest {
                digest: descriptor.digest,
                media_type: manifest.media_type.clone(),
                content,
            });
            read.push(manifest);
        }
        raw.reverse();
        Ok((raw, read))
    }

    /// All parts, with their places.
    pub(super) fn collect(&self, files: &ArchiveFiles) -> Result<LocalImage, ArchiveError> {
        let (manifests, read) = self.manifests(files)?;
        let mut blobs: Vec<LocalBlob> = Vec::new();
        let mut seen = HashSet::new();
        for blob in read.iter().flat_map(Manifest::blobs).filter(|blob| seen.insert(blob.digest.clone())) {
            let range = files
                .find(&blob_name(blob))
                .ok_or_else(|| ArchiveError::Lies(format!("the blob {} is missing", blob.digest)))?;
            if range.size != blob.size {
                return Err(ArchiveError::Lies(format!(
                    "the blob {} has {} bytes, and its manifest says {}",
                    blob.digest, range.size, blob.size
                )));
            }
            blobs.push(LocalBlob { digest: blob.digest.clone(), range, is_proven: false });
        }
        Ok(LocalImage { manifests, blobs })
    }
}

pub(super) fn blob_name(blob: &Descriptor) -> String {
    format!("{BLOBS}/{}", blob.hex())
}

fn read_manifest(files: &ArchiveFiles, descriptor: &Descriptor) -> Result<Vec<u8>, ArchiveError> {
    let digest = &descriptor.digest;
    let content = files
        .read(&blob_name(descriptor))?
        .ok_or_else(|| ArchiveError::Lies(format!("the manifest {digest} is missing")))?;
    if content.len() as u64 > MAX_MANIFEST {
        return Err(ArchiveError::Bomb(format!("the manifest {digest} has more than {MAX_MANIFEST} bytes")));
    }
    match sha256(&content) {
        found if found == *digest => Ok(content),
        found => Err(ArchiveError::Lies(format!("the manifest {digest} has the digest {found}"))),
    }
}
