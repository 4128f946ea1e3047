//! Whose certificates a server may have.

use std::path::PathBuf;

use super::{Setting, Sources};
use crate::http::Url;

/// Whose certificates count.
#[derive(Default)]
pub(super) struct Trust {
    /// The file of certificates to trust besides the system's.
    pub(super) ca_file: Option<PathBuf>,
    /// Whether all do.
    pub(super) takes_any: bool,
    /// The same as a setting.
    pub(super) setting: Option<Setting>,
}

impl Trust {
    fn file(path: PathBuf, origin: impl Into<String>) -> Self {
        let value = path.to_string_lossy().into_owned();
        let setting = Some(Setting { name: "ca-file", value, origin: origin.into() });
        Self { ca_file: Some(path), takes_any: false, setting }
    }

    fn any(origin: impl Into<String>) -> Self {
        let setting = Some(Setting { name: "verify", value: "false".to_owned(), origin: origin.into() });
        Self { ca_file: None, takes_any: true, setting }
    }

    /// What `core.ssl_verify` means: a yes or no as Go reads it, or the path of certificates.
    fn of(text: &str, origin: &str) -> Self {
        match yes_or_no(text) {
            Some(true) => Self::default(),
            Some(false) => Self::any(origin),
            None => Self::file(PathBuf::from(text.trim()), origin),
        }
    }
}

/// A yes or no as Go reads it.
fn yes_or_no(text: &str) -> Option<bool> {
    match text.trim() {
        "1" | "t" | "T" | "true" | "True" | "TRUE" => Some(true),
        "0" | "f" | "F" | "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

impl Sources<'_> {
    /// Whose certificates the server at this address may have. The variables and files of the DC/OS CLI count for its own
    /// cluster only.
    pub(super) fn trust(&self, base: &Url, is_environment: bool) -> Trust {
        if let Some(file) = self.given.ca_file {
            return Trust::file(file.to_owned(), "--ca-file");
        }
        if let Some(environment) = self.environment().filter(|_| is_environment)
            && let Some(file) = &environment.ca_file
        {
            return Trust::file(file.clone(), &environment.origin);
        }
        if base.scheme() != "https" {
            return Trust::default();
        }
        let is_own = self.is_at_root(base);
        if is_own && self.set("DCOS_TLS_INSECURE").is_some_and(|text| yes_or_no(&text) == Some(true)) {
            return Trust::any("DCOS_TLS_INSECURE");
        }
        for name in ["DCOS_TLS_CA_PATH", "DCOS_SSL_VERIFY"] {
            if let Some(text) = self.set(name).filter(|_| is_own) {
                return Trust::of(&text, name);
            }
        }
        match self.cluster() {
            Ok(cluster) if self.is_at_cluster(base) => {
                let verify = cluster.ssl_verify.as_deref();
                verify.map(|text| Trust::of(text, &cluster.origin())).unwrap_or_default()
            }
            _ => Trust::default(),
        }
    }
}
