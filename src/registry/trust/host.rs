//! A registry's host, as Docker writes it.

use std::fmt;
use std::str::FromStr;

use super::super::cert::{NameError, SubjectName};

/// A registry as in image names: `registry.mycompany.com:5000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TrustHost {
    text: String,
    name: SubjectName,
}

/// Why a text is not such a host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TrustHostError {
    /// A scheme or a path.
    #[error("give it as in image names, HOST or HOST:PORT, without scheme and path")]
    Address,
    /// Not a name.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl TrustHost {
    /// The name without the port.
    #[must_use]
    pub(crate) fn name(&self) -> &SubjectName {
        &self.name
    }

    /// The host as a file name.
    #[must_use]
    pub(crate) fn file_name(&self) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
        self.text.chars().map(|c| if is_plain(c) { c } else { '_' }).collect()
    }
}

impl fmt::Display for TrustHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for TrustHost {
    type Err = TrustHostError;

    fn from_str(text: &str) -> Result<Self, TrustHostError> {
        if text.contains('/') {
            return Err(TrustHostError::Address);
        }
        let name = SubjectName::of_address(text)?;
        if text.contains('*') {
            return Err(TrustHostError::Address);
        }
        Ok(Self { text: text.to_owned(), name })
    }
}
