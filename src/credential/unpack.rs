//! Reads an untrusted archive: writes no file, and limits sizes and counts.

mod packed;

use std::io::{self, Read};

use flate2::bufread::GzDecoder;
use secrecy::zeroize::Zeroizing;
use tar::{Archive, EntryType};

use super::clock;

/// The limit for the unpacked size of an archive of credentials, in bytes. Real ones are below 20 KiB.
pub const MAX_UNPACKED: u64 = 16 * 1024 * 1024;
/// The limit for the number of entries.
pub const MAX_ENTRIES: usize = 1_000;
/// The limit for unpacked size over packed size, above [`FREE`] bytes. Text shrinks to a fifth; small tar files consist
/// mostly of zeros and shrink more.
pub const MAX_RATIO: u64 = 100;
/// The unpacked size up to which the ratio is not limited, in bytes.
pub const FREE: u64 = 1024 * 1024;

/// Why an archive cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// Not an archive, or one of another kind.
    #[error("this is {0}")]
    NotAnArchive(&'static str),
    /// An archive that agents may unpack and milepost does not: how it is packed.
    #[error("milepost cannot look into this: it is {0}; an agent may unpack it")]
    Closed(&'static str),
    /// It ends too early.
    #[error("the archive is cut short: {0}")]
    Truncated(String),
    /// The bytes are not valid.
    #[error("the archive is broken: {0}")]
    Broken(String),
    /// A tar bomb.
    #[error("the archive unpacks to more than {} MiB, too much for credentials: not read further", MAX_UNPACKED >> 20)]
    TooLarge,
    /// A tar bomb.
    #[error("the archive unpacks to more than {MAX_RATIO} times its size: not read further")]
    TooDense,
    /// A tar bomb.
    #[error("the archive has more than {MAX_ENTRIES} entries: not read further")]
    TooMany,
}

impl UnpackError {
    /// More than this limit of [`limit_for`] is unpacked.
    fn beyond(limit: u64) -> Self {
        if limit == MAX_UNPACKED { Self::TooLarge } else { Self::TooDense }
    }
}

/// How many bytes a packed file of this many may unpack to.
fn limit_for(packed: usize) -> u64 {
    MAX_UNPACKED.min(FREE.max((packed as u64).saturating_mul(MAX_RATIO)))
}

/// One entry.
pub struct ArchiveMember {
    /// Its path as it is written.
    pub path: Vec<u8>,
    /// The kind of entry.
    pub kind: EntryType,
    /// The target of a link.
    pub link: Option<Vec<u8>>,
    /// The permission bits.
    pub mode: u32,
    /// The owner's number.
    pub uid: u64,
    /// The owner's name, or the number where there is none.
    pub user: String,
    /// The group's name, or the number where there is none.
    pub group: String,
    /// When it was changed, in seconds since 1970.
    pub mtime: i64,
    /// Its size in bytes.
    pub size: u64,
    /// The content of a regular file.
    pub content: Zeroizing<Vec<u8>>,
}

impl ArchiveMember {
    /// Whether it is a regular file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.kind.is_file() || self.kind.is_contiguous()
    }

    /// Whether it is a link, symbolic or not.
    #[must_use]
    pub fn is_link(&self) -> bool {
        self.kind.is_symlink() || self.kind.is_hard_link()
    }
}

/// Whether these bytes begin as something that agents unpack.
#[must_use]
pub fn is_archive(bytes: &[u8]) -> bool {
    const MARKS: [&[u8]; 4] = [&[0x1f, 0x8b], b"BZh", &[0xfd, b'7', b'z', b'X', b'Z', 0], b"PK\x03\x04"];
    let is_old_tar = bytes.contains(&0) && bytes.len() >= 512 && bytes.len().is_multiple_of(512);
    MARKS.iter().any(|mark| bytes.starts_with(mark)) || bytes.get(257..262) == Some(b"ustar") || is_old_tar
}

/// Reads all entries of what agents unpack: a tar file, packed with gzip, bzip2 or xz or not at all, or a zip file.
///
/// # Errors
/// When it is none of them, is cut short or broken, or exceeds the limits.
pub fn read(bytes: &[u8]) -> Result<Vec<ArchiveMember>, UnpackError> {
    let plain = match bytes {
        [] => return Err(UnpackError::NotAnArchive("an empty file")),
        [0x1f, 0x8b, ..] => gunzip(bytes)?,
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => packed::bunzip2(bytes)?,
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => packed::unxz(bytes)?,
        [b'P', b'K', 3, 4, ..] => return packed::unzip(bytes),
        _ => Zeroizing::new(bytes.to_vec()),
    };
    let is_tar = plain.get(257..262) == Some(b"ustar") || plain.len() % 512 == 0 && !plain.is_empty();
    if !is_tar && plain.len() >= 512 && plain.starts_with(b".docker") {
        return Err(UnpackError::Truncated("a tar file is a multiple of 512 bytes".to_owned()));
    }
    if !is_tar {
        return Err(UnpackError::NotAnArchive("not a tar file"));
    }
    members(&plain)
}

