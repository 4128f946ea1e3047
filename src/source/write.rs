//! Writing files: atomically, without changing whose they are, and one process at a time.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::FileError;
use super::scratch;

/// Writes a file so that a reader sees either the old content or all of the new one. An existing file keeps its owner, its
/// group, its permissions, its ACL and its extended attributes; a symbolic link is followed, also one to a file that is not
/// there yet. What is no regular file, such as a pipe or a device, is opened and written to. A file with several names
/// (hard links) is written in place, so that all of them lead to the new content; the old content comes back where that fails.
///
/// # Errors
/// When the directory cannot be written to, or the disk is full; the old content is untouched then.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<(), FileError> {
    write(path, content, false)
}

/// As [`write_atomically`], readable by its owner only (0600), whatever its permissions were before.
///
/// # Errors
/// As [`write_atomically`].
pub fn write_privately(path: &Path, content: &[u8]) -> Result<(), FileError> {
    write(path, content, true)
}

/// Makes a directory that only its owner can read; an existing one stays as it is.
///
/// # Errors
/// When it cannot be made.
pub fn make_private_directory(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// The longest that another process may hold a file.
const PATIENCE: Duration = Duration::from_secs(30);

/// Does something with a file that no other process of this program does meanwhile: reading it, changing it and writing
/// it. Waits for one that is at it. The lock is on the directory, so that nothing is left behind; where the file system
/// has no locks, or the directory is not there yet, there is none.
///
/// # Errors
/// When the other process takes longer than half a minute.
pub fn alone<T>(path: &Path, work: impl FnOnce() -> T) -> Result<T, FileError> {
    let target = target_of(path);
    let lock = File::open(directory_of(&target)).ok();
    let begin = Instant::now();
    while let Some(Err(fs::TryLockError::WouldBlock)) = lock.as_ref().map(File::try_lock) {
        if begin.elapsed() > PATIENCE {
            let cause =
                io::Error::new(io::ErrorKind::TimedOut, "another milepost writes beside it all the time");
            return Err(FileError::Io { doing: "write", path: path.to_owned(), cause });
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(work())
}

/// A file that one process of this program has for itself as long as this value lives.
#[derive(Debug)]
pub struct HeldFile(#[expect(dead_code, reason = "the lock lasts until it is closed")] Option<File>);

impl HeldFile {
    /// Locks an open file or directory: nothing where another process holds it. Where the file system has no locks, there is
    /// none.
    #[must_use]
    pub fn of(file: File) -> Option<Self> {
        match file.try_lock() {
            Err(fs::TryLockError::WouldBlock) => None,
            Ok(()) | Err(fs::TryLockError::Error(_)) => Some(Self(Some(file))),
        }
    }
}

/// Takes a file for this process alone: nothing where another one holds it. The lock is on a hidden file beside it, because
/// the file itself is replaced with each change; where the file system has no locks, there is none.
///
/// # Errors
/// When the hidden file cannot be made.
pub fn hold(path: &Path) -> Result<Option<HeldFile>, FileError> {
    if is_descriptor(path) || fs::metadata(path).is_ok_and(|file| !file.is_file()) {
        return Ok(Some(HeldFile(None)));
    }
    let target = target_of(path);
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let lock = options.open(directory_of(&target).join(format!(".{name}.lock")));
    let lock = lock.map_err(|cause| FileError::Io { doing: "write", path: path.to_owned(), cause })?;
    Ok(HeldFile::of(lock))
}

fn write(path: &Path, content: &[u8], is_private: bool) -> Result<(), FileError> {
    let failed = |cause| FileError::Io { doing: "write", path: path.to_owned(), cause };
    let old = fs::metadata(path).ok();
    if old.as_ref().is_some_and(|old| !old.is_file() && !old.is_dir()) || is_descriptor(path) {
        return pour(path, content).map_err(failed);
    }
    let target = target_of(path);
    match &old {
        Some(old) if has_other_names(old) => {
            rehearse(&target, content).and_then(|()| overwrite(&target, old, content, is_private))
        }
        Some(old) => replace(&target, old, content, is_private),
        None => create(&target, content, is_private),
    }
    .map_err(failed)
}

/// Whether the path leads to an open file of a process, such as `/dev/stdout`.
pub(crate) fn is_descriptor(path: &Path) -> bool {
    let mut at = path.to_owned();
    for _ in 0..MOST_LINKS {
        if at.starts_with("/proc") && at.parent().is_some_and(|parent| parent.ends_with("fd")) {
            return true;
        }
        match fs::read_link(&at) {
            Ok(next) => at = directory_of(&at).join(next),
            Err(_) => return false,
        }
    }
    false
}

/// Writes to what is no regular file, or to an open one.
fn pour(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).open(path)?;
    file.write_all(content)?;
    file.flush()
}

/// As many links as Linux follows.
const MOST_LINKS: usize = 40;

/// The file that a path leads to: through all links, though the last one may lead to nothing yet.
fn target_of(path: &Path) -> PathBuf {
    let mut at = path.to_owned();
    for _ in 0..MOST_LINKS {
        if let Ok(target) = fs::canonicalize(&at) {
            return target;
        }
        match fs::read_link(&at) {
            Ok(next) => at = directory_of(&at).join(next),
            Err(_) => break,
        }
    }
    at
}

fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn create(target: &Path, content: &[u8], is_private: bool) -> io::Result<()> {
    // A new file gets the usual permissions: 0666 without the umask.
    let mut file = scratch::file_in(directory_of(target), if is_private { 0o600 } else { 0o666 })?;
    file.write_all(content)?;
    file.persist(target)
}

/// Whether hard links lead to the file under other names, which would keep the old content if it were replaced.
#[cfg(unix)]
fn has_other_names(file: &fs::Metadata) -> bool {
    file.is_file() && std::os::unix::fs::MetadataExt::nlink(file) > 1
}

#[cfg(not(unix))]
fn has_other_names(_: &fs::Metadata) -> bool {
    false
}

/// Writes the content to a file that is gone again: a disk that is full tells so before the old content is touched. A
/// directory where no file can be made says nothing of the file itself.
fn rehearse(target: &Path, content: &[u8]) -> io::Result<()> {
    match scratch::file_in(directory_of(target), 0o600) {
        Ok(mut file) => file.write_all(content),
        Err(_) => Ok(()),
    }
}

fn replace(target: &Path, old: &fs::Metadata, content: &[u8], is_private: bool) -> io::Result<()> {
    let mut file = scratch::file_in(directory_of(target), 0o600)?;
    file.write_all(content)?;
    match take_after(file.as_file(), target, old, is_private) {
        Ok(()) => file.persist(target),
        // The file is another user's, and would no longer be: write into it instead.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            drop(file);
            overwrite(target, old, content, is_private)
        }
        Err(error) => Err(error),
    }
}

/// Gives a new file the owner, the group, the permissions and the attributes of the one that it replaces.
#[cfg(unix)]
fn take_after(new: &File, target: &Path, old: &fs::Metadata, is_private: bool) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let own = new.metadata()?;
    let (uid, gid) = (old.uid(), old.gid());
    if (own.uid(), own.gid()) != (uid, gid) {
        fchown(new, Some(uid), Some(gid))?;
    }
    super::attributes::copy(target, new, is_private)?;
    // After the list: its mask would become the permissions of the group.
    new.set_permissions(if is_private { private() } else { old.permissions() })
}

#[cfg(not(unix))]
fn take_after(new: &File, _: &Path, old: &fs::Metadata, _: bool) -> io::Result<()> {
    new.set_permissions(old.permissions())
}

#[cfg(unix)]
fn private() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o600)
}

