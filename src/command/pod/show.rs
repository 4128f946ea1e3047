//! `milepost pod show`

use super::super::connection::Connection;
use super::super::remote::{Part, Remote};
use super::super::{Exit, Terminal, ids};
use crate::marathon::{Resource, path_of_id};

/// Show a pod's status, its instances and its definition (`spec`), whole, as JSON
///
/// `milepost export` writes the definition so that it can be sent again.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 shown; 2 wrong usage, no such pod, or no connection; 3 refused; 5 no answer in time.")]
#[group(skip)]
pub(super) struct Args {
    /// The pod
    #[arg(value_name = "POD-ID", value_parser = ids::service)]
    id: String,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let remote = Remote::open(&args.connection)?;
    let path = format!("{}::status", path_of_id("v2/pods", &args.id));
    remote.print(&path, Part::Whole("id"), &remote.missing(Resource::Pod, &args.id), term)?;
    Ok(Exit::Fine)
}
