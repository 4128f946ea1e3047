//! Access control lists of files, as Linux keeps them: in an extended attribute.

use std::fs::File;
use std::io;
use std::path::Path;

#[cfg(target_os = "linux")]
const NAME: &str = "system.posix_acl_access";

/// Gives `new` the list of the file at `path`, or none where that has none.
#[cfg(target_os = "linux")]
pub(super) fn copy(path: &Path, new: &File) -> io::Result<()> {
    use rustix::fs::{XattrFlags, fsetxattr, getxattr};
    // A list has some entries of eight bytes; attributes are at most 64 KiB.
    let mut list = vec![0_u8; 64 << 10];
    let Ok(len) = getxattr(path, NAME, &mut list[..]) else {
        // A directory may give its files a list.
        remove(new);
        return Ok(());
    };
    Ok(fsetxattr(new, NAME, &list[..len], XattrFlags::empty())?)
}

/// Removes the list.
#[cfg(target_os = "linux")]
pub(super) fn remove(new: &File) {
    // Without a list, or without lists on this file system, there is nothing to remove.
    let _ = rustix::fs::fremovexattr(new, NAME);
}

#[cfg(not(target_os = "linux"))]
pub(super) fn copy(_: &Path, _: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn remove(_: &File) {}
