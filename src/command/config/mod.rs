//! `milepost config`

mod show;

use super::lazy_args::LazyArgs;
use super::{Exit, Terminal};

/// Show which settings count.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ConfigCommand {
    /// Show which Marathon commands ask, and as whom
    Show(LazyArgs<show::Args>),
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    match &args.command {
        ConfigCommand::Show(args) => show::run(&args.0, term),
    }
}
