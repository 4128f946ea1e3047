//! `milepost group add`

use serde_json::json;

use super::super::create;
use super::super::input::Input;
use super::super::{Exit, Terminal};
use crate::marathon::Resource;
use crate::source::Format;

/// Create a group with what is in it, and print the id of its deployment
///
/// A group that exists is not changed. Only the id goes to standard output, everything else to standard error.
#[derive(Debug, clap::Args)]
#[command(after_long_help = create::after_help("group", "shop.json"))]
#[group(skip)]
pub(super) struct Args {
    /// Create an empty group of this id
    #[arg(long, value_name = "ID", conflicts_with = "definition")]
    id: Option<String>,
    #[command(flatten)]
    create: create::CreateArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let Some(id) = &args.id else { return create::run(&args.create, Resource::Group, term) };
    let empty = Input::parse("--id", &json!({ "id": id }).to_string(), Format::Json)?;
    create::run_with(&args.create, Resource::Group, Some(empty), term)
}
