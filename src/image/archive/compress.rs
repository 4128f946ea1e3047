//! Packs layers, as registries keep them. The same layer gives the same bytes each time, so that what a registry has is not
//! sent again.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use flate2::bufread::MultiGzDecoder;

use super::gzip::{GzipWriter, PIECE};
use super::{ArchiveError, FileRange, LocalBlob};
use crate::image::digest::PartsDigest;

/// A layer of an archive, which has to be packed before it is pushed.
#[derive(Debug)]
pub(crate) struct PlainLayer {
    range: FileRange,
    /// The digest that its unpacked content has to have.
    id: String,
    /// The file that it is packed into.
    target: PathBuf,
}

impl PlainLayer {
    /// `target` is the file that it is packed into, if it has to be.
    pub(super) fn new(range: FileRange, id: String, target: PathBuf) -> Self {
        Self { range, id, target }
    }

    /// Its size in the archive, in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.range.size
    }

    /// The digest of its unpacked content.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Packs it, unless it is packed in the archive. Ends early once nobody waits for it.
    ///
    /// # Errors
    /// When it has another digest than the image says, or cannot be read or written.
    pub(crate) fn pack(&self, is_over: &AtomicBool) -> Result<LocalBlob, ArchiveError> {
        if is_over.load(Ordering::SeqCst) {
            return Err(ended());
        }
        if self.is_packed()? {
            return self.as_it_is(is_over);
        }
        let digest = self.write_packed(is_over)?;
        let range = FileRange::of_file(&self.target).map_err(ArchiveError::scratch(&self.target))?;
        Ok(LocalBlob { digest, range, is_proven: true })
    }

    /// Removes what [`PlainLayer::pack`] has written.
    pub(crate) fn discard(&self) {
        // The directory that it is in is removed at the end.
        let _ = std::fs::remove_file(&self.target);
    }

    fn is_packed(&self) -> Result<bool, ArchiveError> {
        let mut start = Vec::new();
        let content = self.range.open_at(0).map_err(ArchiveError::Read)?;
        content.take(2).read_to_end(&mut start).map_err(ArchiveError::Read)?;
        Ok(start == [0x1f, 0x8b])
    }

    fn as_it_is(&self, is_over: &AtomicBool) -> Result<LocalBlob, ArchiveError> {
        let content = self.range.open_at(0).map_err(ArchiveError::Read)?;
        let mut plain = PartsDigest::new();
        let content = MultiGzDecoder::new(io::BufReader::with_capacity(128 << 10, content));
        by_pieces(content, is_over, |piece| {
            plain.update(piece);
            Ok(())
        })?;
        prove(&self.id, plain)?;
        let digest = self.range.digest().map_err(ArchiveError::Read)?;
        Ok(LocalBlob { digest, range: self.range.clone(), is_proven: true })
    }

    /// Writes the packed layer: its digest.
    fn write_packed(&self, is_over: &AtomicBool) -> Result<String, ArchiveError> {
        let scratch = ArchiveError::scratch(&self.target);
        let sink = DigestWriter::create(&self.target).map_err(scratch)?;
        let mut plain = PartsDigest::new();
        let mut packed = GzipWriter::new(sink).map_err(scratch)?;
        by_pieces(self.range.open_at(0).map_err(ArchiveError::Read)?, is_over, |piece| {
            plain.update(piece);
            packed.write_piece(piece).map_err(scratch)
        })?;
        prove(&self.id, plain)?;
        packed.finish().and_then(DigestWriter::finish).map_err(scratch)
    }
}

fn prove(id: &str, content: PartsDigest) -> Result<(), ArchiveError> {
    match content.finish() {
        found if found == id => Ok(()),
        found => Err(ArchiveError::Lies(format!(
            "a layer has the digest {found}, and the configuration says {id}"
        ))),
    }
}

/// Passes all of it on in pieces of the same size, however much one read gives.
fn by_pieces(
    mut from: impl Read,
    is_over: &AtomicBool,
    mut to: impl FnMut(&[u8]) -> Result<(), ArchiveError>,
) -> Result<(), ArchiveError> {
    let mut piece = Vec::with_capacity(PIECE);
    while !is_over.load(Ordering::Relaxed) {
        piece.clear();
        from.by_ref().take(PIECE as u64).read_to_end(&mut piece).map_err(ArchiveError::Read)?;
        if piece.is_empty() {
            return Ok(());
        }
        to(&piece)?;
    }
    Err(ended())
}

/// Nobody gets to see it.
fn ended() -> ArchiveError {
    ArchiveError::Read(io::ErrorKind::Interrupted.into())
}

/// Computes the digest of what is written to a file.
struct DigestWriter {
    file: BufWriter<File>,
    digest: PartsDigest,
}

impl DigestWriter {
    fn create(path: &Path) -> io::Result<Self> {
        let file = BufWriter::with_capacity(256 << 10, File::create(path)?);
        Ok(Self { file, digest: PartsDigest::new() })
    }

    fn finish(mut self) -> io::Result<String> {
        self.file.flush()?;
        Ok(self.digest.finish())
    }
}

impl Write for DigestWriter {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        let count = self.file.write(part)?;
        self.digest.update(&part[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
