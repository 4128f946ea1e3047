//! Temporary files and directories, which are gone at the end however the program ends.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
#[cfg(unix)]
use std::sync::{MutexGuard, Once};

#[cfg(unix)]
use signal_hook::consts::{SIGINT, SIGTERM};
use tempfile::{NamedTempFile, TempDir};

/// What is to be removed when a signal ends the program.
static SCRATCH: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

#[cfg(unix)]
static WATCH: Once = Once::new();

/// A new file beside the one that it will become.
pub(super) struct ScratchFile {
    file: NamedTempFile,
    entry: ScratchEntry,
}

/// An entry of [`SCRATCH`], until it is dropped.
struct ScratchEntry(PathBuf);

impl ScratchEntry {
    fn new(path: &Path) -> Self {
        SCRATCH.lock().unwrap_or_else(PoisonError::into_inner).push(path.to_owned());
        Self(path.to_owned())
    }
}

impl Drop for ScratchEntry {
    fn drop(&mut self) {
        SCRATCH.lock().unwrap_or_else(PoisonError::into_inner).retain(|path| *path != self.0);
    }
}

/// Makes a file of this mode, which the umask may restrict.
pub(super) fn file_in(directory: &Path, mode: u32) -> io::Result<ScratchFile> {
    watch();
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    let builder = builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    let _ = mode;
    let mut entry = None;
    let file = builder.prefix(".milepost-").make_in(directory, |path| {
        // Before the file is there, so that no signal comes between.
        entry = Some(ScratchEntry::new(path));
        open_new(path, mode)
    });
    // tempfile adds its temporary path to the error, which does not help a user.
    let plain = |error: io::Error| error.raw_os_error().map_or(error, io::Error::from_raw_os_error);
    let file = file.map_err(plain)?;
    let entry = entry.unwrap_or_else(|| ScratchEntry::new(file.path()));
    Ok(ScratchFile { file, entry })
}

fn open_new(path: &Path, mode: u32) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let _ = mode;
    options.open(path)
}

impl ScratchFile {
    /// Writes to the file itself: the wrapper's errors name the temporary path.
    pub(super) fn write_all(&mut self, content: &[u8]) -> io::Result<()> {
        self.file.as_file_mut().write_all(content)
    }

    pub(super) fn as_file(&self) -> &File {
        self.file.as_file()
    }

    /// Gives it its name.
    pub(super) fn persist(self, target: &Path) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        self.file.persist(target).map_err(|error| error.error)?;
        drop(self.entry);
        Ok(())
    }
}

/// A directory for files that other programs read. Only its owner can (0700). What a killed run has left the next one removes.
pub(crate) struct ScratchDirectory {
    directory: TempDir,
    _entry: ScratchEntry,
    /// Locked as long as the directory is in use.
    _lock: Option<File>,
}

/// How the names of such directories end.
const SUFFIX: &str = ".scratch";

impl ScratchDirectory {
    /// Makes one among the system's temporary files.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn new(prefix: &str) -> io::Result<Self> {
        watch();
        Self::new_in(&std::env::temp_dir(), prefix)
    }

    fn new_in(parent: &Path, prefix: &str) -> io::Result<Self> {
        loop {
            let directory = tempfile::Builder::new().prefix(prefix).suffix(SUFFIX).tempdir_in(parent)?;
            let entry = ScratchEntry::new(directory.path());
            let lock = lock_of(directory.path(), File::lock).ok();
            // Another run may have taken it for one that is left, before it was locked.
            if directory.path().exists() {
                remove_left(parent, prefix, directory.path());
                return Ok(Self { directory, _entry: entry, _lock: lock });
            }
        }
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }
}

/// Locks a directory, which no link leads to.
fn lock_of<E>(directory: &Path, lock: impl FnOnce(&File) -> Result<(), E>) -> io::Result<File>
where
    io::Error: From<E>,
{
    if !directory.symlink_metadata()?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    let file = File::open(directory)?;
    lock(&file)?;
    Ok(file)
}

/// Removes what killed runs have left beside `own`: directories of the same user that no process has locked. What cannot be
/// removed stays.
fn remove_left(parent: &Path, prefix: &str, own: &Path) {
    let Ok(entries) = parent.read_dir() else { return };
    for entry in entries.filter_map(Result::ok) {
        let (name, path) = (entry.file_name(), entry.path());
        let is_ours = name.to_str().is_some_and(|name| name.starts_with(prefix) && name.ends_with(SUFFIX))
            && path != own;
        if is_ours && has_same_owner(&path, own) {
            // The lock is held until all of it is gone.
            let _ = lock_of(&path, File::try_lock).and_then(|_lock| std::fs::remove_dir_all(&path));
        }
    }
}

#[cfg(unix)]
fn has_same_owner(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let owner = |path: &Path| path.symlink_metadata().map(|metadata| metadata.uid()).ok();
    owner(one).is_some_and(|one| owner(other) == Some(one))
}

#[cfg(not(unix))]
fn has_same_owner(_: &Path, _: &Path) -> bool {
    true
}

/// Removes what is there at the moment, when a signal ends the program. As long as the lock is kept no file is made any
/// more.
#[cfg(unix)]
pub(super) fn remove_all() -> MutexGuard<'static, Vec<PathBuf>> {
    let scratch = SCRATCH.lock().unwrap_or_else(PoisonError::into_inner);
    for path in scratch.iter() {
        let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    }
    scratch
}

/// Watches for signals that end the program, from the first temporary file on.
fn watch() {
    #[cfg(unix)]
    super::signals::clear_up_on(&WATCH, &[SIGINT, SIGTERM]);
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_left_is_removed_and_what_is_in_use_is_not() {
        let parent = tempfile::tempdir().expect("made");
        let at = |name: &str| parent.path().join(name);
        for name in ["one-left.scratch", "two-left.scratch", "one-other"] {
            std::fs::create_dir(at(name)).expect("made");
            File::create(at(name).join("layer")).expect("made");
        }
        std::os::unix::fs::symlink(at("one-other"), at("one-link.scratch")).expect("made");
        let first = ScratchDirectory::new_in(parent.path(), "one-").expect("made");
        assert!(!at("one-left.scratch").exists());
        let second = ScratchDirectory::new_in(parent.path(), "one-").expect("made");
        assert!(first.path().exists() && second.path().exists());
        for name in ["two-left.scratch/layer", "one-other/layer", "one-link.scratch"] {
            assert!(at(name).exists(), "{name}");
        }
        let path = first.path().to_owned();
        drop(first);
        assert!(!path.exists() && second.path().exists());
    }
}
