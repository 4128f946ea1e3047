//! Deployments: plans, and how they are carried out.

pub(crate) mod action;
pub(crate) mod engine;
pub(crate) mod plan;
pub(crate) mod revert;
pub(crate) mod saved;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value as Json;

use super::world::Id;
use action::ActionProgress;
use plan::{DeploymentAction, DeploymentPlan};

/// A running deployment.
#[derive(Debug)]
pub(crate) struct RunningDeployment {
    pub(crate) plan: DeploymentPlan,
    /// The number of the step that runs, from 1; 0 before the first.
    pub(crate) step: usize,
    /// How far each action of the step has come.
    pub(crate) progress: Vec<ActionProgress>,
    /// Which action of the step is about a service.
    pub(crate) places: HashMap<Id, usize>,
    /// The last results of readiness checks by task and check.
    pub(crate) readiness: BTreeMap<(String, String), Json>,
}

impl RunningDeployment {
    /// A deployment of which nothing is done.
    pub(crate) fn new(plan: DeploymentPlan) -> Self {
        Self { plan, step: 0, progress: Vec::new(), places: HashMap::new(), readiness: BTreeMap::new() }
    }

    /// Begins with a step: nothing of it is done.
    pub(crate) fn begin_step(&mut self, step: usize) {
        self.step = step;
        self.progress = vec![ActionProgress::Begun; self.current().len()];
        let services = self.current().iter().map(|action| action.spec.id.clone());
        self.places = services.enumerate().map(|(index, id)| (id, index)).collect();
    }

    /// The actions of the step that runs.
    pub(crate) fn current(&self) -> &[DeploymentAction] {
        self.step.checked_sub(1).and_then(|index| self.plan.steps.get(index)).map_or(&[], Vec::as_slice)
    }
}

/// The running deployments, in the order in which they began.
#[derive(Debug, Default)]
pub(crate) struct Deployments {
    running: BTreeMap<u64, RunningDeployment>,
    numbers: HashMap<String, u64>,
    locks: HashMap<Id, u64>,
    next: u64,
}

impl Deployments {
    pub(crate) fn len(&self) -> usize {
        self.running.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &RunningDeployment> {
        self.running.values()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&RunningDeployment> {
        self.running.get(self.numbers.get(id)?)
    }

    /// The deployment that holds a service.
    pub(crate) fn holder(&self, spec: &str) -> Option<&RunningDeployment> {
        self.running.get(self.locks.get(spec)?)
    }

    /// The ids of the deployments that hold any of these services.
    pub(crate) fn holders(&self, specs: &BTreeSet<Id>) -> Vec<String> {
        let numbers: BTreeSet<u64> = specs.iter().filter_map(|spec| self.locks.get(spec)).copied().collect();
        numbers.iter().filter_map(|number| Some(self.running.get(number)?.plan.id.clone())).collect()
    }

    fn add(&mut self, deployment: RunningDeployment) -> u64 {
        let number = self.next;
        self.next += 1;
        self.numbers.insert(deployment.plan.id.clone(), number);
        for spec in &deployment.plan.affected {
            self.locks.insert(spec.clone(), number);
        }
        self.running.insert(number, deployment);
        number
    }

    fn remove(&mut self, number: u64) -> Option<RunningDeployment> {
        let deployment = self.running.remove(&number)?;
        self.numbers.remove(&deployment.plan.id);
        for spec in &deployment.plan.affected {
            self.locks.remove(spec);
        }
        Some(deployment)
    }

    fn number(&self, id: &str) -> Option<u64> {
        self.numbers.get(id).copied()
    }
}
