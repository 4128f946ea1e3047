//! `milepost app`: apps on a running Marathon.

use crate::marathon::Resource;

use super::create;
use super::{Exit, Terminal};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: AppCommand,
}

#[derive(Debug, clap::Subcommand)]
enum AppCommand {
    /// Create an app and print the id of its deployment
    ///
    /// An app that exists is not changed: Marathon refuses, and the exit code is 3. The id is all that standard output
    /// gets; everything else goes to standard error.
    #[command(after_help = AFTER_HELP)]
    Add(create::Args),
}

const AFTER_HELP: &str = "\
Examples:
  milepost app add web.json --url http://marathon.example:8080
  MARATHON_URL=http://marathon.example:8080 milepost app add web.json
  milepost app add < web.json
  milepost app add https://artifacts.example/web.json

Exit codes: 0 accepted; 1 the check found what Marathon refuses, and nothing was sent; 2 wrong usage, unreadable \
input or no connection; 3 refused; 4 locked by a running deployment; 5 no answer in time.";

pub(super) fn run(args: Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let AppCommand::Add(args) = args.command;
    create::run(&args, Resource::App, term)
}
