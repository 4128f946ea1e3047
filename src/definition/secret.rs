//! Secrets, and the places that refer to them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a secret comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretDef {
    /// The path of the secret in the secret store.
    #[schemars(length(min = 1))]
    pub source: String,
}

/// The value of an environment variable: a text, or a reference to a secret.
///
/// Numbers, booleans and null are rejected.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum EnvVarValueOrSecret {
    /// The text itself.
    Value(String),
    /// A reference to a secret.
    Secret(EnvVarSecret),
}

/// Does not show the text, which may be a password.
impl fmt::Debug for EnvVarValueOrSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(_) => f.write_str("Value(…)"),
            Self::Secret(secret) => secret.fmt(f),
        }
    }
}

/// A reference to a secret as the value of an environment variable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-reader" = "macro"))]
pub struct EnvVarSecret {
    /// The name of an entry of `secrets`.
    pub secret: String,
}

/// How the Mesos containerizer gets the credentials of a private registry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DockerPullConfig {
    /// The name of an entry of `secrets`, which holds a Docker client's `config.json`.
    #[schemars(length(min = 1))]
    pub secret: String,
}

#[cfg(test)]
mod tests {
    use super::EnvVarValueOrSecret;

    #[test]
    fn debug_does_not_show_values() {
        assert_eq!(format!("{:?}", EnvVarValueOrSecret::Value("hunter2".to_owned())), "Value(…)");
    }
}
