//! One text on its way: what is found is mended, what is mended is proven, until nothing more is found.

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;

use crate::finding::{Effect, Finding, FixKind};
use crate::fix;
use crate::lint::{self, Linter};
use crate::normalize::normalize;
use crate::source::{self, Document, Format, Kind, Pointer};

use super::apps::Owners;
use super::proof::{Exempt, difference};
use super::step::{LeftForm, LeftReason, MigrationStep, StepNote, paths};
use super::{MigrateError, Migration, MigrationPlan, empty};

/// No text is gone over more often.
const MAX_ROUNDS: usize = 64;

/// A text and what came of it so far.
pub(super) struct MigrationRun<'p> {
    pub(super) plan: &'p MigrationPlan,
    pub(super) format: Format,
    pub(super) kind: Kind,
    pub(super) text: String,
    /// What Marathon would store, or why it would not.
    pub(super) stored: Result<Json, Vec<Finding>>,
    pub(super) steps: Vec<MigrationStep>,
    pub(super) left: Vec<LeftForm>,
    pub(super) notes: Vec<StepNote>,
    /// The ids of apps that were moved to another containerizer.
    pub(super) moved: HashSet<String>,
    /// Where apps stand in the text, and their ids.
    pub(super) owners: Owners,
    /// Steps that could not be proven, by their rules and places: what spoke against them.
    unproven: HashMap<(&'static str, Pointer), String>,
}

/// Steps that were made and proven.
struct Made {
    text: String,
    stored: Result<Json, Vec<Finding>>,
    steps: Vec<MigrationStep>,
}

pub(super) fn run(
    text: &str,
    format: Format,
    kind: Option<Kind>,
    plan: &MigrationPlan,
) -> Result<Migration, MigrateError> {
    let report = Linter::default().lint(text.into(), format, kind, &plan.settings);
    let is_unread = |found: &Finding| lint::NOT_CHECKED.iter().any(|rule| rule.slug == found.rule);
    if report.findings.iter().any(is_unread) {
        return Err(MigrateError::Refused(report.findings));
    }
    let Some(kind) = report.kind else { return Err(MigrateError::NoDefinition) };
    let stored = stored(&report.text, format, kind, plan);
    let mut run = MigrationRun {
        plan,
        format,
        kind,
        owners: Owners::of(&report.text, format, kind),
        text: report.text,
        stored,
        steps: Vec::new(),
        left: Vec::new(),
        notes: Vec::new(),
        moved: HashSet::new(),
        unproven: HashMap::new(),
    };
    let original = run.text.clone();
    run.settle();
    if let Err(refused) = run.stored {
        return Err(MigrateError::Refused(put_back(refused, &original, &run.text, format)));
    }
    if let Some(ucr) = &plan.to_ucr {
        run.move_to_ucr(ucr);
        run.settle();
    }
    run.take_leave();
    let MigrationRun { text, steps, left, notes, .. } = run;
    Ok(Migration { text, steps, left, notes })
}

/// What Marathon would store of a text, or why it would not.
pub(super) fn stored(
    text: &str,
    format: Format,
    kind: Kind,
    plan: &MigrationPlan,
) -> Result<Json, Vec<Finding>> {
    // What was parsed once, and what mends leave, is parsed again without fail.
    let Ok(document) = Document::parse(text, format) else { return Err(Vec::new()) };
    normalize(&document, kind, &plan.settings).map(|normalized| normalized.value)
}

/// What tells one step from another.
fn key(found: &Finding) -> (&'static str, Pointer) {
    (found.rule, found.pointer.clone())
}

fn ends_with(pointer: &Pointer, names: &[&str]) -> bool {
    let is = |(step, name): (&source::Step, &&str)| matches!(step, source::Step::Key(key) if key == name);
    let steps = pointer.steps();
    steps.len() >= names.len() && steps[steps.len() - names.len()..].iter().zip(names).all(is)
}

