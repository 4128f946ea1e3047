//! Skips white space and the insides of strings, eight bytes at a time.

/// Eight bytes as one number, the first byte lowest.
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes)
}

/// The same byte eight times.
const fn eight(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The offset of the first byte at or after `at` that is not white space. Skips indentation eight spaces at a time.
#[inline]
pub(super) fn after_blank(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at) {
            Some(b'\n' | b' ') => {
                at += 1;
                while let Some(word) = word(bytes, at) {
                    let spaces = (word ^ eight(b' ')).trailing_zeros() as usize / 8;
                    at += spaces;
                    if spaces < 8 {
                        break;
                    }
                }
            }
            Some(b'\r' | b'\t') => at += 1,
            _ => return at,
        }
    }
}

/// The offset of the first byte at or after `at` that is not [`PLAIN`].
#[inline]
pub(super) fn after_plain(bytes: &[u8], at: usize) -> usize {
    let (words, rest) = bytes[at..].as_chunks();
    for (index, word) in words.iter().enumerate() {
        // The first byte is the lowest.
        let word = u64::from_le_bytes(*word);
        // Sets the uppermost bit of each byte that is smaller than what is subtracted, if it was not set before; borrows
        // may also set it in bytes above such a byte.
        let control = word.wrapping_sub(eight(0x20));
        let quote = (word ^ eight(b'"')).wrapping_sub(eight(1));
        let backslash = (word ^ eight(b'\\')).wrapping_sub(eight(1));
        let special = (control | quote | backslash) & !word & eight(0x80);
        if special != 0 {
            // The lowest bit that is set is right: borrows only go upwards.
            return at + 8 * index + special.trailing_zeros() as usize / 8;
        }
    }
    bytes.len() - rest.len() + rest.iter().position(|byte| !PLAIN[*byte as usize]).unwrap_or(rest.len())
}

/// Bytes that a string may contain unescaped: all but quote, backslash and control characters.
pub(super) static PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let mut byte = 0;
    while byte < 0x20 {
        plain[byte] = false;
        byte += 1;
    }
    plain[b'"' as usize] = false;
    plain[b'\\' as usize] = false;
    plain
};
