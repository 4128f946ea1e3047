//! Reads the credentials of pulls where agents would: archives from this machine and over HTTP, secrets from the store of
//! DC/OS.

use std::path::Path;

use secrecy::zeroize::Zeroizing;

use crate::credential::sources::{Reason, SourceRead, SourceReader};
use crate::credential::{SandboxFile, shown_uri};
use crate::definition::CredentialsForm;
use crate::definition::secret_path;
use crate::http::{Client, ClientError, Endpoint, Url};
use crate::source;

use super::{PlaceError, SecretRead};

const USE_CONFIG: &str = "--config FILE replaces it";

/// Reads archives and secrets with a client.
pub(crate) struct AgentSources<'c> {
    /// Sends the requests for archives.
    pub client: &'c Client,
    /// Connects to DC/OS.
    pub dcos: &'c dyn Fn() -> anyhow::Result<(Endpoint, Client)>,
}

impl SourceReader for AgentSources<'_> {
    /// The settings for DC/OS cannot be used.
    type Error = anyhow::Error;

    fn file(&self, file: &SandboxFile) -> anyhow::Result<SourceRead> {
        let uri = file.uri.as_str();
        let name = shown_uri(uri);
        let unknown = |reason: String| {
            Ok(SourceRead::Unknown(Reason::new(reason, "--config FILE, with a copy of it, replaces it")))
        };
        let (are, what) = match (file.is_called_so, file.form) {
            (false, _) => ("may be", "a fetched archive"),
            (true, CredentialsForm::Archive) => ("are", "the archive"),
            (true, _) => ("are", "the file"),
        };
        let bytes = if uri.starts_with("http://") || uri.starts_with("https://") {
            let Ok(url) = uri.parse::<Url>() else {
                return Ok(SourceRead::Broken(Reason::new(format!("{name} is not an address"), "")));
            };
            match self.client.fetch_bytes(&url) {
                Ok(bytes) => bytes,
                Err(error @ ClientError::Status { .. }) => {
                    return Ok(SourceRead::Broken(Reason::new(
                        format!("{what} cannot be fetched: {error}"),
                        "every agent fetches it before it pulls",
                    )));
                }
                // What is larger holds no credentials.
                Err(ClientError::TooLarge { .. }) if !file.is_called_so => {
                    return Ok(SourceRead::Content {
                        name,
                        bytes: Zeroizing::default(),
                        help: String::new(),
                    });
                }
                Err(error) => {
                    return unknown(format!(
                        "{what}, in which they {are}, cannot be fetched from here: {error}"
                    ));
                }
            }
        } else {
            let path = uri.strip_prefix("file://").unwrap_or(uri);
            let path = Path::new(path.strip_prefix("localhost").unwrap_or(path));
            if !path.has_root() || !path.is_file() {
                return unknown(format!(
                    "they {are} in {name}, which is on the agents and not on this machine"
                ));
            }
            match source::read_bytes(path) {
                Ok(bytes) => bytes,
                Err(error) => return unknown(format!("they {are} in {name}: {error}")),
            }
        };
        let help = "`milepost creds verify FILE` lists all that is wrong with it".to_owned();
        Ok(SourceRead::Content { name, bytes: Zeroizing::new(bytes), help })
    }

    fn secret(&self, path: &str) -> anyhow::Result<SourceRead> {
        let name = format!("the secret {path}");
        let unknown = |reason: String, help: &str| Ok(SourceRead::Unknown(Reason::new(reason, help)));
        if let Some(why) = secret_path::fault(path) {
            let reason = format!("the path of {name} {why}");
            return Ok(SourceRead::Broken(Reason::new(reason, "write the whole path in `secrets`")));
        }
        let (endpoint, client) = match (self.dcos)() {
            Ok(connected) => connected,
            Err(error) if matches!(error.downcast_ref(), Some(PlaceError::NoDcos { .. })) => {
                let help = "set DCOS_URL and DCOS_ACS_TOKEN, or replace it with --config FILE";
                return unknown(format!("they are in {name}, and the address of DC/OS is not known"), help);
            }
            Err(error) => return Err(error),
        };
        Ok(match client.secret(&endpoint, path.trim_start_matches('/')) {
            Ok(SecretRead::Value(value)) => SourceRead::Content {
                name,
                bytes: value,
                help: format!("`milepost creds secret {path} --for FILE --update` writes it again"),
            },
            Ok(SecretRead::Missing) => SourceRead::Broken(Reason::new(
                format!("there is no secret {path} at {endpoint}"),
                format!("`milepost creds secret {path} --for FILE --create` stores it"),
            )),
            Ok(SecretRead::Refused(status)) => {
                let help = "is the token valid, and may its user read the secret? --config FILE replaces it";
                return unknown(format!("{endpoint} does not reveal {name}: it answers {status}"), help);
            }
            Err(error) => return unknown(format!("{name} cannot be read: {error}"), USE_CONFIG),
        })
    }
}
