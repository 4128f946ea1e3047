//! Whom the registry lets in.
//!
//! For now everybody who reaches it. Token and htpasswd authentication come with the registry toolkit, as further
//! variants of [`Auth`] that add their environment and files to the app here.

use super::builder::AppBuilder;

/// How the registry tells who may pull and push (`auth` in its configuration).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Auth {
    /// Anybody may.
    #[default]
    None,
}

impl Auth {
    /// The path that answers 200 to somebody who is not logged in: with authentication, `/v2/` answers 401.
    #[must_use]
    pub fn open_path(&self) -> &'static str {
        match self {
            Self::None => "/v2/",
        }
    }

    pub(crate) fn add_to(&self, _builder: &mut AppBuilder) {
        match self {
            Self::None => {}
        }
    }
}
