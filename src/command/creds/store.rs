//! `milepost creds secret --create --update`: writes to the secret store of DC/OS Enterprise.

use crate::dcos::{SecretWrite, WriteMode};
use crate::http::{ClientError, Endpoint};

use super::super::connection::DcosConnection;
use super::{Exit, Terminal};

/// Whether to store the secret, and the connection to the store.
#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the comments are help texts for a terminal")]
#[command(next_help_heading = "Secret store")]
pub(super) struct StoreArgs {
    /// Store it at DCOS_URL, with the token in DCOS_ACS_TOKEN; an existing secret is not changed
    #[arg(long)]
    create: bool,

    /// Change an existing secret; with --create, create it if it does not exist
    #[arg(hide_short_help = true, long)]
    update: bool,

    #[command(flatten)]
    dcos: DcosConnection,
}

impl StoreArgs {
    /// The mode, if it is to be stored.
    pub(super) fn storing(&self) -> Option<WriteMode> {
        match (self.create, self.update) {
            (true, true) => Some(WriteMode::Both),
            (true, false) => Some(WriteMode::Create),
            (false, true) => Some(WriteMode::Update),
            (false, false) => None,
        }
    }

    /// Stores it and reports the result.
    pub(super) fn store(
        &self,
        path: &str,
        value: &str,
        storing: WriteMode,
        term: &mut Terminal,
    ) -> anyhow::Result<Exit> {
        let (endpoint, client) = self.dcos.open()?;
        let stored = match client.store(&endpoint, path, value, storing) {
            Ok(stored) => stored,
            Err(error) => {
                let was_sent = matches!(
                    error,
                    ClientError::TimedOut { was_sent: true, .. } | ClientError::Broken { .. }
                );
                let what = if was_sent { "it may have been stored" } else { "nothing was stored" };
                return Err(anyhow::Error::from(error).context(what));
            }
        };
        let err = term.err();
        match stored {
            SecretWrite::Created => writeln!(err, "created the secret {path} at {endpoint}")?,
            SecretWrite::Updated => writeln!(err, "updated the secret {path} at {endpoint}")?,
            SecretWrite::Exists => {
                writeln!(err, "error: the secret {path} exists at {endpoint} and was not changed")?;
                writeln!(err, "help: --update changes it")?;
                return Ok(Exit::Refused);
            }
            SecretWrite::Missing => {
                writeln!(err, "error: there is no secret {path} at {endpoint}")?;
                writeln!(err, "help: --create creates it")?;
                return Ok(Exit::Refused);
            }
            SecretWrite::Refused { status, message } => {
                writeln!(err, "error: {path} was not stored: {endpoint} answers {status}: {message}")?;
                if let Some(advice) = advice(status, &endpoint) {
                    writeln!(err, "help: {advice}")?;
                }
                return Ok(Exit::Refused);
            }
        }
        Ok(Exit::Fine)
    }
}

fn advice(status: u16, endpoint: &Endpoint) -> Option<&'static str> {
    Some(match status {
        401 if !endpoint.has_credential() => "set DCOS_ACS_TOKEN, or give --token-file",
        401 => "the token is wrong, or has expired: `dcos auth login` gets another",
        403 => "the user may not create or update secrets there: dcos:secrets:default:PATH",
        200..=299 => "is DCOS_URL the address of DC/OS itself, and not of a login page or proxy before it?",
        404 | 405 | 300..=399 => {
            "is DCOS_URL the address of DC/OS Enterprise? the open edition has no secret store"
        }
        503 => "the secret store is sealed, or starting",
        _ => return None,
    })
}
