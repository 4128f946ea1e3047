//! `milepost app start`

use anyhow::bail;

use super::super::connection::Connection;
use super::super::remote::{CREATED, Intent, Remote};
use super::super::{Exit, Terminal, ids};
use crate::util::text::instances;

/// Start an app that has no instances
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost app start /shop/web
  milepost app start /shop/web 3

Exit codes: 0 it is being started; 1 it was started before; 2 wrong usage, no such app, or no connection; 3 refused; \
4 locked by a deployment; 5 no answer in time; 8 it may have been started.")]
#[group(skip)]
pub(super) struct Args {
    /// The app
    #[arg(value_name = "APP-ID", value_parser = ids::service)]
    id: String,
    /// How many instances there should be
    #[arg(value_name = "INSTANCES", default_value_t = 1, allow_negative_numbers = true)]
    instances: i64,
    /// Cancel a deployment that holds the lock
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    if args.instances <= 0 {
        bail!("the number of instances must be positive: {}", args.instances);
    }
    let remote = Remote::open(&args.connection)?;
    let app = super::row(&remote, &args.id)?;
    let id = &app.id;
    if app.instances > 0 {
        let has = instances(app.instances);
        let other = if args.instances.unsigned_abs() == app.instances {
            String::new()
        } else {
            format!("; `milepost app update {id} instances={}` changes that", args.instances)
        };
        writeln!(term.err(), "error: application '{id}' already started: {has}{other}")?;
        return Ok(Exit::Findings);
    }
    let intent = Intent { what: &format!("app {id}"), undone: "was not started" };
    let accepted = match super::scale(&remote, id, (args.instances, args.force), intent, term)? {
        Ok(accepted) => accepted,
        Err(exit) => return Ok(exit),
    };
    let instances = instances(args.instances.unsigned_abs());
    remote.deployed(&accepted, &format!("app {id} is being started with {instances}"), CREATED, term)
}
