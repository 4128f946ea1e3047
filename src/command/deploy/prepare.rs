//! From arguments to a plan: read, ask the server, check, compare.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::slice;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::super::connection::LongConnection;
use super::super::diff::updates;
use super::super::environment;
use super::super::remote::Remote;
use super::super::target::{NO_FILES, NamedTarget, WithoutAnswer};
use super::super::{Exit, Terminal};
use super::input::{InputArgs, Inputs};
use super::not_begun::{FoundBefore, MayBegin, NotBegun};
use super::taken;
use crate::deploy::{
    Action, AskedGroup, DefinitionText, Plan, PlanOptions, PlannedService, SavedPlan, asked_groups, colour,
};
use crate::finding::{Effect, Finding, Severity};
use crate::http::{Client, Endpoint};
use crate::lint;
use crate::marathon::{GetError, Running, StateReader};
use crate::normalize::{Normalized, answered};
use crate::rule::CHECK_WITHOUT_PORT;
use crate::source::{Document, Kind};
use crate::state::{ServerState, is_below};
use crate::target::Settings;
use crate::util::hash::Set;
use crate::util::text::count;

/// The arguments that `plan` and `deploy` share.
#[derive(Debug, clap::Args)]
pub(in super::super) struct PlanArgs {
    /// Keep the number of instances of what runs
    #[arg(long)]
    pub(super) keep_instances: bool,

    /// Remove what is in a deployed group and in no file
    #[arg(long)]
    pub(super) prune: bool,

    /// Send what Marathon would ignore in part; what it would reject is never sent
    #[arg(long, hide_short_help = true)]
    no_check: bool,

    // What has a heading comes last: clap puts all that follows under it.
    #[command(flatten)]
    pub(in super::super) input: InputArgs,

    #[command(flatten)]
    pub(super) connection: LongConnection,

    #[command(flatten)]
    target: NamedTarget,
}

/// A server, and what is to be done with it.
pub(in super::super) struct Prepared {
    pub(in super::super) client: Client,
    pub(in super::super) endpoint: Endpoint,
    pub(in super::super) settings: Settings,
    pub(in super::super) texts: Vec<DefinitionText>,
    pub(in super::super) running: BTreeMap<String, Running>,
    pub(in super::super) plan: Plan,
    /// What the server holds of the texts.
    pub(in super::super) held: Vec<Normalized>,
    /// When it is given up, where there is a time for all of it.
    pub(super) until: Option<Instant>,
}

/// A server, and definitions that it takes.
pub(super) struct Checked {
    pub(super) client: Client,
    pub(super) endpoint: Endpoint,
    pub(super) settings: Settings,
    pub(super) texts: Vec<DefinitionText>,
    /// When it is given up, where there is a time for all of it.
    pub(super) until: Option<Instant>,
}

/// A server and what was read for it.
struct Opened {
    client: Client,
    endpoint: Endpoint,
    settings: Settings,
    inputs: Inputs,
    until: Option<Instant>,
}

/// From now on no request of this client goes on for longer than this time: when it ends.
fn end_within(client: &mut Client, time: Option<Duration>) -> Option<Instant> {
    let until = time.map(|time| Instant::now() + time);
    client.end_at(until);
    until
}

/// What a server would store of all texts.
fn all_stored(texts: &[DefinitionText], settings: &Settings) -> Vec<Normalized> {
    texts.iter().map(|text| answered(text.document.root(), text.kind, settings)).collect()
}

impl PlanArgs {
    /// Reads, checks and compares everything, where there is a time for all of it within that; why, where nothing can be sent.
    pub(in super::super) fn prepare(
        &self,
        time: Option<Duration>,
        term: &mut Terminal,
    ) -> MayBegin<Prepared> {
        let Opened { client, endpoint, settings, inputs, until } = self.open(time, term)?;
        let texts = match inputs {
            Inputs::Texts(texts) => texts,
            Inputs::Saved(saved) => {
                let checked = Checked { client, endpoint, settings, texts: Vec::new(), until };
                return saved_plan(*saved, checked, term);
            }
        };
        let options = PlanOptions { keep_instances: self.keep_instances, prune: self.prune };
        planned(Checked { client, endpoint, settings, texts, until }, options, self.no_check, term)
    }

