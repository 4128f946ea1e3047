//! What the answers of Marathon and HAProxy mean for one step.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::decide::ColourApp;
use super::halt::Halt;
use super::haproxy::Traffic;
use super::task::{ColourTask, tasks};
use crate::deploy::plan::stored;
use crate::marathon::{Change, Deployment, RefusedRequest, Running, Verb};
use crate::normalize::Normalized;
use crate::source::Kind;
use crate::target::Settings;
use crate::util::text::{count, listed};

/// One of the two apps, as it runs.
pub(super) fn side(running: &Running, tasks: &[ColourTask]) -> ColourApp {
    let text = |path: &str| running.definition.pointer(path).and_then(Json::as_str);
    let target = text(&format!("/labels/{}", super::TARGET)).and_then(|text| text.trim().parse().ok());
    ColourApp {
        instances: running.wanted,
        tasks: tasks.len() as u64,
        routed: tasks.iter().filter(|task| task.is_routed).count() as u64,
        scaled_at: text("/versionInfo/lastScalingAt").unwrap_or_default().to_owned(),
        target,
    }
}

/// Whether as many tasks as there should be are given to HAProxy.
pub(super) fn all_run(app: &Running) -> bool {
    tasks(&app.definition).iter().filter(|task| task.is_routed).count() as u64 == app.wanted
}

/// The versions of the definitions of both apps, without changes of the number of instances.
pub(super) type Versions = (Option<String>, Option<String>);

/// Fails where another client has changed a definition meanwhile. The number of instances may change.
pub(super) fn unchanged(known: &mut Option<Versions>, from: &Running, to: &Running) -> Result<(), Halt> {
    let now = (from.config_version.clone(), to.config_version.clone());
    let known = known.get_or_insert_with(|| now.clone());
    if *known == now {
        return Ok(());
    }
    let other = if known.0 == now.0 { to } else { from };
    Err(Halt::Failed {
        id: other.id().to_owned(),
        reason: "another client has changed its definition meanwhile".to_owned(),
        is_late: false,
        is_foreign: true,
    })
}

pub(super) fn with_instances(running: &Running, instances: u64, settings: &Settings) -> Normalized {
    let mut definition = running.definition.clone();
    definition["instances"] = instances.into();
    stored(&definition, Kind::App, settings)
}

pub(super) fn scaling(id: &str, instances: u64) -> Change {
    let body = json!({ "instances": instances }).to_string();
    Change { verb: Verb::Update, kind: Kind::App, id: id.to_owned(), body: Some(body) }
}

pub(super) fn gone(id: &str) -> Halt {
    let reason = "it was deleted while it was deployed".to_owned();
    Halt::Failed { id: id.to_owned(), reason, is_late: false, is_foreign: true }
}

pub(super) fn refused(id: &str, refusal: RefusedRequest) -> Halt {
    if refusal.is_locked() {
        let holders = refusal.locked_by.iter().map(|id| Deployment::named(id)).collect();
        return Halt::Locked(id.to_owned(), holders);
    }
    Halt::Refused(id.to_owned(), Box::new(refusal))
}

/// What keeps an app from getting all requests.
pub(super) fn not_up((up, of): (u64, u64), traffic: &Traffic, app: &Running) -> String {
    let words = format!("{up} of {of} instances are up in every HAProxy");
    let has_checks =
        app.definition.get("healthChecks").and_then(Json::as_array).is_some_and(|checks| !checks.is_empty());
    match (traffic.down, has_checks) {
        (0, _) => words,
        (down, true) => format!("{words}, {down} fail its check"),
        // The state that marathon-lb saves before a reload says so, and no check says anything else later.
        (down, false) => format!(
            "{words}, {down} down: HAProxy does not take back what it has drained of an app without health checks; stop \
             these tasks, so that Marathon starts others"
        ),
    }
}

/// That HAProxy does not take what was started: which servers it has of both apps, and what to do about it.
pub(super) fn stuck(traffic: &Traffic, from: &Running, to: &Running) -> String {
    let disabled = |number| if number == 0 { String::new() } else { format!(", {number} disabled") };
    let (held, other) = (disabled(traffic.held), disabled(traffic.draining.len()));
    format!(
        "HAProxy sends requests to {} of {} instances of {}{held}, and to {} of {} of {}{other}: marathon-lb does not take the \
         instances that were started, and more of them would not change that; see what its log says of the two apps, and \
         whether it is one that drains the app that was scaled less recently",
        traffic.up,
        to.wanted,
        to.id(),
        traffic.other_up,
        from.wanted,
        from.id(),
    )
}

/// What keeps instances from being stopped; `reloading` is each HAProxy that had an earlier process meanwhile.
pub(super) fn undrained(
    (drained, of): (u64, u64),
    traffic: &Traffic,
    reloading: Option<&BTreeSet<String>>,
) -> String {
    let open = count(usize::try_from(traffic.open).unwrap_or(usize::MAX), "open session");
    let why = match (reloading, traffic.open) {
        (Some(urls), _) => {
            let urls: Vec<String> = urls.iter().cloned().collect();
            format!("an earlier process of the HAProxy at {} still has open sessions", listed(&urls))
        }
        (None, 0) => "HAProxy still sends requests to the others".to_owned(),
        (None, _) => format!("{open} on the others"),
    };
    format!("{drained} of {of} instances to be stopped are known to have no session: {why}")
}