/// Writes into an existing file. Not atomic, but where it fails the old content is written back.
#[expect(clippy::disallowed_methods, reason = "whatever its size: all of it is written back")]
fn overwrite(target: &Path, old: &fs::Metadata, content: &[u8], is_private: bool) -> io::Result<()> {
    let before = fs::read(target).ok();
    let mut file = OpenOptions::new().write(true).open(target)?;
    #[cfg(unix)]
    if is_private && std::os::unix::fs::PermissionsExt::mode(&old.permissions()) & 0o077 != 0 {
        file.set_permissions(private())?;
    }
    let _ = (old, is_private);
    let result = fill(&mut file, content);
    if let (Err(_), Some(before)) = (&result, before) {
        // The error is that of the content; that this fails as well would tell nothing more.
        let _ = fill(&mut file, &before);
    }
    result
}

/// Makes this the content of an open file.
fn fill(file: &mut File, content: &[u8]) -> io::Result<()> {
    file.rewind()?;
    file.write_all(content)?;
    // Afterwards: a file that is not empty meanwhile keeps its place on the disk.
    file.set_len(content.len() as u64)?;
    file.sync_all()
}

#[cfg(all(test, unix))]
#[expect(clippy::disallowed_methods, reason = "the tests look at the files from outside")]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("there").permissions().mode() & 0o777
    }

    #[test]
    fn a_replaced_file_keeps_its_mode() {
        let directory = tempfile::tempdir().expect("a directory for the test");
        let path = directory.path().join("app.json");
        for before in [0o640, 0o400, 0o666, 0o755] {
            fs::write(&path, "old").expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(before)).expect("mode set");
            write_atomically(&path, b"new").expect("replaced");
            assert_eq!(fs::read_to_string(&path).expect("read"), "new");
            assert_eq!(mode(&path), before);
            fs::remove_file(&path).expect("removed");
        }
        fs::write(&path, "old").expect("written");
        write_privately(&path, b"new").expect("replaced");
        assert_eq!(mode(&path), 0o600);
        assert_eq!(fs::read_dir(directory.path()).expect("listed").count(), 1);
    }

    #[test]
    fn links_are_followed_where_they_lead_to_nothing_yet() {
        let directory = tempfile::tempdir().expect("a directory for the test");
        let (link, middle, file) =
            (directory.path().join("link"), directory.path().join("middle"), directory.path().join("file"));
        symlink("middle", &link).expect("linked");
        symlink(&file, &middle).expect("linked");
        for content in ["first", "second"] {
            write_atomically(&link, content.as_bytes()).expect("written");
            assert_eq!(fs::read_to_string(&file).expect("read"), content);
        }
        assert!(link.is_symlink() && middle.is_symlink());
    }

    #[test]
    fn a_file_with_several_names_keeps_them() {
        use std::os::unix::fs::MetadataExt as _;
        let directory = tempfile::tempdir().expect("a directory for the test");
        let (path, other) = (directory.path().join("app.json"), directory.path().join("other"));
        for (write, mode_after) in
            [(write_atomically as fn(&Path, &[u8]) -> Result<(), FileError>, 0o640), (write_privately, 0o600)]
        {
            fs::write(&path, "the old content, which is longer").expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("mode set");
            fs::hard_link(&path, &other).expect("linked");
            let inode = fs::metadata(&path).expect("there").ino();
            write(&path, b"new").expect("written");
            assert_eq!(fs::read_to_string(&other).expect("read"), "new");
            assert_eq!(fs::metadata(&path).expect("there").ino(), inode);
            assert_eq!(mode(&other), mode_after);
            fs::remove_file(&other).expect("removed");
        }
        assert_eq!(fs::read_dir(directory.path()).expect("listed").count(), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_replaced_file_keeps_its_attributes() {
        use rustix::fs::{XattrFlags, getxattr, setxattr};
        /// An access control list of version 2: the owner reads and writes, the user 65534 reads, the group and others nothing.
        const LIST: [u8; 44] = [
            2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 4, 0, 254, 255, 0, 0, 4, 0, 0, 0, 255, 255,
            255, 255, 16, 0, 4, 0, 255, 255, 255, 255, 32, 0, 0, 0, 255, 255, 255, 255,
        ];
        let directory = tempfile::tempdir().expect("a directory for the test");
        let path = directory.path().join("app.json");
        let value_of = |name: &str| {
            let mut value = [0_u8; 64];
            getxattr(&path, name, &mut value[..]).ok().map(|len| value[..len].to_vec())
        };
        let attributes: [(&str, &[u8]); 2] = [("user.team", b"shop"), ("system.posix_acl_access", &LIST)];
        for (is_private, names_after) in
            [(false, &["user.team", "system.posix_acl_access"][..]), (true, &["user.team"])]
        {
            fs::write(&path, "old").expect("written");
            let before: Vec<_> = attributes
                .iter()
                // A file system without attributes has none to keep.
                .filter(|(name, value)| setxattr(&path, *name, value, XattrFlags::empty()).is_ok())
                .map(|(name, _)| *name)
                .collect();
            let inode =
                fs::metadata(&path).map(|file| std::os::unix::fs::MetadataExt::ino(&file)).expect("there");
            write(&path, b"new", is_private).expect("replaced");
            assert_ne!(
                fs::metadata(&path).map(|file| std::os::unix::fs::MetadataExt::ino(&file)).ok(),
                Some(inode)
            );
            for (name, value) in attributes {
                let expected =
                    (before.contains(&name) && names_after.contains(&name)).then(|| value.to_vec());
                assert_eq!(value_of(name), expected, "{name}, private: {is_private}");
            }
            fs::remove_file(&path).expect("removed");
        }
    }

    #[test]
    fn what_is_no_regular_file_is_written_to() {
        write_privately(Path::new("/dev/null"), b"x").expect("written");
        let kind = fs::metadata("/dev/null").expect("there").file_type();
        assert!(std::os::unix::fs::FileTypeExt::is_char_device(&kind));
    }

    #[test]
    fn one_at_a_time() {
        let directory = tempfile::tempdir().expect("a directory for the test");
        let path = directory.path().join("count");
        fs::write(&path, "0").expect("written");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    alone(&path, || {
                        let count: u32 = fs::read_to_string(&path).expect("read").parse().expect("a number");
                        write_atomically(&path, (count + 1).to_string().as_bytes()).expect("written");
                    })
                    .expect("in time");
                });
            }
        });
        assert_eq!(fs::read_to_string(&path).expect("read"), "8");
    }
}
