//! `milepost debug list`

use super::super::connection::Connection;
use super::super::listing::{ListArgs, Listing};
use super::super::remote::Remote;
use super::super::{Exit, Terminal};
use crate::marathon::listing::{QUEUE_HEAD, QueueRow, queued};

/// List the apps and pods with instances to launch, and the offers that were looked at
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
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
        whole: ("v2/queue", Some("queue")),
        is_meant: &|_| true,
        rows: &|remote| Ok(queued(&remote.client, &remote.endpoint, false)?),
        head: QUEUE_HEAD,
        cells: &QueueRow::cells,
        id: &QueueRow::id,
        nothing: "nothing waits to be launched",
    };
    listing.show(&args.list, &remote, term)
}
