//! `milepost delay`

use super::connection::Connection;
use super::listing::{ListArgs, Listing};
use super::remote::{Intent, Remote};
use super::{Exit, Terminal, ids};
use crate::http::Method;
use crate::marathon::listing::{DELAY_HEAD, QueueRow, queued};
use crate::marathon::path_of_id;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: DelayCommand,
}

#[derive(Debug, clap::Subcommand)]
enum DelayCommand {
    List(ListDelays),
    Reset(ResetDelay),
}

/// List the apps and pods whose next start is delayed after failures
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 shown; 2 wrong usage or no connection; 3 refused; 5 no answer in time.")]
struct ListDelays {
    #[command(flatten)]
    list: ListArgs,
    #[command(flatten)]
    connection: Connection,
}

/// Start the next instance of an app or pod without the delay after failures
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 reset; 2 wrong usage, nothing of this id waits, or no connection; 3 refused; 5 no answer in time.")]
struct ResetDelay {
    /// The app or pod
    #[arg(value_name = "APP-ID|POD-ID", value_parser = ids::service)]
    id: String,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    match &args.command {
        DelayCommand::List(args) => list(args, term),
        DelayCommand::Reset(args) => reset(args, term),
    }
}

fn list(args: &ListDelays, term: &mut Terminal) -> anyhow::Result<Exit> {
    let remote = Remote::open(&args.connection)?;
    let listing = Listing {
        whole: ("v2/queue", Some("queue")),
        is_meant: &|item| {
            let overdue = item.get("delay").and_then(|delay| delay.get("overdue"));
            overdue.is_some_and(|overdue| overdue.as_bool() == Some(false))
        },
        rows: &|remote| {
            let queue = queued(&remote.client, &remote.endpoint, false)?;
            Ok(queue.into_iter().filter(|row| !row.waits()).collect())
        },
        head: DELAY_HEAD,
        cells: &QueueRow::delay,
        id: &QueueRow::id,
        nothing: "no start is delayed",
    };
    listing.show(&args.list, &remote, term)
}

fn reset(args: &ResetDelay, term: &mut Terminal) -> anyhow::Result<Exit> {
    let remote = Remote::open(&args.connection)?;
    let id = args.id.as_str();
    let path = format!("{}/delay", path_of_id("v2/queue", id));
    let what = format!("the delay of {id}");
    let intent = Intent { what: &what, undone: "was not reset" };
    match remote.change((Method::DELETE, &path), None, None, intent, term)? {
        Ok(_) => writeln!(term.report(), "Delay on [{id}] has been reset")?,
        Err(exit) => return Ok(exit),
    }
    Ok(Exit::Fine)
}
