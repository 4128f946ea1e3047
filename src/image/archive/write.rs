//! Writes OCI layouts. In a tar file of an image there is `manifest.json` too, for a Docker Engine before version 25, which `docker load`
//! needs.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::{Map, Value as Json, json};
use tar::{Builder, Header};

use super::files::ArchiveFiles;
use super::layout::{self, BLOBS, INDEX, LaidOutImage, MARKER, REF_NAME};
use super::{ArchiveError, FileRange, RawManifest};
use crate::image::digest::{SHA256_PREFIX, is_sha256};
use crate::image::manifest::{Descriptor, Manifest, ManifestParts, OCI_INDEX};
use crate::source::{FileError, HeldFile, read_bytes, write_atomically};

/// An image that a layout names.
#[derive(Clone, Debug)]
pub(crate) struct NamedRoot {
    /// Its name in the index: a tag, in a backup with its repository; nothing for one that only its digest names.
    pub tag: Option<String>,
    /// Its name with the registry, as `docker load` restores it: `registry.example.com/shop/web:1`.
    pub full_name: Option<String>,
    /// What the index says about it.
    pub descriptor: Descriptor,
}

/// A layout in a directory, where blobs come in one after the other.
#[derive(Debug)]
pub(crate) struct Layout {
    root: PathBuf,
    /// Keeps other runs from writing the same, as long as it is open.
    _lock: Option<HeldFile>,
    /// The registry that it is a backup of.
    registry: Option<String>,
}

impl Layout {
    /// Makes the directory, or goes on with one, which no other run may do at the same time: of two indexes the second would be
    /// without the images of the first. The lock is on the directory of blobs, so that a killed run leaves none; where the file
    /// system has no locks, there is none.
    ///
    /// # Errors
    /// When it cannot be made, or another run writes it.
    pub(crate) fn at(root: &Path) -> io::Result<Self> {
        let blobs = root.join(BLOBS);
        loop {
            fs::create_dir_all(&blobs)?;
            let busy = "another run of milepost writes it: wait until that has ended, and run this again";
            let lock = match File::open(&blobs).ok().map(HeldFile::of) {
                Some(None) => return Err(io::Error::new(io::ErrorKind::ResourceBusy, busy)),
                lock => lock.flatten(),
            };
            // Another run may have ended before the lock was there, and removed it.
            if blobs.is_dir() {
                return Ok(Self { root: root.to_owned(), _lock: lock, registry: None });
            }
        }
    }

    /// The same, as the backup of this registry.
    pub(crate) fn backup_of(root: &Path, registry: &str) -> io::Result<Self> {
        Ok(Self { registry: Some(registry.to_owned()), ..Self::at(root)? })
    }

    /// The images that the layout in a directory names; none where there is no layout.
    ///
    /// # Errors
    /// When its index cannot be read.
    pub(crate) fn roots(root: &Path) -> Result<Vec<NamedRoot>, ArchiveError> {
        let images = layout::images(&ArchiveFiles::Directory(root.to_owned()))?.unwrap_or_default();
        Ok(images.into_iter().flat_map(LaidOutImage::into_roots).collect())
    }

    /// Removes the directory where nothing is in it.
    pub(crate) fn remove_if_empty(&self) {
        for directory in [BLOBS, "blobs", ""] {
            if fs::remove_dir(self.root.join(directory)).is_err() {
                return;
            }
        }
    }

    /// The file of a blob.
    pub(crate) fn blob(&self, digest: &str) -> PathBuf {
        self.root.join(BLOBS).join(digest.split_once(':').map_or(digest, |(_, hex)| hex))
    }

    /// Keeps a manifest. As a blob it gets its name once it is whole, and is on the disk for good before the index is.
    pub(crate) fn put(&self, manifest: &RawManifest) -> Result<(), FileError> {
        let path = self.blob(&manifest.digest);
        let part = path.with_extension("part");
        let written = File::create(&part).and_then(|mut file| {
            file.write_all(&manifest.content)?;
            fs::rename(&part, &path)
        });
        written.map_err(|cause| FileError::Io { doing: "write", path, cause })
    }

