//! Seccomp and shared memory.

use crate::rule::Rule;
use crate::rule::shared::{seccomp_fault, shared_memory_fault};
use crate::schema::table;
use crate::source::Value;
use crate::target::Release;

use super::Fields;
use super::bench::Bench;

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

pub(super) fn judge_pod(info: Value<'_>, bench: &mut Bench<'_>) {
    let info = Fields::of(info, &table::LINUX_INFO);
    if let Some(seccomp) = info.get("seccomp") {
        bench
            .reject(
                &SECCOMP_FOR_POD,
                seccomp,
                "/linuxInfo/seccomp",
                "Seccomp configuration on executor level is not supported",
            )
            .tell("a pod as a whole has no seccomp", "move it to `linuxInfo` of the containers");
    }
    shared_memory(&info, "", bench);
}

pub(super) fn judge_container(info: Value<'_>, place: &str, bench: &mut Bench<'_>) {
    let info = Fields::of(info, &table::LINUX_INFO);
    if let Some(fault) = seccomp_fault(&info) {
        let info = format!("{place}/linuxInfo");
        let exact = format!("{info}/seccomp");
        let path = if bench.knows(Release::V1_9) { &exact } else { &info };
        bench
            .reject(fault.rule, fault.at, path, fault.text)
            .stands_at(&exact)
            .tell(fault.message, fault.help);
    }
    if bench.knows(Release::V1_9) {
        shared_memory(&info, place, bench);
    }
}

fn shared_memory(info: &Fields<'_>, place: &str, bench: &mut Bench<'_>) {
    let Some(fault) = shared_memory_fault(info) else { return };
    let path = format!("{place}/linuxInfo/ipcInfo");
    bench
        .reject(fault.rule, fault.at, &path, fault.text)
        .stands_at(&format!("{path}/shmSize"))
        .tell(fault.message, fault.help);
}
