//! Packs layers, as registries keep them. The same layer gives the same bytes each time, so that what a registry has is not
//! sent again.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use flate2::{Compression, GzBuilder};

use super::{ArchiveError, FileRange};
use crate::image::digest::PartsDigest;
use crate::util::parallel;

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
    let target = |index: usize| scratch.join(format!("layer-{index}.tar.gz"));
    let jobs: Vec<_> =
        layers.iter().enumerate().map(|(index, (range, id))| (range, id, target(index))).collect();
    let mut packed = Vec::with_capacity(layers.len());
    let work = |(): &mut (), (range, id, target): &(&FileRange, &String, PathBuf)| pack(range, id, target);
    parallel::work_in_portions(&jobs, 1, 0, work, |_, layer| {
        packed.push(layer?);
        Ok(())
    })
    .map_err(|error| error.downcast().unwrap_or_else(|error| ArchiveError::Read(io::Error::other(error))))?;
    Ok(packed)
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
        unpacked.read_all(MultiGzDecoder::new(io::BufReader::new(content))).map_err(ArchiveError::Read)?;
        prove(id, unpacked)?;
        let digest = range.digest().map_err(ArchiveError::Read)?;
        return Ok(PackedLayer { digest, range: range.clone() });
    }
    let scratch = ArchiveError::scratch(target);
    let file = BufWriter::with_capacity(256 << 10, File::create(target).map_err(scratch)?);
    let (mut plain, sink) = (PartsDigest::new(), DigestWriter { inner: file, digest: PartsDigest::new() });
    let level = if is_packable(range).map_err(ArchiveError::Read)? { LEVEL } else { 0 };
    let mut encoder = GzBuilder::new().mtime(0).write(sink, Compression::new(level));
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

/// Whether packing makes a layer smaller, by samples from all of it: data that is packed already, such as films and
/// archives, would only take time. The same layer has the same answer each time.
fn is_packable(range: &FileRange) -> io::Result<bool> {
    const SAMPLES: u64 = 16;
    const SAMPLE: u64 = 16 << 10;
    if range.size < 4 * SAMPLES * SAMPLE {
        return Ok(true);
    }
    let (mut read, mut packed) = (0, 0);
    for number in 0..SAMPLES {
        let mut sample = Vec::new();
        range.open_at(range.size / SAMPLES * number)?.take(SAMPLE).read_to_end(&mut sample)?;
        let mut encoder = GzBuilder::new().write(Vec::new(), Compression::fast());
        encoder.write_all(&sample)?;
        read += sample.len();
        packed += encoder.finish()?.len();
    }
    // By less than a fiftieth.
    Ok(packed < read - read / 50)
}

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
