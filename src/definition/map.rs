//! Maps from names to values; the order in which the user wrote the entries is kept.

use indexmap::IndexMap;

use super::{EnvVarValueOrSecret, SecretDef};

/// Free key-value pairs; both sides are strings.
pub type Labels = IndexMap<String, String>;

/// Environment variables: a plain text, or a reference to a secret.
pub type EnvVars = IndexMap<String, EnvVarValueOrSecret>;

/// The secrets that a service refers to, by the names it uses for them.
pub type Secrets = IndexMap<String, SecretDef>;
