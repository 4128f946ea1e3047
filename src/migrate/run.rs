//! Migrates one text: finds old forms, fixes them and proves the result, until no more can be fixed.

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;

use crate::finding::{Effect, Finding, FixKind, Rule, Stage};
use crate::fix::UnfixedText;
use crate::lint::{self, Linter};
use crate::normalize::normalize;
use crate::rule::advice;
use crate::schema;
use crate::source::{self, Document, Format, Kind, Pointer};

use super::apps::Owners;
use super::proof::{Exempt, difference};
use super::step::{LeftForm, LeftReason, MigrationStep, StepNote, paths};
use super::{MigrateError, Migration, MigrationPlan, empty};

/// The most rounds for one text.
const MAX_ROUNDS: usize = 64;

/// A text and its migration so far.
pub(super) struct MigrationRun<'p> {
    pub(super) plan: &'p MigrationPlan,
    pub(super) format: Format,
    pub(super) kind: Kind,
    pub(super) text: String,
    /// What Marathon would store, or why it would reject the text.
    pub(super) stored: Result<Json, Vec<Finding>>,
    pub(super) steps: Vec<MigrationStep>,
    pub(super) left: Vec<LeftForm>,
    pub(super) notes: Vec<StepNote>,
    /// The ids of apps that were moved to another containerizer.
    pub(super) moved: HashSet<String>,
    /// The apps in the text, and their ids.
    pub(super) owners: Owners,
    /// Steps that could not be proven, by their rules and paths, and why.
    unproven: HashMap<(&'static str, Pointer), LeftReason>,
}

/// Steps that were made and proven.
struct ProvenSteps {
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
    let mut report = Linter::default().lint(text.into(), format, kind, &plan.settings);
    let is_unread = |found: &Finding| found.stage() == Some(Stage::Syntax);
    if report.findings.iter().any(is_unread) {
        report.findings.retain(is_unread);
        return Err(MigrateError::Refused(report.findings));
    }
    let Some(kind) = report.kind else { return Err(MigrateError::NoDefinition) };
    if Document::parse(report.text.as_str(), format).is_ok_and(|document| document.is_too_deep()) {
        return Err(MigrateError::TooDeep);
    }
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
    run.record_left();
    let MigrationRun { text, steps, left, notes, .. } = run;
    Ok(Migration { text, steps, left, notes })
}

/// What Marathon would store of a text, or why it would reject it.
pub(super) fn stored(
    text: &str,
    format: Format,
    kind: Kind,
    plan: &MigrationPlan,
) -> Result<Json, Vec<Finding>> {
    // The text was parsed before, and fixes leave it valid.
    let Ok(document) = Document::parse(text, format) else { return Err(Vec::new()) };
    stored_of(&document, kind, plan)
}

fn stored_of(document: &Document, kind: Kind, plan: &MigrationPlan) -> Result<Json, Vec<Finding>> {
    normalize(document, kind, &plan.settings).map(|normalized| normalized.value)
}

/// What identifies a step.
fn key(found: &Finding) -> (&'static str, Pointer) {
    (found.rule.slug, found.pointer.clone())
}

fn ends_with(pointer: &Pointer, names: &[&str]) -> bool {
    let is = |(step, name): (&source::Step, &&str)| matches!(step, source::Step::Key(key) if key == name);
    let steps = pointer.steps();
    steps.len() >= names.len() && steps[steps.len() - names.len()..].iter().zip(names).all(is)
}

