//! `milepost plan`

use std::path::{Path, PathBuf};

use anyhow::ensure;
use clap::ValueEnum;
use serde_json::{Value as Json, json};

use super::deploy::{PlanArgs, Prepared, as_json, show_beside, text};
use super::input::{Unparsable, report_error};
use super::output::{named_file, write_text};
use super::{Exit, Terminal};
use crate::deploy::{Action, AskedGroup, OtherAction, SAVED_PLAN, SavedPlan, otherwise};
use crate::diff::Mask;
use crate::marathon::{Instance, InstanceState, ServerAction};
use crate::source::{self, Document, Format, json_text};
use crate::util::escape::shown_path;
use crate::util::text::count;

/// Show what a deployment would do, without sending anything.
///
/// Reads the definitions, checks them for the settings of the server itself, compares them with what runs, and shows in
/// which order what would be created, replaced, scaled, left alone or removed. Differences are those to Marathon: defaults,
/// the order of sets and fields that a server fills in are none. Of a group the server's own plan (a dry run) is shown beside it,
/// where Marathon has one that can be trusted.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost plan web.json --url http://marathon.example:8080
  milepost plan services/ -o plan.json
  milepost deploy plan.json --yes

Exit codes: 0 nothing to do; 1 something to do; 2 the check found errors, wrong usage, an input that cannot be read, or no \
connection; 5 no answer in time.")]
pub(super) struct Args {
    /// Write the plan to this file, which `milepost deploy` applies as it is; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// How to show the plan
    #[arg(long, value_enum, default_value = "text", hide_short_help = true)]
    format: PlanFormat,

    /// Show what looks like a secret, too
    #[arg(long, hide_short_help = true)]
    show_secrets: bool,

    #[command(flatten)]
    plan: PlanArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PlanFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let file = named_file(args.output.as_deref());
    let is_piped = args.output.is_some() && file.is_none();
    if let Some(file) = file {
        expect_plan(file)?;
    }
    // 1 says that there is something to do.
    let prepared = match args.plan.prepare(None, term) {
        Ok(Ok(prepared)) => prepared,
        Ok(Err(not_begun)) => return Ok(not_begun.exit.max(Exit::Usage)),
        Err(error) if error.is::<Unparsable>() => return Ok(report_error(&error, term)?.max(Exit::Usage)),
        Err(error) => return Err(error),
    };
    let server = prepared.endpoint.name();
    let mask = if args.show_secrets { Mask::Nothing } else { Mask::Secrets };
    let beside = beside(&args.plan.asked(&prepared), &prepared);
    match args.format {
        // What is shown goes beside it.
        _ if is_piped => {
            show_beside(&prepared.plan, mask, term)?;
            for own in &beside {
                writeln!(term.err(), "{}", own.words())?;
            }
            term.out().write_all(saved(&prepared, &server)?.as_bytes())?;
            term.out().flush()?;
        }
        PlanFormat::Text => {
            text(&prepared.plan, mask, term)?;
            for own in &beside {
                writeln!(term.report(), "{}", own.words())?;
            }
            term.out().flush()?;
        }
        PlanFormat::Json => {
            let beside: Vec<Json> = beside.iter().map(ServersOwn::json).collect();
            as_json(&prepared.plan, &server, &beside, mask, term)?;
        }
    }
    if let Some(file) = file {
        write_text(file, &saved(&prepared, &server)?, term)?;
    }
    tell_what_does_not_run(&prepared, term)?;
    Ok(if prepared.plan.is_empty() { Exit::Fine } else { Exit::Findings })
}

