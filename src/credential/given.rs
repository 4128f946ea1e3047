//! A config file that is named on the command line: plain, or in an archive.

use std::fmt;

use crate::definition::Containerizer;
use crate::report::FileFault;

use super::check::View;
use super::config::Config;
use super::inspect::inspect;
use super::sources::NamedConfig;

/// Why a file that is named gives no credentials. Quotes none of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnusableConfig {
    /// Something at a place of its text, or of the config file in the archive.
    At(FileFault),
    /// The file as a whole.
    Whole {
        /// What to call it.
        name: String,
        /// Part of a sentence.
        why: String,
    },
}

impl fmt::Display for UnusableConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(fault) => fault.fmt(f),
            Self::Whole { name, why } => write!(f, "{name}: {why}"),
        }
    }
}

impl std::error::Error for UnusableConfig {}

/// Reads a config file, plain or in an archive. `now` is in seconds since 1970.
///
/// # Errors
/// Why it is not one.
pub fn of_bytes(name: &str, bytes: &[u8], now: i64) -> Result<NamedConfig, UnusableConfig> {
    if bytes.trim_ascii_start().starts_with(b"{") {
        return plain(name, bytes);
    }
    let inspected = inspect(bytes, View { containerizer: Containerizer::Docker, asked: None, now });
    let why = inspected.why_not().to_owned();
    match (inspected.config, inspected.fault) {
        (Some(config), _) => Ok(NamedConfig { name: name.to_owned(), config }),
        (None, Some(fault)) => Err(UnusableConfig::At(fault.within(name))),
        (None, None) => Err(UnusableConfig::Whole { name: name.to_owned(), why }),
    }
}

/// Reads a config file that is no archive.
pub(super) fn plain(name: &str, bytes: &[u8]) -> Result<NamedConfig, UnusableConfig> {
    let text = std::str::from_utf8(bytes).map_err(|_| UnusableConfig::Whole {
        name: name.to_owned(),
        why: "this is not UTF-8 text".to_owned(),
    })?;
    let (_, config) = Config::of_text(name, text).map_err(UnusableConfig::At)?;
    Ok(NamedConfig { name: name.to_owned(), config })
}
