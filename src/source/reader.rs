//! Reading files, with a limit.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::file::{FileError, MAX_BYTES};
use super::open::Opener;

/// Most definitions are smaller, in bytes.
const ROOM: usize = 8 << 10;

/// A page of memory is a multiple of this, in bytes, on every system.
const PAGE: usize = 4 << 10;

/// Reads one file after the other, with room that is kept from one to the next.
#[derive(Debug, Default)]
pub struct Reader {
    opener: Opener,
    room: Vec<u8>,
}

impl Reader {
    /// Reads a file's bytes. `is_regular` says that it is known to be a regular file, no pipe and no device; then one
    /// question less is asked of the system.
    ///
    /// # Errors
    /// When it cannot be read, or is larger than [`MAX_BYTES`].
    pub fn read(&mut self, path: &Path, is_regular: bool) -> Result<Vec<u8>, FileError> {
        let mut file = self.opener.open(path).map_err(|cause| unreadable(path, cause))?;
        self.room.resize(ROOM, 0);
        let len = loop {
            match file.read(&mut self.room) {
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                len => break len.map_err(|cause| unreadable(path, cause))?,
            }
        };
        let bytes = self.room[..len].to_vec();
        // Regular files are read page by page: whatever keeps the system from going on, it does so between two of them.
        // What ends within a page ends the file.
        let is_whole = is_regular && len < ROOM && !len.is_multiple_of(PAGE);
        if is_whole { Ok(bytes) } else { read_on(path, file, bytes) }
    }
}

/// Reads a file's bytes.
///
/// # Errors
/// When it cannot be read, or is larger than [`MAX_BYTES`].
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, FileError> {
    let file = File::open(path).map_err(|cause| unreadable(path, cause))?;
    read_on(path, file, Vec::with_capacity(ROOM))
}

fn read_on(path: &Path, file: File, mut bytes: Vec<u8>) -> Result<Vec<u8>, FileError> {
    let limit = MAX_BYTES + 1 - bytes.len() as u64;
    file.take(limit).read_to_end(&mut bytes).map_err(|cause| unreadable(path, cause))?;
    bytes.shrink_to_fit();
    if bytes.len() as u64 > MAX_BYTES {
        return Err(FileError::TooLarge { path: path.to_owned() });
    }
    Ok(bytes)
}

fn unreadable(path: &Path, cause: io::Error) -> FileError {
    // In the same words on every system.
    let is_directory = cause.kind() == io::ErrorKind::IsADirectory;
    let cause = if is_directory { io::ErrorKind::IsADirectory.into() } else { cause };
    FileError::Io { doing: "read", path: path.to_owned(), cause }
}

/// Reads a file as UTF-8 text; a byte-order mark is dropped.
///
/// # Errors
/// As [`read_bytes`], or when it is not UTF-8.
pub fn read(path: &Path) -> Result<String, FileError> {
    let mut text = String::from_utf8(read_bytes(path)?).map_err(|error| FileError::NotText {
        path: path.to_owned(),
        offset: error.utf8_error().valid_up_to(),
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..3);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_a_file_is_read_whatever_its_length() {
        let file = tempfile::NamedTempFile::new().expect("a file for the test");
        let mut reader = Reader::default();
        // Shorter and longer than the one before; at, before and after the end of a page and of the room.
        for len in [9_000, 1, 0, PAGE, PAGE - 1, PAGE + 1, ROOM, ROOM - 1, ROOM + 1, 3 * ROOM, 5] {
            let content: Vec<u8> = (0..=250).cycle().take(len).collect();
            super::super::write_atomically(file.path(), &content).expect("written");
            for is_regular in [true, false] {
                assert!(reader.read(file.path(), is_regular).expect("read") == content, "{len} bytes");
            }
            assert!(read_bytes(file.path()).expect("read") == content, "{len} bytes");
        }
    }
}
