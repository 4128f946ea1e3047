//! Output without its colours.

use std::io::{self, Write};

use anstream::adapter::StripBytes;

/// Takes escape sequences out of what is written through it. Colours, which is all that milepost writes, are taken out
/// quickly; from the first other sequence on, which can only come from a file that is shown, anstream does it.
pub(super) struct Strip<W> {
    out: W,
    any: Option<StripBytes>,
}

impl<W: Write> Strip<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, any: None }
    }
}

impl<W: Write> Write for Strip<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while self.any.is_none() {
            let plain = plain(rest);
            self.out.write_all(&rest[..plain])?;
            rest = &rest[plain..];
            if rest.is_empty() {
                return Ok(bytes.len());
            }
            match colour(rest) {
                Some(len) => rest = &rest[len..],
                None => self.any = Some(StripBytes::new()),
            }
        }
        let mut shown = self.any.iter_mut().flat_map(|any| any.strip_next(rest));
        shown.try_for_each(|piece| self.out.write_all(piece))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// How many bytes are shown before the first that may not be. Sixty-four are looked at together, which a compiler makes
/// a few instructions of.
fn plain(bytes: &[u8]) -> usize {
    let blocks = bytes.chunks_exact(64);
    let is_plain = |byte: u8| matches!(byte, b'\t' | b'\n' | b' '..=b'~' | 0x80..);
    let is_plain = |block: &&[u8]| block.iter().fold(true, |all, byte| all & is_plain(*byte));
    let at = 64 * blocks.take_while(is_plain).count();
    let rest = &bytes[at..];
    at + rest.iter().position(|byte| !PLAIN[usize::from(*byte)]).unwrap_or(rest.len())
}

/// Bytes that are shown: all but control characters, and of those white space.
static PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let mut byte = 0_u8;
    while byte < 0x20 {
        plain[byte as usize] = byte.is_ascii_whitespace();
        byte += 1;
    }
    plain[0x7f] = false;
    plain
};

/// The length of the whole sequence for a colour that `bytes` begin with (ECMA-48, SGR).
fn colour(bytes: &[u8]) -> Option<usize> {
    let parameters = bytes.strip_prefix(b"\x1b[")?;
    let len = parameters.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b';'))?;
    (parameters[len] == b'm').then_some(len + 3)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_is_left_that_anstream_takes_out(
            pieces in proptest::collection::vec("(\\x1b\\[[0-9;]{0,4}m|[a-zä\\n\\t ]{0,9}|\\x1b\\[2J|\\x1b|[\\x00-\\x7f]{0,3})", 0..20),
        ) {
            let mut own = Strip::new(Vec::new());
            let mut all = StripBytes::new();
            let mut wanted: Vec<u8> = Vec::new();
            for piece in &pieces {
                own.write_all(piece.as_bytes()).expect("memory can be written to");
                all.strip_next(piece.as_bytes()).for_each(|shown| wanted.extend(shown));
            }
            prop_assert_eq!(own.out, wanted);
        }
    }
}
