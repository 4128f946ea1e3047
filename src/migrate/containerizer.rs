//! Moves apps from the Docker Engine to the Universal Container Runtime.

use std::collections::{HashMap, HashSet};

use crate::credential::{self, Moved};
use crate::lint;
use crate::source::{Document, EditError, Pointer};

use super::Ucr;
use super::apps::Owners;
use super::proof::{Exempt, StoredDifference, differences};
use super::run::{MigrationRun, stored};
use super::step::{
    LeftForm, LeftReason, MigrationStep, SECRET_PATHS, SPLIT_PATHS, StepNote, TO_UCR, TO_UCR_PATHS,
};

/// Apps that are not moved, and why.
type Stay = Vec<(Pointer, String)>;

impl MigrationRun<'_> {
    /// Moves all apps that can be moved, except those that the target would then reject, or store with other changes
    /// than the intended ones.
    pub(super) fn move_to_ucr(&mut self, ucr: &Ucr) {
        let mut stay = Stay::new();
        loop {
            let Ok(document) = Document::parse(self.text.as_str(), self.format) else { return };
            let stays: HashSet<&Pointer> = stay.iter().map(|(pointer, _)| pointer).collect();
            let is_wanted = |pointer: &Pointer| !stays.contains(pointer);
            let moved = credential::to_ucr(document, self.kind, (ucr.secret.as_ref(), ucr.look), &is_wanted);
            let (document, moved, blocked) = match moved {
                Ok(moved) => moved,
                Err(error) => return self.left.push(not_edited(&error)),
            };
            let text = document.text().to_owned();
            if moved.is_empty() {
                self.stay(stay, &blocked);
                return;
            }
            match self.check_moved(&text, &moved) {
                Ok(value) => {
                    self.stay(stay, &blocked);
                    self.take(text, Ok(value));
                    let ids = self.owners.ids();
                    self.moved = moved
                        .iter()
                        .filter_map(|app| ids.get(&app.pointer))
                        .map(|id| (*id).to_owned())
                        .collect();
                    for app in moved {
                        self.take_moved(app);
                    }
                    return;
                }
                Err(at_fault) if at_fault.is_empty() => {
                    let why = "it is unknown what Marathon would store of it".to_owned();
                    stay.extend(moved.into_iter().map(|app| (app.pointer, why.clone())));
                }
                Err(at_fault) => stay.extend(at_fault),
            }
        }
    }

    fn take_moved(&mut self, app: Moved) {
        self.notes.extend(app.notes.into_iter().map(|text| StepNote { pointer: app.pointer.clone(), text }));
        self.steps.push(MigrationStep {
            rule: &TO_UCR,
            pointer: app.pointer.key("container"),
            why: "it runs on the Docker Engine".to_owned(),
            what: app.done.join(", "),
            is_unsafe: true,
        });
    }

    fn stay(&mut self, stay: Stay, blocked: &[crate::finding::Finding]) {
        self.left.extend(
            blocked.iter().map(|found| LeftForm { rule: &TO_UCR, ..LeftForm::of(found, LeftReason::ByHand) }),
        );
        self.left.extend(stay.into_iter().map(|(pointer, why)| LeftForm {
            rule: &TO_UCR,
            pointer: pointer.key("container"),
            message: "this app stays on the Docker Engine".to_owned(),
            help: None,
            reason: LeftReason::Unproven(why),
        }));
    }

    /// What Marathon would store after these apps were moved, or the apps that must not be moved, and why; no apps
    /// where the cause is unknown.
    fn check_moved(&self, text: &str, moved: &[Moved]) -> Result<serde_json::Value, Stay> {
        let Ok(before) = &self.stored else { return Err(Stay::new()) };
        match stored(text, self.format, self.kind, self.plan) {
            Ok(after) => {
                let ids = self.owners.ids();
                let id_of = |app: &Moved| ids.get(&app.pointer).copied().unwrap_or_default();
                let mut exempt = Exempt::default();
                for app in moved {
                    exempt.in_app(id_of(app), TO_UCR_PATHS);
                    if app.has_secret {
                        exempt.in_app(id_of(app), SECRET_PATHS);
                    }
                    if app.has_split {
                        exempt.in_app(id_of(app), SPLIT_PATHS);
                    }
                }
                let differences = differences(before, &after, &exempt);
                if differences.is_empty() {
                    let at_fault = self.not_running(text, moved);
                    return if at_fault.is_empty() { Ok(after) } else { Err(at_fault) };
                }
                let of_app = |StoredDifference { app, path }| Some((app?, path));
                let differ: HashMap<String, String> = differences.into_iter().filter_map(of_app).collect();
                let at_fault = moved.iter().filter_map(|app| {
                    let path = differ.get(id_of(app))?;
                    Some((app.pointer.clone(), format!("Marathon would not store the same at {path:?}")))
                });
                Err(at_fault.collect())
            }
            Err(refused) => {
                let owners = Owners::of(text, self.format, self.kind);
                let mut innocent: HashSet<&Pointer> = moved.iter().map(|app| &app.pointer).collect();
                let at_fault = refused.iter().filter_map(|found| {
                    let place = innocent.take(owners.path_of(found)?)?;
                    Some((place.clone(), format!("Marathon would reject it on UCR: {}", found.message)))
                });
                Err(at_fault.collect())
            }
        }
    }
}

impl MigrationRun<'_> {
    /// The moved apps of which no instance would start on UCR, and why.
    fn not_running(&self, text: &str, moved: &[Moved]) -> Stay {
        let Ok(document) = Document::parse(text, self.format) else { return Stay::new() };
        let owners = Owners::of(text, self.format, self.kind);
        let mut innocent: HashSet<&Pointer> = moved.iter().map(|app| &app.pointer).collect();
        let failures = lint::failures(&document, self.kind, &self.plan.settings).into_iter();
        let at_fault = failures.filter_map(|found| {
            let place = innocent.take(owners.path_of(&found)?)?;
            Some((place.clone(), format!("its tasks would fail on UCR: {}", found.message)))
        });
        at_fault.collect()
    }
}

fn not_edited(error: &EditError) -> LeftForm {
    let message = "there are apps on the Docker Engine".to_owned();
    LeftForm { rule: &TO_UCR, pointer: Pointer::root(), message, help: None, reason: LeftReason::of(error) }
}
