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

/// A directory for files that other programs read. Only its owner can (0700).
pub(crate) struct ScratchDirectory {
    directory: TempDir,
    _entry: ScratchEntry,
}

impl ScratchDirectory {
    /// Makes one among the system's temporary files.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn new(prefix: &str) -> io::Result<Self> {
        watch();
        let directory = tempfile::Builder::new().prefix(prefix).tempdir()?;
        let entry = ScratchEntry::new(directory.path());
        Ok(Self { directory, _entry: entry })
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }
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
