//! The backup that is there before a run: whose it is, and its content in a directory, where the run goes on with it.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use anyhow::Context as _;
use serde_json::Value as Json;

use super::files::ArchiveFiles;
use super::layout::{BLOBS, INDEX, MARKER};
use super::write::{Layout, REGISTRY};
use super::{ArchiveError, FileRange, ImageArchive, NamedRoot};
use crate::image::digest::{SHA256_PREFIX, is_sha256};

/// So much of a file is looked at for its index, in bytes.
const START: u64 = 64 << 20;

impl Layout {
    /// The registry that the layout in a directory or a tar file is a backup of, where it says so.
    pub(crate) fn registry_of(path: &Path) -> Option<String> {
        let files = if path.is_file() {
            ArchiveFiles::of_tar(path).ok()?
        } else {
            ArchiveFiles::Directory(path.to_owned())
        };
        let index: Json = serde_json::from_slice(&files.read(INDEX).ok()??).ok()?;
        Some(index["annotations"][REGISTRY].as_str()?.to_owned())
    }

    /// Whether a file is an archive of images: an OCI layout, or what `docker save` writes. An empty file is nobody's.
    pub(crate) fn is_archive(path: &Path) -> bool {
        let is_empty = path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0);
        let has = |files: &ArchiveFiles, name: &str| files.read(name).is_ok_and(|found| found.is_some());
        is_empty
            || ArchiveFiles::of_tar(path)
                .is_ok_and(|files| has(&files, INDEX) || has(&files, "manifest.json"))
    }

    /// Whether a file is what is left of a backup: it is cut short. A backup begins with its marker and its index.
    pub(crate) fn is_cut_backup(path: &Path) -> bool {
        let is_cut = || matches!(ArchiveFiles::of_tar(path), Err(ArchiveError::Truncated(_)));
        let Some(index) = File::open(path).ok().filter(|_| is_cut()).map(index_at_the_start) else {
            return false;
        };
        let index = index.map(|text| serde_json::from_slice::<Json>(&text).unwrap_or_default());
        index.is_none_or(|index| index["annotations"][REGISTRY].is_string())
    }

    /// The names of the images of a tar file that are lost where this one takes its place; none where it cannot be read.
    pub(crate) fn lost_with(path: &Path, new: &NamedRoot) -> Vec<String> {
        // Only what is packed is unpacked there.
        let Ok(archive) = ImageArchive::open(path, path) else { return Vec::new() };
        let is_new = |name: &String| {
            let full = new.full_name.as_deref().unwrap_or_default();
            // `docker save` writes no registry before the name of an image that was built.
            Some(name) == new.tag.as_ref() || full == name || full.ends_with(&format!("/{name}"))
        };
        let images = archive.names().into_iter().zip(archive.digests());
        let lost = images.filter(|(_, digest)| *digest != Some(&*new.descriptor.digest));
        lost.flat_map(|(names, digest)| {
            let unnamed = names.is_empty().then(|| digest.unwrap_or("one without a name").to_owned());
            names.iter().filter(|name| !is_new(name)).cloned().chain(unnamed).collect::<Vec<_>>()
        })
        .collect()
    }

    /// Unpacks a backup into this directory, its index last: without it the directory is no layout. Blobs that are there stay.
    ///
    /// # Errors
    /// When the file cannot be read, or the directory cannot be written.
    pub(crate) fn unpack(&self, file: &Path) -> anyhow::Result<()> {
        let files = ArchiveFiles::of_tar(file)?;
        for name in files.names() {
            let Some(hex) = name.strip_prefix(BLOBS).and_then(|name| name.strip_prefix('/')) else {
                continue;
            };
            let digest = format!("{SHA256_PREFIX}{hex}");
            let Some(content) = files.find(name).filter(|_| is_sha256(&digest)) else { continue };
            let blob = self.blob(&digest);
            if !blob.metadata().is_ok_and(|there| there.len() == content.size) {
                copy(&content, &blob)?;
            }
        }
        let index = files.read(INDEX)?.context("it has no index.json")?;
        Ok(self.put_index(&index)?)
    }
}

/// The index of a layout that follows its marker; nothing where the file ends in one of both, and an empty text where it is
/// something else.
fn index_at_the_start(file: File) -> Option<Vec<u8>> {
    let mut start = Vec::new();
    file.take(START).read_to_end(&mut start).ok()?;
    if !start.starts_with(MARKER.as_bytes()) {
        return Some(Vec::new());
    }
    let mut archive = tar::Archive::new(&*start);
    for entry in archive.entries().ok()? {
        let mut entry = entry.ok()?;
        if *entry.path_bytes() == *INDEX.as_bytes() {
            let mut text = Vec::new();
            entry.read_to_end(&mut text).ok()?;
            return (text.len() as u64 == entry.size()).then_some(text);
        }
    }
    None
}

/// Copies a blob, which gets its name once it is whole.
fn copy(content: &FileRange, blob: &Path) -> io::Result<()> {
    let part = blob.with_extension("part");
    io::copy(&mut content.open_at(0)?, &mut File::create(&part)?)?;
    fs::rename(&part, blob)
}