    /// Reads and checks everything, and plans nothing; why, where nothing can be sent.
    pub(super) fn checked(&self, time: Duration, term: &mut Terminal) -> MayBegin<Checked> {
        let Opened { client, endpoint, settings, inputs, until } = self.open(Some(time), term)?;
        let Inputs::Texts(texts) = inputs else {
            anyhow::bail!("a saved plan is applied as it is: deploy it without --strategy");
        };
        let checked = Checked { client, endpoint, settings, texts, until };
        let checked = check_against(checked, self.no_check, term, |_, _, _, _| Ok(()))?;
        Ok(checked.map(|(checked, ..)| checked))
    }

    /// The address of the server that is meant, where it can be found out.
    pub(super) fn address(&self) -> Option<String> {
        let project = environment::project(&self.input.files()).ok()?;
        self.connection.address_in(project.as_ref())
    }

    /// The groups that the server can tell its own plan of.
    pub(in super::super) fn asked(&self, prepared: &Prepared) -> Vec<AskedGroup> {
        // Of other numbers of instances the server knows nothing.
        if self.keep_instances {
            return Vec::new();
        }
        asked_groups(&prepared.texts, &prepared.held, &prepared.settings)
    }

    fn open(&self, time: Option<Duration>, term: &mut Terminal) -> anyhow::Result<Opened> {
        let files = self.input.files();
        let project = environment::project(&files)?;
        let (endpoint, mut client) = self.connection.open_in(project.as_ref())?;
        let environment = (project.as_ref(), self.connection.environment());
        let of_plans = [
            ("--keep-instances", self.keep_instances),
            ("--prune", self.prune),
            ("--no-check", self.no_check),
        ];
        let of_plans: Vec<_> =
            of_plans.into_iter().filter(|(_, is_given)| *is_given).map(|(option, _)| option).collect();
        let inputs = self.input.read(&client, environment, (self.prune, &of_plans), term)?;
        // Not before: what comes through a pipe may take longer.
        let until = end_within(&mut client, time);
        let settings = patiently(&client, || {
            let of_file = project.as_ref().map(|project| project.aim.clone()).unwrap_or_default();
            self.target.settings_over(of_file, &client, &endpoint, WithoutAnswer::Fail, term)
        })?;
        Ok(Opened { client, endpoint, settings, inputs, until })
    }
}

/// The plan of one text, made within a time as `milepost deploy` makes it; why, where it cannot be sent.
pub(super) fn of_text(
    text: DefinitionText,
    (prune, no_check): (bool, bool),
    (Remote { mut client, endpoint }, target): (Remote, &NamedTarget),
    time: Duration,
    term: &mut Terminal,
) -> MayBegin<Prepared> {
    let until = end_within(&mut client, Some(time));
    client.insist(true);
    let settings =
        patiently(&client, || target.settings_at(NO_FILES, &client, &endpoint, WithoutAnswer::Fail, term))?;
    let checked = Checked { client, endpoint, settings, texts: vec![text], until };
    planned(checked, PlanOptions { prune, ..PlanOptions::default() }, no_check, term)
}

/// Checks the texts, compares them with what runs, and plans.
fn planned(
    checked: Checked,
    options: PlanOptions,
    no_check: bool,
    term: &mut Terminal,
) -> MayBegin<Prepared> {
    let (checked, held, running) = match check_against(checked, no_check, term, running)? {
        Ok(checked) => checked,
        Err(not_begun) => return Ok(Err(not_begun)),
    };
    let Checked { client, endpoint, settings, texts, until } = checked;
    if options.prune && texts.iter().all(|text| text.kind != Kind::Group) {
        writeln!(
            term.err(),
            "warning: --prune removes nothing: it removes what is in a deployed group and in no file, and no group is \
             deployed"
        )?;
    }
    taken::expect_free(&all_stored(&texts, &settings), &held, (&client, &endpoint))?;
    let mut plan = Plan::of(&texts, &held, &running, options, &settings)?;
    warn_of_colours(&mut plan, &client, &endpoint)?;
    if let Some(why) = plan.units.iter().find_map(|unit| unit.change.as_ref()?.why_impossible()) {
        anyhow::bail!("nothing was sent: {why}");
    }
    Ok(Ok(Prepared { client, endpoint, settings, texts, running, plan, held, until }))
}

