//! What a server holds, beside what is awaited.

use serde_json::Value as Json;

use crate::deploy::plan::changed_paths;
use crate::diff::{FieldChange, Impact, What, between};
use crate::marathon::Running;
use crate::normalize::Normalized;
use crate::source::{Kind, Step};
use crate::state::ServerState;

/// What differs between what a server holds and what was sent. It may pick any port where none was sent.
pub(in crate::deploy) fn differs(held: &Normalized, wanted: &Normalized) -> Option<String> {
    let mut changes = between(&ServerState::of([held]), &ServerState::of([wanted]));
    for difference in &mut changes.differences {
        if let What::Changed { changes, .. } = &mut difference.what {
            changes.retain(|change| !is_picked(change));
        }
    }
    changes.differences.retain(
        |difference| !matches!(&difference.what, What::Changed { changes, .. } if changes.is_empty()),
    );
    changed_paths(&changes)
}

fn is_picked(change: &FieldChange) -> bool {
    let is_port = matches!(change.path.steps().last(), Some(Step::Key(name)) if name == "port" || name == "servicePort");
    is_port && change.new.as_ref().and_then(Json::as_u64) == Some(0)
}

/// Whether Marathon would replace instances to get from one definition to the other.
pub(super) fn restarts(older: &Normalized, now: &Normalized) -> bool {
    let changes = between(&ServerState::of([older]), &ServerState::of([now]));
    changes.differences.iter().any(|difference| match &difference.what {
        What::Changed { changes, .. } => {
            changes.iter().any(|change| matches!(change.impact, Impact::Restart | Impact::Another))
        }
        What::Added(_) | What::Removed(_) => true,
    })
}

/// Whether a definition has checks of this name.
pub(super) fn has_list(definition: &Json, kind: Kind, name: &str) -> bool {
    let is_filled = |list: Option<&Json>| list.and_then(Json::as_array).is_some_and(|list| !list.is_empty());
    match kind {
        Kind::Pod => {
            let containers = definition.get("containers").and_then(Json::as_array);
            name == "healthChecks"
                && containers.into_iter().flatten().any(|container| container.get("healthCheck").is_some())
        }
        _ => is_filled(definition.get(name)),
    }
}

/// The first readiness check that is not ready, in words.
pub(super) fn not_ready(running: &Running) -> Option<String> {
    let result = running.readiness.iter().find(|result| !result.ready)?;
    let answer = match &result.last_response {
        Some(last) => format!(" answers {}", last.status),
        None => " has no result yet".to_owned(),
    };
    Some(format!("readiness check {}{answer} (task {})", result.name, result.task_id))
}
