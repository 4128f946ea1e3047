//! `milepost group scale`

use anyhow::bail;
use serde_json::json;

use super::super::confirm::agreed;
use super::super::connection::Connection;
use super::super::remote::{CREATED, Intent, Remote, forced};
use super::super::{Exit, Terminal, ids};
use crate::http::Method;
use crate::marathon::{Resource, path_of_id};

/// Multiply the instances of all apps in a group
///
/// Marathon rounds up: three instances times 0.5 are two. Once there are none, no factor brings them back: on a terminal it
/// asks first. The group / is scaled only with --yes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost group scale /shop 2
  milepost group scale /shop 0.5

Exit codes: 0 it is being scaled, or was not to be; 2 wrong usage, no such group, or no connection; 3 refused; 4 locked by a deployment; 5 \
no answer in time; 8 it may have been scaled.")]
#[group(skip)]
pub(super) struct Args {
    /// The group
    #[arg(value_name = "GROUP-ID", value_parser = ids::group)]
    id: String,
    /// The factor, 0 or more
    #[arg(value_name = "FACTOR", allow_negative_numbers = true)]
    factor: f64,
    /// Cancel deployments that hold the lock
    #[arg(long)]
    force: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    if !args.factor.is_finite() || args.factor < 0.0 {
        bail!("the factor must be a number that is not negative: {}", args.factor);
    }
    let remote = Remote::open(&args.connection)?;
    let id = args.id.as_str();
    expect_agreement_for_all(&remote, id, args.factor, args.yes)?;
    let path = path_of_id("v2/groups", id);
    // Asked to scale a group that does not exist, Marathon makes it.
    remote.held(Resource::Group, id)?;
    if !may_scale(&remote, id, args.factor, args.yes, term)? {
        return Ok(Exit::Fine);
    }
    let body = json!({"scaleBy": args.factor}).to_string();
    let intent = Intent { what: &format!("group {id}"), undone: "was not scaled" };
    let sent = (Method::PUT, &*forced(path, args.force));
    match remote.change(sent, Some(body), None, intent, term)? {
        Ok(accepted) => {
            let sentence = format!("the apps in group {id} are being scaled by {}", args.factor);
            remote.deployed(&accepted, &sentence, CREATED, term)
        }
        Err(exit) => Ok(exit),
    }
}

/// Refuses to scale everything that a server runs, unless that is what was agreed to.
pub(super) fn expect_agreement_for_all(
    remote: &Remote,
    id: &str,
    factor: f64,
    yes: bool,
) -> anyhow::Result<()> {
    if id == "/" && !yes {
        bail!("everything on {} would be scaled by {factor}: --yes does it", remote.endpoint);
    }
    Ok(())
}

/// Asks before the numbers of instances are lost.
pub(super) fn may_scale(
    remote: &Remote,
    id: &str,
    factor: f64,
    yes: bool,
    term: &mut Terminal,
) -> anyhow::Result<bool> {
    let question =
        format!("stop all apps in group {id} at {}? Their numbers of instances are lost", remote.endpoint);
    Ok(factor != 0.0 || agreed(&question, &format!("group {id} was not scaled"), yes, term)?)
}
