//! What a server holds, beside what is awaited.

use serde_json::Value as Json;

use crate::deploy::plan::changed_paths;
use crate::diff::{FieldChange, Impact, What, between, same};
use crate::marathon::Running;
use crate::normalize::Normalized;
use crate::schema::table;
use crate::source::{Kind, Step};
use crate::state::ServerState;

/// Whether a server's answer is word for word what was sent, apart from the fields that only servers write and the ports that
/// it picked. Most answers are, and need no comparison (`deploy`, 200 apps).
pub(super) fn is_as_sent(answer: &Json, sent: &Normalized) -> bool {
    let shape = if sent.kind == Kind::Pod { &table::POD } else { &table::APP };
    let (Some(answer), Some(sent)) = (answer.as_object(), sent.value.as_object()) else { return false };
    let own = || answer.iter().filter(|(name, _)| !shape.is_of_response(name));
    own().count() == sent.len()
        && own().all(|(name, held)| sent.get(name).is_some_and(|sent| agree(name, held, sent)))
}

/// Whether what is held in a field of this name is what was sent. The nesting is bounded by the parser of the answer.
fn agree(name: &str, held: &Json, sent: &Json) -> bool {
    match (held, sent) {
        (Json::Object(held), Json::Object(sent)) => {
            held.len() == sent.len()
                && held.iter().all(|(name, held)| sent.get(name).is_some_and(|sent| agree(name, held, sent)))
        }
        (Json::Array(held), Json::Array(sent)) => {
            held.len() == sent.len() && held.iter().zip(sent).all(|(held, sent)| agree(name, held, sent))
        }
        _ => same(held, sent) || is_left_to_the_server(name, sent),
    }
}

/// Whether a value is a port that the server picks.
fn is_left_to_the_server(name: &str, sent: &Json) -> bool {
    matches!(name, "port" | "servicePort") && sent.as_u64() == Some(0)
}

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
    let Some(Step::Key(name)) = change.path.steps().last() else { return false };
    change.new.as_ref().is_some_and(|sent| is_left_to_the_server(name, sent))
}

/// Whether Marathon would replace instances to get from one definition to the other.
pub(crate) fn restarts(older: &Normalized, now: &Normalized) -> bool {
    let changes = between(&ServerState::of([older]), &ServerState::of([now]));
    changes.differences.iter().any(|difference| match &difference.what {
        What::Changed { changes, .. } => {
            changes.iter().any(|change| matches!(change.impact, Impact::Restart | Impact::Another))
        }
        What::Added(_) | What::Removed(_) => true,
    })
}

/// Whether a definition has checks of this name.
pub(in crate::deploy) fn has_list(definition: &Json, kind: Kind, name: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::deploy::plan::stored;
    use crate::target::{Release, Target};

    #[test]
    fn an_answer_is_as_sent_where_nothing_of_it_differs() {
        let settings = Target::of_release(Release::LATEST, true).expect("a target").settings();
        let app = json!({
            "id": "/a", "cmd": "serve", "cpus": 0.5, "env": {"A": "1"},
            "portDefinitions": [{"port": 0, "protocol": "tcp"}],
        });
        let sent = stored(&app, Kind::App, &settings);
        let answer = |name: &str, value: Json| {
            let mut answer = sent.value.clone();
            answer["version"] = json!("2026-01-01T00:00:00.000Z");
            answer["tasksRunning"] = json!(1);
            answer[name] = value;
            answer
        };
        for (name, value, is_same) in [
            ("tasksStaged", json!(1), true),
            ("disk", json!(0.0), true),
            ("portDefinitions", json!([{"port": 10_000, "protocol": "tcp"}]), true),
            ("portDefinitions", json!([{"port": 10_000, "protocol": "udp"}]), false),
            ("env", json!({"A": "1", "B": "2"}), false),
            ("env", json!({"A": "2"}), false),
            ("env", json!({}), false),
            ("instances", json!(0), false),
            ("user", json!("root"), false),
        ] {
            let answer = answer(name, value);
            assert_eq!(is_as_sent(&answer, &sent), is_same, "{answer}");
            let held = stored(&answer, Kind::App, &settings);
            assert_eq!(differs(&held, &sent).is_none(), is_same, "{answer}");
        }
    }
}
