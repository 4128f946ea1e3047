//! `milepost app remove`

use super::super::remove::RemoveArgs;
use super::super::{Exit, Terminal};
use crate::marathon::Resource;

/// Remove an app, with all its tasks and versions
///
/// Without --force Marathon decides about a deployment of the app that is running: 1.11 cancels it. On a terminal it asks
/// first.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost app remove /shop/web
  milepost app remove /shop/web --yes

Exit codes: 0 it is being removed, or was not to be; 2 wrong usage, no such app, or no connection; 3 refused; 4 locked by \
a deployment; 5 no answer in time; 8 it may have been removed.")]
#[group(skip)]
pub(super) struct Args {
    #[command(flatten)]
    remove: RemoveArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    args.remove.run(Resource::App, term)
}
