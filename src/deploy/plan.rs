//! What a server will do when definitions are sent to it.

mod beside;
mod part;
mod planner;
mod role;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::action::{Action, instances};
use super::order::{self, OrderNode};
use super::shrink;
use crate::diff::{Changes, Difference, What, between};
use crate::marathon::{Change, Running, Verb};
use crate::normalize::{Normalized, answered};
use crate::source::{Document, Format, Kind};
use crate::state::{ServerState, Service, is_below};
use crate::target::Settings;
use crate::util::text::listed;
pub(crate) use beside::{AskedGroup, OtherAction, asked_groups, otherwise};
use part::{TextPart, keep_instances, parts};
use planner::Planner;

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
    /// What is to be known of what will happen.
    pub warnings: Vec<String>,
    /// The groups of which it removes what is in no text.
    pub pruned: Vec<String>,
    /// It comes from a file, and was made earlier.
    pub is_saved: bool,
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
        let counted: Vec<_> = texts.iter().map(|text| role::of_text(text, settings)).collect();
        let mut parts = parts(texts, &counted, &old, settings);
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
        plan.notes.extend(counted.into_iter().flat_map(|(_, notes)| notes));
        plan.removals(&changes, options.prune, running);
        if options.prune {
            plan.pruned = new.whole_groups().map(str::to_owned).collect();
        }
        plan.order(&new);
        plan.warn(running);
        plan.warnings.extend(texts.iter().filter_map(|text| role::of_new_group(text, settings)));
        if !options.prune {
            changes.differences.retain(|difference| !plan.left.contains(&difference.id));
        }
        plan.changes = changes;
        Ok(plan)
    }

    /// The same as one request for a group, which does all that differs: of what is in no text only these services go.
    pub(crate) fn into_one(mut self, change: Change, removed: &[String]) -> Self {
        let stays = |id: &String| !removed.contains(id);
        for unit in &mut self.units {
            unit.services.retain(|service| service.wanted.is_some() || !stays(&service.id));
        }
        let differs = |unit: &Unit| match &unit.change {
            Some(Change { verb: Verb::Delete, .. }) => !unit.services.is_empty(),
            change => change.is_some(),
        };
        // Settings of the group are in the request as well.
        let notes = std::mem::take(&mut self.notes);
        let is_sent = !notes.is_empty() || self.units.iter().any(differs);
        let is_kept = |other: &Difference| !matches!(other.what, What::Removed(_)) || !stays(&other.id);
        self.changes.differences.retain(is_kept);
        let services = self.units.drain(..).flat_map(|unit| unit.services).collect();
        self.units.push(Unit { change: is_sent.then_some(change), services, level: 0, text: Some(0) });
        self
    }

    /// What the services differ in from what the plan was made against.
    pub(crate) fn differences(&self, settings: &Settings) -> Changes {
        let against = |service: &PlannedService| {
            service.against.as_ref().map(|against| stored(&against.definition, service.kind, settings))
        };
        let old: Vec<Normalized> = self.services().filter_map(against).collect();
        let new: Vec<Normalized> = self.services().filter_map(|service| service.wanted.clone()).collect();
        between(&ServerState::of(&old).exhaustive(), &ServerState::of(&new).exhaustive())
    }

    /// Why what runs is not what the plan was made against; empty where it is.
    pub(crate) fn outdated(&self, running: &BTreeMap<String, Running>, settings: &Settings) -> Vec<String> {
        let known: Vec<&str> = self.services().map(|service| &*service.id).collect();
        let pruned = |id: &str| self.pruned.iter().find(|group| is_below(id, group));
        let is_new = |id: &&String| !known.contains(&id.as_str());
        let came = running.keys().filter(is_new).filter_map(|id| {
            Some(format!("{id} is in {}, and was not when the plan was made with --prune", pruned(id)?))
        });
        self.units.iter().flat_map(|unit| unit.outdated(running, settings)).chain(came).collect()
    }

    /// Notes what is to be known of what will happen to what runs.
    pub(crate) fn warn(&mut self, running: &BTreeMap<String, Running>) {
        let words =
            |service: &PlannedService| service.shrinks(running).or_else(|| service.is_under_way(running));
        self.warnings = self.services().filter_map(words).collect();
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

impl PlannedService {
    /// That what is stored as it is written need not run yet, in words.
    fn is_under_way(&self, running: &BTreeMap<String, Running>) -> Option<String> {
        let now = running.get(&self.id).filter(|_| self.action == Action::Nothing)?;
        let deployment = now.deployments.first()?;
        Some(format!("{} is stored so already, and deployment {deployment} is under way for it", self.id))
    }

    /// What going to fewer instances stops that had better run on, in words.
    fn shrinks(&self, running: &BTreeMap<String, Running>) -> Option<String> {
        let (Action::Scale { from, to }, Some(now)) = (self.action, running.get(&self.id)) else {
            return None;
        };
        let (run, left) = (shrink::left_running(now, from), shrink::left_running(now, to));
        let is = if left == 1 { "is" } else { "are" };
        shrink::does_harm(now, to).then(|| {
            format!(
                "Marathon goes from {from} instances of {} to {to} by stopping those that run before those that do not run yet: \
                 {left} of {run} {is} left running at first",
                self.id
            )
        })
    }
}

impl Unit {
    /// Why what runs is not what the plan was made against; empty where it is.
    pub(super) fn outdated(&self, running: &BTreeMap<String, Running>, settings: &Settings) -> Vec<String> {
        let mut reasons = Vec::new();
        for service in &self.services {
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

fn against(running: &BTreeMap<String, Running>, id: &str) -> Option<Against> {
    running
        .get(id)
        .map(|running| Against { version: running.version.clone(), definition: running.definition.clone() })
}
