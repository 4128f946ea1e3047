//! `milepost group update`

use super::super::confirm::confirm;
use super::super::deploy::{
    ChangeArgs, NotBegun, Run, ServerArgs, deploy_group, end, needs_wait, update_passes,
};
use super::super::input::Input;
use super::super::remote::{Intent, Remote, forced};
use super::super::wait::wait_for_accepted;
use super::super::{Exit, Terminal, ids, properties};
use super::dry_run;
use super::scale::{expect_agreement_for_all, may_scale};
use crate::deploy::DefinitionText;
use crate::http::Method;
use crate::marathon::{Change, Resource, ServerAction, ServerPlan, Verb, path_of_id, with_id};
use crate::source::{Document, Format, Kind};
use crate::util::text::listed;

/// Change a group: `apps` and `groups` replace what is in it
///
/// It is checked first, and the server's own plan is shown. An app that is not in the new list is removed: it asks first, and
/// without a terminal this needs --yes. So does `scaleBy` for the group /, and on a terminal it asks before `scaleBy=0`. With --wait it goes the way of `milepost deploy`: what changes is shown, and the exit code says how it ended.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost group update /shop < shop.json
  milepost group update /shop apps=[] --yes
  milepost group update /shop --wait < shop.json

Exit codes: 0 accepted; 1 the check found errors, and nothing was sent; 2 wrong usage, no such group, or no connection; 3 refused; 4 locked by a deployment; 5 no answer in \
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
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    change: ChangeArgs,
    #[command(flatten)]
    server: ServerArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    end(update(args, term), args.change.report(), || args.server.address(), term)
}

fn update(args: &Args, term: &mut Terminal) -> anyhow::Result<Run> {
    let how = &args.change;
    let input = properties::read(&args.properties, Kind::Group)?;
    let id = args.id.clone();
    properties::expect_id(&input, &id)?;
    let remote = args.server.remote()?;
    if !how.no_check && !properties::are_fields(&args.properties, Kind::Group, term)? {
        return Ok(Run::NotBegun(NotBegun::at(&remote.endpoint, Exit::Findings)));
    }
    let factor = input.document.root().get("scaleBy").and_then(|factor| factor.as_f64());
    if let Some(factor) = factor {
        expect_agreement_for_all(&remote, &id, factor, args.yes)?;
    }
    remote.held(Resource::Group, &id)?;
    // What these two make of a group only the server knows.
    let is_definition = ["scaleBy", "version"].iter().all(|name| input.document.root().get(name).is_none());
    let text = if is_definition { Some(as_definition(&input, &id)?) } else { None };
    // Of the group of everything there is no definition that Marathon takes; its own plan tells what it says.
    let is_checked = !how.wait && !how.no_check && id != "/";
    let mut changed = None;
    if let Some(text) = text.as_ref().filter(|_| is_checked) {
        let settings = args.server.settings(&remote, term)?;
        changed = update_passes(text, &remote, settings, term)?;
        if changed.is_none() {
            return Ok(Run::NotBegun(NotBegun::at(&remote.endpoint, Exit::Findings)));
        }
    }
    let body = input.document.text().to_owned();
    let plan = match dry_run::ask(&remote, &id, &body, Some(&input), term)? {
        Ok(plan) => plan,
        Err(exit) => return Ok(Run::NotBegun(NotBegun::at(&remote.endpoint, exit))),
    };
    writeln!(term.err(), "plan: {}", dry_run::words(&plan, changed.as_ref()))?;
    if let Some(factor) = factor
        && !may_scale(&remote, &id, factor, args.yes, term)?
    {
        return Ok(Run::NotBegun(NotBegun::at(&remote.endpoint, Exit::Fine)));
    }
    let removed = plan.with(ServerAction::Stop);
    if let Some(exit) = may_remove(&remote, &removed, args.yes, term)? {
        return Ok(Run::NotBegun(NotBegun::at(&remote.endpoint, exit)));
    }
    match text {
        Some(text) if how.wait => {
            let change = Change { verb: Verb::Update, kind: Kind::Group, id, body: Some(body) };
            let server = (remote, args.server.target());
            deploy_group(text, (change, &removed), server, how, term)
        }
        _ => send(args, remote, (&input, &plan), term),
    }
}

/// Asks before services are removed, which a group update does not say: an exit code where they are not to be.
fn may_remove(
    remote: &Remote,
    removed: &[String],
    yes: bool,
    term: &mut Terminal,
) -> anyhow::Result<Option<Exit>> {
    if removed.is_empty() || yes {
        return Ok(None);
    }
    let removed = listed(removed);
    let does = format!("removes {removed}");
    match confirm(
        &format!("remove {removed} for good at {}?", remote.endpoint),
        ("nothing was changed", &does),
        term,
    )? {
        Some(true) => Ok(None),
        Some(false) => {
            writeln!(term.err(), "nothing was changed")?;
            Ok(Some(Exit::Fine))
        }
        None => Ok(Some(Exit::Usage)),
    }
}

/// Sends the update as it is, and waits for it where that is wanted.
fn send(
    args: &Args,
    mut remote: Remote,
    (input, plan): (&Input, &ServerPlan),
    term: &mut Terminal,
) -> anyhow::Result<Run> {
    let (id, how) = (&args.id, &args.change);
    let body = Some(input.document.text().to_owned());
    let intent = Intent { what: &format!("group {id}"), undone: "was not changed" };
    let sent = (Method::PUT, &*forced(path_of_id("v2/groups", id), how.force));
    let limits = how.begin(&mut remote.client, term);
    let accepted = match remote.change(sent, body, Some(input), intent, term)? {
        Ok(accepted) => accepted,
        Err(exit) => return Ok(Run::NotBegun(NotBegun::at(&remote.endpoint, exit))),
    };
    let sentence = format!("group {id} is being changed");
    wait_for_accepted(
        (remote, &args.server),
        &accepted,
        (&sentence, &dry_run::staying(plan)),
        (how, limits),
        term,
    )
}

/// The update as the definition of the group with this id. A text that has an id stays as it is written.
fn as_definition(Input { name, document }: &Input, id: &str) -> anyhow::Result<DefinitionText> {
    let text = match document.root().get("id") {
        Some(_) => document.text().to_owned(),
        None => with_id(document.root(), id),
    };
    let document = Document::parse(text, Format::Json)?;
    Ok(DefinitionText { name: name.clone(), document, kind: Kind::Group })
}
