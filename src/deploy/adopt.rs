//! Deployments that are under way already and bring what is wanted: they are waited for like one's own.

use super::goal::{is_stored, working};
use super::plan::{Plan, PlannedService};
use super::watch::{Onlooker, Watch};
use crate::marathon::{Deployment, GetError, Running};
use crate::util::text::listed;

impl Watch<'_> {
    /// Waits from now on for the deployments that are under way for services of which nothing has to be sent, and names them.
    pub(super) fn adopt<'p>(
        &mut self,
        plan: &Plan,
        services: impl Iterator<Item = (&'p PlannedService, Option<&'p Running>)>,
        onlooker: &mut dyn Onlooker,
    ) -> Result<(), GetError> {
        let services: Vec<_> = services.filter(|(_, running)| running.is_some_and(may_change)).collect();
        if services.is_empty() {
            return Ok(());
        }
        let list = self.client.deployments(self.endpoint)?;
        for deployment in &list {
            let is_own = self.book.deployments.contains_key(&deployment.id);
            let changed: Vec<_> =
                services.iter().filter(|(service, _)| deployment.affected.contains(&service.id)).collect();
            if is_own || changed.is_empty() {
                continue;
            }
            for (service, running) in &changed {
                if let Some(running) = running {
                    self.note_previous(service.kind, running)?;
                }
            }
            let ids: Vec<String> = changed.iter().map(|(service, _)| service.id.clone()).collect();
            self.book.ask(&deployment.id, &ids);
            self.book.adopted.insert(deployment.id.clone(), others(deployment, plan));
            onlooker.note(&format!(
                "{} {} already, and deployment {} is under way for it: waiting for that",
                listed(&ids),
                if ids.len() == 1 { "is stored" } else { "are stored" },
                deployment.id
            ));
        }
        Ok(())
    }
}

/// Whether a service may be under way: all of it that runs need not be what is stored.
fn may_change(running: &Running) -> bool {
    let current = working(running).filter(|instance| is_stored(running, &instance.version)).count() as u64;
    !running.deployments.is_empty() || current != running.wanted
}

/// The services that a deployment changes and that are in no text.
fn others(deployment: &Deployment, plan: &Plan) -> Vec<String> {
    let is_in_plan = |id: &&String| plan.services().any(|service| service.id == **id);
    deployment.affected.iter().filter(|id| !is_in_plan(id)).cloned().collect()
}
