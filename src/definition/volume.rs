//! Volumes of apps and pods.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CsiExternalVolumeInfo, Labels, Name, VolumeConstraint};

/// A volume of an app. The server tries the forms in this order and uses the first that fits.
///
/// A volume that fits none is reported as a host volume, whatever its intended form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum AppVolume {
    /// Disk space that stays on the agent when the instance ends.
    Persistent(AppPersistentVolume),
    /// A volume of a storage provider.
    External(AppExternalVolume),
    /// A secret as a file.
    Secret(AppSecretVolume),
    /// A file or directory of the agent.
    Host(AppHostVolume),
}

/// Disk space of an app that stays on the agent when the instance ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppPersistentVolume {
    /// The name of its directory in the sandbox, without slashes.
    #[schemars(length(min = 1))]
    pub container_path: String,

    /// The disk space, and the disks to use.
    pub persistent: PersistentVolumeInfo,

    /// How it is mounted: has to be `RW`. Required since Marathon 1.5.
    pub mode: ReadMode,
}

/// A volume of a storage provider, in an app. Needs the feature `external_volumes`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppExternalVolume {
    /// Where it is mounted in the container.
    #[schemars(length(min = 1))]
    pub container_path: String,

    /// The volume, and its provider.
    pub external: ExternalVolumeInfo,

    /// Whether it is read-only (`RO`) or writable (`RW`). Required since Marathon 1.5.
    pub mode: ReadMode,
}

/// A secret as a file, in an app. Since Marathon 1.5; needs the feature `secrets`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-since" = "1.5.0"))]
pub struct AppSecretVolume {
    /// The path of the file in the container. It is read-only.
    #[schemars(length(min = 1))]
    pub container_path: String,

    /// The name of an entry of the app's `secrets`.
    #[schemars(length(min = 1))]
    pub secret: String,
}

/// A file or directory of the agent, in an app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppHostVolume {
    /// Where it is mounted in the container.
    #[schemars(length(min = 1))]
    pub container_path: String,

    /// Its path on the agent.
    #[schemars(length(min = 1))]
    pub host_path: String,

    /// Whether it is read-only (`RO`) or writable (`RW`). Required since Marathon 1.5.
    pub mode: ReadMode,
}

/// How a volume is mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ReadMode {
    /// Read only.
    #[serde(rename = "RO")]
    ReadOnly,
    /// Read and write.
    #[serde(rename = "RW")]
    ReadWrite,
}

/// Disk space that stays reserved on an agent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersistentVolumeInfo {
    /// The kind of disk. Default `root`, or `mount` when `profileName` is given (since Marathon 1.8.194).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<PersistentVolumeType>,

    /// The space in MiB. A `mount` disk is used as a whole, so this is its minimum size; 0 is rejected later.
    #[schemars(range(min = 0))]
    pub size: i64,

    /// The maximum size of the disk, in MiB; for `mount` disks only, and more than `size`. Default any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub max_size: Option<i64>,

    /// The storage profile of the disk. Default any. Since Marathon 1.6.322.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-since" = "1.6.322"))]
    pub profile_name: Option<String>,

    /// Which disks to use: lists such as `["path", "LIKE", "/mnt/ssd.*"]`. Default any.
    ///
    /// For `path` and `mount` disks only. A fourth element and everything after it is dropped silently.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = [], "x-set" = true))]
    pub constraints: Option<Vec<VolumeConstraint>>,
}

/// The kind of disk that holds a persistent volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum PersistentVolumeType {
    /// The disk of the agent's work directory, shared with everything else.
    #[serde(rename = "root")]
    Root,
    /// An additional disk that several volumes share.
    #[serde(rename = "path")]
    Path,
    /// An additional disk for one volume.
    #[serde(rename = "mount")]
    Mount,
}

/// A volume of a storage provider. The server tries the forms in this order and uses the first that fits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ExternalVolumeInfo {
    /// A volume of Docker's volume driver interface.
    Dvdi(DvdiExternalVolumeInfo),
    /// A volume of the Container Storage Interface.
    Csi(Box<CsiExternalVolumeInfo>),
}

/// A volume of Docker's volume driver interface (DVDI).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DvdiExternalVolumeInfo {
    /// The name of the volume at its provider. Required, which a later check enforces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,

    /// The provider: `dvdi`. Required, which a later check enforces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,

    /// Options for the provider; `dvdi/driver` names the volume driver and is required. Default none.
    ///
    /// The Docker Engine accepts only the option `dvdi/driver`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}))]
    pub options: Option<Labels>,

    /// The size of a new volume, in GiB. Default: the provider's.
    ///
    /// For the Mesos containerizer only, where 0 is rejected later.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub size: Option<i64>,

    /// Whether several apps and instances may use the volume. Default false. Since Marathon 1.8.222.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false, "x-since" = "1.8.222"))]
    pub shared: Option<bool>,
}

/// A volume of a pod, which containers mount by its name. The server tries the forms in this order.
///
/// Any object with a `name` is at least an ephemeral volume: with a mistake inside `persistent`, or in the spelling of
/// `host`, the data is silently lost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PodVolume {
    /// Disk space that stays on the agent when the pod instance ends.
    Persistent(PodPersistentVolume),
    /// A secret as a file.
    Secret(PodSecretVolume),
    /// A file or directory of the agent.
    Host(PodHostVolume),
    /// Disk space that lives as long as the pod instance.
    Ephemeral(PodEphemeralVolume),
}

/// Disk space of a pod that stays on the agent when the instance ends. Since Marathon 1.6.322.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-since" = "1.6.322"))]
pub struct PodPersistentVolume {
    /// The name that volume mounts refer to.
    #[schemars(length(min = 1))]
    pub name: String,

    /// The disk space, and the disks to use.
    pub persistent: PersistentVolumeInfo,
}

/// A secret as a file, in a pod. Since Marathon 1.5; needs the feature `secrets`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-since" = "1.5.0"))]
pub struct PodSecretVolume {
    /// The name that volume mounts refer to.
    #[schemars(length(min = 1))]
    pub name: String,

    /// The name of an entry of the pod's `secrets`.
    #[schemars(length(min = 1))]
    pub secret: String,
}

/// A file or directory of the agent, in a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PodHostVolume {
    /// The name that volume mounts refer to.
    pub name: Name,

    /// Its path on the agent. The empty text is accepted, but mounts nothing useful.
    pub host: String,
}

/// Disk space of a pod that lives as long as the instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PodEphemeralVolume {
    /// The name that volume mounts refer to.
    pub name: Name,
}
