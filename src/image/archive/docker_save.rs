//! What `docker save` writes: a list of images in `manifest.json`, and their layers as tar files (moby,
//! `image/tarexport/save.go`).

use std::path::Path;

use serde::Deserialize;

use super::compress::{PackedLayer, pack_all};
use super::files::ArchiveFiles;
use super::{ArchiveError, FileRange, LocalBlob, LocalImage, RawManifest};
use crate::image::digest::sha256;
use crate::image::manifest::{DOCKER_CONFIG, DOCKER_LAYER, DOCKER_MANIFEST};

/// The limit for layers of an image: that of Docker's storage drivers is 128.
const MAX_LAYERS: usize = 512;

/// An image of `manifest.json`.
#[derive(Debug)]
pub(super) struct SavedImage {
    pub(super) names: Vec<String>,
    config: String,
    layers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SavedEntry {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    #[serde(default)]
    layers: Vec<String>,
}

#[derive(Deserialize)]
struct SavedConfig {
    rootfs: RootFs,
}

#[derive(Deserialize)]
struct RootFs {
    #[serde(default)]
    diff_ids: Vec<String>,
}

/// The images of `manifest.json`; nothing where there is none.
pub(super) fn images(files: &ArchiveFiles) -> Result<Option<Vec<SavedImage>>, ArchiveError> {
    let Some(list) = files.read("manifest.json")? else { return Ok(None) };
    let list: Vec<SavedEntry> = serde_json::from_slice(&list)
        .map_err(|error| ArchiveError::Other(format!("manifest.json cannot be read: {error}")))?;
    let image = |SavedEntry { config, repo_tags, layers }| SavedImage {
        names: repo_tags.unwrap_or_default(),
        config,
        layers,
    };
    Ok(Some(list.into_iter().map(image).collect()))
}

impl SavedImage {
    /// Packs the layers and writes the manifest, as Docker does before it pushes.
    pub(super) fn prepare(&self, files: &ArchiveFiles, scratch: &Path) -> Result<LocalImage, ArchiveError> {
        let missing = |name: &str| ArchiveError::Lies(format!("`{name}` is missing"));
        let config_range = files.find(&self.config).ok_or_else(|| missing(&self.config))?;
        let config = files.read(&self.config)?.ok_or_else(|| missing(&self.config))?;
        let config_digest = sha256(&config);
        self.check_config_name(&config_digest)?;
        let parsed: SavedConfig = serde_json::from_slice(&config).map_err(|error| {
            ArchiveError::Other(format!("`{}` is not a configuration: {error}", self.config))
        })?;
        let ids = parsed.rootfs.diff_ids;
        if ids.len() != self.layers.len() || ids.len() > MAX_LAYERS {
            return Err(ArchiveError::Lies(format!(
                "`{}` names {} layers, and manifest.json {}",
                self.config,
                ids.len(),
                self.layers.len()
            )));
        }
        let mut ranges: Vec<(FileRange, String)> = Vec::with_capacity(ids.len());
        for (layer, id) in self.layers.iter().zip(ids) {
            ranges.push((files.find(layer).ok_or_else(|| missing(layer))?, id));
        }
        let packed = pack_all(&ranges, scratch)?;
        let manifest = manifest_of(&config_digest, config.len() as u64, &packed);
        let config = LocalBlob { digest: config_digest, range: config_range, is_proven: true };
        let mut blobs = vec![config];
        for PackedLayer { digest, range } in packed {
            if !blobs.iter().any(|blob| blob.digest == digest) {
                blobs.push(LocalBlob { digest, range, is_proven: true });
            }
        }
        Ok(LocalImage { manifests: vec![RawManifest::new(DOCKER_MANIFEST, manifest)], blobs })
    }

    /// The configuration is named by its digest, `HEX.json` or `blobs/sha256/HEX`.
    fn check_config_name(&self, digest: &str) -> Result<(), ArchiveError> {
        let name = self.config.rsplit('/').next().unwrap_or_default();
        let name = name.strip_suffix(".json").unwrap_or(name);
        let is_digest = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_digest && !digest.ends_with(name) {
            return Err(ArchiveError::Lies(format!("`{}` has the digest {digest}", self.config)));
        }
        Ok(())
    }
}

/// The manifest of an image (distribution, `docs/spec/manifest-v2-2`).
fn manifest_of(config: &str, size: u64, layers: &[PackedLayer]) -> Vec<u8> {
    let layers: Vec<_> = layers
        .iter()
        .map(|layer| {
            serde_json::json!({"mediaType": DOCKER_LAYER, "size": layer.range.size, "digest": layer.digest})
        })
        .collect();
    let manifest = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": DOCKER_MANIFEST,
        "config": {"mediaType": DOCKER_CONFIG, "size": size, "digest": config},
        "layers": layers,
    });
    manifest.to_string().into_bytes()
}
