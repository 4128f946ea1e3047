//! Running deployments.

use serde_json::{Value as Json, json};

use crate::server::deployment::RunningDeployment;
use crate::server::deployment::plan::DeploymentAction;
use crate::server::events;
use crate::server::world::World;

/// All running deployments.
pub(crate) fn all(world: &World) -> Json {
    world.deployments.iter().map(deployment).collect()
}

fn deployment(deployment: &RunningDeployment) -> Json {
    let plan = &deployment.plan;
    let affected = |pods: bool| -> Json {
        let mut ids: Vec<&str> = Vec::new();
        for action in plan.steps.iter().flatten().filter(|action| action.spec.is_pod() == pods) {
            if !ids.contains(&&*action.spec.id) {
                ids.push(&action.spec.id);
            }
        }
        ids.into_iter().collect()
    };
    let current: Json =
        deployment.current().iter().map(|action| current_action(deployment, action)).collect();
    json!({
        "id": plan.id,
        "steps": events::steps(plan),
        "version": plan.version.to_string(),
        "affectedApps": affected(false),
        "affectedPods": affected(true),
        "currentActions": current,
        "currentStep": deployment.step,
        "totalSteps": plan.steps.len(),
    })
}

fn current_action(deployment: &RunningDeployment, action: &DeploymentAction) -> Json {
    let kind = if action.spec.is_pod() { "pod" } else { "app" };
    let name = action.spec.id.trim_start_matches('/').replace('/', "_");
    let is_of_this = |task: &str| task.split(".instance-").next() == Some(&name);
    let results = deployment.readiness.iter().filter(|((task, _), _)| is_of_this(task));
    let results: Json = results.map(|(_, result)| result.clone()).collect();
    json!({"action": action.name(), kind: &*action.spec.id, "readinessCheckResults": results})
}
