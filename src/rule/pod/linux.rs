//! Seccomp and shared memory.

use crate::rule::Rule;
use crate::rule::shared::{SECCOMP_CONTRADICTION, SHM_SIZE_OF_PARENT};
use crate::schema::table;
use crate::source::Value;
use crate::target::Release;

use super::Fields;
use super::bench::Bench;

static SECCOMP_FOR_POD: Rule =
    Rule::verdict("seccomp-for-pod", "Seccomp is set for containers, not for a pod as a whole");

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[&SECCOMP_FOR_POD];

pub(super) fn judge_pod(info: Value<'_>, bench: &mut Bench<'_>) {
    let info = Fields::of(info, &table::LINUX_INFO);
    if let Some(seccomp) = info.get("seccomp") {
        bench
            .refuse(
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
    if let Some(seccomp) = info.object("seccomp", &table::SECCOMP) {
        self::seccomp(&seccomp, place, bench);
    }
    if bench.knows(Release::V1_9) {
        shared_memory(&info, place, bench);
    }
}

fn seccomp(seccomp: &Fields<'_>, place: &str, bench: &mut Bench<'_>) {
    let (error, message, help) = match (seccomp.has("profileName"), seccomp.is_true("unconfined")) {
        (true, true) => (
            "Seccomp unconfined can NOT be true when Profile is defined",
            "a container is either unconfined or has a seccomp profile",
            "remove `unconfined` or `profileName`",
        ),
        (false, false) => (
            "Seccomp unconfined must be true when Profile is NOT defined",
            "this seccomp has no profile and is not unconfined",
            "give it a `profileName`, or \"unconfined\": true",
        ),
        _ => return,
    };
    let info = format!("{place}/linuxInfo");
    let exact = format!("{info}/seccomp");
    let path = if bench.knows(Release::V1_9) { &exact } else { &info };
    bench.refuse(&SECCOMP_CONTRADICTION, seccomp.value, path, error).stands_at(&exact).tell(message, help);
}

fn shared_memory(info: &Fields<'_>, place: &str, bench: &mut Bench<'_>) {
    let Some(ipc) = info.object("ipcInfo", &table::IPC_INFO) else { return };
    if ipc.word("mode") == Some("SHARE_PARENT") && ipc.has("shmSize") {
        bench
            .refuse(
                &SHM_SIZE_OF_PARENT,
                ipc.at("shmSize"),
                format!("{place}/linuxInfo/ipcInfo"),
                "ipcInfo shmSize can NOT be set when mode is SHARE_PARENT",
            )
            .stands_at(&format!("{place}/linuxInfo/ipcInfo/shmSize"))
            .tell(
                "memory that is shared with the parent has the parent's size",
                "remove `shmSize`, or write \"mode\": \"PRIVATE\"",
            );
    }
}
