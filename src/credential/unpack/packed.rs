//! What agents unpack beside tar and gzip: bzip2, xz and zip.

use std::io::Read;

use bzip2_rs::DecoderReader;
use flate2::bufread::DeflateDecoder;
use lzma_rust2::XzReader;
use rawzip::time::ZipDateTimeKind;
use rawzip::{CompressionMethod, ZipArchive, ZipFileHeaderRecord};
use secrecy::zeroize::Zeroizing;
use tar::EntryType;

use super::{ArchiveMember, MAX_ENTRIES, UnpackError, explain, limit_for};

/// The memory that unpacking xz may take, in KiB: enough for what `xz -9` writes.
const MAX_XZ_MEMORY: u32 = 80 << 10;

/// Uncompresses a bzip2 file.
pub(super) fn bunzip2(bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, UnpackError> {
    limited(DecoderReader::new(bytes), bytes.len())
}

/// Uncompresses an xz file.
pub(super) fn unxz(bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, UnpackError> {
    limited(XzReader::new_mem_limit(bytes, true, MAX_XZ_MEMORY), bytes.len())
}

/// Reads everything, within the limits.
fn limited(mut reader: impl Read, packed: usize) -> Result<Zeroizing<Vec<u8>>, UnpackError> {
    let limit = limit_for(packed);
    let mut plain = Zeroizing::new(Vec::new());
    let outcome = reader.by_ref().take(limit + 1).read_to_end(&mut plain);
    if plain.len() as u64 > limit {
        return Err(UnpackError::beyond(limit));
    }
    match outcome {
        Err(error) if error.kind() == std::io::ErrorKind::OutOfMemory => Err(UnpackError::Closed(
            "packed with xz in a way that takes more than 80 MiB of memory to unpack",
        )),
        outcome => outcome.map(|_| plain).map_err(|error| explain(&error)),
    }
}

/// Reads all entries of a zip file.
pub(super) fn unzip(bytes: &[u8]) -> Result<Vec<ArchiveMember>, UnpackError> {
    let archive = ZipArchive::from_slice(bytes).map_err(|error| broken(&error))?;
    let mut members = Vec::new();
    let mut left = limit_for(bytes.len());
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().map_err(|error| broken(&error))? {
        if members.len() == MAX_ENTRIES {
            return Err(UnpackError::TooMany);
        }
        let place = archive.get_entry(entry.wayfinder()).map_err(|error| broken(&error))?;
        let mut content = Zeroizing::new(Vec::new());
        if !entry.is_dir() {
            let is_stored = match (entry.flags().is_encrypted(), entry.compression_method()) {
                (true, _) => return Err(UnpackError::Broken("a file in it has a password".to_owned())),
                (false, CompressionMethod::STORE) => true,
                (false, CompressionMethod::DEFLATE) => false,
                _ => return Err(UnpackError::Closed("a zip file with another compression than deflate")),
            };
            let outcome = if is_stored {
                place.verifying_reader(place.data()).take(left + 1).read_to_end(&mut content)
            } else {
                let plain = DeflateDecoder::new(place.data());
                place.verifying_reader(plain).take(left + 1).read_to_end(&mut content)
            };
            let length = content.len() as u64;
            if length > left {
                return Err(UnpackError::beyond(limit_for(bytes.len())));
            }
            outcome.map_err(|error| explain(&error))?;
            left -= length;
        }
        members.push(member(&entry, content));
    }
    Ok(members)
}

fn member(entry: &ZipFileHeaderRecord<'_>, content: Zeroizing<Vec<u8>>) -> ArchiveMember {
    let mode = entry.mode();
    let (kind, link) = if entry.is_dir() {
        (EntryType::Directory, None)
    } else if mode.is_symlink() {
        (EntryType::Symlink, Some(content.to_vec()))
    } else {
        (EntryType::Regular, None)
    };
    let mtime = match entry.last_modified() {
        ZipDateTimeKind::Utc(moment) => moment.to_unix(),
        // In the time zone of who packed it, which is not known.
        ZipDateTimeKind::Local(moment) => rawzip::time::UtcDateTime::from_components(
            moment.year(),
            moment.month(),
            moment.day(),
            moment.hour(),
            moment.minute(),
            moment.second(),
            0,
        )
        .map_or(0, |moment| moment.to_unix()),
    };
    // A zip file has no owners: the files belong to the user who unpacks it.
    let (user, group) = ("-".to_owned(), "-".to_owned());
    ArchiveMember {
        path: entry.file_path().as_bytes().to_vec(),
        size: if kind.is_symlink() { 0 } else { content.len() as u64 },
        kind,
        link,
        mode: mode.permissions(),
        uid: 0,
        user,
        group,
        mtime,
        content,
    }
}

fn broken(error: &rawzip::Error) -> UnpackError {
    let text = error.to_string();
    if text.contains("end of") {
        UnpackError::Truncated("it ends within its data, or its table of contents is missing".to_owned())
    } else {
        UnpackError::Broken(text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::MAX_UNPACKED;
    use super::*;

    #[test]
    fn the_limits_of_a_file_hold() {
        assert_eq!(MAX_UNPACKED, limit_for(usize::MAX));
        let zeros = vec![0_u8; 32 << 20];
        assert!(matches!(limited(&zeros[..], 32 << 20), Err(UnpackError::TooLarge)));
        assert!(matches!(limited(&zeros[..], 100), Err(UnpackError::TooDense)));
        assert!(limited(&zeros[..1024], 100).is_ok());
    }
}
