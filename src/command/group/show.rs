//! `milepost group show`

use clap::builder::NonEmptyStringValueParser;

use super::super::connection::Connection;
use super::super::remote::{Part, Remote, chosen_version};
use super::super::{Exit, Terminal, ids};
use crate::marathon::{Resource, path_of_id};
use crate::util::escape::uri;

/// Show a group with all that is in it, whole, as JSON
///
/// A relative version counts from the newest: -1 is the one before.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 shown; 2 wrong usage, no such group or version, or no connection; 3 refused; 5 no answer in time.")]
#[group(skip)]
pub(super) struct Args {
    /// The group
    #[arg(value_name = "GROUP-ID", value_parser = ids::group)]
    id: String,
    /// Show this version: a date, or -1, -2, … for earlier ones
    #[arg(long, value_name = "VERSION", allow_hyphen_values = true, value_parser = NonEmptyStringValueParser::new())]
    group_version: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let remote = Remote::open(&args.connection)?;
    let id = args.id.as_str();
    let path = path_of_id("v2/groups", id);
    let missing = remote.missing(Resource::Group, id);
    let Some(version) = &args.group_version else {
        remote.print_held((Resource::Group, id), Part::Whole("id"), term)?;
        return Ok(Exit::Fine);
    };
    let version = chosen_version(version, &format!("group '{id}'"), || {
        let versions = remote.document(&format!("{path}/versions"), &missing)?;
        let mut versions: Vec<String> = serde_json::from_str(versions.text())?;
        versions.sort_unstable();
        Ok(versions)
    })?;
    let missing = format!("group '{id}' does not exist at {}, or not in version {version}", remote.endpoint);
    remote.print(&format!("{path}/versions/{}", uri(&version)), Part::Whole("id"), &missing, term)?;
    Ok(Exit::Fine)
}
