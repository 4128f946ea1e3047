//! From what differs to requests: each service of a text by the right verb.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::part::TextPart;
use super::{Plan, PlannedService, Unit, against};
use crate::definition::id::AbsoluteId;
use crate::deploy::action::{Action, instances};
use crate::deploy::body;
use crate::diff::{Changes, Difference, What};
use crate::marathon::{Change, Running, Verb};
use crate::normalize::Normalized;
use crate::source::{Kind, Value};
use crate::state::ServerState;

/// Puts a plan together.
pub(super) struct Planner<'p> {
    pub(super) old: &'p ServerState<'p>,
    pub(super) new: &'p ServerState<'p>,
    pub(super) changes: &'p Changes,
    pub(super) running: &'p BTreeMap<String, Running>,
    pub(super) plan: Plan,
}

impl Planner<'_> {
    /// Adds a part of a text.
    pub(super) fn part(&mut self, part: &TextPart<'_>) {
        match part.stored.kind {
            Kind::Group => self.group(part),
            _ => self.service(part, part.written, &part.stored, true),
        }
    }

    fn difference(&self, id: &str, kind: Kind) -> Option<&Difference> {
        // They are sorted by id.
        let all = &self.changes.differences;
        let of_id = all[all.partition_point(|difference| *difference.id < *id)..].iter();
        let mut of_id = of_id.take_while(|difference| difference.id == id);
        of_id.find(|difference| difference.kind == kind && !matches!(difference.what, What::Removed(_)))
    }

    fn planned(&self, stored: &Normalized) -> PlannedService {
        let (id, kind) = (stored.id(), stored.kind);
        let difference = self.difference(id, kind);
        let action = difference
            .map_or(Action::Nothing, |difference| Action::of(&difference.what, kind, Some(&stored.value)));
        PlannedService {
            id: id.to_owned(),
            kind,
            action,
            wanted: Some(stored.clone()),
            against: against(self.running, id),
        }
    }

    /// A service with an address of its own. `is_whole`: it is all of its text, or an element of an array.
    fn service(&mut self, part: &TextPart<'_>, written: Value<'_>, stored: &Normalized, is_whole: bool) {
        let service = self.planned(stored);
        let is_held = self.old.get(stored.id()).is_some_and(|held| held.kind == stored.kind);
        let change = (service.action != Action::Nothing).then(|| {
            let verb = if is_held { Verb::Replace } else { Verb::Create };
            let body = if part.is_element {
                // All of what the element makes of what runs: of what another client changes meanwhile nothing would stay
                // that the plan does not show.
                stored.value.to_string()
            } else {
                request_body(part, written, stored, is_whole)
            };
            Change { verb, kind: stored.kind, id: stored.id().to_owned(), body: Some(body) }
        });
        self.plan.units.push(Unit { change, services: vec![service], level: 0, text: Some(part.text) });
    }

    /// A group: created as a whole where there is none, else part by part, because Marathon refuses to replace a group with
    /// services and sub-groups that exist (1.11).
    fn group(&mut self, part: &TextPart<'_>) {
        let mut open = vec![(part.written, &part.stored.value, true)];
        while let Some((written, stored, is_whole)) = open.pop() {
            let id = stored.get("id").and_then(Json::as_str).unwrap_or_default();
            if id != "/" && self.old.group_of(id).is_none() {
                self.new_group(part, written, stored, is_whole);
                continue;
            }
            self.dependencies_of_group(id, part.text);
            let own = AbsoluteId::parse(id);
            let members = |name: &str| {
                written.get(name).map(|list| list.elements().collect::<Vec<_>>()).unwrap_or_default()
            };
            for app in stored.get("apps").and_then(Json::as_array).into_iter().flatten() {
                if let Some(written) = named(&members("apps"), app, &own) {
                    let app = Normalized::stored(Kind::App, app.clone());
                    self.service(part, written, &app, false);
                }
            }
            for group in stored.get("groups").and_then(Json::as_array).into_iter().flatten() {
                if let Some(written) = named(&members("groups"), group, &own) {
                    open.push((written, group, false));
                }
            }
        }
    }

    fn new_group(&mut self, part: &TextPart<'_>, written: Value<'_>, stored: &Json, is_whole: bool) {
        let group = Normalized::stored(Kind::Group, stored.clone());
        let services: Vec<PlannedService> = ServerState::of([&group])
            .services()
            .map(|(_, service)| self.planned(&Normalized::stored(Kind::App, service.value.clone())))
            .collect();
        let body = if is_whole {
            body::json_of(part.document)
        } else {
            body::with_members(written, vec![("id", group.id().into())])
        };
        let change =
            Change { verb: Verb::Create, kind: Kind::Group, id: group.id().to_owned(), body: Some(body) };
        self.plan.units.push(Unit { change: Some(change), services, level: 0, text: Some(part.text) });
    }

    /// The dependencies of a group that exists are sent by themselves; `enforceRole` stays.
    fn dependencies_of_group(&mut self, id: &str, text: usize) {
        let all = self.changes;
        let changed = all.differences.iter().find(|other| other.id == id && other.kind == Kind::Group);
        let Some(Difference { what: What::Changed { changes, .. }, .. }) = changed else { return };
        if changes.iter().any(|change| change.path.to_string().starts_with("/dependencies")) {
            let group = self.new.group_of(id).and_then(|group| group.get("dependencies")).cloned();
            let body =
                serde_json::json!({ "dependencies": group.unwrap_or_else(|| Json::Array(Vec::new())) });
            let change = Change {
                verb: Verb::Update,
                kind: Kind::Group,
                id: id.to_owned(),
                body: Some(body.to_string()),
            };
            let unit = Unit { change: Some(change), services: Vec::new(), level: 0, text: Some(text) };
            self.plan.units.push(unit);
        }
    }
}

