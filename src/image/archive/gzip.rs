//! Writes gzip (RFC 1952), quickly: what does not compress is stored as it is.

use std::io::{self, Write};

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// How much is looked at, and packed or stored, at a time, in bytes: less than a block can have. Every piece but the last has to
/// have this size, or the same content would give other bytes.
pub(super) const PIECE: usize = 16 << 10;

/// Some hundredths larger than what `docker push` and skopeo send, and quicker to make.
const LEVEL: Compression = Compression::new(2);

/// No flags, no time, and an unknown system, so that the same content gives the same bytes.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// Packs pieces.
pub(super) struct GzipWriter<W> {
    to: W,
    deflate: Compress,
    crc: Crc,
    /// Whether pieces are stored at the moment.
    is_storing: bool,
    packed: Vec<u8>,
}

impl<W: Write> GzipWriter<W> {
    pub(super) fn new(mut to: W) -> io::Result<Self> {
        to.write_all(&HEADER)?;
        let deflate = Compress::new(LEVEL, false);
        Ok(Self { to, deflate, crc: Crc::new(), is_storing: false, packed: Vec::with_capacity(2 * PIECE) })
    }

    /// Adds a piece of [`PIECE`] bytes; only the last one may have less.
    pub(super) fn write_piece(&mut self, piece: &[u8]) -> io::Result<()> {
        self.crc.update(piece);
        if is_packable(piece) {
            if std::mem::take(&mut self.is_storing) {
                // What it has seen before is not right before this any more.
                self.deflate.reset();
            }
            return self.run(piece, FlushCompress::None);
        }
        if !std::mem::replace(&mut self.is_storing, true) {
            self.run(&[], FlushCompress::Sync)?;
        }
        self.store(piece)
    }

    /// Writes a block that is not compressed (RFC 1951, 3.2.4). The one before it ends with a whole byte.
    fn store(&mut self, piece: &[u8]) -> io::Result<()> {
        let size = u16::try_from(piece.len()).map_err(io::Error::other)?;
        self.to.write_all(&[0])?;
        self.to.write_all(&size.to_le_bytes())?;
        self.to.write_all(&(!size).to_le_bytes())?;
        self.to.write_all(piece)
    }

    /// Writes what is left, and the checksum.
    pub(super) fn finish(mut self) -> io::Result<W> {
        if self.is_storing {
            self.deflate.reset();
        }
        self.run(&[], FlushCompress::Finish)?;
        self.to.write_all(&self.crc.sum().to_le_bytes())?;
        self.to.write_all(&self.crc.amount().to_le_bytes())?;
        Ok(self.to)
    }

    fn run(&mut self, mut piece: &[u8], flush: FlushCompress) -> io::Result<()> {
        loop {
            self.packed.clear();
            let before = self.deflate.total_in();
            let status = self.deflate.compress_vec(piece, &mut self.packed, flush)?;
            // Never more than the piece.
            let taken = usize::try_from(self.deflate.total_in() - before).unwrap_or(piece.len());
            piece = &piece[taken..];
            self.to.write_all(&self.packed)?;
            // Where there is room left, nothing more is to come.
            let has_room = self.packed.len() < self.packed.capacity();
            if status == Status::StreamEnd || (piece.is_empty() && has_room && flush != FlushCompress::Finish)
            {
                return Ok(());
            }
        }
    }
}

/// Whether packing makes a piece smaller. In data that is packed or encrypted already, such as films and archives, all bytes are
/// equally frequent, and packing it would only take time.
fn is_packable(piece: &[u8]) -> bool {
    const SAMPLES: usize = 4;
    const SAMPLE: usize = 2 << 10;
    const SAMPLED: u64 = (SAMPLES * SAMPLE) as u64;
    if piece.len() < PIECE {
        return true;
    }
    let mut counts = [0_u32; 256];
    for sample in piece.chunks(PIECE / SAMPLES) {
        for byte in sample.iter().take(SAMPLE) {
            counts[usize::from(*byte)] += 1;
        }
    }
    let squares: u64 = counts.iter().map(|count| u64::from(*count).pow(2)).sum();
    // Chance alone makes 3 hundredths more than this of bytes that are equally frequent.
    let even = SAMPLED * SAMPLED / 256;
    squares > even + even / 12
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::bufread::GzDecoder;

    use super::*;

    /// Bytes without a pattern (xorshift).
    fn noise(size: usize) -> Vec<u8> {
        let mut state = 88_172_645_463_325_252_u64;
        let mut bytes = Vec::new();
        while bytes.len() < size {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            bytes.extend(state.to_le_bytes());
        }
        bytes.truncate(size);
        bytes
    }

    fn packed(content: &[u8]) -> Vec<u8> {
        let mut writer = GzipWriter::new(Vec::new()).expect("memory takes it");
        for piece in content.chunks(PIECE) {
            writer.write_piece(piece).expect("memory takes it");
        }
        writer.finish().expect("memory takes it")
    }

    #[test]
    fn what_is_packed_unpacks_to_the_same() {
        let text = b"what is packed unpacks to the same; ".repeat(20_000);
        let mixed = [&text[..3 * PIECE], &noise(5 * PIECE), &text[..2 * PIECE + 7], &noise(PIECE)].concat();
        for content in [Vec::new(), b"a".to_vec(), text, noise(4 * PIECE), noise(4 * PIECE + 1), mixed] {
            let packed = packed(&content);
            let mut unpacked = Vec::new();
            GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).expect("gzip");
            assert!(unpacked == content, "{} bytes", content.len());
        }
    }

    #[test]
    fn what_does_not_compress_is_stored_and_what_does_is_packed() {
        assert!(!is_packable(&noise(PIECE)));
        let bytes: Vec<u8> = noise(PIECE).into_iter().map(|byte| byte & 0x7f).collect();
        assert!(is_packable(&bytes));
        let content = [vec![0; 16 * PIECE], noise(16 * PIECE)].concat();
        let size = packed(&content).len();
        assert!((16 * PIECE..17 * PIECE).contains(&size), "{size}");
    }
}
