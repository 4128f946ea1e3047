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

use anyhow::bail;
use serde_json::json;

use super::remote::{Intent, Remote};
use super::{Exit, Terminal};
use crate::marathon::listing::AppRow;
use crate::marathon::{Accepted, Change, Resource, Verb, path_of_id};
use crate::source::Kind;

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
    let document = remote.held(Resource::App, id)?;
    let app = remote.member(&document, &path_of_id("v2/apps", id), Some("app"))?;
    Ok(serde_json::from_str(app.source())?)
}

/// The versions of an app, oldest first.
fn versions(remote: &Remote, id: &str) -> anyhow::Result<Vec<String>> {
    match remote.client.versions(&remote.endpoint, id, Kind::App)? {
        Some(versions) => Ok(versions),
        None => bail!("{}", remote.missing(Resource::App, id)),
    }
}

/// Changes how many instances of an app there should be.
fn scale(
    remote: &Remote,
    id: &str,
    (instances, force): (i64, bool),
    intent: Intent<'_>,
    term: &mut Terminal,
) -> anyhow::Result<Result<Accepted, Exit>> {
    let body = Some(json!({"instances": instances}).to_string());
    let change = Change { verb: Verb::Update, kind: Kind::App, id: id.to_owned(), body };
    remote.change_of((&change, force), None, intent, term)
}
