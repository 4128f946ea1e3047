//! Paths of files relative to a fixed directory, wherever the program was started.

use std::path::{Component, Path, PathBuf};

/// A directory that paths are relative to.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    directory: PathBuf,
    current: PathBuf,
}

impl Base {
    /// The directory that holds `file`; both may be relative to `current`, which is absolute.
    #[must_use]
    pub(crate) fn of_file(file: &Path, current: &Path) -> Self {
        let file = clean(&current.join(file));
        Self { directory: file.parent().unwrap_or(&file).to_owned(), current: current.to_owned() }
    }

    /// The path from the directory to a file that was named from the current one, with `/` between its parts. Links are
    /// not followed.
    #[must_use]
    pub(crate) fn relative(&self, path: &str) -> String {
        let path = clean(&self.current.join(path));
        for (up, ancestor) in self.directory.ancestors().enumerate() {
            if let Ok(below) = path.strip_prefix(ancestor) {
                let parts = below.components().map(|part| part.as_os_str().to_string_lossy());
                return std::iter::repeat_n("..".into(), up).chain(parts).collect::<Vec<_>>().join("/");
            }
        }
        path.to_string_lossy().into_owned()
    }

    /// The file a path from the directory leads to.
    #[must_use]
    pub(crate) fn resolve(&self, relative: &str) -> PathBuf {
        self.directory.join(relative)
    }
}

/// Without `.` and `..`.
fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                cleaned.pop();
            }
            part => cleaned.push(part),
        }
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_the_same_from_anywhere() {
        let base = Base::of_file(Path::new("../milepost.toml"), Path::new("/repo/services"));
        assert_eq!(base.relative("web.json"), "services/web.json");
        assert_eq!(base.relative("./a/../web.json"), "services/web.json");
        assert_eq!(base.relative("../other.json"), "other.json");
        assert_eq!(base.relative("../../else/x.json"), "../else/x.json");
        assert_eq!(base.relative("/repo/x.json"), "x.json");
        assert_eq!(base.resolve("services/web.json"), Path::new("/repo/services/web.json"));
    }
}
