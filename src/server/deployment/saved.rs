//! What a file keeps of a deployment, and how it goes on after the server was started again: the steps that are done stay
//! done, and the step that ran begins anew with the instances that ran.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::RunningDeployment;
use super::plan::{ActionKind, DeploymentAction, DeploymentPlan};
use crate::server::simulate::instance::{Goal, InstanceCondition, SimulatedInstance};
use crate::server::time::Time;
use crate::server::world::history::{Delta, Deltas};
use crate::server::world::saved::{SavedGroup, StoredService};
use crate::server::world::spec::Spec;
use crate::server::world::{Id, World};

/// A running deployment, as the file has it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SavedDeployment {
    id: String,
    version: String,
    /// The number of the step that runs, from 1.
    step: usize,
    steps: Vec<Vec<KeptAction>>,
    /// The services that it changes, before and after.
    services: BTreeMap<String, Delta<StoredService>>,
    /// The same for groups.
    groups: BTreeMap<String, Delta<SavedGroup>>,
    /// How many instances ran of the services that the step changes.
    #[serde(default)]
    running: BTreeMap<String, RanInStep>,
}

/// How many instances of a service ran in a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RanInStep {
    /// Of the definition from before.
    before: usize,
    /// Of the one that the step brings.
    after: usize,
}

