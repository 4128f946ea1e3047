//! `milepost about`

use super::connection::Connection;
use super::remote::{Part, Remote};
use super::{Exit, Terminal};

/// Show what the Marathon says of itself: its release and settings, as JSON
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 shown; 2 wrong usage or no connection; 3 refused; 5 no answer in time.")]
pub(super) struct Args {
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let remote = Remote::open(&args.connection)?;
    let missing = format!("{} says nothing of itself", remote.endpoint);
    remote.print("v2/info", Part::Whole("marathon_config"), &missing, term)?;
    Ok(Exit::Fine)
}
