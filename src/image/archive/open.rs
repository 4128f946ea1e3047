//! Opens an archive, whatever it is packed with.

use std::fs::File;
use std::io::{self, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};

use ruzstd::decoding::StreamingDecoder;

use super::docker_save::SavedImage;
use super::files::ArchiveFiles;
use super::layout::{self, LaidOutImage};
use super::packing::{GzipMembers, of_packing};
use super::{ArchiveError, ArchivedImage, docker_save};

/// An unpacked archive may be this many times as large as the packed one, above [`FREE`] bytes.
const MAX_RATIO: u64 = 100;
/// So much may be unpacked of any archive, in bytes.
const FREE: u64 = 64 << 20;

/// An archive, and the images in it.
#[derive(Debug)]
pub(crate) struct ImageArchive {
    files: ArchiveFiles,
    images: Images,
}

#[derive(Debug)]
pub(super) enum Images {
    Saved(Vec<SavedImage>),
    LaidOut(Vec<LaidOutImage>),
}

impl ImageArchive {
    /// Opens a directory, a tar file, or one packed by gzip or zstd, which is unpacked below `scratch`.
    ///
    /// # Errors
    /// When it holds no images that can be read.
    pub(crate) fn open(path: &Path, scratch: &Path) -> Result<Self, ArchiveError> {
        let files = if path.is_dir() {
            ArchiveFiles::Directory(path.to_owned())
        } else {
            ArchiveFiles::of_tar(&unpacked(path, scratch)?.unwrap_or_else(|| path.to_owned()))?
        };
        let laid_out = layout::images(&files)?;
        let images = match laid_out {
            Some(images) if !is_of_engine(&files, &images) => Images::LaidOut(images),
            laid_out => match (docker_save::images(&files)?, laid_out) {
                (Some(images), _) => Images::Saved(images),
                (None, Some(images)) => Images::LaidOut(images),
                (None, None) => return Err(no_images(&files)),
            },
        };
        Ok(Self { files, images })
    }

    /// Opens an archive that comes in a stream, which is kept below `scratch`.
    ///
    /// # Errors
    /// When it cannot be kept, or holds no images that can be read.
    pub(crate) fn read(mut stream: impl Read, scratch: &Path) -> Result<Self, ArchiveError> {
        let kept = scratch.join("stream.tar");
        let failed = ArchiveError::scratch(&kept);
        let mut file = File::create(&kept).map_err(failed)?;
        io::copy(&mut stream, &mut file).map_err(failed)?;
        drop(file);
        Self::open(&kept, scratch)
    }

    pub(super) fn files(&self) -> &ArchiveFiles {
        &self.files
    }

    pub(super) fn images(&self) -> &Images {
        &self.images
    }

    /// The names of each image: `shop/web:1`.
    pub(crate) fn names(&self) -> Vec<&[String]> {
        match &self.images {
            Images::Saved(images) => images.iter().map(|image| &*image.names).collect(),
            Images::LaidOut(images) => images.iter().map(|image| &*image.names).collect(),
        }
    }

    /// The digest of each image, where it has one: images of a layout have.
    pub(crate) fn digests(&self) -> Vec<Option<&str>> {
        match &self.images {
            Images::Saved(images) => vec![None; images.len()],
            Images::LaidOut(images) => images.iter().map(|image| Some(image.digest())).collect(),
        }
    }

    /// Whether two entries of the archive are one image. A layout has each image once.
    pub(crate) fn is_same(&self, one: usize, other: usize) -> bool {
        match &self.images {
            Images::Saved(images) => images[one].is_same(&images[other]),
            Images::LaidOut(_) => one == other,
        }
    }

    /// Whether these images of a layout have all their parts: what is missing is told before anything is sent.
    ///
    /// # Errors
    /// When a part is missing, or is not what the layout says.
    pub(crate) fn check(&self, indices: impl IntoIterator<Item = usize>) -> Result<(), ArchiveError> {
        if let Images::LaidOut(images) = &self.images {
            for index in indices {
                images[index].collect(&self.files)?;
            }
        }
        Ok(())
    }

