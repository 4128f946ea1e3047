//! Fields that only the other containerizer uses, or only apps.

use crate::definition::Containerizer;
use crate::finding::{Change, Fix, FixKind};
use crate::rule::view::AppView;
use crate::target::Release;

use super::{Context, Fields, Rule};

static LINUX_INFO_ON_DOCKER: Rule = Rule::ignored(
    "linux-info-on-docker",
    "Only UCR containers use `linuxInfo`",
)
.why(
    "Mesos sets up the seccomp profiles and shared memory in `linuxInfo`. In a DOCKER container Marathon accepts \
             the field and drops it, and the container runs with the Docker Engine's own settings.",
)
.bad(
    r#"{"id": "/db", "container": {"type": "DOCKER", "docker": {"image": "postgres:16.4"},
                "linuxInfo": {"ipcInfo": {"mode": "PRIVATE", "shmSize": 256}}}}"#,
)
.good(
    r#"{"id": "/db", "container": {"type": "DOCKER", "docker": {"image": "postgres:16.4",
                "parameters": [{"key": "shm-size", "value": "256m"}]}}}"#,
)
.since(Release::V1_8)
.fix(FixKind::Unsafe);

static CHECK_IN_POD: Rule = Rule::ignored("check-in-pod", "Only containers of apps use `check`").aliases(&["pod-check"])
    .why(
        "In a container of a pod Marathon accepts `check` and drops it: the stored pod has none, and nothing runs it.",
    )
    .bad(r#"{"id": "/web", "containers": [{"name": "main", "resources": {"cpus": 0.1, "mem": 32},
            "image": {"kind": "DOCKER", "id": "example/web:1.4.2"},
            "check": {"tcp": {"endpoint": "http"}}, "endpoints": [{"name": "http",
            "containerPort": 80}]}], "networks": [{"mode": "container"}]}"#)
    .good(r#"{"id": "/web", "containers": [{"name": "main", "resources": {"cpus": 0.1, "mem": 32},
            "image": {"kind": "DOCKER", "id": "example/web:1.4.2"},
            "healthCheck": {"tcp": {"endpoint": "http"}}, "endpoints": [{"name": "http",
            "containerPort": 80}]}], "networks": [{"mode": "container"}]}"#)
    .since(Release::V1_8)
    .fix(FixKind::Safe);

pub(super) static RULES: &[&Rule] = &[&LINUX_INFO_ON_DOCKER, &CHECK_IN_POD];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    let Some(container) = app.container.as_ref().and_then(|container| container.fields.as_ref()) else {
        return;
    };
    let Some(info) = container.get("linuxInfo") else { return };
    if context.release() < Release::V1_8 || app.containerizer() != Some(Containerizer::Docker) {
        return;
    }
    let found = context.warn(&LINUX_INFO_ON_DOCKER, info);
    found.message = "Marathon drops the `linuxInfo` of a Docker Engine container".into();
    found.help = Some(
        "use `docker.parameters` (security-opt; shm-size with its unit, as in 64m), or run it with UCR (type MESOS)".into(),
    );
    found.fix = Some(Fix::unsafe_("remove `linuxInfo`", [Change::remove(container.value, info)]));
}

pub(super) fn container(container: &Fields<'_>, context: &mut Context<'_>) {
    let Some(check) = container.get("check").filter(|_| context.release() >= Release::V1_8) else { return };
    let found = context.warn(&CHECK_IN_POD, check);
    found.message = "Marathon drops the `check` of a pod's container".into();
    found.help = Some("write it as `healthCheck`, which pods have".into());
    found.fix = Some(Fix::safe("remove `check`", [Change::remove(container.value, check)]));
}
