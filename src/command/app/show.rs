//! `milepost app show`

use clap::builder::NonEmptyStringValueParser;

use super::super::connection::Connection;
use super::super::remote::{Part, Remote, chosen_version};
use super::super::{Exit, Terminal, ids};
use crate::marathon::{Resource, path_of_id};
use crate::util::escape::uri;

/// Show an app as the server has it, whole, as JSON
///
/// `milepost export` writes it so that it can be sent again. A relative version counts from the newest: -1 is the one
/// before.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost app show /shop/web
  milepost app show /shop/web --app-version=-1
  milepost app show /shop/web --app-version 2026-11-21T05:54:08.744Z

Exit codes: 0 shown; 2 wrong usage, no such app or version, or no connection; 3 refused; 5 no answer in time.")]
#[group(skip)]
pub(super) struct Args {
    /// The app
    #[arg(value_name = "APP-ID", value_parser = ids::service)]
    id: String,
    /// Show this version: a date as `app version list` shows it, or -1, -2, … for earlier ones
    #[arg(long, value_name = "VERSION", allow_hyphen_values = true, value_parser = NonEmptyStringValueParser::new())]
    app_version: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let remote = Remote::open(&args.connection)?;
    let path = path_of_id("v2/apps", &args.id);
    let Some(version) = &args.app_version else {
        remote.print_held((Resource::App, &args.id), Part::Member("app"), term)?;
        return Ok(Exit::Fine);
    };
    let what = format!("application '{}'", args.id);
    let version = chosen_version(version, &what, || super::versions(&remote, &args.id))?;
    let missing = format!(
        "app '{}' does not exist at {}, or not in version {version}: `milepost app version list {}` shows its versions",
        args.id, remote.endpoint, args.id
    );
    remote.print(&format!("{path}/versions/{}", uri(&version)), Part::Whole("id"), &missing, term)?;
    Ok(Exit::Fine)
}
