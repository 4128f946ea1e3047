//! The secret that the registry's instances sign the state of an upload with (`http.secret`). Every instance behind
//! one name needs the same; a single instance without one makes up its own at each start.

use std::fmt;

use crate::util::hex::hex;

use super::builder::AppBuilder;

/// A secret in clear text. It shows itself to nobody but the definition.
#[derive(Clone, PartialEq, Eq)]
pub struct Plain(String);

impl From<String> for Plain {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl Plain {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain(…)")
    }
}

/// Where the secret comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HttpSecret {
    /// The registry makes it up at each start.
    #[default]
    None,
    /// It stands in the definition.
    Plain(Plain),
    /// The secret store has it at this path (feature `secrets`).
    Source(String),
}

/// The operating system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("cannot generate a secret: the operating system gives no random bytes: {0}")]
pub struct GenerateError(getrandom::Error);

impl HttpSecret {
    /// A new one: 32 random bytes in hexadecimal.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn generate() -> Result<Self, GenerateError> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(GenerateError)?;
        Ok(Self::Plain(Plain(hex(&bytes))))
    }

    pub(crate) fn add_to(&self, builder: &mut AppBuilder) {
        const VARIABLE: &str = "REGISTRY_HTTP_SECRET";
        match self {
            Self::None => {}
            Self::Plain(Plain(value)) => {
                builder.env(VARIABLE, value);
                builder.warn(
                    "the http secret stands in the definition, for everybody to read who may read the app; \
                     --http-secret-from SOURCE leaves it in the secret store",
                );
            }
            Self::Source(source) => builder.secret_env(VARIABLE, "http-secret", source),
        }
    }
}
