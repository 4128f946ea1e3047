//! Paths as texts: of files, of definitions, of registries.

/// Whether a path is a directory, or below it. Neither ends with a slash.
pub(crate) fn is_within(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
