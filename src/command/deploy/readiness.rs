//! Readiness that nothing tells: Marathon checks it only while a deployment runs.

use crate::deploy::ServiceRecord;
use crate::util::text::listed;

/// Whether nothing tells if a service is ready, although it has readiness checks: no deployment of it was watched.
pub(in super::super) fn is_unknown(service: &ServiceRecord) -> bool {
    service.deployment.is_none()
        && service.view.as_ref().is_some_and(|view| {
            view.has_readiness && view.wanted > 0 && view.deployments.is_empty() && !view.all_ready()
        })
}

/// What to know of services of which [`is_unknown`] holds.
pub(in super::super) fn unknown(ids: &[String]) -> Option<String> {
    let (are_ready, id) = match ids {
        [] => return None,
        [id] => (format!("{id} is ready"), &**id),
        ids => (format!("{} are ready", listed(ids)), "ID"),
    };
    Some(format!(
        "whether {are_ready} is not known: Marathon checks that only during a deployment, and `milepost app restart {id}` \
         checks it again"
    ))
}
