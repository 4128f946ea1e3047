//! `milepost deploy --strategy blue-green|canary`

mod end;

use std::time::{Duration, Instant};

use anyhow::{anyhow, bail};
use clap::ValueEnum;
use serde_json::Value as Json;
use time::OffsetDateTime;

use super::super::{Exit, Terminal};
use super::not_begun::NotBegun;
use super::outcome::Outcome;
use super::prepare::Checked;
use super::progress::ProgressLines;
use super::report::{self, ReportFormat};
use super::{Args, OnFailure, Run, confirm, duration, interrupt};
use crate::deploy::colour::{
    Audience, Balancers, ColourAim, Halt, Job, Member, Mover, Pace, Paint, Pair, Pairable, Refused, Request,
    Strategy, Terms, Way, job, members, stage, started_at,
};
use crate::deploy::{DefinitionText, Watch};
use crate::http::Client;
use crate::marathon::{Resource, has_address, why_no_address};
use crate::source::Kind;
use end::ColourEnd;

/// Options for apps behind marathon-lb.
#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the comments are help texts for a terminal")]
#[command(next_help_heading = "Blue/green and canary")]
pub(super) struct ColourArgs {
    /// Deploy one app behind marathon-lb beside the version that runs, and move the traffic in steps
    ///
    /// The app needs the labels HAPROXY_DEPLOYMENT_GROUP and HAPROXY_DEPLOYMENT_ALT_PORT and a fixed service port. Two apps,
    /// ID-blue and ID-green, take turns; labels, as marathon-lb's zdd.py writes them, tell how far it is, so that the same
    /// command goes on after an interruption. An instance is stopped only when no HAProxy has a session on it.
    #[arg(long, value_enum, requires = "haproxy", conflicts_with = "prune", hide_short_help = true)]
    pub(super) strategy: Option<StrategyArg>,

    /// The address of marathon-lb's statistics, such as http://marathon-lb.example:9090; can be repeated
    ///
    /// A name stands for all its addresses: each HAProxy is asked.
    #[arg(long, value_name = "URL", requires = "strategy", hide_short_help = true)]
    haproxy: Vec<String>,

    /// The canary has this many instances; the version before keeps the others
    #[arg(long, value_name = "N", requires = "strategy", value_parser = clap::value_parser!(u64).range(1..), hide_short_help = true)]
    canary: Option<u64>,

    /// The canary gets all instances
    #[arg(long, requires = "strategy", conflicts_with = "abort", hide_short_help = true)]
    promote: bool,

    /// All instances go back to the version before, and the new one is deleted
    #[arg(long, requires = "strategy", hide_short_help = true)]
    abort: bool,

    /// Start this many instances at once; without it half as many as there are
    #[arg(long, value_name = "N", requires = "strategy", value_parser = clap::value_parser!(u64).range(1..), hide_short_help = true)]
    step: Option<u64>,

    /// How long instances of the version before may take to lose their sessions; then the deployment stops where it is
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration::parse, hide_short_help = true)]
    max_drain: Duration,

    /// After that time, stop them with the sessions that are left, as zdd.py does
    #[arg(long, requires = "strategy", hide_short_help = true)]
    stop_undrained: bool,
}

/// How a new version gets the traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum StrategyArg {
    /// All instances move to the new version
    BlueGreen,
    /// Some instances move, and both versions go on until --promote or --abort
    Canary,
}

impl Audience for ProgressLines<'_> {
    fn tell(&mut self, line: &str) {
        self.line(line);
    }
}

impl ColourArgs {
    fn request(&self, strategy: StrategyArg, keep_instances: bool) -> anyhow::Result<Request> {
        if strategy == StrategyArg::BlueGreen && self.canary.is_some() {
            bail!("--canary is for --strategy canary");
        }
        let strategy = match strategy {
            _ if self.abort => Strategy::Abort,
            _ if self.promote => Strategy::Promote,
            StrategyArg::BlueGreen => Strategy::BlueGreen,
            StrategyArg::Canary => Strategy::Canary(self.canary),
        };
        Ok(Request { strategy, keep_instances })
    }
}