/// Warns of new apps that come beside others of their deployment group, which serve the same clients.
fn warn_of_colours(plan: &mut Plan, client: &Client, endpoint: &Endpoint) -> anyhow::Result<()> {
    let created = |service: &&PlannedService| matches!(service.action, Action::Create { .. });
    let grouped: Vec<(&str, &str)> = plan.services().filter(created).filter_map(colour::group_of).collect();
    if grouped.is_empty() {
        return Ok(());
    }
    let running = patiently(client, || Ok(client.all_running(endpoint, false)?))?;
    let warnings: Vec<String> =
        grouped.iter().filter_map(|(id, group)| colour::beside(id, group, &running)).collect();
    plan.warnings.extend(warnings);
    Ok(())
}

/// Reads what the server holds of the texts, and `more` of it, and checks the texts; the findings where they show why these
/// cannot be sent.
fn check_against<T>(
    mut checked: Checked,
    no_check: bool,
    term: &mut Terminal,
    more: impl Fn(&Client, &Endpoint, &ServerState<'_>, &[Normalized]) -> Result<T, GetError>,
) -> MayBegin<(Checked, Vec<Normalized>, T)> {
    let Checked { client, endpoint, settings, texts, .. } = &checked;
    let wanted = all_stored(texts, settings);
    let wanted = ServerState::of(&wanted);
    let reader = StateReader { client, endpoint, settings };
    let (held, roles, more) = patiently(client, || {
        let held = reader.read(&wanted)?;
        let roles = reader.roles(&wanted, &held)?;
        let more = more(client, endpoint, &wanted, &held)?;
        Ok((held, roles, more))
    })?;
    checked.settings.roles = roles;
    Ok(match check(&checked.texts, &held, &checked.settings, no_check, term)? {
        Ok(()) => Ok((checked, held, more)),
        Err(findings) => Err(NotBegun { findings, ..NotBegun::at(&checked.endpoint, Exit::Findings) }),
    })
}

/// Checks all texts for the server's settings and shows what is wrong; the findings where they keep them from being sent.
fn check(
    texts: &[DefinitionText],
    held: &[Normalized],
    settings: &Settings,
    no_check: bool,
    term: &mut Terminal,
) -> anyhow::Result<Result<(), Vec<FoundBefore>>> {
    let held = ServerState::of(held).exhaustive();
    let app = |id: &str| {
        held.get(id).filter(|service| service.kind == Kind::App).map(|service| service.value.clone())
    };
    let (mut stopped, mut all) = (0, Vec::new());
    for DefinitionText { name, document, kind } in texts {
        let mut findings = findings(document, *kind, &app, &of_existing_group(document, *kind, settings));
        let stops = |finding: &Finding| match finding.effect {
            Effect::Rejected => true,
            _ => finding.severity() == Severity::Error && !no_check,
        };
        findings.retain(|finding| finding.severity() <= Severity::Warning);
        stopped += usize::from(findings.iter().any(stops));
        term.findings(name, document.text(), &findings)?;
        all.push((name, document.text(), findings));
    }
    if stopped > 0 {
        let kept = if no_check {
            "Marathon would reject it"
        } else {
            "Marathon would reject or ignore a part of it, or its tasks would fail (--no-check sends what it would not reject)"
        };
        writeln!(term.err(), "error: nothing was sent: {} cannot be: {kept}", count(stopped, "definition"))?;
    }
    if stopped == 0 {
        return Ok(Ok(()));
    }
    Ok(Err(all.into_iter().flat_map(|(name, text, found)| FoundBefore::all(name, text, &found)).collect()))
}

/// The settings for a definition: a group that exists and leaves its `enforceRole` out keeps that of the server.
fn of_existing_group<'s>(document: &Document, kind: Kind, settings: &'s Settings) -> Cow<'s, Settings> {
    let root = document.root();
    let id = root.get("id").and_then(|id| id.as_str().map(|id| super::absolute(&id)));
    let is_silent = kind == Kind::Group && root.get("enforceRole").is_none_or(|says| says.is_null());
    match id.as_deref().and_then(|id| settings.roles.enforces(id.trim_start_matches('/'))) {
        Some(enforces) if is_silent => {
            Cow::Owned(Settings { new_groups_enforce_role: enforces, ..settings.clone() })
        }
        _ => Cow::Borrowed(settings),
    }
}

