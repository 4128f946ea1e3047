//! `milepost app`: apps on a running Marathon.

mod add;

use super::{Exit, Terminal};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: AppCommand,
}

#[derive(Debug, clap::Subcommand)]
enum AppCommand {
    Add(add::Args),
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    match &args.command {
        AppCommand::Add(args) => add::run(args, term),
    }
}