/// What is known before anything is sent.
struct Known {
    wanted: Pairable,
    job: Job,
    /// The apps of the group, and the version of each.
    versions: Vec<(String, String)>,
}

pub(super) fn run(args: &Args, strategy: StrategyArg, term: &mut Terminal) -> anyhow::Result<Run> {
    let request = args.colour.request(strategy, args.plan.keep_instances)?;
    let mut balancers = Balancers::new(&args.colour.haproxy)?;
    let mut checked = match args.plan.checked(args.send.timeout, term)? {
        Ok(checked) => checked,
        Err(not_begun) => return Ok(Run::NotBegun(not_begun)),
    };
    let known = match known(&checked, request)? {
        Ok(known) => known,
        Err(Refused::Impossible(reason)) => bail!("nothing was sent: {reason}"),
        Err(Refused::UnderWay(reason)) => {
            writeln!(term.err(), "error: nothing was sent: {reason}")?;
            return Ok(Run::NotBegun(NotBegun::at(&checked.endpoint, Exit::Locked)));
        }
    };
    let is_empty = matches!(known.job, Job::Nothing(..));
    if !is_empty {
        let text = end::plan(&known.wanted, &known.job, &checked.settings);
        if args.send.report == ReportFormat::Text {
            writeln!(term.report(), "{text}")?;
            term.out().flush()?;
        } else {
            writeln!(term.err(), "{text}")?;
        }
        reachable(&mut balancers, &mut checked.client, &known.wanted.group)?;
    }
    let asked = Instant::now();
    if let Some(exit) = confirm(args, is_empty, term)? {
        return Ok(Run::NotBegun(NotBegun::at(&checked.endpoint, exit)));
    }
    // An answer takes its time.
    if !args.yes && !is_empty && versions(&checked, request)?.is_none_or(|now| now != known.versions) {
        let group = &known.wanted.group;
        writeln!(
            term.err(),
            "error: nothing was sent: the apps of the deployment group {group} have changed since they were shown: deploy again"
        )?;
        return Ok(Run::NotBegun(NotBegun::at(&checked.endpoint, Exit::Outdated)));
    }
    let server = checked.endpoint.name();
    let ids = end::ids(&known.wanted, &known.job);
    args.notify.start(&ids, &server, &mut checked.client, term);
    // The time that an answer or a notification takes is not the server's.
    checked.until = checked.until.map(|until| until + asked.elapsed());
    let outcome = deploy(args, &mut checked, &known, &mut balancers, term)?;
    checked.client.end_at(None);
    args.notify.end(&report::as_json(&outcome, &server), &server, &mut checked.client, term);
    report::write(args.send.report, &outcome, &server, term)?;
    Ok(Run::Reported(outcome.exit))
}

/// Reads the group and finds out what has to be done.
fn known(checked: &Checked, request: Request) -> anyhow::Result<Result<Known, Refused>> {
    let [DefinitionText { name, document, kind: Kind::App }] = &checked.texts[..] else {
        bail!("--strategy is for one app at a time: name one definition of an app");
    };
    let wanted = Pairable::of(document.root()).map_err(|error| anyhow!("{name}: {error}"))?;
    // One of the two is deleted in the end.
    if !has_address(Resource::App, &wanted.id) {
        bail!("nothing was sent: {}: deploy it without --strategy", why_no_address(&wanted.id));
    }
    let running = checked.client.all_running(&checked.endpoint, false)?;
    let members = members(&wanted.group, &running);
    let version =
        |member: &Member| running.get(&member.id).map(|app| app.version.clone()).unwrap_or_default();
    let versions = members.iter().map(|member| (member.id.clone(), version(member))).collect();
    let stage = stage(&wanted.group, members)?;
    let job = match job(stage, &wanted, request, &checked.settings) {
        Ok(job) => job,
        Err(refused) => return Ok(Err(refused)),
    };
    if job == Job::First && running.contains_key(&wanted.id) {
        return Ok(Err(Refused::Impossible(format!(
            "{} runs already, without the label of the deployment group {}: deploy it once with the labels and without \
             --strategy",
            wanted.id, wanted.group
        ))));
    }
    Ok(Ok(Known { wanted, job, versions }))
}

