//! `milepost app update`

use anyhow::bail;

use super::super::deploy::{
    ChangeArgs, NotBegun, Run, ServerArgs, deploy_text, end, needs_wait, update_passes,
};
use super::super::input::Input;
use super::super::remote::{Intent, Remote};
use super::super::wait::wait_for_accepted;
use super::super::{Exit, Terminal, ids, properties};
use crate::deploy::{DefinitionText, stored};
use crate::diff::{Mask, between};
use crate::marathon::{Change, Resource, Verb, with_id};
use crate::report::changes;
use crate::source::{Document, Format, Kind};
use crate::state::ServerState;
use crate::util::escape::{cut, on_one_line};

/// Change some fields of an app; the others stay
///
/// A value is JSON where it is JSON and the field takes that, otherwise a text, as in `cmd=sleep 1`. It is checked first for
/// the server and what it holds, and what Marathon would ignore, such as a misspelt field, is not sent. With --wait it goes the
/// way of `milepost deploy`: what changes is shown, and the exit code says how it ended.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost app update /shop/web cpus=0.5 instances=3
  milepost app update /shop/web 'env={\"LEVEL\": \"debug\"}' --wait
  milepost app update /shop/web < changes.json

Exit codes: 0 accepted; 1 the check found errors, and nothing was sent; 2 wrong usage, no such app, or no connection; 3 refused; 4 locked by a deployment; 5 no answer in \
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
    #[command(flatten)]
    change: ChangeArgs,
    #[command(flatten)]
    server: ServerArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    end(update(args, term), args.change.report(), || args.server.address(), term)
}

fn update(args: &Args, term: &mut Terminal) -> anyhow::Result<Run> {
    let Args { id, properties, change: how, server } = args;
    let input = properties::read(properties, Kind::App)?;
    properties::expect_id(&input, id)?;
    let remote = server.remote()?;
    if !how.no_check && !properties::are_fields(properties, Kind::App, term)? {
        return Ok(Run::NotBegun(NotBegun::at(&remote.endpoint, Exit::Findings)));
    }
    // Asked to change an app that does not exist, Marathon would make it.
    remote.held(Resource::App, id)?;
    if input.document.root().get("version").is_some_and(|version| !version.is_null()) {
        return go_to_version(args, remote, &input, term);
    }
    let text = as_update(&input, id)?;
    if how.wait {
        return deploy_text(text, (remote, server.target()), how, term);
    }
    if !how.no_check {
        let settings = server.settings(&remote, term)?;
        if update_passes(&text, &remote, settings, term)?.is_none() {
            return Ok(Run::Reported(Exit::Findings));
        }
    }
    send(args, remote, &input, term)
}

/// Goes to an earlier version, which no definition says: shows what that changes, sends it, and waits where that is wanted.
fn go_to_version(args: &Args, remote: Remote, input: &Input, term: &mut Terminal) -> anyhow::Result<Run> {
    let Args { id, server, .. } = args;
    let root = input.document.root();
    let mut names = root.members().filter_map(|(name, _)| name.as_str());
    let other = names.find(|name| !matches!(&**name, "version" | "id"));
    if let Some(other) = other.filter(|_| !args.change.no_check) {
        bail!(
            "{}: `version` goes to an earlier version, and Marathon takes nothing but the id beside it: leave out `version`, or \
             `{}` and the rest; `milepost export {id}` gives a definition without what the server fills in",
            input.name,
            cut(&on_one_line(&other), 100)
        );
    }
    if let Some(version) = root.get("version").and_then(|version| version.as_str()) {
        let settings = server.settings(&remote, term)?;
        let Remote { client, endpoint } = &remote;
        let Some(earlier) = client.version(endpoint, id, Kind::App, &version)? else {
            bail!("{id}: {endpoint} has no version {version}; `milepost history {id}` lists them");
        };
        let earlier = stored(&earlier, Kind::App, &settings);
        let held = client.running(endpoint, &[(id.as_str(), Kind::App)])?.remove(id);
        let held = held.map(|held| stored(&held.definition, Kind::App, &settings));
        let found = between(&ServerState::of(&held), &ServerState::of([&earlier]));
        if found.is_empty() {
            writeln!(term.err(), "warning: version {version}: nothing of it changes the app")?;
        }
        let mut shown = Vec::new();
        changes::text(&mut shown, &found, Mask::Secrets)?;
        term.err().write_all(&shown)?;
    }
    send(args, remote, input, term)
}

/// Sends the update as it is, and waits for it where that is wanted.
fn send(args: &Args, mut remote: Remote, input: &Input, term: &mut Terminal) -> anyhow::Result<Run> {
    let Args { id, change: how, server, .. } = args;
    let intent = Intent { what: &format!("app {id}"), undone: "was not changed" };
    let body = Some(input.document.text().to_owned());
    let change = Change { verb: Verb::Update, kind: Kind::App, id: id.clone(), body };
    let limits = how.begin(&mut remote.client, term);
    let accepted = match remote.change_of((&change, how.force), Some(input), intent, term)? {
        Ok(accepted) => accepted,
        Err(exit) => return Ok(Run::NotBegun(NotBegun::at(&remote.endpoint, exit))),
    };
    let sentence = format!("app {id} is being changed");
    wait_for_accepted((remote, server), &accepted, (&sentence, std::slice::from_ref(id)), (how, limits), term)
}

/// The properties as an array of one app, which is what updates are to a deployment.
fn as_update(input: &Input, id: &str) -> anyhow::Result<DefinitionText> {
    let text = format!("[{}]", with_id(input.document.root(), id));
    let document = Document::parse(text, Format::Json)?;
    Ok(DefinitionText { name: input.name.clone(), document, kind: Kind::Apps })
}
