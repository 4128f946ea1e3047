//! `milepost pod`: pods on a running Marathon.

mod add;

use super::{Exit, Terminal};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: PodCommand,
}

#[derive(Debug, clap::Subcommand)]
enum PodCommand {
    Add(add::Args),
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    match &args.command {
        PodCommand::Add(args) => add::run(args, term),
    }
}
