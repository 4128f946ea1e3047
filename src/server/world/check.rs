//! What Marathon checks of the whole before a change is carried out (`RootGroup.validRootGroup`,
//! `DeploymentPlan.deploymentPlanValidator`, 1.11).

use serde_json::Value as Json;

use super::World;
use super::commit::ChangeRefusal;
use super::history::Deltas;
use super::spec::Spec;
use crate::server::deployment::plan::ServiceOrder;

/// What it says when a deployment holds what is to be changed. The placeholder is Marathon's own.
pub(crate) const LOCKED: &str = "App is locked by one or more deployments. Override with the option '?force=true'. \
                                 View details at '/v2/deployments/<DEPLOYMENT_ID>'.";

/// Dependencies that lead back to where they begin.
pub(crate) const CYCLIC: &str = "Dependency graph has cyclic dependencies.";

const RESOURCES: &str = "Services with persistent volumes configured may not change resource requirements. If you need to make \
                         this change, please create a new service.";

impl World {
    /// Checks a change against everything that is there.
    pub(crate) fn check_whole(&self, deltas: &Deltas) -> Result<(), ChangeRefusal> {
        let mut found: Vec<(String, String)> = Vec::new();
        let graph = ServiceOrder::new(self, deltas);
        let of_specs =
            deltas.specs.iter().filter(|(_, (_, after))| after.is_some()).map(|(id, _)| id.clone());
        let of_groups = deltas.groups.iter().filter(|(_, (before, after))| {
            let dependencies = |group: &Option<super::StoredGroup>| {
                group.as_ref().map(|group| group.dependencies.clone()).unwrap_or_default()
            };
            dependencies(before) != dependencies(after)
        });
        let below = of_groups.flat_map(|(id, _)| self.specs_below(id).map(|spec| spec.id.clone()));
        if of_specs.chain(below).any(|id| graph.is_cyclic(&id)) {
            found.push(("/".to_owned(), CYCLIC.to_owned()));
        }
        for (id, (before, after)) in &deltas.specs {
            let Some(after) = after else { continue };
            if before.as_ref().is_some_and(|before| before.kind != after.kind) {
                found.push(("/".to_owned(), "Applications and Pods may not share the same id".to_owned()));
            }
            let is_group = match deltas.groups.get(&**id) {
                Some((_, group)) => group.is_some(),
                None => self.groups.contains_key(&**id),
            };
            if is_group {
                let text = if after.is_pod() {
                    "Groups and Pods may not have the same identifier."
                } else {
                    "Groups and Applications may not have the same identifier."
                };
                found.push(("/".to_owned(), text.to_owned()));
            }
            if let Some(before) = before.as_ref().filter(|before| before.is_resident() || after.is_resident())
            {
                let kind = if after.is_pod() { "pod" } else { "app" };
                resident(before, after, kind, &mut found);
            }
        }
        for (id, (before, after)) in &deltas.groups {
            if before.is_none()
                && after.is_some()
                && !deltas.specs.contains_key(id.as_str())
                && self.specs.contains_key(id.as_str())
            {
                found.push((
                    "/".to_owned(),
                    "Groups and Applications may not have the same identifier.".to_owned(),
                ));
            }
        }
        found.dedup();
        if found.is_empty() { Ok(()) } else { Err(ChangeRefusal::Invalid(found)) }
    }
}

/// A refusal in the words that events give for a reason.
pub(crate) fn reason(refusal: &ChangeRefusal) -> String {
    match refusal {
        ChangeRefusal::TooMany(most) => too_many(*most),
        ChangeRefusal::Locked(_) => LOCKED.to_owned(),
        ChangeRefusal::Invalid(details) => {
            let of = |(path, text): &(String, String)| {
                let value = if path == "/" { "\"Group(/)\"".to_owned() } else { format!("\"{path}\"") };
                format!("value with value {value} {text}")
            };
            let texts: Vec<String> = details.iter().map(of).collect();
            format!("Validation failed: Failure(Set({}))", texts.join(", "))
        }
        ChangeRefusal::NoPorts(from, to) => {
            format!("All ports in the range [{from}-{to}) are already in use")
        }
    }
}

/// An app with persistent volumes keeps them, and what its reservations are made of.
fn resident(before: &Spec, after: &Spec, kind: &str, found: &mut Vec<(String, String)>) {
    let volumes = |spec: &Spec| -> Vec<Json> {
        let path: &[&str] = if spec.is_pod() { &["volumes"] } else { &["container", "volumes"] };
        spec.list(path).filter(|volume| volume.get("persistent").is_some()).cloned().collect()
    };
    if volumes(before) != volumes(after) {
        found.push((format!("/{kind}(0)"), "Persistent volumes can not be changed!".to_owned()));
    }
    for name in ["cpus", "mem", "disk", "gpus"] {
        if (before.resource(name) - after.resource(name)).abs() > f64::EPSILON {
            found.push((format!("/{kind}(0)/{name}"), RESOURCES.to_owned()));
        }
    }
}

/// What it says when too many deployments run, misprint included.
pub(crate) fn too_many(most: usize) -> String {
    format!(
        "Max number ({most}) of running deployments is achieved. Wait for existing deployments to complete or cancel one\
         using force=true parameter. You can increase max deployment number by using --max_running_deployments parameter \
         but be advised that this can have negative effects on the performance."
    )
}
