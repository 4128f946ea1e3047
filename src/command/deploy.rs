//! `milepost deploy`

mod back;
mod colour;
mod duration;
mod input;
mod interrupt;
mod lock;
mod not_begun;
mod notify;
mod outcome;
mod prepare;
mod progress;
mod readiness;
mod report;
mod show;
mod taken;
mod watching;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use super::remote::Remote;
use super::target::NamedTarget;
use super::{Exit, Terminal};
use crate::deploy::{
    Applied, ApplyOptions, DefinitionText, Ended, Failed, Limits, Lock, Plan, Problem, Watch,
};
use crate::diff::Mask;
use crate::http::Client;
use crate::marathon::{Change, Resource, Running};
use crate::source::Kind;

use colour::ColourArgs;
use interrupt::OnInterrupt;
use notify::NotifyArgs;
use outcome::ServiceOutcome;

pub(super) use duration::parse as time;
pub(super) use interrupt::OnInterrupt as Interruption;
pub(super) use interrupt::count as count_interrupts;
pub(super) use interrupt::tell as tell_interruption;
pub(super) use lock::{holders as lock_holders, locked as locked_words};
pub(super) use not_begun::NotBegun;
pub(super) use outcome::{Outcome, and_also, readiness_words};
pub(super) use prepare::{PlanArgs, Prepared, update_passes};
pub(super) use progress::ProgressLines;
pub(super) use readiness::{is_unknown as is_readiness_unknown, unknown as unknown_readiness};
pub(super) use report::ReportFormat;
pub(super) use report::write as write_report;
pub(super) use show::{as_json, beside as show_beside, text};
pub(super) use taken::TakenId;
pub(super) use watching::{Server, ServerArgs, WatchArgs, absolute, outcome as watched};

/// Deploy definitions: plan, send, wait, and say whether what was sent runs.
///
/// Files, directories, templates, addresses or a saved plan are checked for the settings of the server itself and compared
/// with what runs. What differs is sent, dependencies first, and watched until it is known how it ended. The exit code is 0
/// only when the deployment finished and all instances run what was sent, healthy and ready where there are checks.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost deploy web.json --yes --url http://marathon.example:8080
  milepost deploy services/ --yes --timeout 15m --on-failure rollback
  milepost deploy web.json.j2 --set tag=1.27.3 -e production --yes
  milepost deploy plan.json --yes --report junit
  milepost deploy web.json --yes --strategy blue-green --haproxy http://marathon-lb.example:9090

Exit codes: 0 all runs as sent; 1 the check found errors; 2 wrong usage, unreadable \
input, no connection, or not confirmed; 3 the server refused; 4 locked by another deployment; 5 timed out; 6 failed and rolled back; 7 \
failed, and the rollback failed too; 8 it may have been carried out or not; 9 failed, nothing was rolled back; 10 what runs \
is not what the plan was made against; 130 interrupted.")]
pub(super) struct Args {
    /// Do not ask
    #[arg(long, short)]
    yes: bool,

    #[command(flatten)]
    send: SendArgs,

    #[command(flatten)]
    plan: PlanArgs,

    #[command(flatten)]
    notify: NotifyArgs,

    #[command(flatten)]
    colour: ColourArgs,
}

/// How a plan is sent and waited for.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct SendArgs {
    /// Give up after this time: 30s, 1h30m; a rollback has as long again
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration::parse)]
    timeout: Duration,

    /// What to do when a deployment fails
    #[arg(long, value_enum, value_name = "WHAT", default_value = "rollback")]
    on_failure: OnFailure,

    /// What to do when another deployment holds the lock
    #[arg(long, value_enum, value_name = "WHAT", default_value = "fail", hide_short_help = true)]
    lock: LockArg,

    /// Succeed only after all of it has stayed healthy for this time
    ///
    /// It is 5s at least where an instance has ended by itself meanwhile, or Marathon waits before it starts one. An app that ends later is not noticed without it.
    #[arg(long, value_name = "TIME", default_value = "0", value_parser = duration::parse, hide_short_help = true)]
    stable: Duration,

    /// Give up early what cannot succeed; the default if CI is set or stderr is no terminal
    #[arg(long, overrides_with = "no_fail_fast", hide_short_help = true)]
    fail_fast: bool,

    /// Wait until the timeout even for what cannot succeed
    #[arg(long, hide_short_help = true)]
    no_fail_fast: bool,

    /// Send this many requests at the same time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256), hide_short_help = true)]
    concurrency: u16,

    /// The form of the report on stdout
    #[arg(long, value_enum, value_name = "FORM", default_value = "text", hide_short_help = true)]
    pub(super) report: ReportFormat,

    /// What to do with the deployment at the first Ctrl-C
    #[arg(long, value_enum, default_value = "keep", hide_short_help = true)]
    on_interrupt: OnInterrupt,
}

