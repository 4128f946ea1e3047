//! Privileged containers.

use crate::definition::Containerizer;
use crate::finding::{Change, Fix, FixKind};
use crate::rule::view::AppView;

use super::{Context, Rule};

static PRIVILEGED: Rule = Rule::risky("privileged-container", "A container is not privileged")
    .why(
        "A privileged container of the Docker Engine is root on its agent: it sees every device, may load kernel \
         modules and can read the credentials of every other service there. Most images that ask for it need only one \
         capability, which `cap-add` in `docker.parameters` grants.",
    )
    .bad(r#"{"id": "/agent-stats", "container": {"type": "DOCKER",
            "docker": {"image": "example/stats:1.4.2", "privileged": true}}}"#)
    .good(r#"{"id": "/agent-stats", "container": {"type": "DOCKER",
            "docker": {"image": "example/stats:1.4.2", "parameters": [{"key": "cap-add",
            "value": "SYS_PTRACE"}]}}}"#);

static PRIVILEGED_ON_UCR: Rule = Rule::ignored(
    "privileged-on-ucr",
    "Only Docker Engine containers use `privileged`",
)
.why(
    "UCR has no privileged containers. In a MESOS container Marathon accepts the field and drops it, and the task \
             runs without the privileges it expects.",
)
.bad(
    r#"{"id": "/agent-stats", "container": {"type": "MESOS",
                "docker": {"image": "example/stats:1.4.2", "privileged": true}}}"#,
)
.good(
    r#"{"id": "/agent-stats", "container": {"type": "MESOS",
                "docker": {"image": "example/stats:1.4.2"}}}"#,
)
.fix(FixKind::Unsafe);

pub(super) static RULES: &[&Rule] = &[&PRIVILEGED, &PRIVILEGED_ON_UCR];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    let Some(docker) = app.container.as_ref().and_then(|container| container.docker.as_ref()) else { return };
    let Some(at) = docker.get("privileged").filter(|privileged| privileged.as_bool() == Some(true)) else {
        return;
    };
    if app.containerizer() == Some(Containerizer::Docker) {
        let found = context.warn(&PRIVILEGED, at);
        found.message = "a privileged container is root on its agent".into();
        found.help = Some("grant it the one capability it needs in `docker.parameters`".into());
    } else {
        let found = context.warn(&PRIVILEGED_ON_UCR, at);
        found.message = "UCR has no privileged containers: Marathon drops this".into();
        found.help = Some("run it with the Docker Engine (type DOCKER), or remove it".into());
        found.fix = Some(Fix::unsafe_("remove `privileged`", [Change::remove(docker.value, at)]));
    }
}