/// The body that creates or replaces a service.
fn request_body(part: &TextPart<'_>, written: Value<'_>, stored: &Normalized, is_whole: bool) -> String {
    let mut members: Vec<(&str, Json)> = Vec::new();
    if !is_whole {
        // By itself a service has no group that its id and its dependencies are relative to.
        members.push(("id", stored.id().into()));
        if let Some(dependencies) = stored.value.get("dependencies") {
            members.push(("dependencies", dependencies.clone()));
        }
    }
    let number = instances(&stored.value, stored.kind);
    let is_as_written = written_instances(written, stored.kind).map_or(number == 1, |it| it == number);
    if stored.kind == Kind::App && !is_as_written {
        members.push(("instances", number.into()));
    }
    if stored.kind == Kind::Pod && !is_as_written {
        let mut scaling = written.get("scaling").map_or_else(|| serde_json::json!({}), |it| it.to_json());
        if let Some(scaling) = scaling.as_object_mut() {
            scaling.entry("kind").or_insert_with(|| "fixed".into());
            scaling.insert("instances".to_owned(), number.into());
        }
        members.push(("scaling", scaling));
    }
    if members.is_empty() && is_whole && !is_part(part, written) {
        return body::json_of(part.document);
    }
    body::with_members(written, members)
}

/// Whether the value is a part of its text, not all of it.
fn is_part(part: &TextPart<'_>, written: Value<'_>) -> bool {
    written.node_id() != part.document.root().node_id()
}

fn written_instances(written: Value<'_>, kind: Kind) -> Option<u64> {
    let of = if kind == Kind::Pod { written.get("scaling")? } else { written };
    of.get("instances")?.as_number()?.parse().ok()
}

/// The written form of a stored member of a group; of several with one id Marathon takes the last.
fn named<'v>(written: &[Value<'v>], stored: &Json, group: &AbsoluteId) -> Option<Value<'v>> {
    let id = stored.get("id").and_then(Json::as_str)?;
    let is_it = |value: &&Value<'v>| {
        let written = value.get("id").and_then(|id| id.as_str().map(std::borrow::Cow::into_owned));
        written.is_some_and(|text| AbsoluteId::parse(&text).canonical(group).as_str() == id)
    };
    written.iter().rfind(is_it).copied()
}
