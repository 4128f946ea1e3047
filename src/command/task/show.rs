//! `milepost task show`

use anyhow::bail;

use super::super::connection::Connection;
use super::super::remote::Remote;
use super::super::{Exit, Terminal};
use crate::source::Value;

/// Show a task, whole, as JSON
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 shown; 2 wrong usage, no such task, or no connection; 3 refused; 5 no answer in time.")]
#[group(skip)]
pub(super) struct Args {
    /// The task
    #[arg(value_name = "TASK-ID")]
    id: String,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let remote = Remote::open(&args.connection)?;
    let is_it = |task: Value<'_>| task.get("id").and_then(|id| id.as_str()).is_some_and(|id| *id == *args.id);
    if !remote.print_first(("v2/tasks", "tasks"), &is_it, term)? {
        bail!("{}", super::missing(&remote, &args.id));
    }
    Ok(Exit::Fine)
}
