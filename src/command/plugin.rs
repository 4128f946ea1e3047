//! `milepost plugin`

use serde::Deserialize;

use super::connection::Connection;
use super::remote::{JsonArgs, Part, Remote};
use super::{Exit, Terminal, table};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: PluginCommand,
}

#[derive(Debug, clap::Subcommand)]
enum PluginCommand {
    List(ListPlugins),
}

/// List the plugins of the Marathon
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 shown; 2 wrong usage or no connection; 3 refused; 5 no answer in time.")]
struct ListPlugins {
    #[command(flatten)]
    shown: JsonArgs,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Deserialize)]
struct Plugins {
    plugins: Vec<Plugin>,
}

#[derive(Deserialize)]
struct Plugin {
    id: String,
    #[serde(default)]
    implementation: String,
    #[serde(default, rename = "plugin")]
    interface: String,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let PluginCommand::List(args) = &args.command;
    let remote = Remote::open(&args.connection)?;
    if args.shown.json {
        remote.print("v2/plugins", Part::Whole("plugins"), "there is no list of plugins", term)?;
        return Ok(Exit::Fine);
    }
    let Plugins { mut plugins } = remote.client.listed(&remote.endpoint, "v2/plugins")?;
    plugins.sort_by(|one, other| one.id.cmp(&other.id));
    let rows =
        plugins.into_iter().map(|Plugin { id, implementation, interface }| [id, implementation, interface]);
    table::write(["ID", "IMPLEMENTATION", "PLUGIN"], rows, term)?;
    Ok(Exit::Fine)
}
