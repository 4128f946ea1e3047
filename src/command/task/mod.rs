//! `milepost task`: tasks of apps on a running Marathon.

mod kill;
mod list;
mod show;
mod stop;

use std::collections::BTreeSet;

use serde_json::json;

use super::remote::{Intent, Remote};
use super::{Exit, Terminal};
use crate::http::Method;
use crate::marathon::Accepted;
use crate::marathon::listing::tasks;
use crate::util::text::listed;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: TaskCommand,
}

#[derive(Debug, clap::Subcommand)]
enum TaskCommand {
    List(list::Args),
    Show(show::Args),
    Stop(stop::Args),
    Kill(kill::Args),
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    match &args.command {
        TaskCommand::List(args) => list::run(args, term),
        TaskCommand::Show(args) => show::run(args, term),
        TaskCommand::Stop(args) => stop::run(args, term),
        TaskCommand::Kill(args) => kill::run(args, term),
    }
}

/// Kills these tasks.
fn kill(
    remote: &Remote,
    ids: &[String],
    (scale, wipe): (bool, bool),
    term: &mut Terminal,
) -> anyhow::Result<Result<Accepted, Exit>> {
    let query = match (scale, wipe) {
        (true, _) => "?scale=true",
        (_, true) => "?wipe=true",
        _ => "",
    };
    let path = format!("v2/tasks/delete{query}");
    let body = json!({ "ids": ids }).to_string();
    let what = if ids.len() == 1 { format!("task {}", ids[0]) } else { "the tasks".to_owned() };
    let undone = if ids.len() == 1 { "was not killed" } else { "were not killed" };
    remote.change((Method::POST, &path), Some(body), None, Intent { what: &what, undone }, term)
}

/// The ids of all tasks.
fn running(remote: &Remote) -> anyhow::Result<BTreeSet<String>> {
    Ok(tasks(&remote.client, &remote.endpoint)?.into_iter().map(|task| task.id).collect())
}

/// Whether Marathon can read an id as that of a task. It looks only at the instance in it, so for the id of a task that has
/// ended it would kill the task that has come in its place.
fn names_an_instance(id: &str) -> bool {
    id.contains('.')
}

/// The sentence on a task that the server does not have.
fn missing(remote: &Remote, id: &str) -> String {
    format!("Task '{id}' does not exist at {}: `milepost task list` shows those that do", remote.endpoint)
}

/// The question before data is lost.
fn wipe_question(remote: &Remote, ids: &[String]) -> String {
    format!("kill {} and wipe their volumes at {}?", listed(ids), remote.endpoint)
}