impl RanInStep {
    fn of(world: &World, action: &DeploymentAction) -> Self {
        let mut ran = Self::default();
        let running = world.instances(&action.spec.id);
        let is_running = |each: &&SimulatedInstance| {
            each.goal == Goal::Running && each.condition == InstanceCondition::Running
        };
        for instance in running.filter(is_running) {
            let is_new = instance.spec.version == action.spec.version;
            *if is_new { &mut ran.after } else { &mut ran.before } += 1;
        }
        ran
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptAction {
    kind: ActionKind,
    service: StoredService,
}

/// Where a deployment is, as far as it shows in a file: its id, its step, and what ran of each service of that.
pub(crate) type DeploymentMark = (String, usize, Vec<RanInStep>);

impl SavedDeployment {
    /// What is to be kept of a deployment.
    pub(crate) fn of(world: &World, deployment: &RunningDeployment) -> Self {
        let RunningDeployment { plan, step, .. } = deployment;
        let running = deployment.current().iter();
        let running = running.map(|action| (action.spec.id.to_string(), RanInStep::of(world, action)));
        let action = |action: &DeploymentAction| KeptAction {
            kind: action.kind,
            service: StoredService::of(&action.spec),
        };
        let service = |spec: &Option<Arc<Spec>>| spec.as_deref().map(StoredService::of);
        let services = plan.deltas.specs.iter();
        let groups = plan.deltas.groups.iter();
        Self {
            id: plan.id.clone(),
            version: plan.version.to_string(),
            step: *step,
            steps: plan.steps.iter().map(|step| step.iter().map(action).collect()).collect(),
            services: services
                .map(|(id, (before, after))| (id.to_string(), (service(before), service(after))))
                .collect(),
            groups: groups
                .map(|(id, (before, after))| {
                    (id.clone(), (before.as_ref().map(SavedGroup::of), after.as_ref().map(SavedGroup::of)))
                })
                .collect(),
            running: running.collect(),
        }
    }

    /// The ids of the services that it holds.
    pub(crate) fn held(&self) -> impl Iterator<Item = &str> {
        let services = self.steps.iter().flatten().map(|action| &action.service);
        services.filter_map(|service| service.id())
    }

    fn into_running(self) -> RunningDeployment {
        // Instances to kill have other numbers now, and are not started again.
        let action = |saved: KeptAction| DeploymentAction {
            kind: saved.kind,
            spec: saved.service.into_spec().into(),
            kill: Vec::new(),
        };
        let steps: Vec<Vec<DeploymentAction>> =
            self.steps.into_iter().map(|step| step.into_iter().map(action).collect()).collect();
        let service = |saved: Option<StoredService>| saved.map(|saved| Arc::new(saved.into_spec()));
        let specs = self.services.into_iter();
        let groups = self.groups.into_iter();
        let deltas = Deltas {
            specs: specs
                .map(|(id, (before, after))| (Id::from(id), (service(before), service(after))))
                .collect(),
            groups: groups
                .map(|(id, (before, after))| (id, (before.map(Into::into), after.map(Into::into))))
                .collect(),
        };
        let affected = steps.iter().flatten().map(|action| action.spec.id.clone()).collect();
        let version = Time::parse(&self.version).unwrap_or_default();
        // A file may have been written by hand.
        let step = self.step.clamp(usize::from(!steps.is_empty()), steps.len());
        let plan = DeploymentPlan { id: self.id, version, steps, affected, deltas };
        let mut deployment = RunningDeployment::new(plan);
        deployment.begin_step(step);
        deployment
    }
}

impl World {
    /// Where each deployment is.
    pub(crate) fn deployment_marks(&self) -> Vec<DeploymentMark> {
        let ran = |deployment: &RunningDeployment| {
            deployment.current().iter().map(|action| RanInStep::of(self, action)).collect()
        };
        self.deployments.iter().map(|each| (each.plan.id.clone(), each.step, ran(each))).collect()
    }

    /// Goes on with the deployments that were kept. The other services have been launched; of those of a deployment all that ran
    /// runs again at once, old instances and new ones, as Marathon finds them after a start: tasks outlive it.
    pub(crate) fn resume(&mut self, saved: Vec<SavedDeployment>) {
        let mut numbers = Vec::new();
        for mut saved in saved {
            let ran = std::mem::take(&mut saved.running);
            let deployment = saved.into_running();
            let (plan, step) = (deployment.plan.clone(), deployment.step);
            numbers.push(self.deployments.add(deployment));
            self.revive_outside_of_step(&plan, step);
            self.revive_step(&plan, step, &ran);
        }
        // That these run is no news to the deployments.
        self.notices.clear();
        for number in numbers {
            self.begin_step_again(number);
            self.go_on(number);
        }
        self.settle();
    }

    /// Lets run what the steps before have changed as it is now, and what later ones change as it was before.
    fn revive_outside_of_step(&mut self, plan: &DeploymentPlan, step: usize) {
        // The last action on a service counts: a new one is started first, and scaled in a later step.
        let mut last: HashMap<&Id, (usize, &DeploymentAction)> = HashMap::new();
        for (index, actions) in plan.steps.iter().enumerate() {
            last.extend(actions.iter().map(|action| (&action.spec.id, (index + 1, action))));
        }
        for id in &plan.affected {
            let before = plan.deltas.specs.get(id).and_then(|(before, _)| before.clone());
            if let Some(before) = &before {
                self.history.keep(before);
            }
            let spec = match last.get(id) {
                Some((at, action)) if *at < step && action.kind != ActionKind::Stop => {
                    Some(action.spec.clone())
                }
                Some((at, _)) if *at > step => before,
                _ => None,
            };
            if let Some(spec) = spec {
                self.revive(&spec, spec.instances());
            }
        }
    }

    /// Lets run what ran of the services that the step changes. A file from before this was kept does not say it: nothing of the
    /// step is done then.
    fn revive_step(&mut self, plan: &DeploymentPlan, step: usize, ran: &BTreeMap<String, RanInStep>) {
        let actions = step.checked_sub(1).and_then(|index| plan.steps.get(index));
        for action in actions.into_iter().flatten().filter(|action| action.kind != ActionKind::Stop) {
            let id = &action.spec.id;
            let before = plan.deltas.specs.get(id).and_then(|(before, _)| before.clone());
            let unknown = RanInStep { before: before.as_ref().map_or(0, |spec| spec.instances()), after: 0 };
            let RanInStep { before: old, after: new } = ran.get(&**id).copied().unwrap_or(unknown);
            if let Some(before) = before {
                self.revive(&before, old);
            }
            self.revive(&action.spec, new);
        }
    }

    /// Begins the step that ran once more, with what runs.
    fn begin_step_again(&mut self, number: u64) {
        let Some(deployment) = self.deployments.running.get(&number) else { return };
        let (actions, id) = (deployment.current().to_vec(), deployment.plan.id.clone());
        let progress = actions.iter().map(|action| self.begin(action, &id)).collect();
        if let Some(deployment) = self.deployments.running.get_mut(&number) {
            deployment.progress = progress;
        }
    }
}
