//! Typed models of everything that Marathon's API accepts: apps, app updates, pods, groups and every type below them.
//!
//! A model defines its fields: units, defaults, bounds, the releases that introduced them. All of that is on the field
//! itself (doc comment and schemars attribute) and nowhere else; the published JSON Schemas, the tables that the reader
//! uses, the error texts and the editor tooltips come from there. This room does not know how a definition is checked,
//! migrated or sent.
//!
//! Every Rust field is the snake case of Marathon's own name. A field that a user left out is `None`; defaults are
//! recorded in the schema, never filled in. Beyond JSON Schema the models carry these keywords, which the tables keep
//! and the published schemas leave out:
//!
//! | keyword | on | meaning |
//! |---|---|---|
//! | `x-since` | field, type | first Marathon release that knows it; older releases ignore it silently. Not repeated below a type that is as new |
//! | `x-since-values` | enum | values that are newer than the enum |
//! | `x-replaced-by` | deprecated field | the replacement, as a dotted path from the top of the definition |
//! | `x-direction` | field | `response`: the server sets it and ignores it in requests |
//! | `x-response-only` | type | names of fields that only the server's responses have; a request ignores them whatever their type |
//! | `x-reader` | type | `macro`, `lenient` or `discriminator`; types without it collect one error per field |
//! | `x-lenient` | field | a value of the wrong type is silently replaced by the default |
//! | `x-any-string` | union | the value that silently replaces every string |
//! | `x-nullable` | required field | null (or any non-object) is read as an empty object |
//! | `x-set` | list | the order does not count and duplicates are dropped |
//! | `x-values` | string | the valid values, which the server does not check while parsing |

mod app;
mod app_update;
mod check;
mod command;
mod constraint;
mod container;
mod csi;
mod docker;
mod fetch;
mod group;
mod health;
pub(crate) mod id;
mod linux;
mod map;
mod network;
mod number;
mod pod;
mod pod_container;
mod port;
mod readiness;
mod resource;
mod scheduling;
mod secret;
pub(crate) mod secret_path;
mod sent_check;
mod text;
mod upgrade;
mod volume;

pub use app::{App, EXECUTOR, VersionInfo};
pub use app_update::AppUpdate;
pub use check::{AppCheck, AppHttpCheck, AppTcpCheck, Check, CommandCheck, HttpCheck, HttpScheme, TcpCheck};
pub use command::{ArgvCommand, Lifecycle, MesosCommand, MesosExec, ShellCommand};
pub use constraint::{AppConstraint, Constraint, ConstraintOperator, VolumeConstraint};
pub use container::{Container, Containerizer};
pub use csi::{CsiCapability, CsiExternalVolumeInfo, CsiExternalVolumeInfoOptions};
pub use docker::{DockerContainer, DockerCredentials, DockerNetwork, DockerParameter, Image, ImageType};
pub use fetch::{Artifact, CredentialsForm};
pub(crate) use fetch::{
    FetchFault, Fetched, FetchedCredentials, Packed, Unpacking, Unread, file_name, is_extracted_by_name,
};
pub use group::{Group, GroupPartialUpdate};
pub use health::{AppCommandCheck, AppHealthCheck, AppHealthCheckProtocol, HealthCheck, IpProtocol};
pub use id::{PATH_ID, PathId};
pub use linux::{IpcInfo, IpcMode, LinuxInfo, Seccomp};
pub use map::{EnvVars, Labels, Secrets};
pub use network::{IpAddress, IpDiscovery, IpDiscoveryPort, Network, NetworkMode};
pub use pod::Pod;
pub use pod_container::{Endpoint, PodContainer, VolumeMount};
pub use port::{AnyPort, ContainerPortMapping, NetworkProtocol, Port, PortDefinition};
pub use readiness::ReadinessCheck;
pub use resource::{ExecutorResources, ResourceLimit, ResourceLimits, Resources};
pub use scheduling::{
    PodPlacementPolicy, PodScalingPolicy, PodScalingPolicyType, PodSchedulingBackoffStrategy,
    PodSchedulingPolicy, PodUpgradeStrategy,
};
pub use secret::{DockerPullConfig, EnvVarSecret, EnvVarValueOrSecret, SecretDef};
pub(crate) use sent_check::{CheckMaker, SentCheck};
pub use text::{ENV_NAME, LegacyName, NAME, NETWORK_NAME, Name, NetworkName, ShortText, Timestamp};
pub use upgrade::{
    AppResidency, KillSelection, TaskLostBehavior, UnreachableDisabled, UnreachableEnabled,
    UnreachableStrategy, UpgradeStrategy,
};
pub use volume::{
    AppExternalVolume, AppHostVolume, AppPersistentVolume, AppSecretVolume, AppVolume,
    DvdiExternalVolumeInfo, ExternalVolumeInfo, PersistentVolumeInfo, PersistentVolumeType,
    PodEphemeralVolume, PodHostVolume, PodPersistentVolume, PodSecretVolume, PodVolume, ReadMode,
};

/// A field, or a value of a field, that old definitions still have and that later releases no longer know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The model that had the field.
    pub model: &'static str,
    /// The field, in Marathon's spelling.
    pub field: &'static str,
    /// The removed value; `None` when the whole field was removed.
    pub value: Option<&'static str>,
    /// The last release that knew it.
    pub last: &'static str,
    /// The line of that release, `1.N`.
    pub last_line: u16,
    /// What to write instead.
    pub instead: &'static str,
}

impl Removed {
    /// The field of a model, or the value of a field, that was removed.
    pub(crate) fn find(model: &str, field: &str, value: Option<&str>) -> Option<&'static Self> {
        REMOVED.iter().find(|removed| {
            let is_value = match (removed.value, value) {
                (Some(removed), Some(value)) => removed.eq_ignore_ascii_case(value),
                (removed, value) => removed == value,
            };
            removed.model == model && removed.field == field && is_value
        })
    }

    /// Whether Marathon 1.`line` still knows it.
    pub(crate) fn is_known_to(&self, line: u16) -> bool {
        line <= self.last_line
    }
}

/// All fields and values that were removed since Marathon 1.4.
pub const REMOVED: &[Removed] = &[
    Removed {
        model: "App",
        field: "storeUrls",
        value: None,
        last: "1.4.13",
        last_line: 4,
        instead: "fetch the files with `fetch`; later releases ignore `storeUrls` silently",
    },
    Removed {
        model: "Container",
        field: "appc",
        value: None,
        last: "1.8.244",
        last_line: 8,
        instead: "run a Docker image with `docker.image` and type MESOS; later releases ignore `appc` silently",
    },
    Removed {
        model: "Image",
        field: "kind",
        value: Some("APPC"),
        last: "1.8.244",
        last_line: 8,
        instead: "run a Docker image with kind DOCKER; later releases reject APPC",
    },
];
