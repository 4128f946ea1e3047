//! Texts with bounds: names, timestamps. Each bound is defined here only.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a name has to match: lower-case letters, digits and inner dashes. Before 1.5 a port name could not start with
/// a digit.
pub const NAME: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

/// What the name of a network has to match: a [`NAME`] that may hold underscores, which 1.5.1.2 allowed.
pub const NETWORK_NAME: &str = r"^[a-z0-9]([-a-z0-9_]*[a-z0-9])?$";

/// What the name of a pod's environment variable has to match. Apps take any name since 1.5.
pub const ENV_NAME: &str = r"^[a-zA-Z_][a-zA-Z0-9_]{0,253}?$";

/// A name of 1 to 63 lower-case letters, digits and inner dashes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Name(#[schemars(length(min = 1, max = 63), regex(pattern = NAME))] pub String);

/// A name of lower-case letters, digits and inner dashes, of any length.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct LegacyName(#[schemars(length(min = 1), regex(pattern = NAME))] pub String);

/// The name of a network: 1 to 63 lower-case letters, digits, inner dashes and underscores.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct NetworkName(#[schemars(length(min = 1, max = 63), regex(pattern = NETWORK_NAME))] pub String);

/// A URI, path or image name of 1 to 1024 characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct ShortText(#[schemars(length(min = 1, max = 1024))] pub String);

/// A point in time in ISO 8601, such as `2021-07-27T12:00:00.000Z`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Timestamp(#[schemars(extend("format" = "date-time"))] pub String);

/// A pattern that JSON Schema matches against the whole text, as Marathon does, even where the pattern has alternatives
/// at its top.
pub(super) fn whole(pattern: &str) -> String {
    format!("^(?:{pattern})$")
}

/// Implements the conversions from and to strings for new types of [`String`].
macro_rules! reads_as_str {
    ($($text:ident),+) => {$(
        impl std::ops::Deref for $text {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $text {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $text {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $text {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
    )+};
}

pub(super) use reads_as_str;

reads_as_str!(Name, LegacyName, NetworkName, ShortText, Timestamp);
