//! `milepost app stop`

use super::super::connection::Connection;
use super::super::remote::{CREATED, Intent, Remote};
use super::super::{Exit, Terminal, ids};
use crate::util::text::instances;

/// Stop an app: it keeps its definition and has no instances
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 it is being stopped; 1 it was stopped before; 2 wrong usage, no such app, or no connection; 3 refused; \
4 locked by a deployment; 5 no answer in time; 8 it may have been stopped.")]
#[group(skip)]
pub(super) struct Args {
    /// The app
    #[arg(value_name = "APP-ID", value_parser = ids::service)]
    id: String,
    /// Cancel a deployment that holds the lock
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let remote = Remote::open(&args.connection)?;
    let app = super::row(&remote, &args.id)?;
    let id = &app.id;
    if app.instances == 0 {
        writeln!(term.err(), "error: app '{id}' already stopped: 0 instances")?;
        return Ok(Exit::Findings);
    }
    let intent = Intent { what: &format!("app {id}"), undone: "was not stopped" };
    let accepted = match super::scale(&remote, id, (0, args.force), intent, term)? {
        Ok(accepted) => accepted,
        Err(exit) => return Ok(exit),
    };
    let instances = instances(app.instances);
    remote.deployed(&accepted, &format!("app {id} is being stopped; it had {instances}"), CREATED, term)
}
