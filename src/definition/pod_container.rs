//! The containers of a pod.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AnyPort, Artifact, Check, ENV_NAME, EnvVars, HealthCheck, Image, Labels, Lifecycle, LinuxInfo, MesosExec,
    Name, Port, ResourceLimits, Resources, ShortText,
};

/// A container of a pod.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PodContainer {
    /// The name of the container, unique in the pod.
    pub name: Name,

    /// The command of the container. Default: the image's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec: Option<MesosExec>,

    /// The image. Default: none, the command runs with the agent's files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,

    /// The user that runs the command. Default: the pod's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,

    /// The container's CPUs, memory, disk and GPUs; `{}` takes every default.
    ///
    /// Required, although null, a list or a string in its place also takes every default.
    #[schemars(extend("x-nullable" = true))]
    pub resources: Resources,

    /// How far the container may exceed its `cpus` and `mem`. Since Marathon 1.10.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-since" = "1.10.5"))]
    pub resource_limits: Option<ResourceLimits>,

    /// The ports on which the container listens. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = []))]
    pub endpoints: Option<Vec<Endpoint>>,

    /// Which of the pod's volumes are mounted where. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = []))]
    pub volume_mounts: Option<Vec<VolumeMount>>,

    /// Files to fetch into the container's sandbox before it starts. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = []))]
    pub artifacts: Option<Vec<Artifact>>,

    /// Environment variables, on top of the pod's: texts, or references to entries of `secrets`. Default none.
    ///
    /// Values must be strings; a number has to be quoted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}, "propertyNames" = {"pattern": ENV_NAME}))]
    pub environment: Option<EnvVars>,

    /// Free key-value pairs for people and tools. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}))]
    pub labels: Option<Labels>,

    /// The check that decides whether the container is healthy. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_check: Option<HealthCheck>,

    /// A check that is only reported. Since Marathon 1.8.180.
    ///
    /// Every release parses it and drops it: it never runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-since" = "1.8.180"))]
    pub check: Option<Check>,

    /// How the container is stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<Lifecycle>,

    /// Linux settings: seccomp and shared memory. Since Marathon 1.8.180.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-since" = "1.8.180"))]
    pub linux_info: Option<LinuxInfo>,

    /// Whether to attach a pseudo terminal to the command. Default no. Since Marathon 1.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-since" = "1.5.0"))]
    pub tty: Option<bool>,
}

/// A port on which a pod's container listens.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// The name of the endpoint, unique in the pod.
    pub name: Name,

    /// The port inside the container, from 1. Required on a container network, not allowed on the host's network.
    ///
    /// Marathon's documentation allows 0; the server does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_port: Option<Port>,

    /// The port of the agent; 0 is an automatic one. Default: none on a container network, else 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_port: Option<AnyPort>,

    /// The protocols, such as `tcp` and `udp`. Default none; an empty list is rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), extend("default" = []))]
    pub protocol: Option<Vec<String>>,

    /// The networks of the endpoint; required when there are several networks and `hostPort` is given. Default all.
    /// Since Marathon 1.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = [], "x-since" = "1.5.0"))]
    pub network_names: Option<Vec<String>>,

    /// Free key-value pairs; `VIP_0` and so on name the endpoint's virtual addresses. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}))]
    pub labels: Option<Labels>,
}

/// Where a pod's container mounts one of the pod's volumes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VolumeMount {
    /// The name of a volume of the pod.
    pub name: Name,

    /// The path in the container.
    pub mount_path: ShortText,

    /// Whether the container may only read it. Default no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
}
