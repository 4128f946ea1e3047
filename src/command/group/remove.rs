//! `milepost group remove`

use super::super::remove::RemoveArgs;
use super::super::{Exit, Terminal};
use crate::marathon::Resource;

/// Remove a group, with all apps, pods and groups in it
///
/// On a terminal it asks first. The group / is removed only with --yes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 it is being removed, or was not to be; 2 wrong usage, no such group, or no connection; 3 refused; 4 locked \
by a deployment; 5 no answer in time; 8 it may have been removed.")]
#[group(skip)]
pub(super) struct Args {
    #[command(flatten)]
    remove: RemoveArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    args.remove.run(Resource::Group, term)
}
