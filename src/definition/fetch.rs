//! Files that are fetched into the sandbox.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::target::Release;

use super::ShortText;

/// A file that the Mesos fetcher puts into the sandbox before an instance starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    /// The URI of the file, such as `https://…` or `file:///…`.
    pub uri: ShortText,

    /// Whether an archive is unpacked. Default true.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub extract: Option<bool>,

    /// Whether the file is made executable. Default false.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub executable: Option<bool>,

    /// Whether the agent caches the file. Default false.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub cache: Option<bool>,

    /// The file's path below the sandbox. Default: the last part of the URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dest_path: Option<ShortText>,
}

/// The file name endings that the Mesos fetcher unpacks; it leaves all other files packed.
pub(crate) const UNPACKED: [&str; 8] =
    [".tar", ".gz", ".tar.bz2", ".tar.xz", ".tgz", ".tbz2", ".txz", ".zip"];

/// Whether Marathon sets `extract` for a file of `uris`: by the end of its path, which an opaque URI does not have
/// (`FetchUri.isExtract`). Marathon 1.5 looks at the end of the whole URI, query included.
pub(crate) fn is_extracted_by_name(uri: &str, release: Release) -> bool {
    if release < Release::V1_6 {
        return UNPACKED.iter().any(|end| uri.ends_with(end));
    }
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    let is_opaque =
        path.split_once(':').is_some_and(|(scheme, rest)| !scheme.contains('/') && !rest.starts_with('/'));
    !is_opaque && UNPACKED.iter().any(|end| path.ends_with(end))
}
