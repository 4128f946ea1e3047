//! `milepost app add`

use super::super::create;
use super::super::{Exit, Terminal};
use crate::marathon::Resource;

/// Create an app and print the id of its deployment
///
/// An app that exists is not changed: Marathon refuses it, and the exit code is 3. Only the id goes to standard
/// output, everything else to standard error.
#[derive(Debug, clap::Args)]
#[command(after_long_help = create::after_help("app", "web.json"))]
#[group(skip)]
pub(super) struct Args {
    #[command(flatten)]
    create: create::CreateArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    create::run(&args.create, Resource::App, term)
}
