//! `milepost group update`

use super::super::confirm::agreed;
use super::super::deploy::{
    ReportFormat, Run, SendArgs, ServerArgs, deploy_group, end, needs_wait, report_of_change, warn_of_ignored,
};
use super::super::input::Input;
use super::super::remote::{CREATED, Intent, forced};
use super::super::wait::wait_for;
use super::super::{Exit, Terminal, ids, properties};
use super::dry_run;
use crate::deploy::DefinitionText;
use crate::http::Method;
use crate::marathon::{Change, Resource, ServerAction, Verb, path_of_id};
use crate::source::{Document, Format, Kind};
use crate::util::text::listed;

/// Change a group: `apps` and `groups` replace what is in it
///
/// An app that is not in the new list is removed; on a terminal it asks first. The server's own plan is shown. With --wait
/// it goes the way of `milepost deploy`: it is checked, what changes is shown, and the exit code says how it ended.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost group update /shop < shop.json
  milepost group update /shop apps=[] --yes
  milepost group update /shop --wait < shop.json

Exit codes: 0 accepted; 2 wrong usage, no such group, or no connection; 3 refused; 4 locked by a deployment; 5 no answer in \
time; 8 it may have been changed; with --wait those of `milepost deploy`.")]
#[group(skip)]
#[command(mut_args(needs_wait))]
pub(in super::super) struct Args {
    /// The group
    #[arg(value_name = "GROUP-ID", value_parser = ids::group)]
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
    /// Show what changes, and wait until all of it runs
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    send: SendArgs,
    #[command(flatten)]
    server: ServerArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let report = report_of_change(args.wait, &args.send);
    end(update(args, report, term), report, term)
}

fn update(args: &Args, report: ReportFormat, term: &mut Terminal) -> anyhow::Result<Run> {
    let input = properties::read(&args.properties, Kind::Group)?;
    let id = args.id.clone();
    properties::expect_id(&input, &id)?;
    let remote = args.server.remote()?;
    let path = path_of_id("v2/groups", &id);
    remote.document(&path, &remote.missing(Resource::Group, &id))?;
    let body = input.document.text().to_owned();
    let plan = match dry_run::ask(&remote, &id, &body, Some(&input), term)? {
        Ok(plan) => plan,
        Err(exit) => return Ok(Run::NotBegun(exit)),
    };
    writeln!(term.err(), "plan: {}", dry_run::words(&plan))?;
    let removed = plan.with(ServerAction::Stop);
    let question = format!("remove {} for good?", listed(&removed));
    if !removed.is_empty() && !agreed(&question, "nothing was changed", args.yes, term)? {
        return Ok(Run::NotBegun(Exit::Fine));
    }
    // What these two make of a group only the server knows.
    let is_definition = ["scaleBy", "version"].iter().all(|name| input.document.root().get(name).is_none());
    if is_definition {
        let text = as_definition(&input, &id)?;
        if args.wait {
            let change = Change { verb: Verb::Update, kind: Kind::Group, id, body: Some(body) };
            let server = (remote, args.server.target());
            return deploy_group(text, (change, &removed), server, (&args.send, args.force), term);
        }
        let settings = args.server.settings(&remote, term)?;
        warn_of_ignored(&text, None, &settings, term)?;
    }
    let intent = Intent { what: &format!("group {id}"), undone: "was not changed" };
    let sent = (Method::PUT, &*forced(path, args.force));
    let accepted = match remote.change(sent, Some(body), Some(&input), intent, term)? {
        Ok(accepted) => accepted,
        Err(exit) => return Ok(Run::NotBegun(exit)),
    };
    let sentence = format!("group {id} is being changed");
    let exit = match (report, &accepted.deployment) {
        (ReportFormat::Text, _) | (_, None) => remote.deployed(&accepted, &sentence, CREATED, term)?,
        // On standard output there is only a report for programs.
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
    let limits = args.send.limits(term);
    let deployment = accepted.deployment.as_deref();
    wait_for(server, &dry_run::staying(&plan), deployment, (limits, report), term)
}

/// The update as the definition of the group with this id. A text that has an id stays as it is written.
fn as_definition(Input { name, document }: &Input, id: &str) -> anyhow::Result<DefinitionText> {
    let text = match document.root().get("id") {
        Some(_) => document.text().to_owned(),
        None => properties::with_id(document, id),
    };
    let document = Document::parse(text, Format::Json)?;
    Ok(DefinitionText { name: name.clone(), document, kind: Kind::Group })
}
