//! `milepost rollback`

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Instant;

use anyhow::bail;
use serde_json::Value as Json;

use super::confirm::confirm;
use super::deploy::{
    Interruption, LockArg, NotBegun, Outcome, ProgressLines, ReportFormat, Run, Server, ServerArgs,
    WatchArgs, and_also, end, locked_words, readiness_words, tell_interruption, watched, write_report,
};
use super::remote::exit_of_refusal;
use super::{Exit, Terminal, ids};
use crate::deploy::{
    Ended, Limits, Lock, ServiceRecord, Watch, Went, does_harm, instances, left_running, restarts, stored,
};
use crate::diff::{Changes, Mask, between};
use crate::marathon::{GetError, Running};
use crate::normalize::Normalized;
use crate::report::changes;
use crate::source::Kind;
use crate::state::ServerState;
use crate::util::text::listed;

/// Go back to an earlier version of an app or pod, wait, and say what runs then.
///
/// By default it is the version that instances still run instead of what is stored now, or else the newest earlier one with
/// another definition. One that has failed is passed over, also where it was sent again, one that was taken back for the
/// one before it, and one that the server is known to have refused: Marathon keeps these, too. A warning tells where
/// nothing shows that it has run; --to names another one, and `milepost history` shows all. What would change is shown
/// first.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost rollback /shop/web --url http://marathon.example:8080
  milepost rollback /shop/web --to 2026-11-21T05:53:43.020Z --yes

Exit codes: 0 the earlier version runs; 2 wrong usage, no such service or version, or no connection; 3 the server refused; \
4 locked by another deployment; 5 timed out; 8 it may have been carried out or not; 9 it failed; 10 it has changed since it was shown; 130 interrupted.")]
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

    /// What to do when another deployment holds the lock
    #[arg(long, value_enum, value_name = "WHAT", default_value = "fail", hide_short_help = true)]
    lock: LockArg,

    /// The same as --lock force
    #[arg(long, conflicts_with = "lock", hide_short_help = true)]
    force: bool,

    #[command(flatten)]
    watch: WatchArgs,

    #[command(flatten)]
    server: ServerArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    end(roll_back(args, term), args.watch.report, || args.server.address(), term)
}

/// A version to go to.
struct Earlier {
    version: String,
    definition: Normalized,
    /// The user names it, or the server tells that it ran, or was stored and scaled.
    is_certain: bool,
    /// Later ones that were not chosen, and why.
    passed_over: Vec<String>,
}

/// The version of which an instance has failed last, where what is stored now is something else.
struct FailedVersion {
    version: String,
    /// Nothing where the server no longer has it.
    definition: Option<Normalized>,
}

impl FailedVersion {
    fn of(
        server: &Server,
        running: &Running,
        kind: Kind,
        now: &Normalized,
    ) -> Result<Option<Self>, GetError> {
        let Some(failure) = &running.failure else { return Ok(None) };
        let version = failure.version.clone();
        if version.is_empty() {
            // A pod's status does not always tell it.
            return Ok(None);
        }
        let found = server.client.version(&server.endpoint, running.id(), kind, &version)?;
        let definition = found.map(|found| stored(&found, kind, &server.settings));
        // Of what runs now it says nothing about others.
        let definition = definition.filter(|definition| restarts(definition, now));
        Ok(Some(Self { version, definition }))
    }

    /// Why another version is no better: it is this one, or instances of it are what has failed, sent again.
    fn why_not(&self, version: &str, definition: &Normalized) -> Option<String> {
        if self.version == version {
            return Some(format!("{version}, of which an instance has failed"));
        }
        let is_again = self.definition.as_ref().is_some_and(|failed| !restarts(definition, failed));
        is_again.then(|| format!("{version}, whose definition has failed as version {}", self.version))
    }
}

