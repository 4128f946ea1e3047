//! `milepost leader`

use std::net::IpAddr;

use serde_json::Value as Json;

use super::confirm::agreed;
use super::connection::Connection;
use super::remote::{Intent, JsonArgs, Part, Remote, json_of};
use super::terminal::without_secrets;
use super::{Exit, Terminal, table};
use crate::http::Method;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: LeaderCommand,
}

#[derive(Debug, clap::Subcommand)]
enum LeaderCommand {
    Show(ShowLeader),
    Delete(DeleteLeader),
}

/// Show which Marathon leads
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 shown; 2 wrong usage, no leader, or no connection; 3 refused; 5 no answer in time.")]
struct ShowLeader {
    #[command(flatten)]
    shown: JsonArgs,
    #[command(flatten)]
    connection: Connection,
}

/// Have the leading Marathon give up, so that another one leads
///
/// A Marathon that is alone ends, and is away until it is started again. On a terminal it asks first.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 it gives up, or was not to; 2 wrong usage or no connection; 3 refused; 5 no answer in time; 8 it may have \
given up.")]
struct DeleteLeader {
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    match &args.command {
        LeaderCommand::Show(args) => show(args, term),
        LeaderCommand::Delete(args) => delete(args, term),
    }
}

fn show(args: &ShowLeader, term: &mut Terminal) -> anyhow::Result<Exit> {
    let remote = Remote::open(&args.connection)?;
    let missing = format!("no Marathon leads at {}", remote.endpoint);
    if args.shown.json {
        remote.print("v2/leader", Part::Whole("leader"), &missing, term)?;
        return Ok(Exit::Fine);
    }
    let document = remote.document("v2/leader", &missing)?;
    let leader = remote.member(&document, "v2/leader", Some("leader"))?;
    // Before the address is taken apart: a secret is known by what is before it.
    let leader = without_secrets(&leader.as_str().unwrap_or_default()).into_owned();
    let (host, port) = leader.rsplit_once(':').unwrap_or((&leader, "---"));
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let address = address.map_or_else(|_| "---".to_owned(), |address| address.to_string());
    table::write(["HOST", "IP", "PORT"], std::iter::once([host.to_owned(), address, port.to_owned()]), term)?;
    Ok(Exit::Fine)
}

fn delete(args: &DeleteLeader, term: &mut Terminal) -> anyhow::Result<Exit> {
    let remote = Remote::open(&args.connection)?;
    let question = format!("have the leader at {} give up?", remote.endpoint);
    if !agreed(&question, "the leader stays", args.yes, term)? {
        return Ok(Exit::Fine);
    }
    let intent = Intent { what: "the leader", undone: "did not give up" };
    let accepted = match remote.change((Method::DELETE, "v2/leader"), None, None, intent, term)? {
        Ok(accepted) => accepted,
        Err(exit) => return Ok(exit),
    };
    let answer = json_of(&accepted);
    writeln!(
        term.report(),
        "{}",
        answer.get("message").and_then(Json::as_str).unwrap_or("Leadership abdicated")
    )?;
    Ok(Exit::Fine)
}
