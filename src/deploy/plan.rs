//! What a server will do when definitions are sent to it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::action::{Action, instances};
use super::body;
use super::order::{self, OrderNode};
use crate::definition::id::AbsoluteId;
use crate::diff::{Changes, Difference, What, between};
use crate::marathon::{Change, Running, Verb};
use crate::normalize::{Normalized, answered, updated};
use crate::source::{Document, Format, Kind, Value};
use crate::state::{ServerState, Service, is_below};
use crate::target::Settings;
use crate::util::text::listed;

/// A text with definitions.
pub(crate) struct DefinitionText {
    /// Its name in messages.
    pub name: String,
    /// The text.
    pub document: Document,
    /// The kind of what is in it.
    pub kind: Kind,
}

/// What becomes of services beside those in the texts, and of their instance counts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PlanOptions {
    /// Services that run keep the number of instances that they have.
    pub keep_instances: bool,
    /// Services that are in a deployed group and in no text are removed.
    pub prune: bool,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlanError {
    /// Two texts define the same service.
    #[error("several definitions of {id}: {}; leave one", .names.join(", "))]
    Several {
        /// The service.
        id: String,
        /// The texts.
        names: Vec<String>,
    },
}

/// What will happen, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// The changes, by level and id.
    pub units: Vec<Unit>,
    /// Services that are in a deployed group and in no text; they stay.
    pub left: Vec<String>,
    /// What differs, for people.
    pub changes: Changes,
    /// Settings of groups that differ and that a deployment does not change.
    pub notes: Vec<String>,
}

/// A request and the services that it is about; without a request where nothing changes.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    /// The request.
    pub change: Option<Change>,
    /// The services that it is about.
    pub services: Vec<PlannedService>,
    /// Units of a lower level go first.
    pub level: usize,
    /// The text it comes from, by its number.
    pub text: Option<usize>,
}

/// What will happen to a service.
#[derive(Clone, Debug)]
pub(crate) struct PlannedService {
    /// Its id.
    pub id: String,
    /// [`Kind::App`] or [`Kind::Pod`].
    pub kind: Kind,
    /// What Marathon does.
    pub action: Action,
    /// What it will store; `None` for a service that is removed.
    pub wanted: Option<Normalized>,
    /// What runs before; `None` for a new service.
    pub against: Option<Against>,
}

/// What runs when the plan is made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Against {
    /// The version.
    pub version: String,
    /// The definition as a `GET` answers it.
    pub definition: Json,
}

impl Plan {
    /// Whether nothing will happen.
    pub(crate) fn is_empty(&self) -> bool {
        self.units.iter().all(|unit| unit.change.is_none())
    }

    /// All services of the plan.
    pub(crate) fn services(&self) -> impl Iterator<Item = &PlannedService> {
        self.units.iter().flat_map(|unit| &unit.services)
    }

    /// How many services each action is about: the action's name and the number.
    pub(crate) fn totals(&self) -> Vec<(&'static str, usize)> {
        let names = ["create", "replace", "scale", "store", "remove", "nothing"];
        let number = |name: &str| self.services().filter(|service| service.action.name() == name).count();
        names.into_iter().map(|name| (name, number(name))).filter(|(_, number)| *number > 0).collect()
    }

    /// Plans to send these texts to a server that holds this.
    ///
    /// # Errors
    /// When two texts define the same service.
    pub(crate) fn of(
        texts: &[DefinitionText],
        held: &[Normalized],
        running: &BTreeMap<String, Running>,
        options: PlanOptions,
        settings: &Settings,
    ) -> Result<Self, PlanError> {
        let old = ServerState::of(held).exhaustive();
        let mut parts = parts(texts, &old, settings);
        if options.keep_instances {
            for part in &mut parts {
                keep_instances(&mut part.stored, &old);
            }
        }
        let stored: Vec<Normalized> = parts.iter().map(|part| part.stored.clone()).collect();
        let new = ServerState::of(&stored);
        if let Some(id) = new.duplicates().first() {
            let defines = |part: &&TextPart<'_>| ServerState::of([&part.stored]).get(id).is_some();
            let names = parts.iter().filter(defines).map(|part| texts[part.text].name.clone()).collect();
            return Err(PlanError::Several { id: (*id).to_owned(), names });
        }
        let mut changes = between(&old, &new);
        changes.only_old.clear();
        changes.differences.extend(removed_pods(&old, &new));
        changes.differences.sort_by(|one, other| one.id.cmp(&other.id));
        let mut planner = Planner { old: &old, new: &new, changes: &changes, running, plan: Self::default() };
        for part in &parts {
            planner.part(part);
        }
        let mut plan = planner.plan;
        plan.removals(&changes, options.prune, running);
        plan.order(&new);
        if !options.prune {
            changes.differences.retain(|difference| !plan.left.contains(&difference.id));
        }
        plan.changes = changes;
        Ok(plan)
    }

