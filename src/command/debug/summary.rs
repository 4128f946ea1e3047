//! `milepost debug summary`

use super::super::{Exit, Terminal, table};
use super::OfService;
use crate::marathon::listing::SUMMARY_HEAD;

/// Show what an instance asks for, and how many agents have it
///
/// MATCHED counts the last offer of each agent that was not used.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 shown; 2 wrong usage, nothing of this id waits, or no connection; 3 refused; 5 no answer in time.")]
#[group(skip)]
pub(super) struct Args {
    #[command(flatten)]
    service: OfService,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    args.service.show(|row, term| table::write(SUMMARY_HEAD, row.summary(), term), term)
}
