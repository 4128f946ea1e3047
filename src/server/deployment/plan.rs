//! The steps of a deployment: what is removed stops first, then all that is new starts without instances, then services are
//! scaled and restarted in the order of their dependencies (`DeploymentPlan`, 1.11).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::server::time::Time;
use crate::server::world::change::is_below;
use crate::server::world::history::Deltas;
use crate::server::world::spec::{Spec, ancestors};
use crate::server::world::{Id, World};

/// What is done to a service in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ActionKind {
    Start,
    Stop,
    Scale,
    Restart,
}

/// An action of a step.
#[derive(Clone, Debug)]
pub(crate) struct DeploymentAction {
    pub(crate) kind: ActionKind,
    pub(crate) spec: Arc<Spec>,
    /// Instances to kill first.
    pub(crate) kill: Vec<u64>,
}

impl DeploymentAction {
    /// Marathon's name for it.
    pub(crate) fn name(&self) -> &'static str {
        match (self.kind, self.spec.is_pod()) {
            (ActionKind::Start, false) => "StartApplication",
            (ActionKind::Stop, false) => "StopApplication",
            (ActionKind::Scale, false) => "ScaleApplication",
            (ActionKind::Restart, false) => "RestartApplication",
            (ActionKind::Start, true) => "StartPod",
            (ActionKind::Stop, true) => "StopPod",
            (ActionKind::Scale, true) => "ScalePod",
            (ActionKind::Restart, true) => "RestartPod",
        }
    }
}

/// A deployment before it is started.
#[derive(Clone, Debug)]
pub(crate) struct DeploymentPlan {
    pub(crate) id: String,
    pub(crate) version: Time,
    pub(crate) steps: Vec<Vec<DeploymentAction>>,
    /// The services that it holds while it runs.
    pub(crate) affected: BTreeSet<Id>,
    /// What it changes, for a rollback.
    pub(crate) deltas: Deltas,
}

/// The plan of a change.
pub(crate) fn of(world: &World, deltas: &Deltas, id: String, version: Time, kill: &[u64]) -> DeploymentPlan {
    let mut steps: Vec<Vec<DeploymentAction>> = Vec::new();
    let action = |kind, spec: &Arc<Spec>| DeploymentAction { kind, spec: spec.clone(), kill: Vec::new() };
    let (mut stopped, mut started) = (Vec::new(), Vec::new());
    for delta in deltas.specs.values() {
        match delta {
            (Some(before), None) => stopped.push(action(ActionKind::Stop, before)),
            (None, Some(after)) => started.push(action(ActionKind::Start, after)),
            _ => {}
        }
    }
    steps.push(stopped);
    steps.push(started);
    let mut levels: BTreeMap<usize, Vec<DeploymentAction>> = BTreeMap::new();
    let mut lengths = ServiceOrder::new(world, deltas);
    for (before, after) in deltas.specs.values() {
        let Some(after) = after else { continue };
        let kind = match before {
            None => Some(ActionKind::Scale),
            Some(before) if after.instances() == 0 || is_only_scaled(before, after) => {
                Some(ActionKind::Scale)
            }
            Some(before) if before.is_upgrade(after) || before.version != after.version => {
                Some(ActionKind::Restart)
            }
            Some(_) => None,
        };
        let Some(kind) = kind else { continue };
        let kill = if before.is_some() && kind == ActionKind::Scale { kill.to_vec() } else { Vec::new() };
        let level = lengths.longest(&after.id);
        levels.entry(level).or_default().push(DeploymentAction { kill, ..action(kind, after) });
    }
    steps.extend(levels.into_values());
    steps.retain(|actions| !actions.is_empty());
    let affected = steps.iter().flatten().map(|action| action.spec.id.clone()).collect();
    DeploymentPlan { id, version, steps, affected, deltas: Deltas::default() }
}

fn is_only_scaled(before: &Spec, after: &Spec) -> bool {
    before.instances() != after.instances() && !before.is_upgrade(after)
}

/// The graph of dependencies after a change, and the longest path from a service.
#[derive(Debug)]
pub(crate) struct ServiceOrder<'w> {
    world: &'w World,
    deltas: &'w Deltas,
    known: HashMap<Id, usize>,
}

impl<'w> ServiceOrder<'w> {
    pub(crate) fn new(world: &'w World, deltas: &'w Deltas) -> Self {
        Self { world, deltas, known: HashMap::new() }
    }

    fn spec(&self, id: &str) -> Option<&'w Arc<Spec>> {
        match self.deltas.specs.get(id) {
            Some((_, after)) => after.as_ref(),
            None => self.world.specs.get(id),
        }
    }

    fn group_dependencies(&self, id: &str) -> &'w [String] {
        let group = match self.deltas.groups.get(id) {
            Some((_, after)) => after.as_ref(),
            None => self.world.groups.get(id),
        };
        group.map_or(&[], |group| &group.dependencies)
    }

    /// The services that a service waits for: those that it names, or that a group around it names, and all services of a
    /// named group.
    pub(crate) fn of(&self, id: &str) -> Vec<Id> {
        let Some(spec) = self.spec(id) else { return Vec::new() };
        let own = spec.dependencies();
        let of_groups = ancestors(id).flat_map(|group| self.group_dependencies(group)).map(String::as_str);
        let mut found = Vec::new();
        for named in own.chain(of_groups) {
            if let Some(spec) = self.spec(named) {
                found.push(spec.id.clone());
                continue;
            }
            let held = self.world.specs_below(named).map(|spec| spec.id.clone());
            let held = held.filter(|id| self.spec(id).is_some());
            found.extend(held);
            let new =
                self.deltas.specs.iter().filter(|(id, (before, after))| {
                    before.is_none() && after.is_some() && is_below(id, named)
                });
            found.extend(new.map(|(id, _)| id.clone()));
        }
        found
    }

    /// The number of services on the longest path of dependencies from this one.
    pub(crate) fn longest(&mut self, id: &Id) -> usize {
        // Depth first, with a stack of its own: a path may be as long as there are services.
        let mut stack = vec![(id.clone(), self.of(id), 1_usize)];
        let mut on_path: BTreeSet<Id> = BTreeSet::from([id.clone()]);
        while let Some((top, left, length)) = stack.last_mut() {
            if let Some(next) = left.pop() {
                match self.known.get(&next) {
                    Some(known) => *length = (*length).max(known + 1),
                    None if on_path.contains(&next) => {}
                    None => {
                        on_path.insert(next.clone());
                        let of_next = self.of(&next);
                        stack.push((next, of_next, 1));
                    }
                }
                continue;
            }
            let (top, length) = (top.clone(), *length);
            stack.pop();
            on_path.remove(&top);
            self.known.insert(top, length);
            if let Some((_, _, above)) = stack.last_mut() {
                *above = (*above).max(length + 1);
            }
        }
        self.known.get(id).copied().unwrap_or(1)
    }

    /// Whether a service waits for itself, through others or directly.
    pub(crate) fn is_cyclic(&self, id: &Id) -> bool {
        let mut seen: BTreeSet<Id> = BTreeSet::new();
        let mut open = self.of(id);
        while let Some(next) = open.pop() {
            if next == *id {
                return true;
            }
            if seen.insert(next.clone()) {
                open.extend(self.of(&next));
            }
        }
        false
    }
}
