//! Seccomp and shared memory.

use crate::rule::Rule;
use crate::rule::view::Fields;
use crate::schema::table;
use crate::source::Value;
use crate::target::Release;

pub(in crate::rule) static SECCOMP_CONTRADICTION: Rule =
    Rule::verdict("seccomp-contradiction", "Seccomp either has a profile or is unconfined")
        .why(
            "A seccomp profile restricts the system calls of a task, and `unconfined` removes the restriction. A \
         definition must choose one of the two. A value of `unconfined` that is no boolean counts as false. Known \
         since 1.8; older releases ignore `linuxInfo`.",
        )
        .since(Release::V1_8)
        .bad(r#"{"id": "/web", "cmd": "./web", "container": {"type": "MESOS",
                "linuxInfo": {"seccomp": {"profileName": "default.json", "unconfined": true}}}}"#)
        .good(r#"{"id": "/web", "cmd": "./web", "container": {"type": "MESOS",
                "linuxInfo": {"seccomp": {"profileName": "default.json"}}}}"#);

pub(in crate::rule) static SHM_SIZE_OF_PARENT: Rule = Rule::verdict(
    "shm-size-of-parent",
    "Shared memory that is the parent's has the parent's size",
)
.why(
    "With the mode SHARE_PARENT a container uses its parent's shared memory. It has none of its own, so it \
         cannot set a size. Known since 1.9.",
)
.since(Release::V1_9)
.bad(
    r#"{"id": "/web", "cmd": "./web", "container": {"type": "MESOS",
                "linuxInfo": {"ipcInfo": {"mode": "SHARE_PARENT", "shmSize": 64}}}}"#,
)
.good(
    r#"{"id": "/web", "cmd": "./web", "container": {"type": "MESOS",
                "linuxInfo": {"ipcInfo": {"mode": "PRIVATE", "shmSize": 64}}}}"#,
);

/// The rules declared here.
pub(super) static RULES: &[&Rule] = &[&SECCOMP_CONTRADICTION, &SHM_SIZE_OF_PARENT];

/// What is wrong with a part of a `linuxInfo`.
pub(in crate::rule) struct LinuxFault<'a> {
    pub(in crate::rule) rule: &'static Rule,
    pub(in crate::rule) at: Value<'a>,
    /// Marathon's words.
    pub(in crate::rule) text: &'static str,
    pub(in crate::rule) message: &'static str,
    pub(in crate::rule) help: &'static str,
}

/// What is wrong with `linuxInfo.seccomp`. Marathon reads anything but an object as an empty one.
pub(in crate::rule) fn seccomp_fault<'a>(info: &Fields<'a>) -> Option<LinuxFault<'a>> {
    let seccomp = info.object("seccomp", &table::SECCOMP)?;
    let (text, message, help) = match (seccomp.has("profileName"), seccomp.is_true("unconfined")) {
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
        _ => return None,
    };
    Some(LinuxFault { rule: &SECCOMP_CONTRADICTION, at: seccomp.value, text, message, help })
}

/// What is wrong with `linuxInfo.ipcInfo`.
pub(in crate::rule) fn shared_memory_fault<'a>(info: &Fields<'a>) -> Option<LinuxFault<'a>> {
    let ipc = info.object("ipcInfo", &table::IPC_INFO)?;
    (ipc.word("mode") == Some("SHARE_PARENT") && ipc.has("shmSize")).then(|| LinuxFault {
        rule: &SHM_SIZE_OF_PARENT,
        at: ipc.at("shmSize"),
        text: "ipcInfo shmSize can NOT be set when mode is SHARE_PARENT",
        message: "memory that is shared with the parent has the parent's size",
        help: "remove `shmSize`, or write \"mode\": \"PRIVATE\"",
    })
}
