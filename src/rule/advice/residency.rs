//! Apps that keep data on their agents.

use crate::finding::{Change, Fix, FixKind};
use crate::rule::app::AppView;
use crate::rule::view::ContainerView;
use crate::source::Type;
use crate::target::Release;

use super::{Context, Rule};

static RESIDENCY_WITHOUT_VOLUME: Rule = Rule::ignored(
    "residency-without-volume",
    "`residency` is for apps with persistent volumes",
)
.why(
    "An app stays where its persistent volumes are. Without one Marathon 1.6 and later drop `residency`, and \
             a lost instance starts anew on any agent, without its data.",
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

static OLD_RESIDENCY: Rule = Rule::deprecated("old-residency", "`residency` is said by persistent volumes alone")
    .why(
        "From Marathon 1.6 on persistent volumes make an app resident. `residency` is read and dropped, and what a \
         server shows under that name is made up from `unreachableStrategy`: RELAUNCH_AFTER_TIMEOUT does nothing.",
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
    Rule::risky("resident-without-grace", "An app with persistent volumes is given time to stop")
        .why(
            "A task that is to stop gets SIGTERM, and SIGKILL when its time is over: 5 seconds on an agent that says \
             nothing else. A database that is killed while it writes to its volume starts with a recovery, at best.",
        )
        .bad(r#"{"id": "/db", "cmd": "run-db", "container": {"type": "MESOS",
                "volumes": [{"containerPath": "data", "mode": "RW",
                "persistent": {"size": 1024}}]}}"#)
        .good(r#"{"id": "/db", "cmd": "run-db", "taskKillGracePeriodSeconds": 60,
                "container": {"type": "MESOS", "volumes": [{"containerPath": "data", "mode": "RW",
                "persistent": {"size": 1024}}]}}"#);

pub(super) static RULES: &[&Rule] = &[&RESIDENCY_WITHOUT_VOLUME, &OLD_RESIDENCY, &RESIDENT_WITHOUT_GRACE];

pub(super) fn app(app: &AppView<'_>, release: Release, context: &mut Context) {
    if !app.has_residency {
        return;
    }
    let is_persistent = app.container.as_ref().is_some_and(ContainerView::is_persistent);
    // What is no object is read as defaults, which is said already.
    let residency = app.fields.get("residency").filter(|residency| residency.kind() == Type::Object);
    if let Some(residency) = residency.filter(|_| release >= Release::V1_6) {
        let fix = Fix::safe("remove `residency`", [Change::remove(app.fields.value, residency)]);
        let found = if is_persistent {
            let found = context.warn(&OLD_RESIDENCY, residency);
            found.message =
                "the persistent volumes make this app resident; `residency` says nothing more".into();
            found.help = Some(
                "remove it; how long a lost instance is waited for is up to `unreachableStrategy`".into(),
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
            "this app keeps data in a persistent volume, and is killed seconds after it was told to stop"
                .into();
        found.help =
            Some("set `taskKillGracePeriodSeconds` to what it needs at most to close its files".into());
    }
}
