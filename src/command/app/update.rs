//! `milepost app update`

use super::super::deploy::{
    Run, SendArgs, ServerArgs, deploy_text, end, needs_wait, report_of_change, warn_of_ignored,
};
use super::super::input::Input;
use super::super::remote::{CREATED, Intent, forced};
use super::super::{Exit, Terminal, ids, properties};
use crate::deploy::DefinitionText;
use crate::http::Method;
use crate::lint;
use crate::marathon::{Resource, path_of_id};
use crate::source::{Document, Format, Kind};

/// Change some fields of an app; the others stay
///
/// A value is JSON where it is JSON and the field takes that, otherwise a text, as in `cmd=sleep 1`. What Marathon will
/// ignore is a warning. With --wait it goes the way of `milepost deploy`: it is checked, what changes is shown, and the exit code
/// says how it ended.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost app update /shop/web cpus=0.5 instances=3
  milepost app update /shop/web 'env={\"LEVEL\": \"debug\"}' --wait
  milepost app update /shop/web < changes.json

Exit codes: 0 accepted; 1 its tasks would fail, so nothing was sent; 2 wrong usage, no such app, or no connection; 3 refused; 4 locked by a deployment; 5 no answer in \
time; 8 it may have been changed; with --wait those of `milepost deploy`.")]
#[group(skip)]
#[command(mut_args(needs_wait))]
pub(in super::super) struct Args {
    /// The app
    #[arg(value_name = "APP-ID", value_parser = ids::service)]
    id: String,
    /// What changes, as cpus=0.5; without it a JSON object is read from standard input
    #[arg(value_name = "NAME=VALUE")]
    properties: Vec<String>,
    /// Cancel a deployment that holds the lock
    #[arg(long)]
    force: bool,
    /// Show what changes, and wait until it runs
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    send: SendArgs,
    #[command(flatten)]
    server: ServerArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    end(update(args, term), report_of_change(args.wait, &args.send), term)
}

fn update(args: &Args, term: &mut Terminal) -> anyhow::Result<Run> {
    let input = properties::read(&args.properties, Kind::App)?;
    properties::expect_id(&input, &args.id)?;
    let remote = args.server.remote()?;
    // Asked to change an app that does not exist, Marathon would make it.
    let id = &args.id;
    let path = path_of_id("v2/apps", id);
    let document = remote.document(&path, &remote.missing(Resource::App, id))?;
    let held = remote.member(&document, &path, Some("app"))?.to_json();
    let text = as_update(&input, id)?;
    if args.wait {
        return deploy_text(text, (remote, args.server.target()), (&args.send, args.force), term);
    }
    let settings = args.server.settings(&remote, term)?;
    let failures = lint::failures(&text.document, Kind::Apps, &settings);
    if !failures.is_empty() {
        term.findings(&text.name, text.document.text(), &failures)?;
        writeln!(term.err(), "error: app {id} was not changed: its tasks would fail")?;
        return Ok(Run::Reported(Exit::Findings));
    }
    warn_of_ignored(&text, Some(&held), &settings, term)?;
    let path = forced(path, args.force);
    let intent = Intent { what: &format!("app {id}"), undone: "was not changed" };
    let body = Some(input.document.text().to_owned());
    let exit = match remote.change((Method::PUT, &path), body, Some(&input), intent, term)? {
        Ok(accepted) => remote.deployed(&accepted, &format!("app {id} is being changed"), CREATED, term)?,
        Err(exit) => exit,
    };
    Ok(Run::Reported(exit))
}

/// The properties as an array of one app, which is what updates are to a deployment.
fn as_update(input: &Input, id: &str) -> anyhow::Result<DefinitionText> {
    let text = format!("[{}]", properties::with_id(&input.document, id));
    let document = Document::parse(text, Format::Json)?;
    Ok(DefinitionText { name: input.name.clone(), document, kind: Kind::Apps })
}
