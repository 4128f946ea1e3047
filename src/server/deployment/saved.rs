//! What a file keeps of a deployment, and how it goes on after the server was started again: the steps that are done stay
//! done, and the step that ran begins anew with the tasks that are started again.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::RunningDeployment;
use super::action::{ActionProgress, SeenInstances};
use super::plan::{ActionKind, DeploymentAction, DeploymentPlan};
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
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptAction {
    kind: ActionKind,
    service: StoredService,
}

/// Where a deployment is, as far as it shows in a file.
pub(crate) type DeploymentMark = (String, usize);

impl SavedDeployment {
    /// What is to be kept of a deployment.
    pub(crate) fn of(RunningDeployment { plan, step, .. }: &RunningDeployment) -> Self {
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
        RunningDeployment { plan, step, progress: Vec::new(), readiness: BTreeMap::new() }
    }
}

impl World {
    /// Where each deployment is.
    pub(crate) fn deployment_marks(&self) -> Vec<DeploymentMark> {
        self.deployments.iter().map(|each| (each.plan.id.clone(), each.step)).collect()
    }

    /// Goes on with the deployments that were kept. The other services have been launched; those of a deployment are launched
    /// here, as far as it had come.
    pub(crate) fn resume(&mut self, saved: Vec<SavedDeployment>) {
        let mut numbers = Vec::new();
        for deployment in saved.into_iter().map(SavedDeployment::into_running) {
            let (plan, step) = (deployment.plan.clone(), deployment.step);
            numbers.push(self.deployments.add(deployment));
            self.launch_outside_of_step(&plan, step);
        }
        for number in numbers {
            self.begin_step_again(number);
            self.go_on(number);
        }
        self.settle();
    }

    /// Launches what the steps before have changed as it is now, and what later ones change as it was before.
    fn launch_outside_of_step(&mut self, plan: &DeploymentPlan, step: usize) {
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
            if let Some(spec) = spec.filter(|spec| spec.instances() > 0) {
                self.launch_all(&spec);
            }
        }
    }

    /// Begins the step that ran once more: nothing of it runs, and all of it is waited for.
    fn begin_step_again(&mut self, number: u64) {
        let Some(deployment) = self.deployments.running.get(&number) else { return };
        let actions = deployment.current().to_vec();
        let progress = actions.iter().map(|DeploymentAction { kind, spec, .. }| {
            let wanted = spec.instances();
            if matches!(kind, ActionKind::Start | ActionKind::Stop) || wanted == 0 {
                return ActionProgress::Done;
            }
            self.launch_all(spec);
            ActionProgress::Growing { wanted, seen: SeenInstances::default() }
        });
        let progress = progress.collect();
        if let Some(deployment) = self.deployments.running.get_mut(&number) {
            deployment.progress = progress;
        }
    }
}
