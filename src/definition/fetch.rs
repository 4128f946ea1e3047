//! Files that are fetched into the sandbox.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::target::Release;

use super::ShortText;

mod credentials;
mod fault;
mod fetcher;

pub use credentials::CredentialsForm;
pub(crate) use credentials::{FetchedCredentials, Unread};
pub(crate) use fault::FetchFault;
pub(crate) use fetcher::{Fetched, Packed, Unpacking};

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

/// The endings of names for which Marathon sets `extract` where an entry of `uris` cannot say it (`FetchUri`).
const EXTRACTED: [&str; 8] = [".tar", ".gz", ".tar.bz2", ".tar.xz", ".tgz", ".tbz2", ".txz", ".zip"];

/// Whether Marathon sets `extract` for a file of `uris`: by the end of its path, which an opaque URI does not have
/// (`FetchUri.isExtract`). Marathon 1.5 looks at the end of the whole URI, query included.
pub(crate) fn is_extracted_by_name(uri: &str, release: Release) -> bool {
    if release < Release::V1_6 {
        return EXTRACTED.iter().any(|end| uri.ends_with(end));
    }
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    let is_opaque =
        path.split_once(':').is_some_and(|(scheme, rest)| !scheme.contains('/') && !rest.starts_with('/'));
    !is_opaque && EXTRACTED.iter().any(|end| path.ends_with(end))
}

/// The name of the file that a URI leads to, without query and fragment.
pub(crate) fn file_name(uri: &str) -> &str {
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}