/// Moves the findings of a text after some steps to their locations in the text before.
fn put_back(mut refused: Vec<Finding>, before: &str, after: &str, format: Format) -> Vec<Finding> {
    let Ok(document) = Document::parse(before, format) else { return refused };
    if before == after {
        return refused;
    }
    for found in &mut refused {
        let mut path = found.pointer.clone();
        // A missing field is located at the object that lacks it.
        let value = loop {
            match (document.at(&path), path.parent()) {
                (Some(value), _) => break value,
                (None, Some((parent, _))) => path = parent,
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
                        // They cannot be combined: makes one, and then those that can still be proven.
                        match self.attempt(&wanted[..1]) {
                            Ok(made) => self.make(made),
                            Err(why) => self.single_out(&wanted[..1], why),
                        }
                    }
                }
            }
        }
    }

    fn make(&mut self, made: ProvenSteps) {
        self.take(made.text, made.stored);
        self.steps.extend(made.steps);
    }

    /// Continues with another text.
    pub(super) fn take(&mut self, text: String, stored: Result<Json, Vec<Finding>>) {
        self.owners = Owners::of(&text, self.format, self.kind);
        self.text = text;
        self.stored = stored;
    }

    /// Old forms in the text as it is.
    fn find(&self) -> Vec<Finding> {
        let Ok(document) = Document::parse(self.text.as_str(), self.format) else { return Vec::new() };
        let mut found = lint::check(&document, self.kind, &self.plan.settings);
        let reported: HashSet<Pointer> = found.iter().map(|found| found.pointer.clone()).collect();
        found.retain(|found| self.is_about_form(found));
        for found in found.iter_mut().filter(|found| *found.rule == advice::MAPPINGS_ON_HOST_NETWORK) {
            // A change of the network is not a change of form.
            found.fix = None;
        }
        let empty = empty::find(&document, self.kind).into_iter();
        let empty: Vec<_> =
            empty.filter(|form| !reported.contains(&form.pointer) && self.is_about_form(form)).collect();
        found.extend(empty);
        found
    }

    /// Whether a finding is about a form of an earlier release, for the selected rules.
    fn is_about_form(&self, found: &Finding) -> bool {
        let is = |rule: &Rule| found.rule == rule;
        self.plan.rules.contains(&found.rule)
            && if is(&schema::UNKNOWN_VALUE) {
                // Only for the word that Marathon 1.4 knew.
                let written = self.text.get(found.range.clone()).unwrap_or_default();
                written.trim_matches(['"', '\'']).eq_ignore_ascii_case("tcp,udp")
            } else if is(&schema::MISSING_FIELD) {
                // Only for the field that had a default in Marathon 1.4.
                found.fix.is_some()
            } else if is(&advice::DEFINITIONS_OFF_HOST_NETWORK) {
                // Only for the older of the two lists.
                ends_with(&found.pointer, &["ports"])
            } else if is(&advice::MAPPINGS_ON_HOST_NETWORK) {
                ends_with(&found.pointer, &["docker", "portMappings"])
            } else {
                true
            }
    }

    fn is_wanted(&self, found: &Finding) -> bool {
        // Rejections come first: while Marathon rejects the text, no other step can be proven.
        let is_due = (found.effect == Effect::Rejected) == self.stored.is_err();
        is_due && self.is_allowed(found) && self.fault(found).is_none()
    }

    fn is_allowed(&self, found: &Finding) -> bool {
        found.fix.as_ref().is_some_and(|fix| fix.kind == FixKind::Safe || self.allows_unsafe_step(found))
    }

    /// Whether the plan allows a step that changes what runs.
    fn allows_unsafe_step(&self, found: &Finding) -> bool {
        self.plan.allows_unsafe
            || *found.rule == advice::MARATHON_HEALTH_CHECK
                && self.owners.of_finding(found).is_some_and(|id| self.moved.contains(id))
    }

    /// Why a step could not be proven.
    fn fault(&self, found: &Finding) -> Option<&LeftReason> {
        self.unproven.get(&key(found))
    }

    /// Makes as many of these steps as can be combined, if they can be proven; otherwise returns why not.
    fn attempt(&self, wanted: &[&Finding]) -> Result<ProvenSteps, LeftReason> {
        let unfixed = UnfixedText::read(&self.text, self.format);
        let Some((document, made)) = unfixed.round(wanted) else {
            let left = unfixed.left(wanted);
            let why = left.first().map(|(_, error)| LeftReason::of(error));
            let unknown = || LeftReason::Unproven("the text cannot be edited there".to_owned());
            return Err(why.unwrap_or_else(unknown));
        };
        let stored = stored_of(&document, self.kind, self.plan);
        let differs = match (&self.stored, &stored) {
            (Ok(before), Ok(after)) => difference(before, after, &self.exempt(&made))
                .map(|path| format!("Marathon would not store the same at {path:?}")),
            (Ok(_), Err(refused)) => Some(format!(
                "Marathon would reject it: {}",
                refused.first().map_or("", |first| &first.message)
            )),
            (Err(_), _) => self.differs_as_written(&document, &made),
        };
        if let Some(why) = differs {
            return Err(LeftReason::Unproven(why));
        }
        let text = document.text().to_owned();
        Ok(ProvenSteps { text, stored, steps: made.into_iter().map(MigrationStep::of).collect() })
    }

    /// The paths of the stored definition that steps change.
    fn exempt(&self, made: &[&Finding]) -> Exempt {
        let mut exempt = Exempt::default();
        for found in made.iter().filter(|found| !paths(found.rule).is_empty()) {
            exempt.in_app(self.owners.of_finding(found).unwrap_or_default(), paths(found.rule));
        }
        exempt
    }

    /// Compares the definitions as written, except for what Marathon rejects.
    fn differs_as_written(&self, after: &Document, made: &[&Finding]) -> Option<String> {
        let mut exempt = Exempt::default();
        for found in made {
            exempt.at(&found.pointer);
        }
        match Document::parse(&*self.text, self.format) {
            Ok(before) => difference(&before.root().to_json(), &after.root().to_json(), &exempt)
                .map(|path| format!("the definition would differ at {path:?}")),
            Err(_) => Some("the text cannot be edited there".to_owned()),
        }
    }

    /// Finds the steps that cannot be proven, by bisection.
    fn single_out(&mut self, wanted: &[&Finding], why: LeftReason) {
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

    /// Records the old forms that are left in the text.
    fn record_left(&mut self) {
        for found in self.find() {
            let is_allowed = self.is_allowed(&found);
            let reason = match (&found.fix, self.fault(&found)) {
                (_, Some(why)) => why.clone(),
                (Some(fix), None) if !is_allowed => LeftReason::Unsafe(Some(fix.title.clone())),
                (None, None) if !self.allows_unsafe_step(&found) && found.rule.fix == FixKind::Unsafe => {
                    LeftReason::Unsafe(None)
                }
                _ => LeftReason::ByHand,
            };
            self.left.push(LeftForm::of(&found, reason));
        }
    }
}
