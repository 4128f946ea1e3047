//! Extended attributes of files on Linux: what users and programs wrote down (`user.…`), labels (`security.selinux`), and the
//! access control lists, which are kept in one.

use std::fs::File;
use std::io;
use std::path::Path;

/// Gives `new` the attributes of the file at `path`, and its access control list or none where that has none. A file that
/// becomes private gets no list.
///
/// # Errors
/// When one of them may not be set.
#[cfg(target_os = "linux")]
pub(super) fn copy(path: &Path, new: &File, is_private: bool) -> io::Result<()> {
    linux::copy(path, new, is_private)
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "as on Linux")]
pub(super) fn copy(_: &Path, _: &File, _: bool) -> io::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    use rustix::fs::{XattrFlags, fgetxattr, fremovexattr, fsetxattr, getxattr, listxattr};
    use rustix::io::Errno;

    const LIST: &str = "system.posix_acl_access";

    /// What the kernel computes of the content, and removes or renews when that changes.
    const OF_CONTENT: [&str; 3] = ["security.capability", "security.ima", "security.evm"];

    /// Names and a value are at most 64 KiB each.
    const MOST: usize = 64 << 10;

    pub(super) fn copy(path: &Path, new: &File, is_private: bool) -> io::Result<()> {
        // A directory may give its files a list. Without one there is nothing to remove.
        let _ = fremovexattr(new, LIST);
        let (mut names, mut value, mut own) = (vec![0_u8; MOST], vec![0_u8; MOST], vec![0_u8; MOST]);
        // A file system without attributes has none to copy.
        let Ok(len) = listxattr(path, &mut names[..]) else { return Ok(()) };
        for name in names[..len].split(|&byte| byte == 0).filter(|name| !name.is_empty()) {
            let is_left = OF_CONTENT.iter().any(|left| left.as_bytes() == name)
                || is_private && name.starts_with(b"system.");
            if is_left {
                continue;
            }
            let Ok(len) = getxattr(path, name, &mut value[..]) else { continue };
            let value = &value[..len];
            // A label is mostly that which a new file here has anyway, and not everyone may set one.
            if fgetxattr(new, name, &mut own[..]).is_ok_and(|len| &own[..len] == value) {
                continue;
            }
            match fsetxattr(new, name, value, XattrFlags::empty()) {
                // Made by the file system itself, which lists what cannot be set.
                Err(Errno::NOTSUP) => {}
                result => result?,
            }
        }
        Ok(())
    }
}