impl SendArgs {
    /// How long it waits from now on, and for what.
    pub(super) fn limits(&self, term: &Terminal) -> Limits {
        let until = Instant::now() + self.timeout;
        Limits { until, stable: self.stable, fail_fast: self.fails_fast(term) }
    }

    /// Whether it ends at what cannot succeed: by default without a terminal.
    fn fails_fast(&self, term: &Terminal) -> bool {
        let is_unattended = || {
            std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
                || !term.err_is_terminal()
        };
        self.fail_fast || (!self.no_fail_fast && is_unattended())
    }
}

/// How a change of what runs is sent: at once, or as `milepost deploy` sends it.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ChangeArgs {
    /// Cancel a deployment that holds the lock
    #[arg(long)]
    pub(super) force: bool,

    /// Send it without checking it first; with --wait not what Marathon would reject
    #[arg(long)]
    pub(super) no_check: bool,

    /// Show what changes, and wait until all of it runs
    #[arg(long)]
    pub(super) wait: bool,

    #[command(flatten)]
    pub(super) send: SendArgs,
}

impl ChangeArgs {
    /// How long the change is waited for from now on, where it is; no request goes on after that.
    pub(super) fn begin(&self, client: &mut Client, term: &Terminal) -> Limits {
        let limits = self.send.limits(term);
        if self.wait {
            client.end_at(Some(limits.until));
        }
        limits
    }

    /// The form of the report, which there is only where the change is waited for.
    pub(super) fn report(&self) -> ReportFormat {
        if self.wait { self.send.report } else { ReportFormat::Text }
    }
}

/// Makes the options of [`SendArgs`] need --wait: without it they would do nothing.
pub(super) fn needs_wait(arg: clap::Arg) -> clap::Arg {
    if SEND_OPTIONS.contains(&arg.get_id().as_str()) { arg.requires("wait") } else { arg }
}

/// The names of the options of [`SendArgs`].
const SEND_OPTIONS: [&str; 9] = [
    "timeout",
    "on_failure",
    "lock",
    "stable",
    "fail_fast",
    "no_fail_fast",
    "concurrency",
    "report",
    "on_interrupt",
];

/// What to do when a deployment fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OnFailure {
    /// Go back to what ran before, and wait for it
    Rollback,
    /// Cancel it; it stays half done
    Cancel,
    /// Leave it as it is
    Keep,
}

/// What to do about locks, on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LockArg {
    /// Wait until the other deployment has ended
    Wait,
    /// Give up, and say who holds it
    Fail,
    /// Cancel the other deployment
    Force,
}

impl From<LockArg> for Lock {
    fn from(lock: LockArg) -> Self {
        match lock {
            LockArg::Wait => Self::Wait,
            LockArg::Fail => Self::Fail,
            LockArg::Force => Self::Force,
        }
    }
}

/// How a run ended.
pub(super) enum Run {
    /// Its report is written.
    Reported(Exit),
    /// It ended before there was anything to report; why, is on standard error.
    NotBegun(NotBegun),
}

/// Ends a run: a report for programs is written in any case. `server` finds out which server was meant.
pub(super) fn end(
    run: anyhow::Result<Run>,
    format: ReportFormat,
    server: impl FnOnce() -> Option<String>,
    term: &mut Terminal,
) -> anyhow::Result<Exit> {
    match run {
        Ok(Run::Reported(exit)) => Ok(exit),
        Ok(Run::NotBegun(NotBegun { exit, server, findings })) => {
            if format != ReportFormat::Text {
                report::write(format, &Outcome::not_begun(exit, findings), &server, term)?;
            }
            Ok(exit)
        }
        Err(error) => {
            report::write_error(format, &error, server, term)?;
            Err(error)
        }
    }
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let run = match args.colour.strategy {
        Some(strategy) => colour::run(args, strategy, term),
        None => deploy_all(args, term),
    };
    end(run, args.send.report, || args.plan.address(), term)
}

