//! Files that are fetched into the sandbox.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ShortText;

/// A file that the Mesos fetcher puts into the sandbox before an instance starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    /// Where the file is: a URI such as `https://…` or `file:///…`.
    pub uri: ShortText,

    /// Whether an archive is unpacked. Default true.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub extract: Option<bool>,

    /// Whether the file is made executable. Default false.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub executable: Option<bool>,

    /// Whether the agent keeps the file for the next time. Default false.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub cache: Option<bool>,

    /// The file's path below the sandbox. Default: the last part of the URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dest_path: Option<ShortText>,
}
