//! `milepost app list`

use super::super::connection::Connection;
use super::super::listing::{ListArgs, Listing};
use super::super::remote::Remote;
use super::super::{Exit, Terminal};
use crate::marathon::listing::{APP_HEAD, AppRow, apps};
use crate::util::escape::on_one_line;

/// The longest text for what an app runs, in characters.
const LONGEST: usize = 30;

/// List the apps: what they need, how many tasks run, what is deployed
///
/// TASKS are those that run and those that there should be, HEALTH those that are healthy and those that run. WAITING is
/// true while an app waits for offers. What looks like a secret in CMD is hidden.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost app list --url http://marathon.example:8080
  milepost app list --json
  milepost app list -q

Exit codes: 0 shown; 2 wrong usage or no connection; 3 refused; 5 no answer in time.")]
#[group(skip)]
pub(super) struct Args {
    #[command(flatten)]
    list: ListArgs,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let remote = Remote::open(&args.connection)?;
    let listing = Listing {
        whole: ("v2/apps", Some("apps")),
        is_meant: &|_| true,
        rows: &|remote| Ok(apps(&remote.client, &remote.endpoint)?),
        head: APP_HEAD,
        cells: &|app: &AppRow| app.cells(shortened(&app.command())),
        id: &|app| &app.id,
        nothing: "there are no apps",
    };
    listing.show(&args.list, &remote, term)
}

/// A command on one line, and not too long.
fn shortened(command: &str) -> String {
    let command = &*on_one_line(command);
    match command.char_indices().nth(LONGEST) {
        None => command.to_owned(),
        Some(_) => command.chars().take(LONGEST - 3).chain("...".chars()).collect(),
    }
}
