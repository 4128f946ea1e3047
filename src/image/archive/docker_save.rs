//! What `docker save` writes: a list of images in `manifest.json`, and their layers as tar files (moby,
//! `image/tarexport/save.go`).

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::compress::PlainLayer;
use super::files::ArchiveFiles;
use super::{ArchiveError, LocalBlob, RawManifest};
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
    /// Where each layer is from, which only the engine itself writes.
    #[serde(default)]
    layer_sources: Option<IgnoredAny>,
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
    let Some(list) = entries(files)? else { return Ok(None) };
    let image = |SavedEntry { config, repo_tags, layers, .. }| SavedImage {
        names: repo_tags.unwrap_or_default(),
        config,
        layers,
    };
    Ok(Some(list.into_iter().map(image).collect()))
}

/// Whether `manifest.json` is there beside a layout, and is the engine's: where that is not known otherwise, because it tells
/// where layers are from. One that cannot be read is nobody's.
pub(super) fn is_there(files: &ArchiveFiles, is_of_engine: bool) -> bool {
    let list = entries(files).ok().flatten();
    list.is_some_and(|list| is_of_engine || list.iter().any(|entry| entry.layer_sources.is_some()))
}

fn entries(files: &ArchiveFiles) -> Result<Option<Vec<SavedEntry>>, ArchiveError> {
    let Some(list) = files.read("manifest.json")? else { return Ok(None) };
    let list = serde_json::from_slice(&list)
        .map_err(|error| ArchiveError::Other(format!("manifest.json cannot be read: {error}")))?;
    Ok(Some(list))
}

/// An image whose layers have to be packed before its manifest is known.
#[derive(Debug)]
pub(crate) struct PlainImage {
    /// Its configuration.
    pub config: LocalBlob,
    /// Its layers, each once.
    pub layers: Vec<Arc<PlainLayer>>,
    /// Which of them each layer of the image is, from the lowest on.
    order: Vec<usize>,
}

impl PlainImage {
    /// Its manifest, with what became of each of [`PlainImage::layers`] (distribution, `docs/spec/manifest-v2-2`).
    pub(crate) fn manifest(&self, packed: &[LocalBlob]) -> RawManifest {
        let part = |media_type: &str, blob: &LocalBlob| serde_json::json!({"mediaType": media_type, "size": blob.range.size, "digest": blob.digest});
        let layers = self.order.iter().filter_map(|index| packed.get(*index));
        let manifest = serde_json::json!({
            "schemaVersion": 2,
            "mediaType": DOCKER_MANIFEST,
            "config": part(DOCKER_CONFIG, &self.config),
            "layers": layers.map(|layer| part(DOCKER_LAYER, layer)).collect::<Vec<_>>(),
        });
        RawManifest::new(DOCKER_MANIFEST, manifest.to_string().into_bytes())
    }
}

impl SavedImage {
    /// Whether it has the same parts as another one.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (&self.config, &self.layers) == (&other.config, &other.layers)
    }

    /// Looks for all parts. Layers are to be packed below `scratch`, as Docker does before it pushes.
    pub(super) fn prepare(&self, files: &ArchiveFiles, scratch: &Path) -> Result<PlainImage, ArchiveError> {
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
        let (mut layers, mut order) = (Vec::<Arc<PlainLayer>>::new(), Vec::with_capacity(ids.len()));
        for (name, id) in self.layers.iter().zip(ids) {
            let range = files.find(name).ok_or_else(|| missing(name))?;
            let known = layers.iter().position(|layer| layer.id() == id);
            order.push(known.unwrap_or(layers.len()));
            if known.is_none() {
                let target = scratch.join(format!("layer-{}.tar.gz", layers.len()));
                layers.push(Arc::new(PlainLayer::new(range, id, target)));
            }
        }
        let config = LocalBlob { digest: config_digest, range: config_range, is_proven: true };
        Ok(PlainImage { config, layers, order })
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