/// How often the server is asked before anything is sent.
const ATTEMPTS: u32 = 4;

/// The pause before it is asked again.
const PAUSE: Duration = Duration::from_millis(300);

/// Asks a server, and again where a proxy or a server that starts answered instead: something else than Marathon, because the
/// client itself insists where there is no answer. One that cannot be reached is told at once.
fn patiently<T>(client: &Client, mut ask: impl FnMut() -> anyhow::Result<T>) -> anyhow::Result<T> {
    for _ in 1..ATTEMPTS {
        match ask() {
            Err(error) if is_of_another(&error) && !client.is_at_end() => client.pause(PAUSE),
            answer => return answer,
        }
    }
    ask()
}

/// Whether something else than Marathon has answered.
fn is_of_another(error: &anyhow::Error) -> bool {
    let is_it = |error: &GetError| match error {
        GetError::NotText { .. }
        | GetError::Page { .. }
        | GetError::NotJson { .. }
        | GetError::Unexpected { .. } => true,
        GetError::Refused { .. }
        | GetError::Client(_)
        | GetError::Said { .. }
        | GetError::TooLarge { .. }
        | GetError::TooDeep { .. } => false,
    };
    error.chain().filter_map(GetError::of_cause).any(is_it)
}

/// The findings in a text. An app that runs is updated by it, and so are the apps of an array.
fn findings(
    document: &Document,
    kind: Kind,
    held: &dyn Fn(&str) -> Option<Json>,
    settings: &Settings,
) -> Vec<Finding> {
    let mut findings = lint::check(document, kind, settings);
    let id = document.root().get("id").and_then(|id| id.as_str().map(|id| super::absolute(&id)));
    if kind == Kind::App && id.is_some_and(|id| held(&id).is_some()) {
        // Marathon adds the port index in an update.
        findings.retain(|finding| *finding.rule != CHECK_WITHOUT_PORT);
    }
    if kind == Kind::Apps {
        findings.retain(|finding| finding.effect != Effect::Rejected);
        findings.extend(updates(document, held, settings).err().into_iter().flatten());
    }
    findings
}

/// Checks an update for a server and what it holds, as `milepost deploy` does, and says where nothing of it changes an app:
/// the services that it changes, or nothing where that shows why it cannot be sent.
pub(in super::super) fn update_passes(
    text: &DefinitionText,
    Remote { client, endpoint }: &Remote,
    settings: Settings,
    term: &mut Terminal,
) -> anyhow::Result<Option<BTreeSet<String>>> {
    let texts = slice::from_ref(text);
    let wanted = all_stored(texts, &settings);
    let wanted = ServerState::of(&wanted);
    let reader = StateReader { client, endpoint, settings: &settings };
    let held = reader.read(&wanted)?;
    let roles = reader.roles(&wanted, &held)?;
    let settings = Settings { roles, ..settings };
    if check(texts, &held, &settings, false, term)?.is_err() {
        return Ok(None);
    }
    let plan = Plan::of(texts, &held, &BTreeMap::new(), PlanOptions::default(), &settings)?;
    if text.kind == Kind::Apps && plan.is_empty() {
        writeln!(term.err(), "warning: {}: nothing of it changes the app", text.name)?;
    }
    let changed = plan.services().filter(|service| service.action != Action::Nothing);
    Ok(Some(changed.map(|service| service.id.clone()).collect()))
}

