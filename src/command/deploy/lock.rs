//! The holder of a lock, in words.

use crate::marathon::Deployment;
use crate::util::text::listed;

/// The deployments that hold a lock.
pub(in super::super) fn holders(holders: &[Deployment]) -> String {
    if holders.is_empty() {
        return "a running deployment".to_owned();
    }
    holders.iter().map(holder).collect::<Vec<_>>().join("; ")
}

fn holder(deployment: &Deployment) -> String {
    let mut words = format!("deployment {}", deployment.id);
    if !deployment.version.is_empty() {
        words += &format!(" (since {})", deployment.version);
    }
    if !deployment.affected.is_empty() {
        words += &format!(" of {}", listed(&deployment.affected));
    }
    if deployment.steps > 0 {
        words += &format!(", at step {} of {}", deployment.step.max(1), deployment.steps);
    }
    words
}
