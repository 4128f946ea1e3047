//! `milepost group list`

use super::super::connection::Connection;
use super::super::listing::{ListArgs, Listing};
use super::super::remote::Remote;
use super::super::{Exit, Terminal};
use crate::marathon::listing::{GROUP_HEAD, GroupRow, groups};

/// List the groups, with the number of apps in each and in the groups in it
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
        whole: ("v2/groups", Some("groups")),
        is_meant: &|_| true,
        rows: &|remote| Ok(groups(&remote.client, &remote.endpoint)?),
        head: GROUP_HEAD,
        cells: &GroupRow::cells,
        id: &|group| &group.id,
        nothing: "there are no groups",
    };
    listing.show(&args.list, &remote, term)
}