fn roll_back(args: &Args, term: &mut Terminal) -> anyhow::Result<Run> {
    let limits = args.watch.limits();
    let mut server = args.server.open_until(limits.until, term)?;
    let (kind, running) = server.service(&args.id)?;
    let id = running.id().to_owned();
    let now = stored(&running.definition, kind, &server.settings);
    let earlier = match &args.to {
        Some(version) => named(&server, &id, kind, version)?,
        None => previous(&mut server, &running, kind, &now)?,
    };
    let found = between(&ServerState::of([&now]), &ServerState::of([&earlier.definition]));
    let is_same = found.is_empty();
    if !restarts(&earlier.definition, &now) {
        expect_no_harm(&running, kind, &earlier)?;
    }
    let asked = Instant::now();
    if !is_same && !is_confirmed(args, &id, &earlier, &found, term)? {
        return Ok(Run::NotBegun(NotBegun::at(&server.endpoint, Exit::Usage)));
    }
    if !is_same && !args.yes {
        // An answer takes its time.
        let (_, still) = server.service(&args.id)?;
        if still.version != running.version {
            writeln!(
                term.err(),
                "error: nothing was sent: {id} has changed since it was shown: version {} is stored now",
                still.version
            )?;
            return Ok(Run::NotBegun(NotBegun::at(&server.endpoint, Exit::Outdated)));
        }
    }
    // The time that an answer takes is not the server's.
    let limits = Limits { until: limits.until + asked.elapsed(), ..limits };
    server.client.end_at(Some(limits.until));
    let Server { client, endpoint, settings, interrupts } = &mut server;
    let interrupts = std::sync::Arc::clone(interrupts);
    let mut watch = Watch::open(client, endpoint, settings, &interrupts, limits.until);
    let Earlier { version, definition, .. } = &earlier;
    let lock = if args.force { Lock::Force } else { args.lock.into() };
    let lines = &mut ProgressLines::new(term);
    let went = if is_same {
        // Whether it runs is another question.
        watch.track(kind, &running)?;
        if let Some(deployment) = running.deployments.first() {
            watch.book.ask(deployment, std::slice::from_ref(&id));
        }
        Went::Ended(watch.run(limits, lines), None)
    } else {
        watch.within(limits.until, |watch| {
            watch.go_to((&id, kind), (version, definition), &running, (lock, limits), lines)
        })?
    };
    let (ended, doubt) = match went {
        Went::Ended(ended, doubt) => (ended, doubt),
        Went::Locked(holders) => {
            let sentence = locked_words(&id, &holders, lock);
            return refused((Exit::Locked, sentence), &endpoint.to_string(), args.watch.report, term);
        }
        Went::Refused(refusal) => {
            let exit = exit_of_refusal(&refusal);
            let sentence = format!("{id}: the server answers {}: {}", refusal.status, refusal.message);
            return refused((exit, sentence), &endpoint.to_string(), args.watch.report, term);
        }
    };
    let book = std::mem::take(&mut watch.book);
    drop(watch);
    let mut outcome = watched(&book, &ended);
    if let Ended::Done = ended {
        let what = if is_same { "nothing to do" } else { "rolled back" };
        outcome.sentence = if instances(&definition.value, kind) == 0 {
            format!("{what}: {id} is stored as in version {version}; 0 instances, as asked")
        } else {
            let sentence = format!("{what}: {id} runs as in version {version}");
            and_also(sentence, readiness_words(&outcome.services))
        };
    }
    if let (Ended::Failed(_), false) = (&ended, is_same) {
        let _ = match doubt {
            Some(doubt) => {
                outcome.exit = Exit::Uncertain;
                write!(outcome.sentence, "; it may never have been carried out: {doubt}")
            }
            None => write!(
                outcome.sentence,
                "; {}`milepost rollback {id} --to VERSION --lock force` goes to another one",
                stored_words(book.services.get(&id), version)
            ),
        };
    }
    if let (Ended::Refused(_), false) = (&ended, is_same) {
        // It was sent, and may run or not.
        outcome.exit = Exit::Uncertain;
    }
    if let Ended::Interrupted = ended {
        let told = (&book, &mut outcome.services[..]);
        outcome.sentence =
            tell_interruption(told, (client, endpoint), Interruption::Keep, &interrupts, term)?;
    }
    write_report(args.watch.report, &outcome, &endpoint.to_string(), term)?;
    Ok(Run::Reported(outcome.exit))
}

