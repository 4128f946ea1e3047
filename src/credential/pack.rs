//! Makes the archive of `.docker/` that the Mesos fetcher unpacks into the sandbox.

use std::io::{self, Write as _};

use flate2::{Compression, GzBuilder};
use secrecy::zeroize::Zeroizing;
use tar::{EntryType, Header};

/// Who may read the unpacked files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PackMode {
    /// `.docker/` 0700 and `config.json` 0600: the owner, which is root where the fetcher runs as root.
    #[default]
    Owner,
    /// 0755 and 0644: everybody on the agent and in the sandbox.
    Everybody,
}

impl PackMode {
    fn of_directory(self) -> u32 {
        match self {
            Self::Owner => 0o700,
            Self::Everybody => 0o755,
        }
    }

    fn of_file(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::Everybody => 0o644,
        }
    }
}

/// Packs a config file as `.docker/config.json` into a `.tar.gz`. The same text and mode give the same bytes: the owner
/// is root, all times are 1970, and gzip's header names no file, time or system.
///
/// # Errors
/// Never, since it writes to memory. The libraries' signatures cannot say so.
pub fn pack(config: &str, mode: PackMode) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut packed = Zeroizing::new(Vec::with_capacity(4096));
    let gzip = GzBuilder::new().mtime(0).write(&mut *packed, Compression::best());
    let mut archive = tar::Builder::new(gzip);
    let directory = header(EntryType::Directory, mode.of_directory(), 0)?;
    append(&mut archive, directory, ".docker/", &[])?;
    let file = header(EntryType::Regular, mode.of_file(), config.len() as u64)?;
    append(&mut archive, file, ".docker/config.json", config.as_bytes())?;
    archive.into_inner()?.finish()?.flush()?;
    Ok(packed)
}

fn header(kind: EntryType, mode: u32, size: u64) -> io::Result<Header> {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_username("root")?;
    header.set_groupname("root")?;
    // As GNU tar writes them; neither entry is a device.
    header.set_device_major(0)?;
    header.set_device_minor(0)?;
    Ok(header)
}

fn append<W: io::Write>(
    archive: &mut tar::Builder<W>,
    mut header: Header,
    path: &str,
    content: &[u8],
) -> io::Result<()> {
    header.set_path(path)?;
    header.set_cksum();
    archive.append(&header, content)
}
