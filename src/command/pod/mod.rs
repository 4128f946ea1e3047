//! `milepost pod`: pods on a running Marathon.

mod add;
mod kill;
mod list;
mod remove;
mod show;
mod update;

use super::{Exit, Terminal};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: PodCommand,
}

#[derive(Debug, clap::Subcommand)]
enum PodCommand {
    Add(add::Args),
    List(list::Args),
    Show(show::Args),
    Remove(remove::Args),
    Update(Box<update::Args>),
    Kill(kill::Args),
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    match &args.command {
        PodCommand::Add(args) => add::run(args, term),
        PodCommand::List(args) => list::run(args, term),
        PodCommand::Show(args) => show::run(args, term),
        PodCommand::Remove(args) => remove::run(args, term),
        PodCommand::Update(args) => update::run(args, term),
        PodCommand::Kill(args) => kill::run(args, term),
    }
}
