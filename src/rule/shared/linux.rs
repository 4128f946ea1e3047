//! Seccomp and shared memory.

use super::{SECCOMP_CONTRADICTION, SHM_SIZE_OF_PARENT};
use crate::rule::{Fields, Rule};
use crate::schema::table;
use crate::source::Value;

/// What is wrong with a part of a `linuxInfo`.
pub(in crate::rule) struct LinuxFault<'a> {
    pub(in crate::rule) rule: &'static Rule,
    pub(in crate::rule) at: Value<'a>,
    /// Marathon's words.
    pub(in crate::rule) text: &'static str,
    pub(in crate::rule) message: &'static str,
    pub(in crate::rule) help: &'static str,
}

/// What is wrong with `linuxInfo.seccomp`. Anything that is no object is read as an empty one.
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
