//! `milepost rollback`

use anyhow::bail;

use super::confirm::confirm;
use super::deploy::{
    Interruption, ProgressLines, Server, ServerArgs, WatchArgs, tell_interruption, watched,
    write_error_report, write_report,
};
use super::{Exit, Terminal, ids};
use crate::deploy::{Ended, Watch, restarts, stored};
use crate::diff::{Mask, between};
use crate::marathon::Running;
use crate::normalize::Normalized;
use crate::report::changes;
use crate::source::Kind;
use crate::state::ServerState;

/// Go back to an earlier version of an app or pod, wait, and say what runs then.
///
/// By default it is the version that instances still run instead of what is stored now, or the only earlier one that may have
/// run. A version in Marathon's list was not necessarily deployed, and may have failed: where the server does not tell which
/// one has run, name it with --to. All of them are in `milepost history`. What would change is shown first.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost rollback /shop/web --url http://marathon.example:8080
  milepost rollback /shop/web --to 2026-11-21T05:53:43.020Z --yes

Exit codes: 0 the earlier version runs; 2 wrong usage, no such service or version, or no connection; 3 the server refused; \
4 locked by another deployment; 5 timed out; 8 it may have been carried out or not; 9 it failed; 130 interrupted.")]
pub(super) struct Args {
    /// The app or pod
    #[arg(value_name = "ID", value_parser = ids::service)]
    id: String,

    /// Go to this version
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,

    /// Do not ask
    #[arg(long, short)]
    yes: bool,

    /// Cancel a deployment that holds the lock
    #[arg(long, hide_short_help = true)]
    force: bool,

    #[command(flatten)]
    watch: WatchArgs,

    #[command(flatten)]
    server: ServerArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let rolled_back = roll_back(args, term);
    if let Err(error) = &rolled_back {
        write_error_report(args.watch.report, error, term)?;
    }
    rolled_back
}

fn roll_back(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let mut server = args.server.open(term)?;
    let (kind, running) = server.service(&args.id)?;
    let id = running.id().to_owned();
    let now = stored(&running.definition, kind, &server.settings);
    let (version, earlier) = match &args.to {
        Some(version) => (version.clone(), named(&server, &id, kind, version)?),
        None => previous(&mut server, &running, kind, &now)?,
    };
    let found = between(&ServerState::of([&now]), &ServerState::of([&earlier]));
    if found.is_empty() {
        writeln!(term.report(), "nothing to do: {id} is stored as in version {version}")?;
        return Ok(Exit::Fine);
    }
    let mut styled = Vec::new();
    changes::text(&mut styled, &found, Mask::Secrets)?;
    term.err().write_all(&styled)?;
    if !args.yes && !is_confirmed(&id, &version, term)? {
        return Ok(Exit::Usage);
    }
    let Server { client, endpoint, settings, interrupts } = &mut server;
    let interrupts = std::sync::Arc::clone(interrupts);
    let mut watch = Watch::open(client, endpoint, settings, &interrupts);
    let limits = args.watch.limits();
    let to = (version.as_str(), &earlier);
    let ended = watch.go_to((&id, kind), to, &running, args.force, limits, &mut ProgressLines::new(term))?;
    let ended = match ended {
        Ok(ended) => ended,
        Err(refusal) => {
            writeln!(term.err(), "error: {id}: the server answers {}: {}", refusal.status, refusal.message)?;
            return Ok(if refusal.is_locked() { Exit::Locked } else { Exit::Refused });
        }
    };
    let book = std::mem::take(&mut watch.book);
    drop(watch);
    let mut outcome = watched(&book, &ended);
    if let Ended::Done = ended {
        outcome.sentence = format!("rolled back: {id} runs as in version {version}");
    }
    if let Ended::Refused(_) = ended {
        // It was sent, and may run or not.
        outcome.exit = Exit::Uncertain;
    }
    if let Ended::Interrupted = ended {
        outcome.sentence =
            tell_interruption(&book, (client, endpoint), Interruption::Keep, &interrupts, term)?;
    }
    write_report(args.watch.report, &outcome, &endpoint.to_string(), term)?;
    Ok(outcome.exit)
}

fn is_confirmed(id: &str, version: &str, term: &mut Terminal) -> anyhow::Result<bool> {
    let question = format!("go back to version {version} of {id}?");
    Ok(confirm(&question, ("nothing was sent", "rolls back"), term)? == Some(true))
}

/// A version that the user names.
fn named(server: &Server, id: &str, kind: Kind, version: &str) -> anyhow::Result<Normalized> {
    match server.client.version(&server.endpoint, id, kind, version)? {
        Some(found) => Ok(stored(&found, kind, &server.settings)),
        None => {
            bail!("{id}: {} has no version {version}; `milepost history {id}` lists them", server.endpoint)
        }
    }
}

/// The version that ran before, as far as the server tells: the one that instances run instead of the stored one; or the
/// newest earlier one, where all that may have run make the same instances. Versions are not compared with the one that is
/// stored now: after a roll back by Marathon itself that one is older than all others (1.11).
fn previous(
    server: &mut Server,
    running: &Running,
    kind: Kind,
    now: &Normalized,
) -> anyhow::Result<(String, Normalized)> {
    let id = running.id();
    let Server { client, endpoint, settings, interrupts } = server;
    if let Some(found) =
        Watch::without_events(client, endpoint, settings, interrupts).ran_instead(kind, running)
    {
        return Ok(found);
    }
    let failed = running.failure.as_ref().map(|failure| failure.version.as_str());
    let mut newest: Option<(String, Normalized)> = None;
    let versions = client.versions(endpoint, id, kind)?.unwrap_or_default();
    for version in versions.into_iter().rev().filter(|version| *version != running.version) {
        let Some(found) = client.version(endpoint, id, kind, &version)? else { continue };
        let earlier = stored(&found, kind, settings);
        if failed == Some(&version)
            || between(&ServerState::of([now]), &ServerState::of([&earlier])).is_empty()
        {
            continue;
        }
        match &newest {
            // The instances that run now are its own, too.
            None if !restarts(&earlier, now) => return Ok((version, earlier)),
            None => newest = Some((version, earlier)),
            Some((_, newest)) if !restarts(&earlier, newest) => {}
            Some((newest, _)) => bail!(
                "{id}: {endpoint} does not tell whether {newest} has run, or {version}, or another one: name the version with \
                 --to; `milepost history {id}` shows them"
            ),
        }
    }
    match newest {
        Some(newest) => Ok(newest),
        None => bail!("{id}: there is no earlier version with another definition that may have run"),
    }
}
