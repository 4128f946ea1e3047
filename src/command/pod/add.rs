//! `milepost pod add`

use super::super::create;
use super::super::{Exit, Terminal};
use crate::marathon::Resource;

/// Create a pod and print the id of its deployment
///
/// A pod that exists is not changed: Marathon refuses it, and the exit code is 3. Only the id goes to standard
/// output, everything else to standard error.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER_HELP)]
#[group(skip)]
pub(super) struct Args {
    #[command(flatten)]
    create: create::CreateArgs,
}

const AFTER_HELP: &str = "\
Examples:
  milepost pod add pod.json --url http://marathon.example:8080
  MARATHON_URL=http://marathon.example:8080 milepost pod add pod.json
  milepost pod add < pod.json
  milepost pod add https://artifacts.example/pod.json

Exit codes: 0 accepted; 1 the check found errors, and nothing was sent; 2 wrong usage, unreadable input or no \
connection; 3 refused; 4 locked by a running deployment; 5 no answer in time; \
8 the server or a proxy failed, so that it may have been carried out.";

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    create::run(&args.create, Resource::Pod, term)
}
