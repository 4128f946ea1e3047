//! `milepost deployment rollback`

use super::super::connection::Connection;
use super::super::remote::{Intent, Remote, print_body};
use super::super::{Exit, Terminal, ids};
use crate::http::Method;

/// Have Marathon undo a deployment that runs: a new deployment goes back to what was before
///
/// What it made is removed. The new deployment is printed as JSON. Of a scaled-up app Marathon (1.11) may stop the instances
/// that run and keep those that were never placed: `milepost wait` tells whether it runs. `milepost rollback` goes back to a
/// version of an app that you choose.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 it is being undone; 2 wrong usage, no such deployment, or no connection; 3 refused; 4 locked by another \
deployment; 5 no answer in time; 8 it may be being undone.")]
#[group(skip)]
pub(super) struct Args {
    /// The deployment
    #[arg(value_name = "DEPLOYMENT-ID", value_parser = ids::deployment)]
    id: String,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let remote = Remote::open(&args.connection)?;
    let path = format!("v2/deployments/{}", args.id);
    let intent = Intent { what: &format!("deployment {}", args.id), undone: "was not undone" };
    let accepted = match remote.change((Method::DELETE, &path), None, None, intent, term)? {
        Ok(accepted) => accepted,
        Err(exit) => return Ok(exit),
    };
    let Some(by) = &accepted.deployment else { return remote.names_no_deployment(term) };
    print_body(&accepted, term)?;
    term.out().flush()?;
    writeln!(term.err(), "deployment {} at {} is being undone by deployment {by}", args.id, remote.endpoint)?;
    writeln!(term.err(), "note: `milepost deployment watch {by}` tells whether all of it runs then")?;
    Ok(Exit::Fine)
}