    /// Why what runs is not what the plan was made against; empty where it is.
    pub(crate) fn outdated(&self, running: &BTreeMap<String, Running>, settings: &Settings) -> Vec<String> {
        let mut reasons = Vec::new();
        for service in self.services() {
            let id = &service.id;
            match (&service.against, running.get(id)) {
                (None, None) => {}
                (None, Some(_)) => reasons.push(format!("{id} runs, and did not when the plan was made")),
                (Some(_), None) => reasons.push(format!("{id} is gone since the plan was made")),
                (Some(planned), Some(now)) => {
                    let (was, is) = (
                        stored(&planned.definition, service.kind, settings),
                        stored(&now.definition, service.kind, settings),
                    );
                    let changes = between(&ServerState::of([&was]), &ServerState::of([&is]));
                    if let Some(paths) = changed_paths(&changes) {
                        reasons.push(format!("{id} has changed since the plan was made: {paths}"));
                    }
                }
            }
        }
        reasons
    }

    /// Adds what runs in a deployed group and is in no text.
    fn removals(&mut self, changes: &Changes, prune: bool, running: &BTreeMap<String, Running>) {
        for difference in &changes.differences {
            let (What::Removed(value), true) = (&difference.what, difference.kind != Kind::Group) else {
                continue;
            };
            let id = &difference.id;
            if !prune {
                self.left.push(id.clone());
                continue;
            }
            let change = Change { verb: Verb::Delete, kind: difference.kind, id: id.clone(), body: None };
            let service = PlannedService {
                id: id.clone(),
                kind: difference.kind,
                action: Action::Remove { instances: instances(value, difference.kind) },
                wanted: None,
                against: against(running, id),
            };
            self.units.push(Unit { change: Some(change), services: vec![service], level: 0, text: None });
        }
    }

    /// Sorts the units: what others depend on first, and removals last.
    fn order(&mut self, new: &ServerState<'_>) {
        let nodes: Vec<OrderNode> = self.units.iter().map(|unit| node(unit, new)).collect();
        let levels = order::levels(&nodes);
        let last = levels.iter().max().map_or(0, |level| level + 1);
        for (unit, level) in self.units.iter_mut().zip(levels) {
            let is_removal = unit.change.as_ref().is_some_and(|change| change.verb == Verb::Delete);
            unit.level = if is_removal { last } else { level };
        }
        let key = |unit: &Unit| {
            let id = unit.change.as_ref().map(|change| change.id.clone());
            (unit.level, id.or_else(|| unit.services.first().map(|service| service.id.clone())))
        };
        self.units.sort_by_key(key);
    }
}

/// Pods in a deployed group that are in no text: a group in a request has no pods, so that it covers none by itself.
fn removed_pods(old: &ServerState<'_>, new: &ServerState<'_>) -> Vec<Difference> {
    let is_in_group = |id: &str| new.whole_groups().any(|group| is_below(id, group));
    let is_removed = |(id, service): &(&str, Service<'_>)| {
        service.kind == Kind::Pod && is_in_group(id) && new.get(id).is_none()
    };
    let removed = |(id, service): (&str, Service<'_>)| Difference {
        id: id.to_owned(),
        kind: Kind::Pod,
        file: None,
        what: What::Removed(service.value.clone()),
    };
    old.services().filter(is_removed).map(removed).collect()
}

