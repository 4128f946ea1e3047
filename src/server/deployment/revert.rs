//! The change that takes a deployment back: only what it touched, against what is there now (`DeploymentPlanReverter`).

use super::plan::DeploymentPlan;
use crate::server::world::World;
use crate::server::world::change::WorldChange;

/// The change that takes a deployment back.
pub(crate) fn of(world: &World, plan: &DeploymentPlan) -> WorldChange {
    let mut change = WorldChange::default();
    for (id, (before, _)) in &plan.deltas.specs {
        match before {
            Some(before) => change.put_spec(world, before.as_ref().clone()),
            None => change.remove_spec(world, id),
        }
    }
    for (id, (before, after)) in plan.deltas.groups.iter().rev() {
        match (before, after) {
            (None, Some(added)) => {
                let is_unchanged =
                    change.group(world, id).is_some_and(|now| now.dependencies == added.dependencies);
                let is_empty = change.is_empty_group(world, id) && change.groups_below(world, id).is_empty();
                if is_unchanged && is_empty {
                    change.remove_group(world, id);
                }
            }
            (Some(before), after) => {
                let added = after.as_ref().map(|after| after.dependencies.clone()).unwrap_or_default();
                change.make_groups(world, id);
                let mut group = change.group(world, id).cloned().unwrap_or_default();
                group.dependencies.retain(|each| before.dependencies.contains(each) || !added.contains(each));
                for dependency in &before.dependencies {
                    if !group.dependencies.contains(dependency) {
                        group.dependencies.push(dependency.clone());
                    }
                }
                change.groups.insert(id.clone(), Some(group));
            }
            (None, None) => {}
        }
    }
    change
}