/// Which version is stored after going back, as far as it was seen: the server gives the earlier definition a new one.
fn stored_words(service: Option<&ServiceRecord>, gone_to: &str) -> String {
    let Some(view) = service.and_then(|service| service.view.as_ref()) else { return String::new() };
    match &view.version {
        now if now == gone_to || view.differs.is_some() => format!("version {now} is stored now, and "),
        now => format!("the definition of version {gone_to} is stored now, as version {now}, and "),
    }
}

/// Refuses to go back to fewer instances where Marathon would stop some that run and keep others that do not run yet.
fn expect_no_harm(running: &Running, kind: Kind, earlier: &Earlier) -> anyhow::Result<()> {
    let to = instances(&earlier.definition.value, kind);
    if !does_harm(running, to) {
        return Ok(());
    }
    let stop = running.deployments.first().map_or_else(String::new, |deployment| {
        format!("; `milepost deployment stop {deployment}` ends the deployment and stops no instance")
    });
    bail!(
        "{}: nothing was sent: version {} has {to} instances instead of {}, of which {} run, and Marathon would stop those before \
         the ones that do not run yet: {} would be left; go back when all of them run{stop}",
        running.id(),
        earlier.version,
        running.wanted,
        left_running(running, running.wanted),
        left_running(running, to)
    )
}

/// Tells that the server has refused it.
fn refused(
    (exit, sentence): (Exit, String),
    server: &str,
    report: ReportFormat,
    term: &mut Terminal,
) -> anyhow::Result<Run> {
    writeln!(term.err(), "error: {sentence}")?;
    if report != ReportFormat::Text {
        write_report(report, &Outcome::of_error(exit, sentence), server, term)?;
    }
    Ok(Run::Reported(exit))
}

/// Shows what would change, and asks for confirmation.
fn is_confirmed(
    args: &Args,
    id: &str,
    earlier: &Earlier,
    found: &Changes,
    term: &mut Terminal,
) -> anyhow::Result<bool> {
    let mut styled = Vec::new();
    changes::text(&mut styled, found, Mask::Secrets)?;
    term.err().write_all(&styled)?;
    let version = &earlier.version;
    if !earlier.passed_over.is_empty() {
        writeln!(
            term.err(),
            "warning: passed over: version {}; --to goes there all the same",
            earlier.passed_over.join("; and ")
        )?;
    }
    if !earlier.is_certain {
        writeln!(
            term.err(),
            "note: version {version} is the newest earlier one with another definition; Marathon does not tell which versions \
             have run; `milepost history {id}` shows all, and --to names another one"
        )?;
    }
    if args.yes {
        return Ok(true);
    }
    let question = format!("go back to version {version} of {id}?");
    Ok(confirm(&question, ("nothing was sent", "rolls back"), term)? == Some(true))
}

/// A version that the user names.
fn named(server: &Server, id: &str, kind: Kind, version: &str) -> anyhow::Result<Earlier> {
    match server.client.version(&server.endpoint, id, kind, version)? {
        Some(found) => Ok(Earlier {
            version: version.to_owned(),
            definition: stored(&found, kind, &server.settings),
            is_certain: true,
            passed_over: Vec::new(),
        }),
        None => {
            bail!("{id}: {} has no version {version}; `milepost history {id}` lists them", server.endpoint)
        }
    }
}

/// Whether two definitions are one to Marathon.
fn is_same(one: &Normalized, other: &Normalized) -> bool {
    between(&ServerState::of([one]), &ServerState::of([other])).is_empty()
}

