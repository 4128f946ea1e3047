//! `milepost debug details`

use super::super::{Exit, Terminal, table};
use super::OfService;
use crate::marathon::listing::DETAILS_HEAD;

/// Show for each agent what its last offer lacks
///
/// `ok` is what an offer has, `-` what it lacks. SCARCE is `-` where Marathon keeps the agent for services that need GPUs.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 shown; 2 wrong usage, nothing of this id waits, or no connection; 3 refused; 5 no answer in time.")]
#[group(skip)]
pub(super) struct Args {
    #[command(flatten)]
    service: OfService,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    args.service.show(|row, term| table::write(DETAILS_HEAD, row.details(), term), term)
}
