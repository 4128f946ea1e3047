//! Linux settings of containers run by Mesos.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Linux settings of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-reader" = "macro"))]
pub struct LinuxInfo {
    /// The filter on system calls. Default: the agent's. Not for whole pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seccomp: Option<Seccomp>,

    /// Shared memory and other inter-process communication. Default: private. Since Marathon 1.9.32.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-since" = "1.9.32"))]
    pub ipc_info: Option<IpcInfo>,
}

/// The filter on system calls: either a profile, or none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-reader" = "lenient"))]
pub struct Seccomp {
    /// The name of a profile on the agent; required unless `unconfined` is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_name: Option<String>,

    /// Whether there is no filter. Default false, to which any value but true and false is silently changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false, "x-lenient" = true))]
    pub unconfined: Option<bool>,
}

/// Whose shared memory a container uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-reader" = "macro"))]
pub struct IpcInfo {
    /// Its own, or its parent's.
    pub mode: IpcMode,

    /// The size of `/dev/shm` in MiB; only with mode `PRIVATE`. Default: the agent's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shm_size: Option<i32>,
}

/// Whose shared memory a container uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum IpcMode {
    /// Its own.
    #[serde(rename = "PRIVATE")]
    Private,
    /// That of its parent: the pod's for a container, the agent's for an app or pod.
    #[serde(rename = "SHARE_PARENT")]
    ShareParent,
}