/// Uncompresses all parts of a gzip file. What follows them, such as padding, is skipped, as gzip and libarchive do.
fn gunzip(bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, UnpackError> {
    let mut plain = Zeroizing::new(Vec::new());
    let limit = limit_for(bytes.len());
    let mut rest = bytes;
    while rest.starts_with(&[0x1f, 0x8b]) {
        let mut decoder = GzDecoder::new(rest);
        let left = (limit + 1).saturating_sub(plain.len() as u64);
        let outcome = decoder.by_ref().take(left).read_to_end(&mut plain);
        if plain.len() as u64 > limit {
            return Err(UnpackError::beyond(limit));
        }
        outcome.map_err(|error| explain(&error))?;
        rest = decoder.into_inner();
    }
    Ok(plain)
}

fn explain(error: &io::Error) -> UnpackError {
    let text = error.to_string();
    let is_cut = ["unexpected EOF", "truncated"].iter().any(|words| text.contains(words));
    if error.kind() == io::ErrorKind::UnexpectedEof || is_cut {
        UnpackError::Truncated("it ends within its data".to_owned())
    } else {
        UnpackError::Broken(text)
    }
}

fn members(plain: &[u8]) -> Result<Vec<ArchiveMember>, UnpackError> {
    let mut archive = Archive::new(plain);
    let mut members = Vec::new();
    for entry in archive.entries().map_err(|error| explain(&error))? {
        let mut entry = entry.map_err(|error| explain(&error))?;
        if members.len() == MAX_ENTRIES {
            return Err(UnpackError::TooMany);
        }
        let header = entry.header();
        if header.entry_type().is_pax_global_extensions() {
            continue;
        }
        let number = |number: io::Result<u64>| number.map_err(|error| explain(&error));
        let (uid, gid) = (number(header.uid())?, number(header.gid())?);
        let name = |name: Option<&[u8]>, id: u64| match name {
            Some(name) if !name.is_empty() => String::from_utf8_lossy(name).into_owned(),
            _ => id.to_string(),
        };
        let (user, group) = (name(header.username_bytes(), uid), name(header.groupname_bytes(), gid));
        let (kind, mode) = (header.entry_type(), header.mode().map_err(|error| explain(&error))?);
        let mtime = i64::try_from(number(header.mtime())?).unwrap_or(i64::MAX);
        let (path, link) =
            (entry.path_bytes().into_owned(), entry.link_name_bytes().map(std::borrow::Cow::into_owned));
        let size = entry.size();
        let mut content = Zeroizing::new(Vec::new());
        if kind.is_file() || kind.is_contiguous() {
            // No entry is larger than the archive, which is within the limit.
            entry.by_ref().take(MAX_UNPACKED).read_to_end(&mut content).map_err(|error| explain(&error))?;
            if content.len() as u64 != size {
                return Err(UnpackError::Truncated(format!(
                    "{} has {} of its {size} bytes",
                    quoted(&path),
                    content.len()
                )));
            }
        }
        members.push(ArchiveMember { path, kind, link, mode, uid, user, group, mtime, size, content });
    }
    Ok(members)
}

/// The lines that `tar --utc -tvf` of GNU tar 1.34 prints.
#[must_use]
pub fn listing(members: &[ArchiveMember]) -> Vec<String> {
    // GNU tar starts with columns of 19 characters, which only grow.
    let mut width = 19;
    members.iter().map(|member| line(member, &mut width)).collect()
}

fn line(member: &ArchiveMember, width: &mut usize) -> String {
    let (owner, size) = (format!("{}/{}", printable(&member.user), printable(&member.group)), {
        let shows_size = member.kind.is_file() || member.kind.is_gnu_sparse();
        if shows_size { member.size } else { 0 }.to_string()
    });
    *width = (*width).max(owner.len() + 1 + size.len());
    // Formatting has a limit of its own, far beyond what a name in an archive may be.
    let pad = (*width - owner.len() - 1).min(usize::from(u16::MAX));
    let mut line = format!(
        "{} {owner} {size:>pad$} {} {}",
        permissions(member),
        clock::minute(member.mtime),
        quoted(&member.path)
    );
    if let Some(link) = &member.link {
        line.push_str(if member.kind.is_hard_link() { " link to " } else { " -> " });
        line.push_str(&quoted(link));
    }
    line
}

fn permissions(member: &ArchiveMember) -> String {
    let mut text = String::with_capacity(10);
    text.push(match member.kind {
        EntryType::Directory => 'd',
        EntryType::Symlink => 'l',
        EntryType::Link => 'h',
        EntryType::Char => 'c',
        EntryType::Block => 'b',
        EntryType::Fifo => 'p',
        _ => '-',
    });
    for (index, special) in [(2, ('s', 'S')), (1, ('s', 'S')), (0, ('t', 'T'))] {
        let bits = member.mode >> (index * 3);
        text.push(if bits & 4 == 0 { '-' } else { 'r' });
        text.push(if bits & 2 == 0 { '-' } else { 'w' });
        let is_special = member.mode & (0o1000 << index) != 0;
        text.push(match (bits & 1 != 0, is_special) {
            (true, true) => special.0,
            (false, true) => special.1,
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    text
}

/// A name as GNU tar prints it (`--quoting-style=escape`), with escapes for unprintable characters.
#[must_use]
pub fn quoted(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => text.push_str("\\\\"),
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                '\t' => text.push_str("\\t"),
                c if c.is_control() => c.to_string().bytes().for_each(|byte| octal(&mut text, byte)),
                c => text.push(c),
            }
        }
        chunk.invalid().iter().for_each(|byte| octal(&mut text, *byte));
    }
    text
}

fn octal(text: &mut String, byte: u8) {
    use std::fmt::Write as _;
    // Writing to a string cannot fail.
    let _ = write!(text, "\\{byte:03o}");
}

fn printable(name: &str) -> String {
    name.replace(char::is_control, "?")
}
