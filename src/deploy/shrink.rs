//! Which instances Marathon stops to have fewer of a service: those that run, before those that it has not placed
//! (`ScalingProposition`, 1.11). On the way back from a scale-up that hangs it would so stop what ran before.

use crate::marathon::{Instance, InstanceState, Running};
use crate::source::Kind;

/// How many of the instances that run go on running when there are to be this many.
pub(crate) fn left_running(now: &Running, to: u64) -> u64 {
    running(now).count() as u64 - stopped(now, to)
}

/// Whether fewer instances would run than there are to be, and than run now.
pub(crate) fn does_harm(now: &Running, to: u64) -> bool {
    left_running(now, to) < to.min(running(now).count() as u64)
}

/// Whether all that ran before, and runs now, goes on running when there are to be this many.
pub(super) fn keeps(before: &Running, now: &Running, kind: Kind, to: u64) -> bool {
    let mut running: Vec<&Instance> = running(now).collect();
    running.sort_by(|one, other| one.since.cmp(&other.since));
    if !stops_oldest_first(now, kind) {
        running.reverse();
    }
    let stopped = usize::try_from(stopped(now, to)).unwrap_or(usize::MAX);
    // Which ones a constraint of this kind lets go is not known from here.
    let candidates = if stopped > 0 && is_spread(now, kind) { running.len() } else { stopped };
    let ran_before = |one: &&Instance| before.instances.iter().any(|before| before.id == one.id);
    !running.into_iter().take(candidates).any(|one| ran_before(&one))
}

/// How many of the instances that run are stopped.
fn stopped(now: &Running, to: u64) -> u64 {
    let present = now.instances.iter().filter(|one| one.state != InstanceState::Gone).count() as u64;
    now.wanted.max(present).saturating_sub(to).min(running(now).count() as u64)
}

fn running(now: &Running) -> impl Iterator<Item = &Instance> {
    now.instances.iter().filter(|one| one.state == InstanceState::Running)
}

fn stops_oldest_first(now: &Running, kind: Kind) -> bool {
    let path = if kind == Kind::Pod { "/scheduling/killSelection" } else { "/killSelection" };
    now.definition.pointer(path).and_then(|selection| selection.as_str()) == Some("OLDEST_FIRST")
}

fn is_spread(now: &Running, kind: Kind) -> bool {
    let path = if kind == Kind::Pod { "/scheduling/placement/constraints" } else { "/constraints" };
    let list = now.definition.pointer(path).and_then(|list| list.as_array()).into_iter().flatten();
    let mut operators = list.filter_map(|one| one.get(1).or_else(|| one.get("operator"))?.as_str());
    operators.any(|operator| operator.eq_ignore_ascii_case("GROUP_BY"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn app(wanted: u64, running: &[&str], definition: serde_json::Value) -> Running {
        let instance = |id: &&str| Instance {
            id: (*id).to_owned(),
            state: InstanceState::Running,
            version: "1".to_owned(),
            is_healthy: None,
            host: String::new(),
            since: format!("2026-01-01T00:00:0{id}.000Z"),
            tasks: Vec::new(),
        };
        Running {
            definition,
            version: "1".to_owned(),
            config_version: None,
            wanted,
            instances: running.iter().map(instance).collect(),
            deployments: Vec::new(),
            failure: None,
            readiness: Vec::new(),
        }
    }

    #[test]
    fn what_was_never_placed_is_stopped_last() {
        // As recorded: of nine instances three run, and the way back to two stops all of them.
        let all = |wanted, running: &[&str], to| left_running(&app(wanted, running, json!({})), to);
        assert_eq!(all(9, &["1", "2", "3"], 2), 0);
        assert_eq!(all(4, &["1", "2", "3"], 2), 1);
        assert_eq!(all(4, &["1", "2", "3", "4"], 2), 2);
        assert_eq!(all(4, &[], 2), 0);
        assert!(does_harm(&app(4, &["1", "2"], json!({})), 2));
        assert!(does_harm(&app(4, &["1", "2", "3"], json!({})), 3));
        assert!(!does_harm(&app(4, &["1", "2", "3", "4"], json!({})), 2));
        assert!(!does_harm(&app(4, &[], json!({})), 2));
        assert!(!does_harm(&app(4, &["1", "2"], json!({})), 0));
    }

    #[test]
    fn what_ran_before_is_kept_where_only_others_are_stopped() {
        let keep = |running: &[&str], definition| {
            keeps(&app(2, &["1", "2"], json!({})), &app(4, running, definition), Kind::App, 2)
        };
        assert!(keep(&["1", "2", "3", "4"], json!({})));
        assert!(!keep(&["1", "2", "3"], json!({})));
        assert!(!keep(&["1", "2"], json!({})));
        // None of those that ran before is there any more.
        assert!(keep(&["5", "6"], json!({})));
        assert!(!keep(&["1", "2", "3", "4"], json!({"killSelection": "OLDEST_FIRST"})));
        assert!(!keep(&["1", "2", "3", "4"], json!({"constraints": [["hostname", "GROUP_BY"]]})));
        assert!(keep(&["1", "2", "3", "4"], json!({"constraints": [["hostname", "UNIQUE"]]})));
    }
}
