//! `milepost deployment stop`

use super::super::confirm::agreed;
use super::super::connection::Connection;
use super::super::remote::{Intent, Remote};
use super::super::{Exit, Terminal, ids};
use crate::http::Method;

/// Stop a deployment where it is: what it changed stays half done
///
/// `milepost deployment rollback` undoes it instead. On a terminal it asks first.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 stopped, or was not to be; 2 wrong usage, no such deployment, or no connection; 3 refused; 5 no answer in \
time; 8 it may have been stopped.")]
#[group(skip)]
pub(super) struct Args {
    /// The deployment
    #[arg(value_name = "DEPLOYMENT-ID", value_parser = ids::deployment)]
    id: String,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let remote = Remote::open(&args.connection)?;
    let what = format!("deployment {}", args.id);
    let question =
        format!("stop {what} where it is, at {}? What it changes may stay half done", remote.endpoint);
    if !agreed(&question, &format!("{what} was not stopped"), args.yes, term)? {
        return Ok(Exit::Fine);
    }
    let path = format!("v2/deployments/{}?force=true", args.id);
    let intent = Intent { what: &what, undone: "was not stopped" };
    if let Err(exit) = remote.change((Method::DELETE, &path), None, None, intent, term)? {
        return Ok(exit);
    }
    writeln!(
        term.err(),
        "{what} at {} is stopped; what it changed stays as it is now, and may be half done",
        remote.endpoint
    )?;
    Ok(Exit::Fine)
}