/// The apps of the group and their versions as they are now; nothing where they have become such that nothing can be done.
fn versions(checked: &Checked, request: Request) -> anyhow::Result<Option<Vec<(String, String)>>> {
    Ok(known(checked, request)?.ok().map(|now| now.versions))
}

/// Asks every HAProxy once, before anything is changed. One that is just being reloaded may take a moment.
fn reachable(balancers: &mut Balancers, client: &mut Client, group: &str) -> anyhow::Result<()> {
    let until = Instant::now() + Duration::from_secs(3);
    loop {
        match balancers.ask(client, group) {
            Ok(_) => return Ok(()),
            Err(reason) if Instant::now() >= until => bail!("nothing was sent: {reason}"),
            Err(_) => client.pause(Duration::from_millis(500)),
        }
    }
}

/// Does what has to be done, and follows the failure policy.
fn deploy(
    args: &Args,
    checked: &mut Checked,
    known: &Known,
    balancers: &mut Balancers,
    term: &mut Terminal,
) -> anyhow::Result<Outcome> {
    if let Job::Nothing(members, words) = &known.job {
        return Ok(end::nothing(members, words));
    }
    let interrupts = interrupt::count()?;
    let pace = Pace {
        until: checked.until.unwrap_or_else(|| Instant::now() + args.send.timeout),
        max_drain: args.colour.max_drain,
        stops_undrained: args.colour.stop_undrained,
        lock: args.send.lock.into(),
        fail_fast: args.send.fails_fast(term),
    };
    let texts = std::mem::take(&mut checked.texts);
    let Checked { client, endpoint, settings, .. } = checked;
    let mut watch = Watch::open(client, endpoint, settings, &interrupts, pace.until);
    watch.end_at(pace.until);
    let group = &known.wanted.group;
    let mut mover = Mover { watch: &mut watch, balancers, group, pace, unlocked: None, told: String::new() };
    let mut end = ColourEnd::new(&known.wanted, &known.job);
    let result = carry_out(args, known, &mut mover, &mut end, &mut ProgressLines::new(term));
    let Err(halt) = result else { return Ok(end.done(args.send.stable)) };
    if let (Halt::Refused(_, refusal), [text]) = (&halt, &texts[..]) {
        let findings = refusal.findings(&text.document);
        term.findings(&text.name, text.document.text(), &findings)?;
    }
    let goes_back =
        args.send.on_failure == OnFailure::Rollback && halt.is_of_new_version() && end.can_go_back();
    if !goes_back {
        return Ok(end.halted(&halt));
    }
    writeln!(term.err(), "failed: {}", halt.words())?;
    match &end.old {
        Some(old) if end.before == 0 => writeln!(term.err(), "going back to {old}, which was there before")?,
        Some(old) => writeln!(term.err(), "going back to {old}, which ran before")?,
        None => writeln!(term.err(), "removing {}: nothing ran before", end.new)?,
    }
    mover.pace.until = Instant::now() + args.send.timeout;
    mover.watch.end_at(mover.pace.until);
    let back = go_back(args, &end, &mut mover, &mut ProgressLines::new(term));
    Ok(end.went_back(&halt, back.as_ref().err()))
}

