//! The files of an archive, by their names.

use std::collections::HashMap;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tar::{Archive, EntryType};

use super::{ArchiveError, FileRange};

/// The limit for entries of an archive. Images have some hundred.
const MAX_ENTRIES: usize = 100_000;

/// The limit for texts such as manifests, in bytes.
const MAX_TEXT: u64 = 8 << 20;

/// How many links lead from one to the next.
const MAX_LINKS: usize = 8;

/// Where the files are.
#[derive(Debug)]
pub(super) enum ArchiveFiles {
    /// In a tar file: the offset and size of each.
    Tar { path: Arc<Path>, entries: HashMap<String, TarEntry> },
    /// In a directory.
    Directory(PathBuf),
}

#[derive(Debug)]
pub(super) enum TarEntry {
    File {
        offset: u64,
        size: u64,
    },
    /// `docker save` of old writes a layer that two images share once, and a link for the other.
    Link(String),
}

impl ArchiveFiles {
    /// Reads the list of a tar file.
    ///
    /// # Errors
    /// When it is not one, or is cut short.
    pub(super) fn of_tar(path: &Path) -> Result<Self, ArchiveError> {
        let file = std::fs::File::open(path).map_err(ArchiveError::Read)?;
        let length = file.metadata().map_err(ArchiveError::Read)?.len();
        let mut archive = Archive::new(file);
        let mut entries = HashMap::new();
        for entry in archive.entries_with_seek().map_err(ArchiveError::Read)? {
            let entry = entry.map_err(|error| broken(&error, entries.is_empty()))?;
            if entries.len() >= MAX_ENTRIES {
                return Err(ArchiveError::Bomb(format!("it has more than {MAX_ENTRIES} files")));
            }
            let name = normal(&String::from_utf8_lossy(&entry.path_bytes()));
            let (offset, size) = (entry.raw_file_position(), entry.size());
            let place = match entry.header().entry_type() {
                EntryType::Regular | EntryType::Continuous => {
                    if offset.saturating_add(size) > length {
                        return Err(ArchiveError::Truncated(format!(
                            "`{name}` has {size} bytes, and {} are there",
                            length.saturating_sub(offset)
                        )));
                    }
                    TarEntry::File { offset, size }
                }
                kind @ (EntryType::Symlink | EntryType::Link) => {
                    let target = entry.link_name_bytes().unwrap_or_default();
                    let target = String::from_utf8_lossy(&target).into_owned();
                    // A hard link names a path of the archive, a symbolic one a path from its own directory.
                    let directory = name.rsplit_once('/').map_or("", |(directory, _)| directory);
                    let is_hard = kind == EntryType::Link;
                    TarEntry::Link(normal(&if is_hard { target } else { format!("{directory}/{target}") }))
                }
                _ => continue,
            };
            entries.insert(name, place);
        }
        Ok(Self::Tar { path: path.into(), entries })
    }

    /// Where a file is, if it is there.
    pub(super) fn find(&self, name: &str) -> Option<FileRange> {
        match self {
            Self::Directory(root) => {
                // A name from a manifest leads to nowhere else.
                let is_below = !name.split('/').any(|part| matches!(part, "" | "." | ".."));
                let path = root.join(name);
                (is_below && path.is_file()).then(|| FileRange::of_file(&path).ok()).flatten()
            }
            Self::Tar { path, entries } => {
                let mut name = normal(name);
                for _ in 0..MAX_LINKS {
                    match entries.get(&name)? {
                        TarEntry::File { offset, size } => {
                            return Some(FileRange { path: Arc::clone(path), offset: *offset, size: *size });
                        }
                        TarEntry::Link(target) => name.clone_from(target),
                    }
                }
                None
            }
        }
    }

    /// The content of a text file; nothing where it is not there.
    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, ArchiveError> {
        let Some(range) = self.find(name) else { return Ok(None) };
        if range.size > MAX_TEXT {
            return Err(ArchiveError::Bomb(format!(
                "`{name}` has {} bytes, too many for a text",
                range.size
            )));
        }
        let mut content = Vec::new();
        let mut file = range.open_at(0).map_err(ArchiveError::Read)?;
        file.read_to_end(&mut content).map_err(ArchiveError::Read)?;
        Ok(Some(content))
    }

    /// Where a link leads that leads to no file of the archive.
    pub(super) fn dangling(&self, name: &str) -> Option<&str> {
        let Self::Tar { entries, .. } = self else { return None };
        match entries.get(name)? {
            TarEntry::Link(target) if self.find(name).is_none() => Some(target),
            _ => None,
        }
    }

    /// Whether it is a layout that was not finished.
    pub(super) fn has_only_blobs(&self) -> bool {
        matches!(self, Self::Directory(root) if root.join("blobs").is_dir())
    }

    /// The names in a tar file, in no order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let entries = match self {
            Self::Directory(_) => None,
            Self::Tar { entries, .. } => Some(entries),
        };
        entries.into_iter().flat_map(|entries| entries.keys().map(String::as_str))
    }

    /// Some of the names, to tell what an archive is that holds no images.
    pub(super) fn some_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.names().map(str::to_owned).collect();
        names.sort_unstable();
        names.truncate(3);
        names
    }
}

/// A path without `.`, `..` and doubled slashes.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn broken(error: &io::Error, is_first: bool) -> ArchiveError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => ArchiveError::Truncated(error.to_string()),
        // The error would quote what is there in place of a file's size.
        _ if is_first => ArchiveError::Other("it is no tar file, and not packed by gzip or zstd".to_owned()),
        // The tar library has no kind for it.
        _ if error.to_string().contains("failed to read entire block") => {
            ArchiveError::Truncated("it ends in the header of a file".to_owned())
        }
        _ => ArchiveError::Other(error.to_string()),
    }
}