fn deploy_all(args: &Args, term: &mut Terminal) -> anyhow::Result<Run> {
    let mut prepared = match args.plan.prepare(Some(args.send.timeout), term)? {
        Ok(prepared) => prepared,
        Err(not_begun) => return Ok(Run::NotBegun(not_begun)),
    };
    show_plan(args.send.report, &prepared, term)?;
    let asked = Instant::now();
    if let Some(exit) = confirm(args, prepared.plan.is_empty(), term)? {
        return Ok(Run::NotBegun(NotBegun::at(&prepared.endpoint, exit)));
    }
    if !args.yes && !prepared.plan.is_empty() && !prepare::is_as_planned(&prepared, term)? {
        return Ok(Run::NotBegun(NotBegun::at(&prepared.endpoint, Exit::Outdated)));
    }
    let server = prepared.endpoint.to_string();
    let ids: Vec<String> = prepared.plan.services().map(|service| service.id.clone()).collect();
    args.notify.start(&ids, &server, &mut prepared.client, term);
    // The time that an answer or a notification takes is not the server's.
    prepared.until = prepared.until.map(|until| until + asked.elapsed());
    let outcome = deploy(&args.send, &mut prepared, term)?;
    args.notify.end(&report::as_json(&outcome, &server), &server, &mut prepared.client, term);
    report::write(args.send.report, &outcome, &server, term)?;
    Ok(Run::Reported(outcome.exit))
}

/// Deploys one text as `milepost deploy` would deploy its file, without asking.
pub(super) fn deploy_text(
    text: DefinitionText,
    (remote, target): (Remote, &NamedTarget),
    how: &ChangeArgs,
    term: &mut Terminal,
) -> anyhow::Result<Run> {
    match prepare::of_text(text, (false, how.no_check), (remote, target), how.send.timeout, term)? {
        Ok(prepared) => deploy_prepared(prepared, how, term),
        Err(not_begun) => Ok(Run::NotBegun(not_begun)),
    }
}

/// Changes a group in one request, which removes these services, and goes on as [`deploy_text`].
pub(super) fn deploy_group(
    text: DefinitionText,
    (change, removed): (Change, &[String]),
    (remote, target): (Remote, &NamedTarget),
    how: &ChangeArgs,
    term: &mut Terminal,
) -> anyhow::Result<Run> {
    match prepare::of_text(text, (true, how.no_check), (remote, target), how.send.timeout, term)? {
        Ok(prepared) => {
            let plan = prepared.plan.into_one(change, removed);
            deploy_prepared(Prepared { plan, ..prepared }, how, term)
        }
        Err(not_begun) => Ok(Run::NotBegun(not_begun)),
    }
}

/// Shows a plan and carries it out, without asking.
fn deploy_prepared(
    mut prepared: Prepared,
    ChangeArgs { send, force, .. }: &ChangeArgs,
    term: &mut Terminal,
) -> anyhow::Result<Run> {
    let lock = if *force { LockArg::Force } else { send.lock };
    let send = SendArgs { lock, ..send.clone() };
    show_plan(send.report, &prepared, term)?;
    let outcome = deploy(&send, &mut prepared, term)?;
    report::write(send.report, &outcome, &prepared.endpoint.to_string(), term)?;
    Ok(Run::Reported(outcome.exit))
}

/// Shows the plan: on standard output where the report is text, so that only a report for programs is there.
fn show_plan(report: ReportFormat, prepared: &Prepared, term: &mut Terminal) -> anyhow::Result<()> {
    let Plan { left, notes, .. } = &prepared.plan;
    if prepared.plan.is_empty() && left.is_empty() && notes.is_empty() {
        // The last sentence says that there is nothing to do, and whether it runs.
        return Ok(());
    }
    if report == ReportFormat::Text {
        return text(&prepared.plan, Mask::Secrets, term);
    }
    show_beside(&prepared.plan, Mask::Secrets, term)
}

/// Asks for confirmation on a terminal, if there is something to do.
fn confirm(args: &Args, is_empty: bool, term: &mut Terminal) -> anyhow::Result<Option<Exit>> {
    if args.yes || is_empty {
        return Ok(None);
    }
    match super::confirm::confirm("deploy this?", ("nothing was sent", "deploys"), term)? {
        Some(true) => Ok(None),
        Some(false) => {
            writeln!(term.err(), "nothing was sent")?;
            Ok(Some(Exit::Usage))
        }
        None => Ok(Some(Exit::Usage)),
    }
}

