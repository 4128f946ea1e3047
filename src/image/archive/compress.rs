//! Packs layers, as registries keep them. The same layer gives the same bytes each time, so that what a registry has is not
//! sent again.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use flate2::bufread::MultiGzDecoder;
use flate2::{Compression, GzBuilder};

use super::{ArchiveError, FileRange};
use crate::image::digest::PartsDigest;

/// A packed layer.
#[derive(Clone, Debug)]
pub(super) struct PackedLayer {
    pub(super) digest: String,
    pub(super) range: FileRange,
}

/// Packs layers below `scratch`, on all processors. Each comes with the digest that its unpacked content has to have.
///
/// # Errors
/// When a layer has another digest.
pub(super) fn pack_all(
    layers: &[(FileRange, String)],
    scratch: &Path,
) -> Result<Vec<PackedLayer>, ArchiveError> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<Option<Result<PackedLayer, ArchiveError>>>> =
        Mutex::new((0..layers.len()).map(|_| None).collect());
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some((range, id)) = layers.get(index) else { break };
            let result = pack(range, id, &scratch.join(format!("layer-{index}.tar.gz")));
            let is_failure = result.is_err();
            done.lock().unwrap_or_else(PoisonError::into_inner)[index] = Some(result);
            if is_failure {
                // The others would be packed in vain.
                next.store(layers.len(), Ordering::Relaxed);
            }
        }
    };
    thread::scope(|scope| {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(layers.len());
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    // A failure keeps later layers from being packed: it comes first.
    let mut packed = Vec::with_capacity(layers.len());
    let mut failure = None;
    for result in done.into_iter().flatten() {
        match result {
            Ok(layer) => packed.push(layer),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    failure.map_or(Ok(packed), Err)
}

/// Packs one, unless it is packed already.
fn pack(range: &FileRange, id: &str, target: &Path) -> Result<PackedLayer, ArchiveError> {
    let mut start = [0; 2];
    let is_packed = range.size > 2 && {
        range
            .open_at(0)
            .and_then(|mut content| content.read_exact(&mut start))
            .map_err(ArchiveError::Read)?;
        start == [0x1f, 0x8b]
    };
    if is_packed {
        let content = range.open_at(0).map_err(ArchiveError::Read)?;
        let mut unpacked = PartsDigest::new();
        copy(MultiGzDecoder::new(io::BufReader::new(content)), |part| {
            unpacked.update(part);
            Ok(())
        })?;
        prove(id, unpacked)?;
        let digest = range.digest().map_err(ArchiveError::Read)?;
        return Ok(PackedLayer { digest, range: range.clone() });
    }
    let scratch = ArchiveError::scratch(target);
    let file = BufWriter::with_capacity(256 << 10, File::create(target).map_err(scratch)?);
    let (mut plain, sink) = (PartsDigest::new(), DigestWriter { inner: file, digest: PartsDigest::new() });
    let mut encoder = GzBuilder::new().mtime(0).write(sink, Compression::new(LEVEL));
    copy(range.open_at(0).map_err(ArchiveError::Read)?, |part| {
        plain.update(part);
        encoder.write_all(part).map_err(scratch)
    })?;
    prove(id, plain)?;
    let DigestWriter { mut inner, digest } = encoder.finish().map_err(scratch)?;
    inner.flush().map_err(scratch)?;
    let range = FileRange::of_file(target).map_err(scratch)?;
    Ok(PackedLayer { digest: digest.finish(), range })
}

/// As `docker push` and skopeo: a little larger than the best, and much quicker.
const LEVEL: u32 = 4;

fn prove(id: &str, content: PartsDigest) -> Result<(), ArchiveError> {
    match content.finish() {
        found if found == id => Ok(()),
        found => Err(ArchiveError::Lies(format!(
            "a layer has the digest {found}, and the configuration says {id}"
        ))),
    }
}

/// Passes all of it on, part by part.
fn copy(
    mut from: impl Read,
    mut to: impl FnMut(&[u8]) -> Result<(), ArchiveError>,
) -> Result<(), ArchiveError> {
    let mut buffer = vec![0; 256 << 10];
    loop {
        match from.read(&mut buffer).map_err(ArchiveError::Read)? {
            0 => return Ok(()),
            count => to(&buffer[..count])?,
        }
    }
}

/// Computes the digest of what is written.
struct DigestWriter<W> {
    inner: W,
    digest: PartsDigest,
}

impl<W: Write> Write for DigestWriter<W> {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(part)?;
        self.digest.update(&part[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
