//! Archives of images: what `docker save` writes, and OCI layouts (OCI image-spec 1.1, `image-layout.md`), in a directory or
//! a tar file, which may be packed. Nothing of an archive is written to a path that it names.

mod choice;
mod compress;
mod docker_save;
mod files;
mod former;
mod gzip;
mod layout;
mod open;
mod packing;
mod proof;
#[cfg(feature = "cert")]
mod sample;
mod write;

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::digest::{PartsDigest, sha256};
use super::manifest::ManifestError;
use crate::util::escape::shown_path;

pub(crate) use compress::PlainLayer;
pub(crate) use docker_save::PlainImage;
pub(crate) use open::ImageArchive;
#[cfg(feature = "cert")]
pub(crate) use sample::sample_archive;
pub(crate) use write::{Layout, NamedRoot};

/// A part of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileRange {
    /// The file.
    pub path: Arc<Path>,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// Its size in bytes.
    pub size: u64,
}

impl FileRange {
    /// A whole file.
    pub(crate) fn of_file(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.into(), offset: 0, size: path.metadata()?.len() })
    }

    /// Opens it for reading from this offset on.
    pub(crate) fn open_at(&self, offset: u64) -> io::Result<io::Take<File>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.offset + offset))?;
        Ok(file.take(self.size.saturating_sub(offset)))
    }

    /// Its SHA-256 digest.
    pub(crate) fn digest(&self) -> io::Result<String> {
        let mut digest = PartsDigest::new();
        digest.read_all(self.open_at(0)?)?;
        Ok(digest.finish())
    }
}

/// A blob in a local file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LocalBlob {
    pub digest: String,
    pub range: FileRange,
    /// Whether its content has been compared with the digest.
    pub is_proven: bool,
}

/// A manifest as it is, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawManifest {
    pub digest: String,
    pub media_type: String,
    pub content: Vec<u8>,
}

impl RawManifest {
    pub(crate) fn new(media_type: &str, content: Vec<u8>) -> Self {
        Self { digest: sha256(&content), media_type: media_type.to_owned(), content }
    }
}

/// An image of an archive.
#[derive(Debug)]
pub(crate) enum ArchivedImage {
    /// It is as registries keep it.
    Ready(LocalImage),
    /// Its layers have to be packed.
    Plain(PlainImage),
}

/// An image with all its parts in local files, as registries keep them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LocalImage {
    /// Its manifests, each after those it names: the last one is the image's.
    pub manifests: Vec<RawManifest>,
    /// Their blobs, each once.
    pub blobs: Vec<LocalBlob>,
}

impl ArchiveError {
    /// The error of a file below the scratch directory.
    fn scratch(path: &Path) -> impl Fn(io::Error) -> Self + Copy + '_ {
        |cause| Self::Scratch { path: path.to_owned(), cause }
    }
}

/// What to do where the disk is full.
fn elsewhere(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            ": set TMPDIR to a directory on a disk that has more space"
        }
        _ => "",
    }
}

/// Why an archive cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    /// It cannot be read.
    #[error("cannot read it: {0}")]
    Read(io::Error),
    /// Unpacked parts cannot be written.
    #[error("cannot write to {}: {cause}{}", shown_path(path), elsewhere(cause))]
    Scratch {
        /// The file.
        path: PathBuf,
        /// The reason.
        cause: io::Error,
    },
    /// It is something else.
    #[error("it is not an archive of images: {0}")]
    Other(String),
    /// What it is packed with cannot be undone.
    #[error("it cannot be unpacked: {0}")]
    Packing(String),
    /// It ends too early.
    #[error("it is cut short: {0}")]
    Truncated(String),
    /// It holds something else than it says.
    #[error("it contradicts itself: {0}")]
    Lies(String),
    /// An archive that would fill the disk.
    #[error("{0}: not read further")]
    Bomb(String),
    /// A manifest in it cannot be used.
    #[error("the manifest {digest} in it cannot be used: {error}")]
    Manifest {
        /// Its digest.
        digest: String,
        /// What is wrong with it.
        error: ManifestError,
    },
}
