//! `milepost app version`

use anyhow::bail;

use super::super::connection::Connection;
use super::super::remote::Remote;
use super::super::{Exit, Terminal, ids};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: VersionCommand,
}

#[derive(Debug, clap::Subcommand)]
enum VersionCommand {
    List(ListVersions),
}

/// List the versions of an app as JSON, newest first
///
/// `milepost history` also shows what each has changed.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 shown; 2 wrong usage, no such app, or no connection; 3 refused; 5 no answer in time.")]
#[group(skip)]
struct ListVersions {
    /// The app
    #[arg(value_name = "APP-ID", value_parser = ids::service)]
    id: String,
    /// List this many versions at most
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    max_count: Option<i64>,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let VersionCommand::List(args) = &args.command;
    let most = match args.max_count {
        None => usize::MAX,
        Some(count) if count > 0 => usize::try_from(count).unwrap_or(usize::MAX),
        Some(_) => bail!("maximum count must be a positive number"),
    };
    let remote = Remote::open(&args.connection)?;
    let mut versions = super::versions(&remote, &args.id)?;
    versions.reverse();
    versions.truncate(most);
    term.out_value(&versions)?;
    Ok(Exit::Fine)
}
