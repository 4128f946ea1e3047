//! `milepost whoami`

use super::connection::DcosConnection;
use super::login::{plain, until};
use super::{Exit, Terminal};
use crate::dcos::{LoginKind, TokenState};

/// Show who is signed in to DC/OS, after asking it.
///
/// The user goes to standard output, all else to standard error.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Exit codes: 0 signed in, or no login is needed; 1 not signed in; 2 wrong usage, no connection, or \
                             a server that is not DC/OS; 3 the token is refused; 5 no answer in time."
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
    let origin = place.settings.iter().find(|setting| matches!(setting.name, "token" | "signs-in-as"));
    let origin = origin.map(|setting| setting.origin.clone()).unwrap_or_default();
    let (endpoint, client) = args.connection.open_found(place)?;
    let root = endpoint.base();
    let Some(token) = client.token_for(&endpoint)? else {
        if client.login_kind(root).map_err(plain)? == LoginKind::None {
            writeln!(term.err(), "{endpoint} lets everybody in: no login is needed")?;
            return Ok(Exit::Fine);
        }
        writeln!(term.err(), "error: you are not signed in to {endpoint}")?;
        writeln!(term.err(), "help: `milepost login` signs in")?;
        return Ok(Exit::Findings);
    };
    if client.try_token(root, &token).map_err(plain)? == TokenState::Refused {
        let why = if token.has_ended() { "has ended" } else { "is wrong, or has ended" };
        writeln!(term.err(), "error: {endpoint} refuses the token, which {why}: {origin}")?;
        writeln!(term.err(), "help: `milepost login` gets another")?;
        return Ok(Exit::Refused);
    }
    let user = token.user().unwrap_or_else(|| "(the token does not name its user)".to_owned());
    writeln!(term.report(), "{user}")?;
    writeln!(term.err(), "signed in to {endpoint}{}: {origin}", until(&token))?;
    Ok(Exit::Fine)
}
