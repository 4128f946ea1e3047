//! The holder of a lock, in words.

use super::duration;
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
    let Deployment { id, version, age, affected, step, steps, .. } = deployment;
    let ago = age.map(|age| format!(", {} ago", duration::words(age))).unwrap_or_default();
    let since = match (&**version, &affected[..]) {
        // Nothing but its id is known.
        ("", []) => String::new(),
        ("", _) => " (since an unknown time)".to_owned(),
        (version, _) => format!(" (since {version}{ago})"),
    };
    let of = if affected.is_empty() { String::new() } else { format!(" of {}", listed(affected)) };
    let at = if *steps == 0 { String::new() } else { format!(", at step {} of {steps}", step.max(&1)) };
    format!("deployment {id}{since}{of}{at}")
}
