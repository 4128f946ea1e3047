//! Authentication at the registry.
//!
//! There is none yet. Token and htpasswd authentication will be variants of [`Auth`] that add their environment and files
//! to the app here.

use super::builder::AppBuilder;

/// The registry's authentication (`auth` in its configuration).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Auth {
    /// Everybody may pull and push.
    #[default]
    None,
}

impl Auth {
    /// A path that answers 200 without a login: with authentication, `/v2/` answers 401.
    #[must_use]
    pub(crate) fn open_path(&self) -> &'static str {
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
