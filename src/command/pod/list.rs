//! `milepost pod list`

use super::super::connection::Connection;
use super::super::listing::{ListArgs, Listing};
use super::super::remote::Remote;
use super::super::{Exit, Terminal};
use crate::marathon::listing::{POD_HEAD, PodRow, pods};

/// List the pods with their containers: how many instances there are, and how they are
///
/// WAITING is true while a pod waits for offers.
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
        whole: ("v2/pods/::status", None),
        is_meant: &|_| true,
        rows: &|remote| Ok(pods(&remote.client, &remote.endpoint)?),
        head: POD_HEAD,
        cells: &PodRow::cells,
        id: &|pod| &pod.id,
        nothing: "there are no pods",
    };
    listing.show(&args.list, &remote, term)
}
