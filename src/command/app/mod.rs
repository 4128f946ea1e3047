//! `milepost app`: apps on a running Marathon.

mod add;
mod kill;
mod list;
mod remove;
mod restart;
mod show;
mod start;
mod stop;
mod update;
mod version;

use super::remote::Remote;
use super::{Exit, Terminal};
use crate::marathon::listing::AppRow;
use crate::marathon::{Resource, path_of_id};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: AppCommand,
}

#[derive(Debug, clap::Subcommand)]
enum AppCommand {
    Add(add::Args),
    List(list::Args),
    Show(show::Args),
    Remove(remove::Args),
    Start(start::Args),
    Stop(stop::Args),
    Restart(restart::Args),
    Kill(kill::Args),
    Update(Box<update::Args>),
    /// The versions of an app
    Version(version::Args),
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    match &args.command {
        AppCommand::Add(args) => add::run(args, term),
        AppCommand::List(args) => list::run(args, term),
        AppCommand::Show(args) => show::run(args, term),
        AppCommand::Remove(args) => remove::run(args, term),
        AppCommand::Start(args) => start::run(args, term),
        AppCommand::Stop(args) => stop::run(args, term),
        AppCommand::Restart(args) => restart::run(args, term),
        AppCommand::Kill(args) => kill::run(args, term),
        AppCommand::Update(args) => update::run(args, term),
        AppCommand::Version(args) => version::run(args, term),
    }
}

/// What runs of an app.
fn row(remote: &Remote, id: &str) -> anyhow::Result<AppRow> {
    let path = path_of_id("v2/apps", id);
    let document = remote.document(&path, &remote.missing(Resource::App, id))?;
    let app = remote.member(&document, &path, Some("app"))?;
    Ok(serde_json::from_str(app.source())?)
}
