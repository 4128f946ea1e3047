//! `milepost logout`

use super::connection::{DcosConnection, variable};
use super::{Exit, Terminal};
use crate::dcos::TokenFile;
use crate::http::origin;
use crate::util::escape::shown_path;

/// Forget the token that `milepost login` has kept.
///
/// Nothing is sent, so the token itself stays good until it ends. Other tokens, in variables and in the files of the DC/OS
/// CLI, stay where they are.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Exit codes: 0 done, or nothing was kept; 2 wrong usage, or a file that cannot be used."
)]
pub(super) struct Args {
    /// The address of DC/OS; without it the one that other commands use
    #[arg(value_name = "URL", conflicts_with = "url")]
    address: Option<String>,

    #[command(flatten)]
    connection: DcosConnection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let place = args.connection.find_at(args.address.as_deref())?;
    let root = place.endpoint.base();
    let logins = TokenFile::find(&variable)?;
    let (server, file) = (origin(root), shown_path(&logins.file));
    if logins.remove(root)? {
        writeln!(term.err(), "removed the token for {server} from {file}")?;
    } else {
        writeln!(term.err(), "{file} has no token for {server}")?;
    }
    let place = args.connection.find_at(args.address.as_deref())?;
    if let Some(token) = place.settings.iter().find(|setting| setting.name == "token") {
        writeln!(term.err(), "note: commands still find a token: {}", token.origin)?;
    }
    Ok(Exit::Fine)
}
