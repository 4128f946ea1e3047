//! The secret that the registry's instances sign the state of an upload with (`http.secret`). All instances behind one
//! name need the same; a single instance without one generates its own at each start.

use std::fmt;

use crate::util::hex::hex;

use super::builder::AppBuilder;

/// A secret in clear text. Only the definition shows it; `Debug` does not.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Plain(String);

impl From<String> for Plain {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl Plain {
    /// 32 random bytes in hexadecimal.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub(crate) fn generate() -> Result<Self, GenerateError> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(GenerateError)?;
        Ok(Self(hex(&bytes)))
    }

    /// Adds it to an app in clear text, as this environment variable.
    pub(crate) fn add_as(&self, variable: &str, builder: &mut AppBuilder) {
        builder.env(variable, &self.0);
    }

    /// The secret itself, for a file that only its owner can read.
    #[cfg(all(feature = "net", feature = "cert"))]
    #[must_use]
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is empty.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain(…)")
    }
}

/// The source of the secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum HttpSecret {
    /// The registry generates it at each start.
    #[default]
    None,
    /// The definition holds it.
    Plain(Plain),
    /// The path in the secret store (feature `secrets`).
    Source(String),
}

/// The operating system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("cannot generate a secret: the operating system gives no random bytes: {0}")]
pub(crate) struct GenerateError(getrandom::Error);

impl HttpSecret {
    /// A new random one.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub(crate) fn generate() -> Result<Self, GenerateError> {
        Plain::generate().map(Self::Plain)
    }

    pub(crate) fn add_to(&self, builder: &mut AppBuilder) {
        const VARIABLE: &str = "REGISTRY_HTTP_SECRET";
        match self {
            Self::None => {}
            Self::Plain(value) => {
                value.add_as(VARIABLE, builder);
                builder.warn(
                    "the http secret is in the definition, readable for everybody who may read the app; \
                     --http-secret-from SOURCE leaves it in the secret store",
                );
            }
            Self::Source(source) => builder.secret_env(VARIABLE, "http-secret", source),
        }
    }
}
