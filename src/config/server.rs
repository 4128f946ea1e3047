//! The server of an environment of `milepost.toml`.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

/// One address, or several.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum UrlList {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl UrlList {
    /// All of them.
    pub(super) fn list(&self) -> Vec<String> {
        match self {
            Self::One(url) => vec![url.clone()],
            Self::Several(urls) => urls.clone(),
        }
    }
}

/// The server of an environment, and who asks it.
#[derive(Clone, Debug, Default)]
#[cfg_attr(not(feature = "net"), expect(dead_code, reason = "only connections use it"))]
pub(crate) struct ServerSettings {
    /// Where this is written: `milepost.toml [environment.prod]`.
    pub origin: String,
    /// Marathon's addresses.
    pub urls: Vec<String>,
    /// The name of a Marathon on DC/OS.
    pub service: Option<String>,
    /// The file with its token.
    pub token_file: Option<PathBuf>,
    /// The file with the service account.
    pub service_account: Option<PathBuf>,
    /// The user of a Marathon with HTTP authentication.
    pub user: Option<String>,
    /// The file with its password.
    pub password_file: Option<PathBuf>,
    /// The file of certificates to trust.
    pub ca_file: Option<PathBuf>,
}
