//! `milepost deployment`: deployments that run on a Marathon.

mod list;
mod rollback;
mod stop;
mod watch;

use super::{Exit, Terminal};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: DeploymentCommand,
}

#[derive(Debug, clap::Subcommand)]
enum DeploymentCommand {
    List(list::Args),
    Watch(watch::Args),
    Rollback(rollback::Args),
    Stop(stop::Args),
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    match &args.command {
        DeploymentCommand::List(args) => list::run(args, term),
        DeploymentCommand::Watch(args) => watch::run(args, term),
        DeploymentCommand::Rollback(args) => rollback::run(args, term),
        DeploymentCommand::Stop(args) => stop::run(args, term),
    }
}
