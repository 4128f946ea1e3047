//! `milepost group update`

use super::super::confirm::agreed;
use super::super::deploy::{ReportFormat, Run, ServerArgs, WatchArgs, absolute, end};
use super::super::remote::{CREATED, Intent, forced};
use super::super::wait::wait_for;
use super::super::{Exit, Terminal, properties};
use super::dry_run;
use crate::http::Method;
use crate::marathon::{Resource, ServerAction, path_of_id};
use crate::source::Kind;
use crate::util::text::listed;

/// Change a group: `apps` and `groups` replace what is in it
///
/// An app that is not in the new list is removed; on a terminal it asks first. The server's own plan is shown. `milepost
/// deploy` leaves such apps alone, and can go back.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost group update /shop < shop.json
  milepost group update /shop apps=[] --yes
  milepost group update /shop --wait < shop.json

Exit codes: 0 accepted, with --wait: all of it runs; 2 wrong usage, no such group, or no connection; 3 refused; 4 locked \
by a deployment; 5 no answer in time; 8 it may have been changed; with --wait also 9 it failed.")]
#[group(skip)]
pub(in super::super) struct Args {
    /// The group
    #[arg(value_name = "GROUP-ID")]
    id: String,
    /// What changes: apps=[…]; without it a JSON object is read from standard input
    #[arg(value_name = "NAME=VALUE")]
    properties: Vec<String>,
    /// Cancel deployments that hold the lock
    #[arg(long)]
    force: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Wait until all of it runs
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    watch: WatchArgs,
    #[command(flatten)]
    server: ServerArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let report = if args.wait { args.watch.report } else { ReportFormat::Text };
    end(update(args, report, term), report, term)
}

fn update(args: &Args, report: ReportFormat, term: &mut Terminal) -> anyhow::Result<Run> {
    let input = properties::read(&args.properties, Kind::Group)?;
    let remote = args.server.remote()?;
    let id = absolute(&args.id);
    let path = path_of_id("v2/groups", &id);
    remote.document(&path, &remote.missing(Resource::Group, &id))?;
    let body = input.document.text();
    let plan = match dry_run::ask(&remote, &id, body, Some(&input), term)? {
        Ok(plan) => plan,
        Err(exit) => return Ok(Run::NotBegun(exit)),
    };
    writeln!(term.err(), "plan: {}", dry_run::words(&plan))?;
    let removed = plan.with(ServerAction::Stop);
    let question = format!("remove {} for good?", listed(&removed));
    if !removed.is_empty() && !agreed(&question, "nothing was changed", args.yes, term)? {
        return Ok(Run::NotBegun(Exit::Fine));
    }
    let intent = Intent { what: &format!("group {id}"), undone: "was not changed" };
    let sent = (Method::PUT, &*forced(path, args.force));
    let accepted = match remote.change(sent, Some(body.to_owned()), Some(&input), intent, term)? {
        Ok(accepted) => accepted,
        Err(exit) => return Ok(Run::NotBegun(exit)),
    };
    let sentence = format!("group {id} is being changed");
    let exit = match (report, &accepted.deployment) {
        (ReportFormat::Text, _) | (_, None) => remote.deployed(&accepted, &sentence, CREATED, term)?,
        // A report for programs stands alone on standard output.
        (_, Some(deployment)) => {
            writeln!(term.err(), "{sentence} at {}; deployment {deployment}", remote.endpoint)?;
            Exit::Fine
        }
    };
    if !args.wait {
        return Ok(Run::Reported(exit));
    }
    if exit != Exit::Fine {
        return Ok(Run::NotBegun(exit));
    }
    let server = args.server.server(remote, term)?;
    wait_for(server, &dry_run::staying(&plan), accepted.deployment.as_deref(), &args.watch, term)
}