/// What runs of the services that a plan is about: those that are wanted, and those in the groups that are.
fn running(
    client: &Client,
    endpoint: &Endpoint,
    wanted: &ServerState<'_>,
    held: &[Normalized],
) -> Result<BTreeMap<String, Running>, GetError> {
    let held = ServerState::of(held);
    let groups: Vec<&str> = wanted.whole_groups().collect();
    let is_meant = |id: &str| wanted.get(id).is_some() || groups.iter().any(|group| is_below(id, group));
    let services: Vec<(&str, Kind)> =
        held.services().filter(|(id, _)| is_meant(id)).map(|(id, service)| (id, service.kind)).collect();
    read_running(client, endpoint, &services)
}

fn read_running(
    client: &Client,
    endpoint: &Endpoint,
    services: &[(&str, Kind)],
) -> Result<BTreeMap<String, Running>, GetError> {
    let asked: Set<&str> = services.iter().map(|(id, _)| *id).collect();
    let mut found = client.running_or_all(endpoint, services)?;
    found.retain(|id, _| asked.contains(id.as_str()));
    client.note_deployments_of_pods(endpoint, &mut found)?;
    Ok(found)
}

/// Reads what runs of the services of a saved plan, and refuses one for another server or for what no longer runs.
fn saved_plan(
    saved: SavedPlan,
    Checked { client, endpoint, settings, until, .. }: Checked,
    term: &mut Terminal,
) -> MayBegin<Prepared> {
    if saved.server != endpoint.name() {
        anyhow::bail!("this plan is for {}, not for {endpoint}: plan again", saved.server);
    }
    let mut plan = saved.plan()?;
    let (running, outdated) = now(&plan, &client, &endpoint, &settings)?;
    if !tell_outdated(&outdated, "what runs is not what the plan was made against: plan again", term)? {
        return Ok(Err(NotBegun::at(&endpoint, Exit::Outdated)));
    }
    plan.changes = plan.differences(&settings);
    plan.warn(&running);
    let (texts, held) = (Vec::new(), Vec::new());
    Ok(Ok(Prepared { client, endpoint, settings, texts, running, plan, held, until }))
}

/// What runs now of the services of a plan, and why that is not what it was made against; nothing where it is.
fn now(
    plan: &Plan,
    client: &Client,
    endpoint: &Endpoint,
    settings: &Settings,
) -> anyhow::Result<(BTreeMap<String, Running>, Vec<String>)> {
    let running = if plan.pruned.is_empty() {
        let services: Vec<(&str, Kind)> =
            plan.services().map(|service| (service.id.as_str(), service.kind)).collect();
        read_running(client, endpoint, &services)?
    } else {
        // What has come into a group that is pruned is in no service of the plan.
        let mut all = client.all_running(endpoint, true)?;
        client.note_deployments_of_pods(endpoint, &mut all)?;
        all
    };
    let outdated = plan.outdated(&running, settings);
    Ok((running, outdated))
}

/// Tells why a plan cannot be carried out any more, and `summary`; whether it can be.
fn tell_outdated(outdated: &[String], summary: &str, term: &mut Terminal) -> anyhow::Result<bool> {
    for reason in outdated {
        writeln!(term.err(), "error: {reason}")?;
    }
    if !outdated.is_empty() {
        writeln!(term.err(), "error: nothing was sent: {summary}")?;
    }
    Ok(outdated.is_empty())
}

/// Whether what runs is still what the plan was made against: an answer to a question takes its time.
pub(super) fn is_as_planned(prepared: &Prepared, term: &mut Terminal) -> anyhow::Result<bool> {
    let Prepared { client, endpoint, settings, plan, .. } = prepared;
    let (_, outdated) = patiently(client, || now(plan, client, endpoint, settings))?;
    tell_outdated(&outdated, "what runs has changed since the plan was shown: deploy again", term)
}
