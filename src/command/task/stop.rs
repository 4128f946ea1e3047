//! `milepost task stop`

use anyhow::bail;

use super::super::confirm::agreed;
use super::super::connection::Connection;
use super::super::remote::{Remote, print_first_of};
use super::super::{Exit, Terminal};

/// Kill a task, and print it as JSON; Marathon starts another one in its place
///
/// With --wipe its volumes are lost: on a terminal it asks first.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 it is being killed, or was not to be; 2 wrong usage, no such task, or no connection; 3 refused; 5 no answer \
in time; 8 it may have been killed.")]
#[group(skip)]
pub(super) struct Args {
    /// The task
    #[arg(value_name = "TASK-ID")]
    id: String,
    /// Wipe its volumes
    #[arg(long)]
    wipe: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let remote = Remote::open(&args.connection)?;
    let ids = std::slice::from_ref(&args.id);
    if args.wipe && !agreed(&super::wipe_question(&remote, ids), "nothing was killed", args.yes, term)? {
        return Ok(Exit::Fine);
    }
    if super::names_an_instance(&args.id) && !super::running(&remote)?.contains(&args.id) {
        bail!("{}", super::missing(&remote, &args.id));
    }
    let accepted = match super::kill(&remote, ids, (false, args.wipe), term)? {
        Ok(accepted) => accepted,
        Err(exit) => return Ok(exit),
    };
    if let Err(exit) = remote.killed(&accepted, term)? {
        return Ok(exit);
    }
    if !print_first_of(&accepted, "tasks", term)? {
        bail!("{}", super::missing(&remote, &args.id));
    }
    term.out().flush()?;
    writeln!(term.err(), "killed task {} at {}", args.id, remote.endpoint)?;
    Ok(Exit::Fine)
}