/// The version whose definition it is, where only the number of instances has changed since.
fn configured_at(found: &Json) -> Option<String> {
    found.pointer("/versionInfo/lastConfigChangeAt").and_then(Json::as_str).map(str::to_owned)
}

/// The version that ran before, as far as the server tells: the one that instances run instead of the stored one, or the newest
/// earlier one of another definition that is not known to have failed, to have been refused, or to have been taken back: then
/// its successor is its predecessor again. Later ones were refused, or Marathon itself has rolled them back.
fn previous(server: &mut Server, running: &Running, kind: Kind, now: &Normalized) -> anyhow::Result<Earlier> {
    let id = running.id();
    let Server { client, endpoint, settings, interrupts } = server;
    if let Some((version, definition)) =
        Watch::without_events(client, endpoint, settings, interrupts).ran_instead(kind, running)
    {
        return Ok(Earlier { version, definition, is_certain: true, passed_over: Vec::new() });
    }
    let failed = FailedVersion::of(server, running, kind, now)?;
    let Server { client, endpoint, settings, .. } = server;
    // A version of another number of instances names the one that was stored before it.
    let mut scaled: BTreeSet<String> = running.config_version.iter().cloned().collect();
    let versions = client.versions(endpoint, id, kind)?.unwrap_or_default();
    let mut next = running.version.clone();
    let mut passed_over = Vec::new();
    // What replaced the version that is looked at.
    let mut successor = now.clone();
    let earlier = versions.iter().rev().filter(|version| **version < running.version);
    // Each is asked for once, and not before its turn: also one that is only looked at as what came before another.
    let mut earlier = earlier
        .map(|version| {
            let found = client.version(endpoint, id, kind, version)?;
            let past = found.map(|found| (stored(&found, kind, settings), configured_at(&found)));
            Ok::<_, GetError>((version, past))
        })
        .peekable();
    while let Some(past) = earlier.next() {
        let (version, past) = past?;
        let until = std::mem::replace(&mut next, version.clone());
        let Some((definition, configured)) = past else { continue };
        let configured = configured.filter(|configured| configured != version);
        let is_named = configured.is_some() || scaled.contains(version);
        scaled.extend(configured);
        let successor = std::mem::replace(&mut successor, definition.clone());
        if is_same(now, &definition) {
            continue;
        }
        if let Some(failed) = earlier.next_if(Result::is_err) {
            failed?;
        }
        let predecessor = earlier.peek().and_then(|past| past.as_ref().ok()?.1.as_ref());
        if predecessor.is_some_and(|(predecessor, _)| is_same(predecessor, &successor)) {
            passed_over.push(format!("{version}, which the one before it has replaced again"));
            continue;
        }
        if let Some(why) = failed.as_ref().and_then(|failed| failed.why_not(version, &definition)) {
            passed_over.push(why);
            continue;
        }
        // The instances that run now are its own, too, where they would go on.
        let still_runs = running.instances.iter().any(|instance| instance.version == *version);
        let is_certain = is_named || still_runs || !restarts(&definition, now);
        let was_stored =
            if is_certain { Some(true) } else { client.was_stored(endpoint, id, version, &until) };
        if was_stored == Some(false) {
            passed_over.push(format!("{version}, which the server has refused"));
            continue;
        }
        let is_certain = was_stored == Some(true);
        return Ok(Earlier { version: version.clone(), definition, is_certain, passed_over });
    }
    let later: Vec<String> = versions.into_iter().filter(|version| *version > running.version).collect();
    if !later.is_empty() {
        passed_over
            .push(format!("{}, which the server has refused, or rolled back by itself", listed(&later)));
    }
    let others = if passed_over.is_empty() {
        String::new()
    } else {
        format!(
            "; there is {}: --to goes there all the same, and `milepost history {id}` shows them",
            passed_over.join("; and ")
        )
    };
    bail!("{id}: {endpoint} knows no earlier version with another definition that may have run{others}")
}
