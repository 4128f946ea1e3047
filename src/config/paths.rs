//! Paths of files relative to a fixed directory, wherever the program was started.

use std::path::{Path, PathBuf};

use globset::{Glob, GlobBuilder, GlobSet};

use crate::util::path::clean;

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

    /// The absolute path of a file that was named from the current directory.
    #[must_use]
    pub(super) fn absolute(&self, path: &Path) -> PathBuf {
        clean(&self.current.join(path))
    }

    /// Whether an absolute path is the directory or below it.
    #[must_use]
    pub(super) fn holds(&self, path: &Path) -> bool {
        path.starts_with(&self.directory)
    }

    /// The file a path from the directory leads to.
    #[must_use]
    pub(crate) fn resolve(&self, relative: &str) -> PathBuf {
        self.directory.join(relative)
    }
}

/// A pattern of files, relative to a directory, and what it matches. One that matches a directory matches all below it.
#[derive(Clone, Debug, Default)]
pub(super) struct PathPattern(GlobSet);

impl PathPattern {
    /// Compiles a pattern in which `*` does not match `/`.
    ///
    /// # Errors
    /// Why it is not a pattern.
    pub(super) fn new(pattern: &str) -> Result<Self, String> {
        let mut globs = GlobSet::builder();
        for glob in compiled(pattern, path_of(pattern))? {
            globs.add(glob);
        }
        globs.build().map(Self).map_err(|error| error.to_string())
    }

    /// Whether it matches a path from the directory.
    pub(super) fn has(&self, relative: &str) -> bool {
        self.0.is_match(relative)
    }
}

/// Patterns of files, relative to a directory.
#[derive(Clone, Debug)]
pub(crate) struct PathPatterns {
    globs: GlobSet,
    base: Base,
}

/// A pattern as a path from its directory: without `./` before it and `/` around it; empty for the directory itself.
pub(super) fn path_of(pattern: &str) -> &str {
    let mut path = pattern.trim_end_matches('/');
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    if path == "." { "" } else { path.strip_prefix('/').unwrap_or(path) }
}

/// The globs of this path, and of all below it. The `pattern` is what the user wrote.
fn compiled(pattern: &str, path: &str) -> Result<[Glob; 2], String> {
    let glob = |glob: &str| {
        let glob = GlobBuilder::new(glob).literal_separator(true).build();
        glob.map_err(|error| format!("`{pattern}` is not a path pattern: {}", error.kind()))
    };
    if pattern.trim_ascii().is_empty() {
        return Err("an empty text is not a path pattern; `.` stands for all files".to_owned());
    }
    let below = if path.is_empty() { "**".to_owned() } else { format!("{path}/**") };
    Ok([glob(path)?, glob(&below)?])
}

impl PathPatterns {
    /// Compiles patterns in which `*` does not match `/`, and one that matches a directory matches all below it.
    ///
    /// # Errors
    /// The index of the first one that is not a pattern, and why.
    pub(super) fn new<'p>(
        patterns: impl Iterator<Item = &'p str>,
        base: Base,
    ) -> Result<Self, (usize, String)> {
        Self::compile(patterns, |pattern| path_of(pattern).to_owned(), base)
    }

    /// Patterns of what to leave out: as [`Self::new`], and one without `/` matches a name at any depth.
    ///
    /// # Errors
    /// The index of the first one that is not a pattern, and why.
    pub(super) fn excluding<'p>(
        patterns: impl Iterator<Item = &'p str>,
        base: Base,
    ) -> Result<Self, (usize, String)> {
        let path = |pattern: &str| {
            let path = path_of(pattern);
            let is_name = !path.contains('/') && !path.is_empty() && !pattern.starts_with('/');
            if is_name { format!("**/{path}") } else { path.to_owned() }
        };
        Self::compile(patterns, path, base)
    }

    /// As [`Self::excluding`], with patterns relative to this absolute directory.
    ///
    /// # Errors
    /// Why one is not a pattern.
    pub(crate) fn excluding_below(patterns: &[String], directory: &Path) -> Result<Self, String> {
        let base = Base { directory: directory.to_owned(), current: directory.to_owned() };
        Self::excluding(patterns.iter().map(String::as_str), base).map_err(|(_, message)| message)
    }

    fn compile<'p>(
        patterns: impl Iterator<Item = &'p str>,
        path_of: impl Fn(&str) -> String,
        base: Base,
    ) -> Result<Self, (usize, String)> {
        let mut globs = GlobSet::builder();
        for (index, pattern) in patterns.enumerate() {
            for glob in compiled(pattern, &path_of(pattern)).map_err(|message| (index, message))? {
                globs.add(glob);
            }
        }
        let globs = globs.build().map_err(|error| (0, error.to_string()))?;
        Ok(Self { globs, base })
    }

    /// Whether they match a file, given by its path from the current directory.
    #[must_use]
    pub(crate) fn has(&self, path: &str) -> bool {
        self.globs.is_match(self.base.relative(path))
    }
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

    #[test]
    fn names_are_excluded_at_any_depth_and_paths_from_the_directory() {
        let patterns = ["charts/", "old-*.json", "envs/dev/**", "/top"].map(str::to_owned);
        let patterns = PathPatterns::excluding_below(&patterns, Path::new("/repo")).expect("patterns");
        let excluded =
            ["charts/a.yaml", "a/charts/b/c.yaml", "a/old-web.json", "envs/dev/web.json", "top/a.json"];
        let kept = ["chart/a.yaml", "a/web.json", "a/envs/dev/web.json", "envs/prod/web.json"];
        assert_eq!(excluded.map(|path| patterns.has(path)), [true; 5]);
        assert_eq!(kept.map(|path| patterns.has(path)), [false; 4]);
        assert!(PathPatterns::excluding_below(&["a[".to_owned()], Path::new("/")).is_err());
    }
}
