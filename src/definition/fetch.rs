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

/// The name of the file that a URI leads to, under which the fetcher stores it.
pub(crate) fn file_name(uri: &str) -> &str {
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

/// Credentials for registries that are fetched into the sandbox, where the Docker Engine finds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FetchedCredentials {
    /// An archive with `.docker/config.json` in it, which the fetcher has to extract.
    Archive,
    /// `.dockercfg`, for Docker before 1.7: a plain file.
    Dockercfg,
}

impl FetchedCredentials {
    /// What a URI leads to, by the name of the file: `.dockercfg`, or an archive with a name such as `docker.tar.gz`,
    /// `dockercfg.tgz` or `docker-credentials.tar`.
    pub(crate) fn of(uri: &str) -> Option<Self> {
        const ARCHIVES: [&str; 6] = [".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tar.xz", ".zip"];
        const WORDS: [&str; 6] = ["auth", "cfg", "config", "cred", "login", "registry"];
        let name = file_name(uri);
        if name == ".dockercfg" {
            return Some(Self::Dockercfg);
        }
        let name = name.strip_prefix('.').unwrap_or(name);
        if !name.starts_with("docker") {
            return None;
        }
        let stem = ARCHIVES.iter().find_map(|suffix| name.strip_suffix(suffix))?;
        let is_credentials = stem == "docker" || WORDS.iter().any(|word| stem.contains(word));
        is_credentials.then_some(Self::Archive)
    }
}

#[cfg(test)]
mod tests {
    use super::FetchedCredentials;

    #[test]
    fn credentials_are_known_by_their_names() {
        for name in ["docker.tar.gz", ".docker.tgz", "dockercfg.tar.gz", "docker-registry-credentials.zip"] {
            assert_eq!(FetchedCredentials::of(name), Some(FetchedCredentials::Archive), "{name}");
            let uri = format!("https://files.example.com/a/{name}?version=1#top");
            assert_eq!(FetchedCredentials::of(&uri), Some(FetchedCredentials::Archive), "{uri}");
        }
        assert_eq!(FetchedCredentials::of("file:///root/.dockercfg"), Some(FetchedCredentials::Dockercfg));
        for name in [
            "docker-27.3.1.tgz",
            "docker",
            "docker.txt",
            "app.tar.gz",
            "docker-compose.tar.gz",
            "mydocker.tar.gz",
            "dockercfg",
        ] {
            assert_eq!(FetchedCredentials::of(name), None, "{name}");
        }
    }
}