    /// Looks for all parts of an image. Layers that are not packed are to be packed below `scratch`.
    ///
    /// # Errors
    /// When a part is missing, or is not what the archive says.
    pub(crate) fn image(&self, index: usize, scratch: &Path) -> Result<ArchivedImage, ArchiveError> {
        match &self.images {
            Images::Saved(images) => images[index].prepare(&self.files, scratch).map(ArchivedImage::Plain),
            Images::LaidOut(images) => images[index].collect(&self.files).map(ArchivedImage::Ready),
        }
    }
}

/// Whether a layout is what `docker save` has written since version 25. Its `manifest.json` counts then: the layout beside it
/// has layers that are not packed, of some versions in no order or none at all, and its digest is that of no registry. Of any
/// other layout the digests have to stay, whatever lies beside its index.
fn is_of_engine(files: &ArchiveFiles, images: &[LaidOutImage]) -> bool {
    // Nothing else writes `repositories` beside a layout; images without names are not in the engine's index.
    let is_marked = images.is_empty() || files.find("repositories").is_some();
    docker_save::is_there(files, is_marked)
}

/// The error of an archive of something else.
fn no_images(files: &ArchiveFiles) -> ArchiveError {
    if files.has_only_blobs() {
        return ArchiveError::Other(
            "it has blobs and no index.json, as an interrupted backup or pull leaves it: run that again"
                .to_owned(),
        );
    }
    for name in ["manifest.json", layout::INDEX] {
        if let Some(target) = files.dangling(name) {
            return ArchiveError::Other(format!(
                "{name} in it is a link to `{target}`, which is no file of the archive"
            ));
        }
    }
    let names = files.some_names();
    let has =
        if names.is_empty() { String::new() } else { format!(", only {} and the like", names.join(", ")) };
    ArchiveError::Other(format!("there is no manifest.json and no index.json in it{has}"))
}

/// Unpacks a file below `scratch`; nothing where it is not packed.
fn unpacked(path: &Path, scratch: &Path) -> Result<Option<PathBuf>, ArchiveError> {
    let mut file = File::open(path).map_err(ArchiveError::Read)?;
    let packed_size = file.metadata().map_err(ArchiveError::Read)?.len();
    let mut start = Vec::new();
    Read::by_ref(&mut file).take(6).read_to_end(&mut start).map_err(ArchiveError::Read)?;
    let whole = BufReader::with_capacity(256 << 10, io::Cursor::new(start.clone()).chain(file));
    let source: Box<dyn Read> = match start[..] {
        [0x1f, 0x8b, ..] => Box::new(GzipMembers::new(whole)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            Box::new(StreamingDecoder::new(whole).map_err(|error| of_packing(&error))?)
        }
        [b'B', b'Z', b'h', ..] => return Err(other_packing("bzip2", "bunzip2")),
        [0xfd, b'7', b'z', b'X', b'Z', 0] => return Err(other_packing("xz", "unxz")),
        [b'P', b'K', 3, 4, ..] => return Err(ArchiveError::Other("it is a zip file".to_owned())),
        [] => return Err(ArchiveError::Truncated("it is empty".to_owned())),
        _ => return Ok(None),
    };
    let target = scratch.join("archive.tar");
    unpack(source, &target, FREE.max(packed_size.saturating_mul(MAX_RATIO)))?;
    Ok(Some(target))
}

fn other_packing(name: &str, program: &str) -> ArchiveError {
    ArchiveError::Other(format!("it is packed by {name}: unpack it with {program} first"))
}

/// Writes what is unpacked, at most `most` bytes.
fn unpack(source: impl Read, target: &Path, most: u64) -> Result<(), ArchiveError> {
    let scratch = ArchiveError::scratch(target);
    let mut file = File::create(target).map_err(scratch)?;
    let mut source = source.take(most + 1);
    let mut buffer = vec![0; 256 << 10];
    let mut size = 0;
    loop {
        let count = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) => return Err(of_packing(&error)),
        };
        size += count as u64;
        if size > most {
            return Err(ArchiveError::Bomb(format!(
                "it unpacks to more than {} MiB, which may be a trap: if it is right, unpack it with gunzip or unzstd first",
                most >> 20
            )));
        }
        file.write_all(&buffer[..count]).map_err(scratch)?;
    }
    file.flush().map_err(scratch)
}