/// Findings in a text that some steps were made to, at their places in the text before.
fn put_back(mut refused: Vec<Finding>, before: &str, after: &str, format: Format) -> Vec<Finding> {
    let Ok(document) = Document::parse(before, format) else { return refused };
    if before == after {
        return refused;
    }
    for found in &mut refused {
        let mut way = found.pointer.clone();
        // What is missing has its place in what lacks it.
        let value = loop {
            match (document.at(&way), way.parent()) {
                (Some(value), _) => break value,
                (None, Some((parent, _))) => way = parent,
                (None, None) => break document.root(),
            }
        };
        found.range = value.first_line();
        if let Some(fix) = &mut found.fix {
            fix.changes = Vec::new();
        }
    }
    refused.sort_by_key(|found| found.range.start);
    refused
}

impl MigrationRun<'_> {
    /// Makes all steps that can be proven.
    fn settle(&mut self) {
        if self.format == Format::Yaml {
            return;
        }
        for _ in 0..MAX_ROUNDS {
            let found = self.find();
            let wanted: Vec<&Finding> = found.iter().filter(|found| self.is_wanted(found)).collect();
            if wanted.is_empty() {
                return;
            }
            match self.attempt(&wanted) {
                Ok(made) => self.make(made),
                Err(why) => {
                    let before = self.unproven.len();
                    self.single_out(&wanted, why);
                    if self.unproven.len() == before {
                        // Not all of them go together: one, and then what still can be proven.
                        match self.attempt(&wanted[..1]) {
                            Ok(made) => self.make(made),
                            Err(why) => self.single_out(&wanted[..1], why),
                        }
                    }
                }
            }
        }
    }

    fn make(&mut self, made: Made) {
        self.take(made.text, made.stored);
        self.steps.extend(made.steps);
    }

    /// Goes on with another text.
    pub(super) fn take(&mut self, text: String, stored: Result<Json, Vec<Finding>>) {
        self.owners = Owners::of(&text, self.format, self.kind);
        self.text = text;
        self.stored = stored;
    }

    /// Old forms in the text as it is.
    fn find(&self) -> Vec<Finding> {
        let Ok(document) = Document::parse(self.text.as_str(), self.format) else { return Vec::new() };
        let mut found = lint::check(&document, self.kind, &self.plan.settings);
        let told: HashSet<Pointer> = found.iter().map(|found| found.pointer.clone()).collect();
        found.retain(|found| self.is_about_form(found));
        for found in found.iter_mut().filter(|found| found.rule == "port-mappings-on-host-network") {
            // Another network is no other form.
            found.fix = None;
        }
        let empty = empty::find(&document, self.kind).into_iter();
        let empty: Vec<_> =
            empty.filter(|form| !told.contains(&form.pointer) && self.is_about_form(form)).collect();
        found.extend(empty);
        found
    }

    /// Whether a finding is about a form of an earlier release, by the rules that were chosen.
    fn is_about_form(&self, found: &Finding) -> bool {
        self.plan.rules.contains(&found.rule)
            && match found.rule {
                // Of all words, the one that Marathon 1.4 knew.
                "unknown-value" => {
                    let written = self.text.get(found.range.clone()).unwrap_or_default();
                    written.trim_matches(['"', '\'']).eq_ignore_ascii_case("tcp,udp")
                }
                // Of all fields, the one that Marathon 1.4 had a default for.
                "missing-field" => found.fix.is_some(),
                // Of the two lists there are, the old one.
                "port-definitions-off-host-network" => ends_with(&found.pointer, &["ports"]),
                "port-mappings-on-host-network" => ends_with(&found.pointer, &["docker", "portMappings"]),
                _ => true,
            }
    }

    fn is_wanted(&self, found: &Finding) -> bool {
        // What Marathon refuses comes first: without it nothing can be proven of the others.
        let is_due = (found.effect == Effect::Rejected) == self.stored.is_err();
        is_due && self.is_allowed(found) && self.fault(found).is_none()
    }

    fn is_allowed(&self, found: &Finding) -> bool {
        found.fix.as_ref().is_some_and(|fix| fix.kind == FixKind::Safe || self.is_asked_for(found))
    }

    /// Whether a step that changes what runs was asked for.
    fn is_asked_for(&self, found: &Finding) -> bool {
        self.plan.allows_unsafe
            || found.rule == "marathon-health-check"
                && self.owners.of_finding(found).is_some_and(|id| self.moved.contains(id))
    }

    /// What spoke against a step.
    fn fault(&self, found: &Finding) -> Option<&str> {
        self.unproven.get(&key(found)).map(String::as_str)
    }

    /// Makes as many of these steps as go together, if they can be proven; otherwise says what speaks against them.
    fn attempt(&self, wanted: &[&Finding]) -> Result<Made, String> {
        let Some((text, made)) = fix::round(&self.text, self.format, wanted) else {
            return Err("the text cannot be edited there".to_owned());
        };
        let stored = stored(&text, self.format, self.kind, self.plan);
        let differs = match (&self.stored, &stored) {
            (Ok(before), Ok(after)) => difference(before, after, &self.exempt(&made))
                .map(|path| format!("Marathon would not store the same at {path:?}")),
            (Ok(_), Err(refused)) => Some(format!(
                "Marathon would refuse it: {}",
                refused.first().map_or("", |first| &first.message)
            )),
            (Err(_), _) => self.differs_as_written(&text, &made),
        };
        match differs {
            Some(why) => Err(why),
            None => Ok(Made { text, stored, steps: made.into_iter().map(MigrationStep::of).collect() }),
        }
    }

    /// What steps mean to change of what is stored.
    fn exempt(&self, made: &[&Finding]) -> Exempt {
        let mut exempt = Exempt::default();
        for found in made.iter().filter(|found| !paths(found.rule).is_empty()) {
            exempt.in_app(self.owners.of_finding(found).unwrap_or_default(), paths(found.rule));
        }
        exempt
    }

    /// Compares the definitions as they are written, but for what Marathon refuses of them.
    fn differs_as_written(&self, text: &str, made: &[&Finding]) -> Option<String> {
        let parse = |text: &str| Document::parse(text, self.format).map(|document| document.root().to_json());
        let mut exempt = Exempt::default();
        for found in made {
            exempt.at(&found.pointer);
        }
        match (parse(&self.text), parse(text)) {
            (Ok(before), Ok(after)) => difference(&before, &after, &exempt)
                .map(|path| format!("the definition would not be the same at {path:?}")),
            _ => Some("the text cannot be edited there".to_owned()),
        }
    }

    /// Finds those of the steps that cannot be proven, by halves.
    fn single_out(&mut self, wanted: &[&Finding], why: String) {
        let (one, other) = match wanted {
            [] => return,
            [found] => {
                self.unproven.insert(key(found), why);
                return;
            }
            several => several.split_at(several.len() / 2),
        };
        for half in [one, other] {
            if let Err(why) = self.attempt(half) {
                self.single_out(half, why);
            }
        }
    }

    /// Tells what is left in the text.
    fn take_leave(&mut self) {
        for found in self.find() {
            let is_allowed = self.is_allowed(&found);
            let reason = match (&found.fix, self.fault(&found)) {
                (_, Some(why)) => LeftReason::Unproven(why.to_owned()),
                (Some(fix), None) if !is_allowed => LeftReason::Unsafe(Some(fix.title.clone())),
                (Some(_), None) if self.format == Format::Yaml => LeftReason::Yaml,
                (None, None) if !self.is_asked_for(&found) && is_unsafe(found.rule) => {
                    LeftReason::Unsafe(None)
                }
                _ => LeftReason::ByHand,
            };
            self.left.push(LeftForm::of(&found, reason));
        }
    }
}

/// Whether the mends of a rule change what runs.
fn is_unsafe(slug: &str) -> bool {
    lint::rules().any(|rule| rule.slug == slug && rule.fix == FixKind::Unsafe)
}
