//! Where definitions are written to.

use std::path::PathBuf;

/// The file of a definition below a directory: `/shop/web` is `shop/web.json`. Nothing for an id that makes no file name:
/// the root, or characters that Marathon's ids do not have.
pub(super) fn file_of(id: &str) -> Option<PathBuf> {
    let segments: Vec<&str> = id.split('/').filter(|segment| !segment.is_empty()).collect();
    // Marathon's own characters: none of them leads out of the directory.
    let is_name = |segment: &&str| {
        segment
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte))
            && !segment.starts_with('.')
    };
    let (last, groups) = segments.split_last().filter(|_| segments.iter().all(is_name))?;
    let mut file: PathBuf = groups.iter().collect();
    file.push(format!("{last}.json"));
    Some(file)
}
