//! `milepost deployment watch`

use std::time::Duration;

use super::super::deploy::{Run, ServerArgs, WatchArgs, end};
use super::super::wait::watch_deployment;
use super::super::{Exit, Terminal, ids};

/// Watch a deployment until it has ended, and say how
///
/// The exit code is 0 only when all instances of what it changes run. One that does not run any more may have finished or
/// been cancelled: `milepost wait` with the ids of its apps tells what runs.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost deployment watch 5ed4c0c5-9ff8-4a6f-a0cd-f57f59a34b43
  milepost deployment watch 5ed4c0c5-9ff8-4a6f-a0cd-f57f59a34b43 --max-count 30 --interval 2

Exit codes: 0 all of it runs; 2 wrong usage, no such deployment, or no connection; 3 the server refused; 5 it still runs \
after the time; 8 it is not known how it ended; 9 it failed; 130 interrupted.")]
#[group(skip)]
pub(super) struct Args {
    /// The deployment
    #[arg(value_name = "DEPLOYMENT-ID", value_parser = ids::deployment)]
    id: String,
    /// Give up after this many intervals, instead of --timeout
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_count: Option<u32>,
    /// The length of an interval in seconds; changes are shown as they happen
    #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=3600))]
    interval: u32,
    #[command(flatten)]
    watch: WatchArgs,
    #[command(flatten)]
    server: ServerArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    end(watch(args, term), args.watch.report, || args.server.address(), term)
}

fn watch(args: &Args, term: &mut Terminal) -> anyhow::Result<Run> {
    let interval = Duration::from_secs(args.interval.into());
    // A week is as long as any time here.
    let most = args.max_count.map(|count| interval.saturating_mul(count).min(Duration::from_hours(7 * 24)));
    let limits = args.watch.limits_within(most);
    let server = args.server.open_until(limits.until, term)?;
    watch_deployment(server, &args.id, limits, args.watch.report, term)
}
