//! Apps with persistent volumes, and `residency`.

use crate::finding::{Change, Fix, FixKind};
use crate::rule::view::AppView;
use crate::rule::view::ContainerView;
use crate::source::Type;
use crate::target::Release;

use super::{Context, Rule};

pub(crate) static RESIDENCY_WITHOUT_VOLUME: Rule = Rule::ignored(
    "residency-without-volume",
    "An app with `residency` has a persistent volume",
)
.why(
    "An app stays on the agents with its persistent volumes. Without one Marathon 1.6 and later drop `residency`, \
             and a lost instance restarts on any agent, without its data.",
)
.bad(
    r#"{"id": "/db", "cmd": "run-db", "residency": {"taskLostBehavior": "WAIT_FOREVER"},
                "container": {"type": "MESOS", "volumes": [{"containerPath": "/data",
                "hostPath": "/srv/db", "mode": "RW"}]}}"#,
)
.good(
    r#"{"id": "/db", "cmd": "run-db", "container": {"type": "MESOS",
                "volumes": [{"containerPath": "data", "mode": "RW",
                "persistent": {"size": 1024}}]}}"#,
)
.since(Release::V1_6)
.fix(FixKind::Safe);

pub(crate) static OLD_RESIDENCY: Rule = Rule::deprecated("old-residency", "Persistent volumes replace `residency`")
    .why(
        "Since Marathon 1.6 persistent volumes make an app resident. Marathon drops `residency`, and derives the one in \
         its answers from `unreachableStrategy`: RELAUNCH_AFTER_TIMEOUT has no effect.",
    )
    .bad(r#"{"id": "/db", "cmd": "run-db", "residency": {"taskLostBehavior": "WAIT_FOREVER"},
            "taskKillGracePeriodSeconds": 60, "container": {"type": "MESOS",
            "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"size": 1024}}]}}"#)
    .good(r#"{"id": "/db", "cmd": "run-db", "taskKillGracePeriodSeconds": 60,
            "container": {"type": "MESOS", "volumes": [{"containerPath": "data", "mode": "RW",
            "persistent": {"size": 1024}}]}}"#)
    .since(Release::V1_6)
    .fix(FixKind::Safe);

static RESIDENT_WITHOUT_GRACE: Rule =
    Rule::risky("resident-without-grace", "An app with persistent volumes has time to stop")
        .why(
            "Mesos stops a task with SIGTERM, and with SIGKILL after a grace period: 5 seconds by default. A database that \
             is killed while it writes to its volume needs a recovery, at best.",
        )
        .bad(r#"{"id": "/db", "cmd": "run-db", "container": {"type": "MESOS",
                "volumes": [{"containerPath": "data", "mode": "RW",
                "persistent": {"size": 1024}}]}}"#)
        .good(r#"{"id": "/db", "cmd": "run-db", "taskKillGracePeriodSeconds": 60,
                "container": {"type": "MESOS", "volumes": [{"containerPath": "data", "mode": "RW",
                "persistent": {"size": 1024}}]}}"#);

pub(super) static RULES: &[&Rule] = &[&RESIDENCY_WITHOUT_VOLUME, &OLD_RESIDENCY, &RESIDENT_WITHOUT_GRACE];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    if !app.has_residency {
        return;
    }
    let is_persistent = app.container.as_ref().is_some_and(ContainerView::is_persistent);
    // Marathon reads other types as defaults, which another rule reports.
    let residency = app.fields.get("residency").filter(|residency| residency.kind() == Type::Object);
    if let Some(residency) = residency.filter(|_| context.release() >= Release::V1_6) {
        let fix = Fix::safe("remove `residency`", [Change::remove(app.fields.value, residency)]);
        let found = if is_persistent {
            let found = context.warn(&OLD_RESIDENCY, residency);
            found.message = "the persistent volumes make this app resident; `residency` has no effect".into();
            found.help = Some(
                "remove it; `unreachableStrategy` decides how long Marathon waits for a lost instance".into(),
            );
            found
        } else {
            let found = context.warn(&RESIDENCY_WITHOUT_VOLUME, residency);
            found.message = "this app has no persistent volume, so Marathon drops its `residency`".into();
            found.help = Some("remove it, or give the app a persistent volume".into());
            found
        };
        found.fix = Some(fix);
    }
    if is_persistent && !app.fields.has("taskKillGracePeriodSeconds") {
        let volumes = app.container.as_ref().and_then(|container| container.fields.as_ref());
        let at = volumes.map_or(app.fields.value, |container| container.at("volumes"));
        let found = context.warn(&RESIDENT_WITHOUT_GRACE, at);
        found.message =
            "this app keeps data in a persistent volume, but Mesos kills it seconds after asking it to stop"
                .into();
        found.help = Some(
            "set `taskKillGracePeriodSeconds` to the longest time that it needs to close its files".into(),
        );
    }
}
