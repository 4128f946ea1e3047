//! `milepost task kill`

use anyhow::bail;

use super::super::confirm::agreed;
use super::super::connection::Connection;
use super::super::remote::{JsonArgs, Remote, print_body, task_ids};
use super::super::{Exit, Terminal};
use crate::util::text::{count, listed};

/// Kill tasks; Marathon starts others in their place, unless --scale says to have as many less
///
/// The ids of those that are killed are printed, with --scale the deployment. With --wipe their volumes are lost: on a
/// terminal it asks first.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 they are being killed, or were not to be; 2 wrong usage, no such task, or no connection; 3 refused; 4 locked \
by a deployment; 5 no answer in time; 8 they may have been killed.")]
#[group(skip)]
pub(super) struct Args {
    /// The tasks
    #[arg(value_name = "TASK-ID")]
    ids: Vec<String>,
    /// Have as many instances less
    #[arg(long, conflicts_with = "wipe")]
    scale: bool,
    /// Wipe their volumes
    #[arg(long)]
    wipe: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    shown: JsonArgs,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    if args.ids.is_empty() {
        bail!("name the tasks to kill: `milepost task list` shows their ids");
    }
    let remote = Remote::open(&args.connection)?;
    if args.wipe && !agreed(&super::wipe_question(&remote, &args.ids), "nothing was killed", args.yes, term)?
    {
        return Ok(Exit::Fine);
    }
    // Of those that do not run Marathon says nothing where apps are scaled, and refuses what is no id of a task elsewhere.
    let running = super::running(&remote)?;
    let is_sent =
        |id: &&String| running.contains(*id) || !args.scale && !super::names_an_instance(id.as_str());
    let sent: Vec<String> = args.ids.iter().filter(is_sent).cloned().collect();
    let unknown: Vec<String> = args.ids.iter().filter(|id| !running.contains(*id)).cloned().collect();
    if sent.is_empty() {
        return none_known(args, term);
    }
    let accepted = match super::kill(&remote, &sent, (args.scale, args.wipe), term)? {
        Ok(accepted) => accepted,
        Err(exit) => return Ok(exit),
    };
    if args.scale {
        if args.shown.json || term.says_as_dcos() {
            print_body(&accepted, term)?;
            term.out().flush()?;
            writeln!(term.err(), "the apps of {} are being scaled down", listed(&sent))?;
            return all_known(&unknown, Exit::Fine);
        }
        let exit = remote.deployed(&accepted, "the apps of the tasks are being scaled down", None, term)?;
        return all_known(&unknown, exit);
    }
    let killed = match remote.killed(&accepted, term)? {
        Ok(answer) => task_ids(&answer),
        Err(exit) => return Ok(exit),
    };
    if killed.is_empty() {
        return none_known(args, term);
    }
    if args.shown.json {
        print_body(&accepted, term)?;
    } else if term.says_as_dcos() {
        let ids: Vec<String> = killed.iter().map(|id| format!("'{id}'")).collect();
        term.out_line(&format!("Killed tasks: [{}]", ids.join(", ")))?;
    } else {
        killed.iter().try_for_each(|id| term.out_line(id))?;
    }
    term.out().flush()?;
    writeln!(term.err(), "killed {} at {}", count(killed.len(), "task"), remote.endpoint)?;
    let unknown: Vec<String> = args.ids.iter().filter(|id| !killed.contains(id)).cloned().collect();
    all_known(&unknown, Exit::Fine)
}

const UNKNOWN: &str =
    "Failed to kill tasks. task-ids seems to be unknown: `milepost task list` shows those that run";

/// Tells that none of the tasks runs.
fn none_known(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    if term.says_as_dcos() && !args.scale {
        term.out_line("Killed tasks: []")?;
        term.out().flush()?;
    }
    bail!("{UNKNOWN}")
}

/// This exit code, where no task is unknown.
fn all_known(unknown: &[String], exit: Exit) -> anyhow::Result<Exit> {
    if !unknown.is_empty() {
        bail!("these tasks do not run, and were not killed: {}", listed(unknown));
    }
    Ok(exit)
}
