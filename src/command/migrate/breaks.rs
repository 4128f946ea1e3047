//! `migrate --from A --to B --report`: what definitions that A accepts lose with B. Nothing is written.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::super::discover::{Walk, WalkEnd};
use super::super::input::{Input, report_error};
use super::super::{Exit, Terminal};
use super::{Args, reader};
use crate::finding::{Effect, Finding};
use crate::lint;
use crate::migrate::{self, MigrateError, MigrationPlan, MigrationStep};
use crate::report::text::place_in;
use crate::secret_scan::Secrets;
use crate::source::{Format, Kind, LineIndex};
use crate::target::Settings;
use crate::util::text::count;

use super::super::format::DataFormat;

/// What was found so far.
#[derive(Default)]
struct BreakTotals {
    files: usize,
    breaking: usize,
    rejected: usize,
    ignored: usize,
    steps: usize,
    /// Definitions that the earlier target rejects too.
    bad_before: usize,
    /// What is known of each definition that breaks or migrates, where a program asks.
    told: Option<Vec<Json>>,
    exit: Option<Exit>,
}

pub(super) fn run(
    args: &Args,
    from: &Settings,
    plan: &MigrationPlan,
    walk: &mut Walk,
    term: &mut Terminal,
) -> anyhow::Result<Exit> {
    let is_json = args.format == DataFormat::Json;
    let mut totals = BreakTotals { told: is_json.then(Vec::new), ..BreakTotals::default() };
    for file in std::mem::take(&mut walk.files) {
        match reader(args.kind).read(&file, walk, term) {
            Ok(Some((input, kind))) => totals.compare(&input, kind, from, plan, term)?,
            Ok(None) => {}
            Err(error) => totals.exit = totals.exit.max(Some(report_error(&error, term)?)),
        }
    }
    if walk.end(&args.walk, term)? == WalkEnd::Unreadable {
        totals.exit = Some(Exit::Usage);
    }
    term.out().flush()?;
    let BreakTotals { files, breaking, rejected, ignored, steps, bad_before, told, exit } = totals;
    let (old, new) = (from.release, plan.settings.release);
    if let Some(told) = told {
        term.out_value(&json!({
            "version": 1, "from": old.to_string(), "to": new.to_string(), "settings": in_words(&plan.settings),
            "definitions": files, "breaking": breaking, "rejectedBefore": bad_before, "files": told,
        }))?;
    }
    let notes = walk.notes(args.walk.verbose);
    let before = match bad_before {
        0 => String::new(),
        bad => format!("; {} that Marathon {old} rejects already", count(bad, "definition")),
    };
    writeln!(
        term.err(),
        "from Marathon {old} to {new}: {breaking} of {} break ({} rejected, {} ignored); `milepost migrate` makes {}{before}{notes}",
        count(files, "definition"),
        count(rejected, "place"),
        count(ignored, "place"),
        count(steps, "step"),
    )?;
    writeln!(term.err(), "for these settings of Marathon {new}: {}", in_words(&plan.settings))?;
    let worst = if breaking > 0 { Exit::Findings } else { Exit::Fine };
    Ok(exit.unwrap_or(Exit::Fine).max(worst))
}

impl BreakTotals {
    fn compare(
        &mut self,
        input: &Input,
        kind: Kind,
        from: &Settings,
        plan: &MigrationPlan,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let (name, document) = (&input.name, &input.document);
        self.files += 1;
        let is_loss =
            |finding: &Finding| matches!(finding.effect, Effect::Rejected | Effect::Fails | Effect::Ignored);
        let mut before = lint::check(document, kind, from);
        let mut after = lint::check(document, kind, &plan.settings);
        before.retain(is_loss);
        after.retain(is_loss);
        self.bad_before += usize::from(before.iter().any(|finding| finding.effect == Effect::Rejected));
        let is_old =
            |found: &Finding| before.iter().any(|old| old.rule == found.rule && old.pointer == found.pointer);
        let secrets = Secrets::of(document.text());
        for found in &mut after {
            secrets.hide_in_finding(document.text(), found);
        }
        let new: Vec<&Finding> = after.iter().filter(|found| !is_old(found)).collect();
        let lines = LineIndex::new(document.text());
        for found in &new {
            let place = place_in(name, document.text(), &lines, found.range.start);
            let what = found.effect.name();
            let help = found.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
            if self.told.is_none() {
                writeln!(term.report(), "{place}: {what} [{}]: {}{help}", found.rule, found.message)?;
            }
            *if found.effect == Effect::Rejected { &mut self.rejected } else { &mut self.ignored } += 1;
        }
        self.breaking += usize::from(!new.is_empty());
        let mut steps: Vec<Json> = Vec::new();
        let format = Format::of_path(Path::new(name));
        match migrate::migrate(document.text(), format, Some(kind), plan) {
            Ok(migration) => {
                self.steps += migration.steps.len();
                steps = migration.steps.iter().map(step_of).collect();
                for step in migration.steps.iter().filter(|_| self.told.is_none()) {
                    let pointer = step.pointer.to_string();
                    writeln!(
                        term.report(),
                        "{name}: would migrate {pointer:?} [{}]: {}",
                        step.rule,
                        step.what
                    )?;
                }
            }
            // Why it is rejected is said above.
            Err(MigrateError::Refused(_) | MigrateError::NoDefinition | MigrateError::TooDeep) => {}
        }
        if let Some(told) = &mut self.told
            && !(new.is_empty() && steps.is_empty())
        {
            let findings: Vec<Json> =
                new.iter().map(|found| finding_of(found, document.text(), &lines)).collect();
            told.push(json!({ "path": name, "findings": findings, "steps": steps }));
        }
        Ok(())
    }
}

fn finding_of(found: &Finding, text: &str, lines: &LineIndex) -> Json {
    let at = lines.position(text, found.range.start);
    json!({
        "line": at.line, "column": at.column, "pointer": found.pointer.to_string(), "rule": found.rule.slug,
        "effect": found.effect.name(), "message": found.message, "help": found.help,
    })
}

fn step_of(step: &MigrationStep) -> Json {
    json!({ "pointer": step.pointer.to_string(), "rule": step.rule.slug, "what": step.what })
}

/// The settings that the answer depends on.
fn in_words(settings: &Settings) -> String {
    let features = [
        (settings.secrets, "secrets"),
        (settings.external_volumes, "external_volumes"),
        (settings.gpu_resources, "gpu_resources"),
    ];
    let on: Vec<&str> = features.into_iter().filter(|(is_on, _)| *is_on).map(|(_, name)| name).collect();
    let features =
        if on.is_empty() { "no features".to_owned() } else { format!("features {}", on.join(", ")) };
    let network = settings.default_network.as_deref().unwrap_or("none");
    let enforces = if settings.new_groups_enforce_role { "top" } else { "off" };
    format!(
        "{features}; role {}; default network {network}; roles of new groups {enforces} (--target, --feature, --mesos-role, … change them)",
        settings.mesos_role
    )
}
