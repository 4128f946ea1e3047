//! `milepost secret delete`

use super::super::confirm::agreed;
use super::super::connection::DcosConnection;
use super::super::{Exit, Terminal};
use super::{refused, secret_path, uncertain};
use crate::dcos::SecretDelete;

/// Delete a secret.
///
/// A terminal is asked first, unless --yes is given.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Exit codes: 0 deleted; 2 wrong usage, no connection, or not confirmed; 3 there is none, or the store \
                             refused it; 5 no answer in time."
)]
pub(super) struct Args {
    /// Its path, such as shop/db
    #[arg(value_name = "PATH", value_parser = secret_path)]
    path: String,

    /// Delete it without asking
    #[arg(short, long)]
    yes: bool,

    #[command(flatten)]
    connection: DcosConnection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let path = &args.path;
    let (endpoint, client) = args.connection.open()?;
    let question =
        format!("Delete the secret {path} at {endpoint}? Services that use it cannot start without it.");
    if !agreed(&question, "nothing was deleted", args.yes, term)? {
        return Ok(Exit::Usage);
    }
    let deleted = client.delete_secret(&endpoint, path);
    match deleted.map_err(|error| uncertain(error, "it may have been deleted", "nothing was deleted"))? {
        SecretDelete::Deleted => {
            writeln!(term.err(), "deleted the secret {path} at {endpoint}")?;
            Ok(Exit::Fine)
        }
        SecretDelete::Missing => {
            writeln!(term.err(), "error: there is no secret {path} at {endpoint}")?;
            Ok(Exit::Refused)
        }
        SecretDelete::Refused(status) => {
            writeln!(term.err(), "error: {path} was not deleted: {endpoint} answers {status}")?;
            refused(status, "delete", &endpoint, term)
        }
    }
}
