//! Whether git may leave out files of every repository of a user.

use std::path::{Path, PathBuf};

use crate::source::read_bytes;

/// The name of the setting of git that says where such patterns are.
const SETTING: &[u8] = b"excludesfile";

/// Whether there may be patterns that count in every repository of this user. Hardly anybody has any, and to look for them
/// `ignore` compiles a regular expression in each run (`whole`, set of fine files).
pub(super) fn may_have_patterns() -> bool {
    let of_variable =
        |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = std::env::home_dir();
    let directory = of_variable("XDG_CONFIG_HOME").or_else(|| Some(home.as_ref()?.join(".config")));
    let [patterns, settings] =
        ["ignore", "config"].map(|name| Some(directory.as_ref()?.join("git").join(name)));
    let of_system = of_variable("GIT_CONFIG_SYSTEM").unwrap_or_else(|| PathBuf::from("/etc/gitconfig"));
    let of_home = home.map(|home| home.join(".gitconfig"));
    let mut files =
        [of_variable("GIT_CONFIG_GLOBAL"), of_home, settings, Some(of_system)].into_iter().flatten();
    patterns.is_some_and(|file| file.exists()) || files.any(|file| may_name_patterns(&file))
}

/// Whether a file of settings has the name of the setting.
fn may_name_patterns(file: &Path) -> bool {
    let Ok(metadata) = file.metadata() else { return false };
    let names =
        |settings: Vec<u8>| settings.windows(SETTING.len()).any(|part| part.eq_ignore_ascii_case(SETTING));
    // A pipe can be read once, and what is too large for this may be read by `ignore`.
    !metadata.is_file() || read_bytes(file).map_or(true, names)
}
