//! Seccomp and shared memory.

use crate::finding::Stage::Canonical;
use crate::rule::shared::{seccomp_fault, shared_memory_fault};
use crate::rule::view::Fields;
use crate::rule::{Context, Rule};
use crate::schema::table;
use crate::source::Value;
use crate::target::Release;

static SECCOMP_FOR_POD: Rule = Rule::verdict(
    "seccomp-for-pod",
    "Seccomp is set for containers, not for a pod as a whole",
)
.why(
    "Seccomp filters the system calls of a process, and the executor of a pod runs none of its own: the \
             profile belongs to the containers.",
)
.bad(
    r#"{"id": "/shop/web", "linuxInfo": {"seccomp": {"unconfined": true}},
                "containers": [{"name": "web", "resources": {"cpus": 0.1}}]}"#,
)
.good(
    r#"{"id": "/shop/web", "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "linuxInfo": {"seccomp": {"unconfined": true}}}]}"#,
)
.since(Release::V1_9);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[&SECCOMP_FOR_POD];

pub(super) fn pod(info: Value<'_>, context: &mut Context<'_>) {
    let info = Fields::of(info, &table::LINUX_INFO);
    if let Some(seccomp) = info.get("seccomp") {
        context
            .reject(
                &SECCOMP_FOR_POD,
                Canonical,
                seccomp,
                "/linuxInfo/seccomp",
                "Seccomp configuration on executor level is not supported",
            )
            .describe("a pod as a whole has no seccomp", "move it to `linuxInfo` of the containers");
    }
    shared_memory(&info, "", context);
}

pub(super) fn container(info: Value<'_>, place: &str, context: &mut Context<'_>) {
    let info = Fields::of(info, &table::LINUX_INFO);
    if let Some(fault) = seccomp_fault(&info) {
        let info = format!("{place}/linuxInfo");
        let exact = format!("{info}/seccomp");
        let path = if context.release() >= Release::V1_9 { &exact } else { &info };
        context
            .reject(fault.rule, Canonical, fault.at, path, fault.text)
            .points_at(&exact)
            .describe(fault.message, fault.help);
    }
    if context.release() >= Release::V1_9 {
        shared_memory(&info, place, context);
    }
}

fn shared_memory(info: &Fields<'_>, place: &str, context: &mut Context<'_>) {
    let Some(fault) = shared_memory_fault(info) else { return };
    let path = format!("{place}/linuxInfo/ipcInfo");
    context
        .reject(fault.rule, Canonical, fault.at, &path, fault.text)
        .points_at(&format!("{path}/shmSize"))
        .describe(fault.message, fault.help);
}
