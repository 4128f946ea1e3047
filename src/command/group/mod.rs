//! `milepost group`: groups on a running Marathon.

mod add;
mod dry_run;
mod list;
mod remove;
mod scale;
mod show;
mod update;

use super::{Exit, Terminal};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: GroupCommand,
}

#[derive(Debug, clap::Subcommand)]
enum GroupCommand {
    Add(add::Args),
    List(list::Args),
    Show(show::Args),
    Scale(scale::Args),
    Remove(remove::Args),
    Update(Box<update::Args>),
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    match &args.command {
        GroupCommand::Add(args) => add::run(args, term),
        GroupCommand::List(args) => list::run(args, term),
        GroupCommand::Show(args) => show::run(args, term),
        GroupCommand::Scale(args) => scale::run(args, term),
        GroupCommand::Remove(args) => remove::run(args, term),
        GroupCommand::Update(args) => update::run(args, term),
    }
}