/// Sends the plan, watches it, and follows the failure policy.
fn deploy(send: &SendArgs, prepared: &mut Prepared, term: &mut Terminal) -> anyhow::Result<Outcome> {
    let interrupts = interrupt::count()?;
    let limits = send.limits(term);
    let limits = Limits { until: prepared.until.unwrap_or(limits.until), ..limits };
    // What follows has its own limits, and what is told at the end is told in any case.
    prepared.client.end_at(None);
    let options = ApplyOptions { concurrency: send.concurrency.into(), lock: send.lock.into(), limits };
    let Prepared { client, endpoint, settings, plan, running, texts, .. } = prepared;
    let mut watch = Watch::open(client, endpoint, settings, &interrupts, limits.until);
    let applied = watch.within(options.limits.until, |watch| {
        watch.apply(plan, running, &options, &mut ProgressLines::new(term))
    });
    if let Some(Problem::Refused(unit, refusal)) = &applied.problem
        && let Some(text) = plan.units[*unit].text.and_then(|text| texts.get(text))
    {
        let findings = refusal.findings(&text.document);
        term.findings(&text.name, text.document.text(), &findings)?;
        let kind = plan.units[*unit].change.as_ref().map(|change| change.kind);
        let resource = if kind == Some(Kind::Pod) { Resource::Pod } else { Resource::App };
        if refusal.status == 401
            && let Some(advice) = refusal.advice("", endpoint, resource)
        {
            writeln!(term.err(), "help: {advice}")?;
        }
    }
    let mut services = outcome::services(plan, &applied, &watch.book);
    let (mut exit, mut sentence) = outcome::of(plan, &applied, &services, options.lock);
    if let Ended::Interrupted = applied.ended {
        let book = std::mem::take(&mut watch.book);
        drop(watch);
        sentence = if !plan.is_empty() && applied.sent.is_empty() {
            "interrupted before anything was sent".to_owned()
        } else {
            let told = (&book, &mut services[..]);
            interrupt::tell(told, (client, endpoint), send.on_interrupt, &interrupts, term)?
        };
        sentence.extend(outcome::unsent_words(&services).map(|words| format!("; {words}")));
        return Ok(Outcome::of_services(Exit::Interrupted, sentence, services, plan.left.clone()));
    }
    if let (None, Ended::Failed(_)) = (&applied.problem, &applied.ended) {
        let limits = Limits { stable: Duration::ZERO, ..send.limits(term) };
        let (policy_exit, words) = after_failure(
            send.on_failure,
            &mut watch,
            (plan, running),
            (&applied, &mut services),
            limits,
            term,
        )?;
        exit = policy_exit.unwrap_or(exit);
        sentence = format!("{sentence}; {words}");
    }
    if applied.problem.is_some() && !applied.sent.is_empty() && send.on_failure != OnFailure::Keep {
        sentence += "; what was sent stays: --on-failure is for deployments that fail";
    }
    Ok(Outcome::of_services(exit, sentence, services, plan.left.clone()))
}

/// What is done about a failure: an exit code where it changes, and words.
fn after_failure(
    policy: OnFailure,
    watch: &mut Watch<'_>,
    (plan, running): (&Plan, &BTreeMap<String, Running>),
    (applied, services): (&Applied, &mut [ServiceOutcome]),
    limits: Limits,
    term: &mut Terminal,
) -> anyhow::Result<(Option<Exit>, String)> {
    // What may well run as it was sent is not taken back, nor is anything for what somebody has left half done before.
    let stays = |failed: &Failed| failed.is_unknown() || matches!(failed, Failed::HalfDone(_));
    let policy = match policy {
        OnFailure::Rollback if applied.failed().values().all(stays) => OnFailure::Keep,
        policy => policy,
    };
    match policy {
        OnFailure::Keep => {
            let kept = "nothing was rolled back".to_owned();
            Ok((None, outcome::and_also(kept, lock::still_running(&watch.book))))
        }
        OnFailure::Cancel => {
            let book = watch.book.clone();
            let words = watch.within(limits.until, |watch| {
                interrupt::cancel((&book, services), watch.client(), watch.endpoint())
            });
            Ok((None, words))
        }
        OnFailure::Rollback if !watch.can_read(limits.until) => {
            let words =
                "nothing was rolled back, because it is not known what runs now: see `milepost status`";
            Ok((Some(Exit::Uncertain), words.to_owned()))
        }
        OnFailure::Rollback => {
            let failed = applied.failed();
            for (id, reason) in &failed {
                if let Some(record) = watch.book.services.get(id) {
                    writeln!(term.err(), "failed: {id}: {}", reason.words(record))?;
                }
            }
            let sent = (&applied.sent, running);
            let taken = watch.within(limits.until, |watch| {
                watch.roll_back(plan, sent, &failed, limits, &mut ProgressLines::new(term))
            });
            outcome::taken_back(services, &taken);
            let goes_on = lock::still_running(&watch.book);
            let (exit, words) = back::of_way_back(plan, &taken, goes_on.as_deref());
            Ok((Some(exit).filter(|exit| *exit != Exit::Failed), words))
        }
    }
}
