//! Port numbers, port definitions (host network) and port mappings (container networks).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Labels, LegacyName};

/// A port number, where 0 asks for an automatic one.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
#[schemars(inline)]
pub struct AnyPort(#[schemars(range(min = 0, max = 65535))] pub i32);

/// A port number that is not automatic.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Port(#[schemars(range(min = 1, max = 65535))] pub i32);

/// A port of an app on the host's network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PortDefinition {
    /// The service port, which is also the host port when `requirePorts` is true. Default 0: an automatic one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 0))]
    pub port: Option<AnyPort>,

    /// The name of the port, unique in the app. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<LegacyName>,

    /// The protocol. Default `tcp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "tcp"))]
    pub protocol: Option<NetworkProtocol>,

    /// Free key-value pairs; `VIP_0` and so on name the port's virtual addresses. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}))]
    pub labels: Option<Labels>,
}

/// A port of an app's container, and how it is reached.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContainerPortMapping {
    /// The port inside the container. Default 0: the same as the host port.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 0))]
    pub container_port: Option<AnyPort>,

    /// The port of the agent; 0 is an automatic one. Default: 0 on a bridge network, none on a container network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_port: Option<AnyPort>,

    /// The service port, on which load balancers offer the app. Default 0: an automatic one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 0))]
    pub service_port: Option<AnyPort>,

    /// The name of the port, unique in the app. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<LegacyName>,

    /// The protocol. Default `tcp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "tcp"))]
    pub protocol: Option<NetworkProtocol>,

    /// The networks of the mapping; required when there are several networks and `hostPort` is given. Default all.
    /// Since Marathon 1.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = [], "x-since" = "1.5.0"))]
    pub network_names: Option<Vec<String>>,

    /// Free key-value pairs; `VIP_0` and so on name the port's virtual addresses. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}))]
    pub labels: Option<Labels>,
}

/// The protocol of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum NetworkProtocol {
    /// TCP.
    #[serde(rename = "tcp")]
    Tcp,
    /// UDP.
    #[serde(rename = "udp")]
    Udp,
    /// Both. Marathon 1.4 also accepted `tcp,udp`, which later releases reject.
    #[serde(rename = "udp,tcp")]
    UdpTcp,
}