    /// Removes what none of these images needs.
    pub(crate) fn prune(&self, roots: &[NamedRoot]) -> Result<(), FileError> {
        let needed = self.needed(roots)?;
        let blobs = self.root.join(BLOBS);
        let failed = |cause| FileError::Io { doing: "remove files of", path: blobs.clone(), cause };
        for blob in fs::read_dir(&blobs).map_err(failed)? {
            let blob = blob.map_err(failed)?;
            let name = blob.file_name().to_string_lossy().into_owned();
            // What else is there is of others.
            let digest = format!("{SHA256_PREFIX}{}", name.strip_suffix(".part").unwrap_or(&name));
            let is_needed = name == digest[SHA256_PREFIX.len()..] && needed.contains(&digest);
            if is_sha256(&digest) && !is_needed {
                fs::remove_file(blob.path()).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// The digests of all that these images consist of.
    fn needed(&self, roots: &[NamedRoot]) -> Result<HashSet<String>, FileError> {
        let mut needed = HashSet::new();
        let mut waiting: Vec<String> = roots.iter().map(|root| root.descriptor.digest.clone()).collect();
        while let Some(digest) = waiting.pop() {
            if !needed.insert(digest.clone()) {
                continue;
            }
            // What is in a layout has been read before.
            let Ok(manifest) = Manifest::read(&read_bytes(&self.blob(&digest))?, None) else { continue };
            let parts = manifest.children().map(|part| part.digest.clone());
            match manifest.parts {
                ManifestParts::Index(_) => waiting.extend(parts),
                ManifestParts::Image { .. } => needed.extend(parts),
            }
        }
        Ok(needed)
    }

    /// Writes the files that make the directory a layout. Without them it is none.
    pub(crate) fn finish(&self, roots: &[NamedRoot]) -> Result<(), FileError> {
        self.sync().map_err(|cause| FileError::Io { doing: "write", path: self.root.clone(), cause })?;
        self.put_index(self.index(roots).as_bytes())
    }

    /// Adds an image to those that the index names, whatever it says of them; one of the same name is replaced. What is replaced
    /// comes back where it is another image.
    ///
    /// # Errors
    /// When the index cannot be read or written.
    pub(crate) fn add(&self, root: &NamedRoot) -> anyhow::Result<Option<String>> {
        let shown = self.root.join(INDEX);
        let mut index: Map<String, Json> = if shown.exists() {
            serde_json::from_slice(&read_bytes(&shown)?).context("its index.json cannot be read")?
        } else {
            Map::from_iter([("schemaVersion".into(), 2.into()), ("mediaType".into(), OCI_INDEX.into())])
        };
        let mut others: Vec<Json> = match index.remove("manifests") {
            None => Vec::new(),
            Some(Json::Array(others)) => others,
            Some(_) => anyhow::bail!("the manifests of its index.json are no list"),
        };
        let digest = &*root.descriptor.digest;
        let is_same = |other: &Json| {
            let name = other["annotations"][REF_NAME].as_str();
            name == root.tag.as_deref() && (name.is_some() || other["digest"].as_str() == Some(digest))
        };
        let replaced = others.iter().find(|other| is_same(other)).and_then(|other| other["digest"].as_str());
        let replaced = replaced.filter(|replaced| *replaced != digest).map(str::to_owned);
        others.retain(|other| !is_same(other));
        others.push(entry(root));
        index.insert("manifests".to_owned(), others.into());
        self.sync().map_err(|cause| FileError::Io { doing: "write", path: self.root.clone(), cause })?;
        self.put_index(Json::Object(index).to_string().as_bytes())?;
        Ok(replaced)
    }

    /// Writes an index, and what says that there is one.
    pub(super) fn put_index(&self, index: &[u8]) -> Result<(), FileError> {
        write_atomically(&self.root.join(MARKER), LAYOUT.as_bytes())?;
        write_atomically(&self.root.join(INDEX), index)
    }

    /// Waits until all blobs are on the disk: an index that outlives them would make a layout of what is none. A call for each
    /// of thousands of blobs would take longer than reading them from the registry.
    #[cfg(target_os = "linux")]
    fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::syncfs(File::open(&self.root)?)?)
    }

    #[cfg(not(target_os = "linux"))]
    fn sync(&self) -> io::Result<()> {
        File::open(&self.root)?.sync_all()
    }

    /// Writes the layout as a tar file, which is the same each time.
    pub(crate) fn write_tar(&self, roots: &[NamedRoot], to: File) -> io::Result<()> {
        let mut tar = Builder::new(BufWriter::with_capacity(256 << 10, to));
        put_text(&mut tar, MARKER, LAYOUT)?;
        put_text(&mut tar, INDEX, &self.index(roots))?;
        // The images of a backup have no names that an engine could give them.
        let saved = if self.registry.is_none() { self.manifest_json(roots) } else { Json::Null };
        if saved.as_array().is_some_and(|saved| !saved.is_empty()) {
            put_text(&mut tar, "manifest.json", &saved.to_string())?;
        }
        let mut blobs: Vec<_> = fs::read_dir(self.root.join(BLOBS))?.collect::<Result<_, _>>()?;
        blobs.sort_by_key(fs::DirEntry::file_name);
        for blob in blobs {
            let name = blob.file_name().to_string_lossy().into_owned();
            if name.contains('.') {
                continue;
            }
            let range = FileRange::of_file(&blob.path())?;
            let mut header = header(range.size);
            tar.append_data(&mut header, format!("{BLOBS}/{name}"), range.open_at(0)?)?;
        }
        tar.into_inner()?.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }

    /// The text of `index.json`.
    fn index(&self, roots: &[NamedRoot]) -> String {
        let manifests: Vec<Json> = roots.iter().map(entry).collect();
        let mut index = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests});
        if let Some(registry) = &self.registry {
            index["annotations"] = json!({ REGISTRY: registry });
        }
        index.to_string()
    }

    /// `manifest.json` of `docker save`, for the images that are for one platform.
    fn manifest_json(&self, roots: &[NamedRoot]) -> Json {
        let mut saved = Vec::new();
        for root in roots {
            let Ok(content) = read_bytes(&self.blob(&root.descriptor.digest)) else { continue };
            let Ok(Manifest { parts: ManifestParts::Image { config, layers }, .. }) =
                Manifest::read(&content, None)
            else {
                continue;
            };
            let name = |part: &Descriptor| format!("{BLOBS}/{}", part.hex());
            saved.push(json!({
                "Config": name(&config),
                "RepoTags": root.full_name.iter().collect::<Vec<_>>(),
                "Layers": layers.iter().map(name).collect::<Vec<_>>(),
            }));
        }
        saved.into()
    }
}

/// The annotation of an index that names the registry of a backup.
pub(super) const REGISTRY: &str = "com.github.milepost.registry";

const LAYOUT: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;

pub(super) fn put_text(tar: &mut Builder<impl io::Write>, name: &str, text: &str) -> io::Result<()> {
    tar.append_data(&mut header(text.len() as u64), name, text.as_bytes())
}

/// The same for every file: neither times nor users of this machine.
pub(super) fn header(size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_size(size);
    header.set_mode(0o644);
    header.set_mtime(0);
    header
}

/// What an index says of an image.
fn entry(root: &NamedRoot) -> Json {
    let mut descriptor = json!({
        "mediaType": root.descriptor.media_type,
        "digest": root.descriptor.digest,
        "size": root.descriptor.size,
    });
    if let Some(tag) = &root.tag {
        descriptor["annotations"] = json!({ REF_NAME: tag });
    }
    descriptor
}
