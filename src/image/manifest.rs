//! Manifests and indexes of images, as far as copying an image needs (OCI image-spec 1.1, `manifest.md` and `image-index.md`;
//! distribution, `docs/spec/manifest-v2-2`).

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::digest::is_sha256;

pub(crate) const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub(crate) const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
pub(crate) const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
pub(crate) const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
pub(crate) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// The media types of manifests that can be copied, for `Accept`.
pub(crate) const ALL: [&str; 4] = [DOCKER_MANIFEST, DOCKER_LIST, OCI_MANIFEST, OCI_INDEX];

/// The limit for manifests, in bytes: that of registries.
pub(crate) const MAX_MANIFEST: u64 = 4 << 20;

/// The limit for the manifests of one image: one for each platform, and as many attestations.
pub(crate) const MAX_MANIFESTS: usize = 1_000;

/// What a manifest says about a part of an image.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    /// What it is.
    #[serde(default)]
    pub media_type: String,
    /// Its SHA-256 digest.
    pub digest: String,
    /// Its size in bytes.
    pub size: u64,
    /// Of an image in an index: the machines it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Where else it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
}

impl Descriptor {
    /// Whether registries do not keep it: base layers of Windows, which have addresses of their own.
    pub(crate) fn is_foreign(&self) -> bool {
        self.media_type.contains(".foreign.") || self.media_type.contains(".nondistributable.")
    }

    /// Whether it is a list of others.
    pub(crate) fn is_index(&self) -> bool {
        [OCI_INDEX, DOCKER_LIST].contains(&&*self.media_type)
    }

    /// Whether a manifest leads to another address for it.
    pub(crate) fn is_elsewhere(&self) -> bool {
        self.is_foreign() || !self.urls.is_empty()
    }

    /// The digest without its algorithm.
    pub(crate) fn hex(&self) -> &str {
        self.digest.split_once(':').map_or("", |(_, hex)| hex)
    }
}

/// The machines that an image is for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Platform {
    #[serde(default)]
    pub architecture: String,
    #[serde(default)]
    pub os: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

impl Platform {
    /// Whether it is the one that a user names: `linux/amd64`, or `linux/arm/v7`. A variant that is not named may be any.
    pub(crate) fn is(&self, named: &str) -> bool {
        let mut parts = named.split('/');
        parts.next() == Some(&*self.os)
            && parts.next() == Some(&*self.architecture)
            && parts.next().is_none_or(|variant| self.variant.as_deref() == Some(variant))
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.as_ref().map_or(Ok(()), |variant| write!(f, "/{variant}"))
    }
}

/// A manifest or an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub media_type: String,
    pub parts: ManifestParts,
}

/// What a manifest consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ManifestParts {
    /// One image.
    Image {
        /// Its configuration.
        config: Descriptor,
        /// Its layers, the lowest first.
        layers: Vec<Descriptor>,
    },
    /// Several, for several platforms.
    Index(Vec<Descriptor>),
}

/// Why a text is not a manifest that can be copied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ManifestError {
    #[error("it is not JSON of a manifest: {0}")]
    Malformed(String),
    #[error(
        "its form is of 2014 (schema 1), which milepost does not copy: push the image again with a Docker of 2016 or later"
    )]
    SchemaOne,
    #[error("its media type `{0}` is not that of an image or an index")]
    MediaType(String),
    #[error("it names a part by `{0}`, which is not a SHA-256 digest")]
    Digest(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ManifestText {
    #[serde(default)]
    schema_version: u64,
    media_type: Option<String>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
}

impl Manifest {
    /// Reads one. `media_type` is what came with it, which counts where it does not say itself.
    ///
    /// # Errors
    /// When it is not one that can be copied.
    pub(crate) fn read(content: &[u8], media_type: Option<&str>) -> Result<Self, ManifestError> {
        let raw: ManifestText =
            serde_json::from_slice(content).map_err(|error| ManifestError::Malformed(error.to_string()))?;
        if raw.schema_version == 1 {
            return Err(ManifestError::SchemaOne);
        }
        let (default, parts) = match (raw.manifests, raw.config) {
            (Some(manifests), _) => (OCI_INDEX, ManifestParts::Index(manifests)),
            (None, Some(config)) => {
                (OCI_MANIFEST, ManifestParts::Image { config, layers: raw.layers.unwrap_or_default() })
            }
            (None, None) => {
                return Err(ManifestError::Malformed("it has neither `config` nor `manifests`".to_owned()));
            }
        };
        let media_type = raw.media_type.as_deref().or(media_type).unwrap_or(default).to_owned();
        if !ALL.contains(&&*media_type) {
            return Err(ManifestError::MediaType(media_type));
        }
        let manifest = Self { media_type, parts };
        let odd = manifest.children().find(|part| !is_sha256(&part.digest));
        let odd = odd.map(|part| ManifestError::Digest(part.digest.clone()));
        odd.map_or(Ok(manifest), Err)
    }

    /// All that it names.
    pub(crate) fn children(&self) -> impl Iterator<Item = &Descriptor> {
        let (config, rest) = match &self.parts {
            ManifestParts::Image { config, layers } => (Some(config), layers),
            ManifestParts::Index(manifests) => (None, manifests),
        };
        config.into_iter().chain(rest)
    }

    /// The blobs that a registry keeps of it.
    pub(crate) fn blobs(&self) -> impl Iterator<Item = &Descriptor> {
        let is_image = matches!(self.parts, ManifestParts::Image { .. });
        self.children().filter(move |part| is_image && !part.is_foreign())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Manifest, String> {
        Manifest::read(text.as_bytes(), None).map_err(|error| error.to_string())
    }

    #[test]
    fn manifests_and_indexes_are_read() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let part = format!(r#"{{"mediaType": "x", "digest": "{digest}", "size": 3}}"#);
        let image = read(&format!(r#"{{"schemaVersion": 2, "config": {part}, "layers": [{part}]}}"#));
        let image = image.expect("an image");
        assert_eq!((&*image.media_type, image.blobs().count()), (OCI_MANIFEST, 2));
        let index =
            read(&format!(r#"{{"schemaVersion": 2, "mediaType": "{DOCKER_LIST}", "manifests": [{part}]}}"#));
        let index = index.expect("an index");
        assert_eq!(
            (&*index.media_type, index.blobs().count(), index.children().count()),
            (DOCKER_LIST, 0, 1)
        );
        for (bad, error) in [
            ("", "it is not JSON of a manifest: "),
            ("{}", "it is not JSON of a manifest: it has neither"),
            (r#"{"schemaVersion": 1}"#, "its form is of 2014"),
            (&format!(r#"{{"mediaType": "text/html", "config": {part}}}"#), "its media type `text/html`"),
            (r#"{"manifests": [{"digest": "sha256:../x", "size": 1}]}"#, "it names a part by `sha256:../x`"),
            (r#"{"config": {"digest": "md5:1", "size": -1}}"#, "it is not JSON of a manifest: "),
        ] {
            let found = read(bad).expect_err(bad);
            assert!(found.starts_with(error), "{bad}: {found}");
        }
    }

    #[test]
    fn platforms_are_named() {
        let platform = |variant: Option<&str>| Platform {
            architecture: "arm".to_owned(),
            os: "linux".to_owned(),
            variant: variant.map(str::to_owned),
        };
        assert!(platform(Some("v7")).is("linux/arm") && platform(Some("v7")).is("linux/arm/v7"));
        assert!(
            !platform(None).is("linux/arm/v7") && !platform(None).is("linux") && !platform(None).is("arm")
        );
        assert_eq!(platform(Some("v7")).to_string(), "linux/arm/v7");
    }
}
