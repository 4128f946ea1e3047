//! Reading files, with a limit.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::file::{FileError, MAX_BYTES};

/// Most definitions are smaller, in bytes.
const BUFFER: usize = 8 << 10;

/// A page of memory is a multiple of this, in bytes, on every system.
const PAGE: usize = 4 << 10;

/// Reads one file after the other into a buffer that is kept.
#[derive(Debug, Default)]
pub struct Reader {
    buffer: Vec<u8>,
}

impl Reader {
    /// Reads a file's bytes. `is_regular`: the file is known to be neither a pipe nor a device, which saves a system
    /// call.
    ///
    /// # Errors
    /// When it cannot be read, or is larger than [`MAX_BYTES`].
    pub fn read(&mut self, path: &Path, is_regular: bool) -> Result<Vec<u8>, FileError> {
        let mut file = File::open(path).map_err(|cause| unreadable(path, cause))?;
        if self.buffer.is_empty() {
            self.buffer = vec![0; BUFFER];
        }
        let len = loop {
            match file.read(&mut self.buffer) {
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                len => break len.map_err(|cause| unreadable(path, cause))?,
            }
        };
        let bytes = self.buffer[..len].to_vec();
        // The system reads regular files page by page, and stops early only between two pages: a read that ends within a
        // page has reached the end of the file.
        let is_whole = is_regular && len < BUFFER && !len.is_multiple_of(PAGE);
        if is_whole { Ok(bytes) } else { read_on(path, file, bytes) }
    }
}

/// Reads a file's bytes.
///
/// # Errors
/// When it cannot be read, or is larger than [`MAX_BYTES`].
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, FileError> {
    let file = File::open(path).map_err(|cause| unreadable(path, cause))?;
    read_on(path, file, Vec::with_capacity(BUFFER))
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
    // The same words on every system.
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
        // Shorter and longer than the one before; at, before and after the end of a page and of the buffer.
        for len in [9_000, 1, 0, PAGE, PAGE - 1, PAGE + 1, BUFFER, BUFFER - 1, BUFFER + 1, 3 * BUFFER, 5] {
            let content: Vec<u8> = (0..=250).cycle().take(len).collect();
            super::super::write_atomically(file.path(), &content).expect("written");
            for is_regular in [true, false] {
                assert!(reader.read(file.path(), is_regular).expect("read") == content, "{len} bytes");
            }
            assert!(read_bytes(file.path()).expect("read") == content, "{len} bytes");
        }
    }
}