/// Does what has to be done.
fn carry_out(
    args: &Args,
    known: &Known,
    mover: &mut Mover<'_, '_>,
    end: &mut ColourEnd,
    audience: &mut dyn Audience,
) -> Result<(), Halt> {
    let wanted = &known.wanted;
    match &known.job {
        Job::Nothing(..) => Ok(()),
        Job::First => {
            let app = painted(wanted, None, wanted.instances, wanted.instances, 0);
            create(mover, end, &app, audience)?;
            mover.await_all_up(&end.new, audience)?;
            mover.finish(&end.new, wanted.instances, args.send.stable, audience)
        }
        Job::Scale(member, instances) => mover.finish(&member.id, *instances, args.send.stable, audience),
        Job::Replace(old, canary) => {
            // As zdd.py: the number that runs is what carries the load. What is written follows at the end.
            let target = if old.instances == 0 { wanted.instances } else { old.instances };
            let first = args.colour.step.unwrap_or(1).min(canary.unwrap_or(target));
            let app = painted(wanted, Some(old), first, target, canary.unwrap_or(0));
            create(mover, end, &app, audience)?;
            takes_over(args, mover, end, (target, *canary, old.target.is_some()), audience)
        }
        Job::Continue(pair, canary) => {
            let target = pair.new.target.unwrap_or(pair.old.instances.max(pair.new.instances));
            takes_over(args, mover, end, (target, *canary, pair.old.target.is_some()), audience)
        }
        Job::Abort(pair) => {
            let known = before(pair);
            abort(args, mover, end, known, audience)?;
            mover.finish(&pair.old.id, known, args.send.stable, audience)
        }
    }
}

fn create(
    mover: &mut Mover<'_, '_>,
    end: &mut ColourEnd,
    app: &Json,
    audience: &mut dyn Audience,
) -> Result<(), Halt> {
    let created = mover.create(app, audience);
    end.is_created = !matches!(created, Err(Halt::Refused(..) | Halt::Locked(..) | Halt::Silent(_)));
    created
}

/// The new app takes over: all instances, or only those of a canary.
fn takes_over(
    args: &Args,
    mover: &mut Mover<'_, '_>,
    end: &mut ColourEnd,
    (target, canary, stops_single): (u64, Option<u64>, bool),
    audience: &mut dyn Audience,
) -> Result<(), Halt> {
    let old = end.old.clone().unwrap_or_default();
    let aim = canary.map_or(ColourAim::All(target), ColourAim::Canary);
    mover.exchange(
        &old,
        &end.new,
        Way { aim, step: args.colour.step, stops_single, goes_back: false },
        audience,
    )?;
    end.is_moved = canary.is_none();
    let instances = match canary {
        Some(number) => number,
        None if args.plan.keep_instances => target,
        None => end.instances,
    };
    end.instances = instances;
    mover.finish(&end.new, instances, args.send.stable, audience)
}

/// All instances go back to the old app. marathon-lb fails for one that it does not know and that is changed; then the new
/// one is made smaller instead.
fn abort(
    args: &Args,
    mover: &mut Mover<'_, '_>,
    end: &ColourEnd,
    instances: u64,
    audience: &mut dyn Audience,
) -> Result<(), Halt> {
    // The deployment that is to be undone may still hold the new version.
    mover.unlocked = Some(end.new.clone());
    let old = end.old.clone().unwrap_or_default();
    if !end.old_is_known {
        return mover.shrink(&end.new, &old, audience);
    }
    let way =
        Way { aim: ColourAim::All(instances), step: args.colour.step, stops_single: true, goes_back: true };
    mover.exchange(&end.new, &old, way, audience)
}

/// The way back after a failure.
fn go_back(
    args: &Args,
    end: &ColourEnd,
    mover: &mut Mover<'_, '_>,
    audience: &mut dyn Audience,
) -> Result<(), Halt> {
    let Some(old) = &end.old else {
        mover.unlocked = Some(end.new.clone());
        return mover.delete(&end.new, audience);
    };
    abort(args, mover, end, end.before, audience)?;
    mover.finish(old, end.before, Duration::ZERO, audience)
}

/// How many instances the old app had before.
fn before(pair: &Pair) -> u64 {
    pair.new.target.unwrap_or(pair.old.instances)
}

fn painted(wanted: &Pairable, old: Option<&Member>, instances: u64, target: u64, new_instances: u64) -> Json {
    let colour = end::next_colour(old);
    let started = started_at(OffsetDateTime::now_utc(), old.map_or("", |old| old.started_at.as_str()));
    wanted.painted(&Paint {
        colour,
        port: wanted.port_beside(old.and_then(|old| old.service_port)),
        instances,
        terms: Terms { started_at: &started, target, new_instances },
    })
}
