//! `milepost app restart`

use anyhow::bail;

use super::super::connection::Connection;
use super::super::remote::{CREATED, Intent, Remote, forced};
use super::super::{Exit, Terminal, ids};
use crate::http::Method;
use crate::marathon::{Resource, has_address, path_of_id, why_no_address};

/// Restart an app: its tasks are replaced as its upgrade strategy says
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 it is being restarted; 1 it has no running tasks; 2 wrong usage, no such app, or no connection; 3 refused; \
4 locked by a deployment; 5 no answer in time; 8 it may have been restarted.")]
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
        writeln!(
            term.err(),
            "error: unable to perform rolling restart of application '{id}' because it has no running tasks; \
             `milepost app start {id}` starts it"
        )?;
        return Ok(Exit::Findings);
    }
    if !has_address(Resource::App, id) {
        bail!(
            "app {id} was not restarted: {}: `milepost app kill {id}` has its tasks replaced",
            why_no_address(id)
        );
    }
    let path = forced(format!("{}/restart", path_of_id("v2/apps", id)), args.force);
    let intent = Intent { what: &format!("app {id}"), undone: "was not restarted" };
    match remote.change((Method::POST, &path), None, None, intent, term)? {
        Ok(accepted) => remote.deployed(&accepted, &format!("app {id} is being restarted"), CREATED, term),
        Err(exit) => Ok(exit),
    }
}
