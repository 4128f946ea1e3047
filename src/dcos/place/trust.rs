//! Whose certificates a server may have.

use std::path::PathBuf;

use super::{PlaceSources, TracedSetting};
use crate::http::Url;

/// Whose certificates count.
#[derive(Default)]
pub(super) struct ServerTrust {
    /// The file of certificates to trust besides the system's.
    pub(super) ca_file: Option<PathBuf>,
    /// Whether all do.
    pub(super) takes_any: bool,
    /// The same as a setting.
    pub(super) setting: Option<TracedSetting>,
}

impl ServerTrust {
    fn file(path: PathBuf, origin: impl Into<String>) -> Self {
        let value = path.to_string_lossy().into_owned();
        let setting = Some(TracedSetting { name: "ca-file", value, origin: origin.into() });
        Self { ca_file: Some(path), takes_any: false, setting }
    }

    fn any(origin: impl Into<String>) -> Self {
        let setting =
            Some(TracedSetting { name: "verify", value: "false".to_owned(), origin: origin.into() });
        Self { ca_file: None, takes_any: true, setting }
    }

    /// What `core.ssl_verify` means: a yes or no, or the path of certificates.
    fn of(text: &str, origin: &str) -> Self {
        match yes_or_no(text) {
            Some(true) => Self::default(),
            Some(false) => Self::any(origin),
            None => Self::file(PathBuf::from(text.trim()), origin),
        }
    }
}

/// A yes or no as Go reads it, or in words.
fn yes_or_no(text: &str) -> Option<bool> {
    match &*text.trim().to_ascii_lowercase() {
        "1" | "t" | "true" | "yes" | "on" => Some(true),
        "0" | "f" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

impl PlaceSources<'_> {
    /// Whose certificates the server at this address may have. The variables and files of the DC/OS CLI count for its own
    /// cluster only.
    pub(super) fn trust(&self, base: &Url, is_environment: bool) -> ServerTrust {
        if let Some(file) = self.given.ca_file {
            return ServerTrust::file(file.to_owned(), "--ca-file");
        }
        if let Some(environment) = self.environment().filter(|_| is_environment)
            && let Some(file) = &environment.ca_file
        {
            return ServerTrust::file(file.clone(), &environment.origin);
        }
        if base.scheme() != "https" {
            return ServerTrust::default();
        }
        let is_own = self.is_at_root(base);
        if is_own && self.set("DCOS_TLS_INSECURE").is_some_and(|text| yes_or_no(&text) == Some(true)) {
            return ServerTrust::any("DCOS_TLS_INSECURE");
        }
        for name in ["DCOS_TLS_CA_PATH", "DCOS_SSL_VERIFY"] {
            if let Some(text) = self.set(name).filter(|_| is_own) {
                return ServerTrust::of(&text, name);
            }
        }
        match self.cluster() {
            Ok(cluster) if self.is_at_cluster(base) => {
                let verify = cluster.ssl_verify.as_deref();
                verify.map(|text| ServerTrust::of(text, &cluster.origin())).unwrap_or_default()
            }
            _ => ServerTrust::default(),
        }
    }
}
