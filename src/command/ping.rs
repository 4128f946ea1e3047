//! `milepost ping`

use anyhow::bail;

use super::connection::Connection;
use super::remote::Remote;
use super::{Exit, Terminal};
use crate::marathon::GetError;

/// Ask the Marathon whether it is up
///
/// It is asked once, at its address; `dcos marathon ping` also asked every Mesos master.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 it answers; 2 wrong usage, no connection, or something else answers; 3 who asks is refused; 5 no answer \
in time.")]
pub(super) struct Args {
    /// Ask once, as is always done
    #[arg(long, hide_short_help = true)]
    once: bool,
    #[command(flatten)]
    connection: Connection,
}

/// The longest answer that is read, in bytes.
const LIMIT: u64 = 1 << 10;

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let remote = Remote::open(&args.connection)?;
    let (status, body) = remote.client.get(&remote.endpoint, "ping", LIMIT)?;
    let word = String::from_utf8_lossy(&body);
    let word = word.trim().trim_matches('"');
    // Some proxies ask for JSON only, and Marathon answers that without a word.
    let is_pong = status == 200 && word == "pong" || status == 204 && word.is_empty();
    if matches!(status, 401 | 403 | 502..=504) {
        let url = format!("{}/ping", remote.endpoint);
        return Err(GetError::refused(url, status, None, &remote.endpoint).into());
    }
    if !is_pong {
        bail!(
            "unable to ping Marathon: {} answers {status}, and not with \"pong\": is this Marathon's address? DC/OS has it at \
             /service/marathon",
            remote.endpoint
        );
    }
    writeln!(term.out(), "Marathon ping response[1x]: \"pong\"")?;
    Ok(Exit::Fine)
}
