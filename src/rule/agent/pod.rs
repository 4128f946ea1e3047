//! What Mesos refuses of a pod as a whole.

use crate::finding::{Change, Fix, FixKind, Refuser};
use crate::target::Release;

use super::{Context, Fields, Rule, refuse};

static SHARED_CGROUPS: Rule =
    Rule::fails("shared-cgroups", "A pod does not share cgroups with its executor")
        .why(
            "With `legacySharedCgroups` Marathon asks for the executor of a pod to share cgroups, which the agent refuses \
             for an executor's own container: every launch fails. (Mesos, `src/slave/validation.cpp`, 1.11).",
        )
        .bad(r#"{"id": "/job", "legacySharedCgroups": true, "containers": [{"name": "main",
                "resources": {"cpus": 0.1, "mem": 32}, "exec": {"command": {"shell": "./run"}}}]}"#)
        .good(r#"{"id": "/job", "containers": [{"name": "main",
                "resources": {"cpus": 0.1, "mem": 32}, "exec": {"command": {"shell": "./run"}}}]}"#)
        .since(Release::V1_10)
        .fix(FixKind::Unsafe);

pub(super) static RULES: &[&Rule] = &[&SHARED_CGROUPS];

pub(super) fn pod(pod: &Fields<'_>, context: &mut Context<'_>) {
    let Some(at) = pod.get("legacySharedCgroups").filter(|at| at.as_bool() == Some(true)) else { return };
    let said = "The 'share_cgroups' field cannot be set to 'true' on executor containers";
    let found = refuse(context, &SHARED_CGROUPS, at, Refuser::Master, said);
    found.message = "Mesos refuses every instance: an executor cannot share cgroups".into();
    found.help = Some("remove it".into());
    found.fix = Some(Fix::unsafe_("remove `legacySharedCgroups`", [Change::remove(pod.value, at)]));
}
