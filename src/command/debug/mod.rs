//! `milepost debug`: why instances do not start.

mod details;
mod list;
mod summary;

use anyhow::bail;

use super::connection::Connection;
use super::remote::{JsonArgs, Remote};
use super::{Exit, Terminal, ids};
use crate::marathon::listing::{QueueRow, queued};
use crate::source::Value;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: DebugCommand,
}

#[derive(Debug, clap::Subcommand)]
enum DebugCommand {
    List(list::Args),
    Summary(summary::Args),
    Details(details::Args),
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    match &args.command {
        DebugCommand::List(args) => list::run(args, term),
        DebugCommand::Summary(args) => summary::run(args, term),
        DebugCommand::Details(args) => details::run(args, term),
    }
}

/// Which service is looked at.
#[derive(Debug, clap::Args)]
struct OfService {
    /// The app or pod
    #[arg(value_name = "APP-ID|POD-ID", value_parser = ids::service)]
    id: String,
    #[command(flatten)]
    shown: JsonArgs,
    #[command(flatten)]
    connection: Connection,
}

impl OfService {
    /// What waits of the service: printed as JSON, or as a table is made of it.
    fn show(
        &self,
        table: impl FnOnce(&QueueRow, &mut Terminal) -> std::io::Result<()>,
        term: &mut Terminal,
    ) -> anyhow::Result<Exit> {
        let remote = Remote::open(&self.connection)?;
        let id = self.id.as_str();
        let waits = if self.shown.json {
            let is_it = |item: Value<'_>| {
                let service = item.get("app").or_else(|| item.get("pod"));
                let service_id = service.and_then(|service| service.get("id"));
                service_id.and_then(|found| found.as_str()).is_some_and(|found| *found == *id)
            };
            remote.print_first(("v2/queue?embed=lastUnusedOffers", "queue"), &is_it, term)?
        } else {
            let queue = queued(&remote.client, &remote.endpoint, true)?;
            let row = queue.iter().find(|row| row.id() == id);
            if let Some(row) = row {
                table(row, term)?;
            }
            row.is_some()
        };
        if !waits {
            bail!(
                "couldn't find {id} in Marathon's queue at {}: nothing of it waits to be launched; `milepost debug list` \
                 shows what does, `milepost status {id}` what runs",
                remote.endpoint
            );
        }
        Ok(Exit::Fine)
    }
}
