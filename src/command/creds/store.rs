//! `milepost creds secret --create --update`: writes to the secret store of DC/OS Enterprise.

use crate::dcos::WriteMode;

use super::super::connection::DcosConnection;
use super::super::secret;
use super::{Exit, Terminal};

/// Whether to store the secret, and the connection to the store.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Secret store")]
pub(super) struct StoreArgs {
    /// Store it in DC/OS, as `milepost secret put` does; an existing secret is not changed
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
        secret::write((&client, &endpoint), path, value.as_bytes(), storing, term)
    }
}
