//! Deployments step by step (`DeploymentManagerActor`, `DeploymentActor`, 1.11).

use super::RunningDeployment;
use super::action::ActionProgress;
use super::plan::{DeploymentAction, DeploymentPlan};
use crate::server::events;
use crate::server::world::{News, Notice, World};

/// What a deployment that is cancelled gives as its reason.
pub(crate) const CANCELLED: &str = "The upgrade has been cancelled";

impl World {
    /// Starts a deployment. One without steps ends at once.
    pub(crate) fn start(&mut self, plan: DeploymentPlan) {
        if plan.steps.is_empty() {
            self.emit(|_| events::deployment_success(&plan));
            return;
        }
        let deployment = RunningDeployment::new(plan);
        let number = self.deployments.add(deployment);
        self.go_on(number);
    }

    /// Cancels a deployment. What it has done stays.
    pub(crate) fn cancel(&mut self, id: &str) {
        let Some(number) = self.deployments.number(id) else { return };
        let Some(deployment) = self.deployments.remove(number) else { return };
        self.emit(|_| events::deployment_failed(&deployment.plan, CANCELLED));
    }

    /// Begins the next steps for as long as the present one is done.
    pub(super) fn go_on(&mut self, number: u64) {
        loop {
            let Some(deployment) = self.deployments.running.get(&number) else { return };
            if !deployment.progress.iter().all(ActionProgress::is_done) {
                return;
            }
            let (plan, step) = (deployment.plan.clone(), deployment.step);
            if step > 0 {
                self.emit(|_| events::deployment_step("deployment_step_success", &plan, step));
            }
            if step == plan.steps.len() {
                self.deployments.remove(number);
                self.emit(|_| events::deployment_success(&plan));
                return;
            }
            if let Some(deployment) = self.deployments.running.get_mut(&number) {
                deployment.begin_step(step + 1);
            }
            self.emit(|_| events::deployment_step("deployment_info", &plan, step + 1));
            for (index, action) in plan.steps[step].iter().enumerate() {
                let progress = self.begin(action, &plan.id);
                if let Some(deployment) = self.deployments.running.get_mut(&number) {
                    deployment.progress[index] = progress;
                }
            }
        }
    }

    /// Tells the deployment that holds a service what happened to one of its instances.
    pub(crate) fn tell_deployment(&mut self, notice: &Notice) {
        let Some(number) = self.deployments.locks.get(&notice.spec).copied() else { return };
        let Some(deployment) = self.deployments.running.get_mut(&number) else { return };
        let Some(index) = deployment.places.get(&notice.spec).copied() else { return };
        let DeploymentAction { kind, spec, .. } = &deployment.current()[index];
        // The instances to kill are of interest at the beginning only, and may be many.
        let action = DeploymentAction { kind: *kind, spec: spec.clone(), kill: Vec::new() };
        let progress = std::mem::replace(&mut deployment.progress[index], ActionProgress::Begun);
        let progress = self.go_on_with(progress, &action, notice);
        if let Some(deployment) = self.deployments.running.get_mut(&number) {
            let is_done = progress.is_done();
            deployment.progress[index] = progress;
            if is_done {
                self.go_on(number);
            }
        }
    }

    /// Leaves news of an instance for its deployment.
    pub(crate) fn note(&mut self, spec: &crate::server::world::Id, instance: u64, what: News) {
        if self.deployments.locks.contains_key(spec) {
            self.notices.push_back(Notice { spec: spec.clone(), instance, what });
        }
    }

    /// Keeps the result of a readiness check for those who ask for the deployment.
    pub(crate) fn keep_readiness(&mut self, spec: &str, task: &str, check: &str, result: serde_json::Value) {
        let Some(number) = self.deployments.locks.get(spec) else { return };
        if let Some(deployment) = self.deployments.running.get_mut(number) {
            deployment.readiness.insert((task.to_owned(), check.to_owned()), result);
        }
    }
}
