//! `milepost deployment list`

use super::super::connection::Connection;
use super::super::listing::{ListArgs, Listing};
use super::super::remote::Remote;
use super::super::{Exit, Terminal, ids};
use crate::marathon::listing::{DEPLOYMENT_HEAD, DeploymentRow, deployments};
use crate::source::Value;

/// List the deployments that run: what they change, and how far they are
///
/// None is an empty list, not an error.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 shown; 2 wrong usage or no connection; 3 refused; 5 no answer in time.")]
#[group(skip)]
pub(super) struct Args {
    /// Only those that change this app or pod
    #[arg(value_name = "APP-ID", value_parser = ids::service)]
    id: Option<String>,
    #[command(flatten)]
    list: ListArgs,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let remote = Remote::open(&args.connection)?;
    let id = args.id.as_deref();
    let changes_it = |deployment: Value<'_>| {
        let Some(id) = &id else { return true };
        let lists = ["affectedApps", "affectedPods"].into_iter().filter_map(|name| deployment.get(name));
        lists.flat_map(|list| list.elements()).any(|one| one.as_str().is_some_and(|one| *one == **id))
    };
    let nothing = match &id {
        Some(id) => format!("There are no deployments for '{id}'"),
        None => "There are no deployments".to_owned(),
    };
    let listing = Listing {
        whole: ("v2/deployments", None),
        is_meant: &changes_it,
        rows: &|remote| {
            let all = deployments(&remote.client, &remote.endpoint)?;
            Ok(all.into_iter().filter(|row| id.is_none_or(|id| row.affects(id))).collect())
        },
        head: DEPLOYMENT_HEAD,
        cells: &DeploymentRow::cells,
        id: &|deployment| &deployment.id,
        nothing: &nothing,
    };
    listing.show(&args.list, &remote, term)
}
