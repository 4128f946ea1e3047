//! What the way back adds to how a deployment ended.

use std::collections::BTreeMap;

use super::super::Exit;
use crate::deploy::{Failed, Plan, RolledBack};
use crate::util::text::listed;

/// What the rollback adds to the sentence, and the exit code then. `goes_on` tells of deployments of it that still run.
pub(super) fn of_way_back(plan: &Plan, back: &RolledBack, goes_on: Option<&str>) -> (Exit, String) {
    if back.is_interrupted {
        let words = match &back.running[..] {
            [] => "the rollback was interrupted: no deployment of it continues".to_owned(),
            [first, ..] => format!(
                "the rollback was interrupted: deployment {} continues; `milepost wait {first}` waits for it",
                back.running.join(", ")
            ),
        };
        return (Exit::Interrupted, words);
    }
    if back.is_unknown {
        let words = failed_words(&back.failed);
        return (
            Exit::Uncertain,
            format!("the rollback was sent, and it is not known whether it is done: {}", words.join("; ")),
        );
    }
    if !back.failed.is_empty() {
        let failed = failed_words(&back.failed).join("; ");
        let words = match goes_on {
            Some(goes_on) => format!("the rollback goes on, and is not done yet: {failed}; {goes_on}"),
            None => format!("not rolled back: {failed}"),
        };
        return (Exit::NotRolledBack, words);
    }
    let words = match (&back.services[..], not_taken_back(back)) {
        ([], None) => return (Exit::Failed, "nothing had to be rolled back".to_owned()),
        ([], Some(left)) => return (Exit::Failed, format!("not rolled back, {left}")),
        (services, left) => {
            let is_new =
                |id: &&String| plan.services().any(|service| service.id == **id && service.against.is_none());
            let new: Vec<String> = services.iter().filter(is_new).cloned().collect();
            let old = services.iter().filter(|id| !is_new(id)).cloned();
            let (stopped, old): (Vec<String>, Vec<String>) = old.partition(|id| back.stopped.contains(id));
            let mut words = Vec::new();
            if !old.is_empty() {
                words.push(format!("what ran before runs again: {}", listed(&old)));
            }
            if !stopped.is_empty() {
                let are = if stopped.len() == 1 { "is" } else { "are" };
                words.push(format!("{} {are} stopped again: 0 instances, as before", listed(&stopped)));
            }
            if !new.is_empty() {
                words.push(format!("{} is removed, as it did not exist before", listed(&new)));
            }
            words.extend(left.map(|left| format!("not rolled back, {left}")));
            format!("rolled back: {}", words.join("; "))
        }
    };
    (Exit::RolledBack, words)
}

/// Why services were not taken back, and which.
fn not_taken_back(back: &RolledBack) -> Option<String> {
    let kept = back.kept.iter().map(|(_, why)| format!("because {why}"));
    let words: Vec<String> = left_alone(back).into_iter().chain(kept).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// Why services were left alone, and which.
fn left_alone(back: &RolledBack) -> Option<String> {
    let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (id, failed) in &back.left {
        let why = match failed {
            Failed::ServerLostMemory => "because the server has lost what it held",
            Failed::Deleted => "because another client has deleted it",
            Failed::RolledBack { .. } => "because the definition from before is stored already",
            Failed::Changed { by: None, .. } => {
                "because the server holds something else than was sent (another client, or something between, has changed it)"
            }
            _ => "because another client has changed it",
        };
        by_reason.entry(why).or_default().push(id.clone());
    }
    let words: Vec<String> = by_reason.iter().map(|(why, ids)| format!("{why}: {}", listed(ids))).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

fn failed_words(failed: &BTreeMap<String, String>) -> Vec<String> {
    failed.iter().map(|(id, reason)| format!("{id}: {reason}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupted_rollback_names_what_continues() {
        let mut back = RolledBack {
            services: vec!["/a".to_owned()],
            stopped: std::collections::BTreeSet::new(),
            left: Vec::new(),
            kept: Vec::new(),
            failed: BTreeMap::new(),
            is_interrupted: true,
            is_unknown: false,
            running: vec!["d1".to_owned()],
        };
        let words = "the rollback was interrupted: deployment d1 continues; `milepost wait d1` waits for it";
        assert_eq!(of_way_back(&Plan::default(), &back, None), (Exit::Interrupted, words.to_owned()));
        back.running.clear();
        let words = "the rollback was interrupted: no deployment of it continues";
        assert_eq!(of_way_back(&Plan::default(), &back, None), (Exit::Interrupted, words.to_owned()));
    }
}
