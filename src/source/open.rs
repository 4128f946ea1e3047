//! Opening files that lie side by side.

use std::fs::File;
use std::io;
use std::path::Path;

/// Opens one file after the other. From the second one in a directory on, the system is asked for a name in that directory
/// and need not find the way there anew each time: that is a tenth of what reading a small file takes, where the way is
/// short and the file system is of this machine.
#[derive(Debug, Default)]
pub(super) struct Opener {
    #[cfg(unix)]
    last: Option<unix::Directory>,
}

impl Opener {
    pub(super) fn open(&mut self, path: &Path) -> io::Result<File> {
        #[cfg(unix)]
        return unix::open(&mut self.last, path);
        #[cfg(not(unix))]
        return File::open(path);
    }
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::fs::File;
    use std::io;
    use std::os::fd::OwnedFd;
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::Path;

    use memchr::memrchr;
    use rustix::fs::{CWD, Mode, OFlags, openat};

    /// The directory that the last file was in.
    #[derive(Debug)]
    pub(super) struct Directory {
        path: Vec<u8>,
        /// Opened when a second file is in it. Who may enter a directory need not be allowed to open it.
        handle: Option<io::Result<OwnedFd>>,
    }

    pub(super) fn open(last: &mut Option<Directory>, path: &Path) -> io::Result<File> {
        let bytes = path.as_os_str().as_bytes();
        let Some(slash) = memrchr(b'/', bytes) else { return File::open(path) };
        let (parent, name) = bytes.split_at(slash + 1);
        if name.is_empty() {
            return File::open(path);
        }
        let Some(known) = last.as_mut().filter(|known| known.path == parent) else {
            *last = Some(Directory { path: parent.to_owned(), handle: None });
            return File::open(path);
        };
        let handle = known.handle.get_or_insert_with(|| {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            Ok(openat(CWD, OsStr::from_bytes(parent), flags, Mode::empty())?)
        });
        let Ok(directory) = handle else { return File::open(path) };
        loop {
            match openat(
                &*directory,
                OsStr::from_bytes(name),
                OFlags::RDONLY | OFlags::CLOEXEC,
                Mode::empty(),
            ) {
                Err(rustix::io::Errno::INTR) => {}
                opened => return Ok(opened?.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn each_name_leads_where_it_leads_without() {
        let root = tempfile::tempdir().expect("a directory for the test");
        let file = |name: &str| {
            let path = root.path().join(name);
            super::super::write_atomically(&path, name.as_bytes()).expect("written");
            path
        };
        std::fs::create_dir(root.path().join("below")).expect("made");
        let mut opener = Opener::default();
        for path in ["a", "b", "c", "below/a", "below/b", "a", "below/c"].map(file) {
            let mut text = String::new();
            opener.open(&path).expect("opened").read_to_string(&mut text).expect("read");
            assert!(path.ends_with(&text), "{} leads to {text}", path.display());
        }
        for missing in ["x", "y", "below/x", "nowhere/x", "nowhere/y"].map(|name| root.path().join(name)) {
            let error = opener.open(&missing).expect_err("not there");
            assert_eq!(error.kind(), io::ErrorKind::NotFound);
        }
        assert!(opener.open(Path::new("no-such-file")).is_err());
        let twice = root.path().join("below/..").join("a");
        assert!(opener.open(&twice).is_ok() && opener.open(&twice).is_ok());
    }
}
