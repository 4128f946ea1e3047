//! The backup that is there before a run: whose it is, and its content in a directory, where the run goes on with it.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use anyhow::Context as _;
use serde_json::Value as Json;
use tar::Archive;

use super::write::{Layout, REGISTRY};
use crate::image::digest::{SHA256_PREFIX, is_sha256};
use crate::source::read_bytes;

const INDEX: &str = "index.json";

/// The limit for an index, in bytes: some 200,000 images.
const MAX_INDEX: u64 = 64 << 20;

impl Layout {
    /// The registry that the layout in a directory or a tar file is a backup of, where it says so.
    pub(crate) fn registry_of(path: &Path) -> Option<String> {
        let index =
            if path.is_file() { index_in(path).ok()?? } else { read_bytes(&path.join(INDEX)).ok()? };
        let index: Json = serde_json::from_slice(&index).ok()?;
        Some(index["annotations"][REGISTRY].as_str()?.to_owned())
    }

    /// Unpacks a backup into this directory, its index last: without it the directory is no layout. Blobs that are there stay.
    ///
    /// # Errors
    /// When the file cannot be read, or the directory cannot be written.
    pub(crate) fn unpack(&self, file: &Path) -> anyhow::Result<()> {
        let mut archive = Archive::new(File::open(file)?);
        for entry in archive.entries_with_seek()? {
            let mut entry = entry?;
            let path = entry.path()?.to_string_lossy().into_owned();
            let Some(name) = path.trim_start_matches("./").strip_prefix("blobs/sha256/") else { continue };
            let digest = format!("{SHA256_PREFIX}{name}");
            if !is_sha256(&digest) || !entry.header().entry_type().is_file() {
                continue;
            }
            let blob = self.blob(&digest);
            if blob.metadata().is_ok_and(|there| there.len() == entry.size()) {
                continue;
            }
            let part = blob.with_extension("part");
            io::copy(&mut entry, &mut File::create(&part)?)?;
            fs::rename(&part, &blob)?;
        }
        let index = index_in(file)?.context("it has no index.json")?;
        Ok(self.put_index(&index)?)
    }
}

/// The index of the layout in a tar file.
fn index_in(file: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut archive = Archive::new(File::open(file)?);
    for entry in archive.entries_with_seek()? {
        let entry = entry?;
        if entry.path()?.to_string_lossy().trim_start_matches("./") == INDEX {
            let mut content = Vec::new();
            entry.take(MAX_INDEX).read_to_end(&mut content)?;
            return Ok(Some(content));
        }
    }
    Ok(None)
}
