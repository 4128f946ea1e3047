//! Apps moved from the Docker Engine to the Universal Container Runtime.

use crate::credential::{self, Moved};
use crate::source::{Document, EditError, Format, Pointer};

use super::Ucr;
use super::apps::Owners;
use super::proof::{Exempt, difference};
use super::run::{Run, stored};
use super::step::{Left, Note, Reason, SECRET_PATHS, Step, TO_UCR, TO_UCR_PATHS};

/// Apps that stay where they are, and why.
type Stay = Vec<(Pointer, String)>;

impl Run<'_> {
    /// Moves all apps that can be moved. What the target would refuse then, or would hold differently in more than was
    /// meant, stays.
    pub(super) fn move_to_ucr(&mut self, ucr: &Ucr) {
        let mut stay = Stay::new();
        loop {
            let Ok(document) = Document::parse(self.text.as_str(), self.format) else { return };
            let is_wanted = |pointer: &Pointer| !stay.iter().any(|(stays, _)| stays == pointer);
            let moved = credential::to_ucr(document, self.kind, ucr.secret.as_ref(), &is_wanted);
            let (document, moved, blocked) = match moved {
                Ok(moved) => moved,
                Err(error) => return self.left.push(not_edited(self.format, &error)),
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
                Err(Some(refused)) => stay.push(refused),
                // Whose fault it is cannot be told.
                Err(None) => {
                    let why = "what Marathon would store of it is not known".to_owned();
                    stay.extend(moved.into_iter().map(|app| (app.pointer, why.clone())));
                }
            }
        }
    }

    fn take_moved(&mut self, app: Moved) {
        self.notes.extend(app.notes.into_iter().map(|text| Note { pointer: app.pointer.clone(), text }));
        self.steps.push(Step {
            rule: TO_UCR,
            pointer: app.pointer.key("container"),
            why: "it runs on the Docker Engine".to_owned(),
            what: app.done.join(", "),
            is_unsafe: true,
        });
    }

    fn stay(&mut self, stay: Stay, blocked: &[crate::diagnostic::Diagnostic]) {
        self.left
            .extend(blocked.iter().map(|found| Left { rule: TO_UCR, ..Left::of(found, Reason::ByHand) }));
        self.left.extend(stay.into_iter().map(|(pointer, why)| Left {
            rule: TO_UCR,
            pointer: pointer.key("container"),
            message: "this app stays on the Docker Engine".to_owned(),
            help: None,
            reason: Reason::Unproven(why),
        }));
    }

    /// What would be stored of a text in which these apps were moved, or one of them that must not be, and why.
    fn check_moved(
        &self,
        text: &str,
        moved: &[Moved],
    ) -> Result<serde_json::Value, Option<(Pointer, String)>> {
        let Ok(before) = &self.stored else { return Err(None) };
        match stored(text, self.format, self.kind, self.plan) {
            Ok(after) => {
                let (ids, mut exempt) = (self.owners.ids(), Exempt::default());
                for app in moved {
                    let id = ids.get(&app.pointer).copied().unwrap_or_default();
                    exempt.in_app(id, TO_UCR_PATHS);
                    if app.has_secret {
                        exempt.in_app(id, SECRET_PATHS);
                    }
                }
                let Some(path) = difference(before, &after, &exempt) else { return Ok(after) };
                let why = format!("Marathon would not store the same at {path:?}");
                // Only of a group are the places of what is stored others than those of the text.
                let at_fault = moved.iter().find(|app| within(&path, &app.pointer));
                Err(at_fault.map(|app| (app.pointer.clone(), why)))
            }
            Err(refused) => {
                let owners = Owners::of(text, self.format, self.kind);
                let at_fault = refused.iter().find_map(|found| {
                    let place = owners.place_of(found)?;
                    let why = format!("Marathon would refuse it on UCR: {}", found.message);
                    moved.iter().any(|app| app.pointer == *place).then(|| (place.clone(), why))
                });
                Err(at_fault)
            }
        }
    }
}

fn not_edited(format: Format, error: &EditError) -> Left {
    let reason = match format {
        Format::Yaml => Reason::Yaml,
        _ => Reason::Unproven(error.to_string()),
    };
    let message = "there are apps on the Docker Engine".to_owned();
    Left { rule: TO_UCR, pointer: Pointer::root(), message, help: None, reason }
}

fn within(path: &str, pointer: &Pointer) -> bool {
    path.strip_prefix(&pointer.to_string()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