fn node(unit: &Unit, new: &ServerState<'_>) -> OrderNode {
    let needs_of = |value: &Json| {
        let list = value.get("dependencies").and_then(Json::as_array).cloned().unwrap_or_default();
        list.into_iter().filter_map(|id| id.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let mut node = OrderNode::default();
    for service in &unit.services {
        node.makes.push(service.id.clone());
        node.needs.extend(service.wanted.iter().flat_map(|wanted| needs_of(&wanted.value)));
        // The services of a group depend on what the group depends on.
        for (id, group) in new.groups().filter(|(id, _)| is_below(&service.id, id)) {
            node.needs.extend(needs_of(group).into_iter().filter(|needed| !is_below(needed, id)));
        }
    }
    node
}

/// A definition that a server has answered.
pub(crate) fn stored(definition: &Json, kind: Kind, settings: &Settings) -> Normalized {
    let value = Document::parse(definition.to_string(), Format::Json)
        .map_or_else(|_| definition.clone(), |document| answered(document.root(), kind, settings).value);
    Normalized::stored(kind, value)
}

/// The paths that differ, in words; nothing where nothing does.
pub(super) fn changed_paths(changes: &Changes) -> Option<String> {
    let difference = changes.differences.first()?;
    Some(match &difference.what {
        What::Added(_) | What::Removed(_) => "all of it".to_owned(),
        What::Changed { changes, .. } => {
            let paths: Vec<String> = changes.iter().map(|change| change.path.to_string()).collect();
            listed(&paths)
        }
    })
}

/// An app, a pod or a group of a text.
struct TextPart<'t> {
    text: usize,
    written: Value<'t>,
    document: &'t Document,
    stored: Normalized,
    /// It is in an array, whose elements change what runs.
    is_element: bool,
}

fn parts<'t>(texts: &'t [DefinitionText], old: &ServerState<'_>, settings: &Settings) -> Vec<TextPart<'t>> {
    let mut parts = Vec::new();
    for (text, DefinitionText { document, kind, .. }) in texts.iter().enumerate() {
        let root = document.root();
        if *kind != Kind::Apps {
            let stored = answered(root, *kind, settings);
            parts.push(TextPart { text, written: root, document, stored, is_element: false });
            continue;
        }
        for element in root.elements() {
            let alone = answered(element, Kind::App, settings);
            let held = old.get(alone.id()).filter(|held| held.kind == Kind::App);
            let changed = held.and_then(|held| updated(held.value, element, settings));
            let is_element = changed.is_some();
            let mut stored = changed.unwrap_or(alone);
            if is_element {
                // An update keeps the role that the app has.
                stored.assumed.clear();
            }
            parts.push(TextPart { text, written: element, document, stored, is_element });
        }
    }
    parts
}

/// Gives services that run the number of instances that they have.
fn keep_instances(stored: &mut Normalized, old: &ServerState<'_>) {
    let keep = |value: &mut Json, kind: Kind| {
        let id = value.get("id").and_then(Json::as_str).unwrap_or_default();
        let Some(held) = old.get(id).filter(|held| held.kind == kind) else { return };
        set_instances(value, kind, instances(held.value, kind));
    };
    match stored.kind {
        Kind::Group => {
            let mut open = vec![&mut stored.value];
            while let Some(group) = open.pop() {
                let Some(group) = group.as_object_mut() else { continue };
                for (name, members) in group {
                    let members = members.as_array_mut().into_iter().flatten();
                    match name.as_str() {
                        "apps" => members.for_each(|app| keep(app, Kind::App)),
                        "groups" => open.extend(members),
                        _ => {}
                    }
                }
            }
        }
        kind => keep(&mut stored.value, kind),
    }
}

fn set_instances(value: &mut Json, kind: Kind, number: u64) {
    let object = if kind == Kind::Pod { value.get_mut("scaling") } else { Some(value) };
    if let Some(object) = object.and_then(Json::as_object_mut) {
        object.insert("instances".to_owned(), number.into());
    }
}

fn against(running: &BTreeMap<String, Running>, id: &str) -> Option<Against> {
    running
        .get(id)
        .map(|running| Against { version: running.version.clone(), definition: running.definition.clone() })
}

struct Planner<'p> {
    old: &'p ServerState<'p>,
    new: &'p ServerState<'p>,
    changes: &'p Changes,
    running: &'p BTreeMap<String, Running>,
    plan: Plan,
}

impl Planner<'_> {
    fn part(&mut self, part: &TextPart<'_>) {
        match part.stored.kind {
            Kind::Group => self.group(part),
            _ => self.service(part, part.written, &part.stored, true),
        }
    }

    fn difference(&self, id: &str, kind: Kind) -> Option<&Difference> {
        self.changes.differences.iter().find(|difference| {
            difference.id == id && difference.kind == kind && !matches!(difference.what, What::Removed(_))
        })
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
            let verb = match (is_held, part.is_element) {
                (false, _) => Verb::Create,
                (true, false) => Verb::Replace,
                (true, true) => Verb::Update,
            };
            let body = request_body(part, written, stored, is_whole);
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
            self.settings_of_group(id, part.text);
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

    /// The dependencies of a group that exists are sent by themselves; its other settings stay.
    fn settings_of_group(&mut self, id: &str, text: usize) {
        let all = self.changes;
        let changed = all.differences.iter().find(|other| other.id == id && other.kind == Kind::Group);
        let Some(Difference { what: What::Changed { changes, .. }, .. }) = changed else { return };
        let is_dependency = |path: &str| path.starts_with("/dependencies");
        if changes.iter().any(|change| !is_dependency(&change.path.to_string())) {
            self.plan.notes.push(format!("enforceRole of {id} differs, and stays as it is on the server"));
        }
        if changes.iter().any(|change| is_dependency(&change.path.to_string())) {
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
    // An element of an array that leaves the number out keeps it anyway.
    let is_as_written =
        written_instances(written, stored.kind).map_or(part.is_element || number == 1, |it| it == number);
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
