//! Files: decoding as Marathon decodes a request's body.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::util::escape::shown_path;

/// The largest input read, in bytes. Marathon's own limit, the size of a `ZooKeeper` node, is far below.
pub const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Why a file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refuses.
    #[error("cannot {doing} {}: {cause}", shown_path(&path))]
    Io {
        /// `read`, `write`, …
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's reason. Not a `source`: the message contains it.
        cause: io::Error,
    },
    /// It is larger than [`MAX_BYTES`].
    #[error("{} is larger than {} MiB, the limit for a definition: not read", shown_path(&path), MAX_BYTES >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// Its bytes are not text.
    #[error("{}: byte {offset} is not UTF-8; save the file as UTF-8", shown_path(&path))]
    NotText {
        /// The file.
        path: PathBuf,
        /// The offset of the first bad byte, from 0.
        offset: usize,
    },
}

/// What to tell of a file that holds a secret and that others than its owner may use; nothing where they may not, or where
/// it is no regular file.
#[must_use]
pub fn too_open(path: &Path) -> Option<String> {
    #[cfg(unix)]
    if let Ok(metadata) = path.metadata()
        && metadata.is_file()
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            let name = shown_path(&path);
            return Some(format!(
                "permissions {mode:04o} of {name} are too open, and it holds a secret: `chmod 600 {name}`"
            ));
        }
    }
    let _ = path;
    None
}

/// How a text was encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Plain UTF-8.
    Utf8,
    /// UTF-8 with a byte-order mark, which Marathon skips.
    Utf8WithMark,
    /// UTF-8 with surrogates or overlong forms, which Marathon's parser accepts and most others reject.
    LooseUtf8,
    /// UTF-16, either byte order, with or without a mark.
    Utf16,
    /// UTF-32, either byte order, with or without a mark.
    Utf32,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Utf8WithMark => "UTF-8 with a byte-order mark",
            Self::LooseUtf8 => "malformed UTF-8",
            Self::Utf16 => "UTF-16",
            Self::Utf32 => "UTF-32",
        })
    }
}

/// A text and how it was encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte-order mark.
    pub text: String,
    /// The encoding it came in.
    pub encoding: Encoding,
}

impl Decoded {
    /// Decodes the bytes of a JSON text as Jackson does (Marathon 1.5 … 1.11): UTF-8 read loosely, UTF-16 and UTF-32
    /// recognised by their mark or by the zero bytes of the first characters.
    ///
    /// # Errors
    /// The bytes, and the offset of the first one that cannot be read.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, (Vec<u8>, usize)> {
        let encoding = detect(&bytes);
        let text = match encoding {
            Encoding::Utf16 => from_utf16(&bytes),
            Encoding::Utf32 => match from_utf32(&bytes) {
                Ok(text) => text,
                Err(offset) => return Err((bytes, offset)),
            },
            _ => {
                return match String::from_utf8(bytes) {
                    Ok(mut text) if text.starts_with('\u{feff}') => {
                        text.drain(..3);
                        Ok(Self { text, encoding: Encoding::Utf8WithMark })
                    }
                    Ok(text) => Ok(Self { text, encoding: Encoding::Utf8 }),
                    Err(error) => match from_loose_utf8(error.as_bytes()) {
                        Ok(text) => Ok(Self { text, encoding: Encoding::LooseUtf8 }),
                        Err(offset) => Err((error.into_bytes(), offset)),
                    },
                };
            }
        };
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        Ok(Self { text, encoding })
    }
}

fn detect(bytes: &[u8]) -> Encoding {
    match bytes {
        [0, 0, 0xfe, 0xff, ..] | [0xff, 0xfe, 0, 0, ..] | [0, 0, 0, 1..=255, ..] | [1..=255, 0, 0, 0, ..] => {
            Encoding::Utf32
        }
        [0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [0, 1..=255, ..] | [1..=255, 0, ..] => Encoding::Utf16,
        _ => Encoding::Utf8,
    }
}

fn from_utf16(bytes: &[u8]) -> String {
    let big_endian = matches!(bytes, [0xfe, 0xff, ..] | [0, ..]);
    let units = bytes.chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        if big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
    });
    char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}')).collect()
}

fn from_utf32(bytes: &[u8]) -> Result<String, usize> {
    let big_endian = bytes.starts_with(&[0, 0]);
    bytes
        .chunks_exact(4)
        .enumerate()
        .map(|(index, four)| {
            let four = [four[0], four[1], four[2], four[3]];
            let code = if big_endian { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) };
            char::from_u32(code).ok_or(index * 4)
        })
        .collect()
}

/// UTF-8 without the checks for overlong forms and surrogates; pairs of surrogates become their character.
fn from_loose_utf8(bytes: &[u8]) -> Result<String, usize> {
    let mut units: Vec<u16> = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&lead) = bytes.get(at) {
        let (len, mut code) = match lead {
            0..0x80 => (1, u32::from(lead)),
            0xc0..0xe0 => (2, u32::from(lead & 0x1f)),
            0xe0..0xf0 => (3, u32::from(lead & 0x0f)),
            0xf0..0xf8 => (4, u32::from(lead & 0x07)),
            _ => return Err(at),
        };
        for byte in bytes.get(at + 1..at + len).ok_or(at)? {
            if byte & 0xc0 != 0x80 {
                return Err(at);
            }
            code = code << 6 | u32::from(byte & 0x3f);
        }
        match char::from_u32(code) {
            Some(decoded) => units.extend(decoded.encode_utf16(&mut [0; 2]).iter()),
            None => units.push(u16::try_from(code).map_err(|_| at)?),
        }
        at += len;
    }
    Ok(char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}')).collect())
}

/// Splits off a file's byte-order mark, which is empty where it has none. Reading drops the mark; a caller that writes
/// the file again puts it back.
#[must_use]
pub fn split_mark(bytes: &[u8]) -> (&[u8], &[u8]) {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    bytes.split_at(if bytes.starts_with(MARK) { MARK.len() } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_detected() {
        let decode = |bytes: &[u8]| Decoded::from_bytes(bytes.to_vec());
        let decoded = |text: &str, encoding| Ok(Decoded { text: text.to_owned(), encoding });
        assert_eq!(decode("{\"ä\"".as_bytes()), decoded("{\"ä\"", Encoding::Utf8));
        assert_eq!(decode(b"\xef\xbb\xbf{}"), decoded("{}", Encoding::Utf8WithMark));
        assert_eq!(decode(b"\0{\0}"), decoded("{}", Encoding::Utf16));
        assert_eq!(decode(b"\xff\xfe{\0}\0"), decoded("{}", Encoding::Utf16));
        assert_eq!(decode(b"{\0\0\0}\0\0\0"), decoded("{}", Encoding::Utf32));
        assert_eq!(decode(b"\xed\xa0\xbd\xed\xb8\x80"), decoded("😀", Encoding::LooseUtf8));
        assert_eq!(decode(b"a\xc0\xaf"), decoded("a/", Encoding::LooseUtf8));
        assert_eq!(decode(b"\xed\xa0\x80"), decoded("\u{fffd}", Encoding::LooseUtf8));
        assert_eq!(decode(b"ab\xff").map_err(|(_, at)| at), Err(2));
        assert_eq!(decode(b"ab\xe4").map_err(|(_, at)| at), Err(2));
    }
}
