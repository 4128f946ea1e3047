//! `milepost app update`

use super::super::deploy::{Run, SendArgs, ServerArgs, deploy_text, end, report_of_change};
use super::super::input::Input;
use super::super::remote::{CREATED, Intent, forced};
use super::super::target::NO_FILES;
use super::super::{Exit, Terminal, properties};
use crate::deploy::DefinitionText;
use crate::http::Method;
use crate::lint;
use crate::marathon::path_of_id;
use crate::source::json_text::{AsWritten, compact, quoted};
use crate::source::{Document, Format, Kind};

/// Change some fields of an app; the others stay
///
/// A value is JSON where it is JSON and the field takes that, otherwise a text, as in `cmd=sleep 1`. With --wait it goes
/// the way of `milepost deploy`: it is checked, what changes is shown, and the exit code says how it ended.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost app update /shop/web cpus=0.5 instances=3
  milepost app update /shop/web 'env={\"LEVEL\": \"debug\"}' --wait
  milepost app update /shop/web < changes.json

Exit codes: 0 accepted; 1 its tasks would fail, so nothing was sent; 2 wrong usage, no such app, or no connection; 3 refused; 4 locked by a deployment; 5 no answer in \
time; 8 it may have been changed; with --wait those of `milepost deploy`.")]
#[group(skip)]
pub(in super::super) struct Args {
    /// The app
    #[arg(value_name = "APP-ID")]
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
    let remote = args.server.remote()?;
    // Asked to change an app that does not exist, Marathon would make it.
    let id = super::row(&remote, &args.id)?.id;
    if args.wait {
        let text = as_update(&input, &id)?;
        return deploy_text(text, (remote, args.server.target()), (&args.send, args.force), term);
    }
    let update = as_update(&input, &id)?;
    let failures = lint::failures(&update.document, Kind::Apps, &args.server.target().settings(NO_FILES)?);
    if !failures.is_empty() {
        term.findings(&update.name, update.document.text(), &failures)?;
        writeln!(term.err(), "error: app {id} was not changed: its tasks would fail")?;
        return Ok(Run::Reported(Exit::Findings));
    }
    let path = forced(path_of_id("v2/apps", &id), args.force);
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
    let members = input.document.root().members().filter(|(name, _)| !name.is_str("id"));
    let members = members.map(|(name, value)| format!("{}: {}", name.source(), compact(value, &AsWritten)));
    let members: Vec<String> = std::iter::once(format!("\"id\": {}", quoted(id))).chain(members).collect();
    let document = Document::parse(format!("[{{{}}}]", members.join(", ")), Format::Json)?;
    Ok(DefinitionText { name: input.name.clone(), document, kind: Kind::Apps })
}