/// Tells which services are stored as they are written, and do not run so.
fn tell_what_does_not_run(prepared: &Prepared, term: &mut Terminal) -> anyhow::Result<()> {
    let unchanged = prepared.plan.services().filter(|service| service.action == Action::Nothing);
    for running in unchanged.filter_map(|service| prepared.running.get(&service.id)) {
        let runs = |instance: &&Instance| instance.state == InstanceState::Running;
        let number = running.instances.iter().filter(runs).count();
        let unhealthy = |instance: &&Instance| runs(instance) && instance.is_healthy == Some(false);
        let unhealthy = running.instances.iter().filter(unhealthy).count();
        let wanted = usize::try_from(running.wanted).unwrap_or(usize::MAX);
        let (id, of) = (running.id(), count(wanted, "instance"));
        let lacks = match (number < wanted, unhealthy) {
            (true, 0) => format!("{number} of {of} run"),
            (true, _) => format!("{number} of {of} run, {unhealthy} unhealthy"),
            (false, 0) => continue,
            (false, _) => format!("{unhealthy} of {of} unhealthy"),
        };
        writeln!(
            term.err(),
            "warning: {id} is stored as it is written, and {lacks}: `milepost deploy` waits for that, and \
             `milepost status {id}` tells why"
        )?;
    }
    Ok(())
}

/// The plan as `milepost deploy` takes it.
fn saved(prepared: &Prepared, server: &str) -> anyhow::Result<String> {
    Ok(json_text::of_serialized(&SavedPlan::of(&prepared.plan, server))? + "\n")
}

/// Refuses a file that holds something else than a plan, such as the definition itself: it would be lost.
fn expect_plan(file: &Path) -> anyhow::Result<()> {
    if !file.is_file() {
        return Ok(());
    }
    let text = source::read(file)?;
    let is_plan = text.trim().is_empty()
        || Document::parse(text.as_str(), Format::Json)
            .is_ok_and(|document| document.root().get(SAVED_PLAN).is_some());
    ensure!(is_plan, "{} is there, and is no plan: give -o another name, or remove it", shown_path(file));
    Ok(())
}

/// The server's own plan of a group.
enum ServersOwn {
    /// Where it differs from ours.
    Plan(String, Vec<OtherAction>),
    /// It refuses the group: why.
    Refused(String, String),
}

/// The server's own plans, where they can be had.
fn beside(asked: &[AskedGroup], prepared: &Prepared) -> Vec<ServersOwn> {
    let mut all = Vec::new();
    for group in asked {
        match prepared.client.dry_run(&prepared.endpoint, &group.id, group.body.clone()) {
            Ok(Ok(server)) => {
                all.push(ServersOwn::Plan(group.id.clone(), otherwise(&prepared.plan, group, &server)));
            }
            // The parts of one that exists are sent one by one, and may be taken all the same.
            Ok(Err(refusal)) if group.is_new && refusal.status == 422 && refusal.is_marathons => {
                let errors = refusal.errors.iter().map(|error| format!("; {}: {}", error.path, error.error));
                let why = format!("{}{}", refusal.message, errors.collect::<String>());
                all.push(ServersOwn::Refused(group.id.clone(), why));
            }
            // Who may only read cannot ask for it, and nothing depends on it.
            Ok(Err(_)) | Err(_) => {}
        }
    }
    all
}

impl ServersOwn {
    fn words(&self) -> String {
        match self {
            Self::Plan(group, others) if others.is_empty() => {
                format!("the server's own plan of {group} is the same")
            }
            Self::Plan(group, others) => {
                let words: Vec<String> = others
                    .iter()
                    .map(|OtherAction { id, planned, server }| {
                        let server = server.map_or("does nothing with", ServerAction::words);
                        format!("it {server} {id} (here: {planned})")
                    })
                    .collect();
                format!("the server's own plan of {group} differs: {}", words.join("; "))
            }
            Self::Refused(group, why) => {
                format!("the server would refuse {group} as a whole: {why}")
            }
        }
    }

    fn json(&self) -> Json {
        match self {
            Self::Plan(group, others) => {
                let differs: Vec<Json> = others
                    .iter()
                    .map(|OtherAction { id, planned, server }| {
                        json!({"id": id, "words": planned, "server": server.map(ServerAction::words)})
                    })
                    .collect();
                json!({"group": group, "differs": differs})
            }
            Self::Refused(group, why) => json!({"group": group, "refused": why}),
        }
    }
}
