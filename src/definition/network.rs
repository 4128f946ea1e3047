//! Networks, and the IP address per instance that they replaced.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AnyPort, Labels, LegacyName, NetworkName, NetworkProtocol};

/// A network that an app or pod joins.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Network {
    /// The name of the network; only with mode `container`. Default: the server's setting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<NetworkName>,

    /// The kind of network. Default `container`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "container"))]
    pub mode: Option<NetworkMode>,

    /// Free key-value pairs for the network's plugin; not with mode `host`. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}))]
    pub labels: Option<Labels>,
}

/// The kind of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-since-values" = {"container/bridge": "1.5.0"}))]
pub enum NetworkMode {
    /// A named network with an address for each instance.
    #[serde(rename = "container")]
    Container,
    /// The agent's bridge: a private address, reached through host ports. Since Marathon 1.5.
    #[serde(rename = "container/bridge")]
    ContainerBridge,
    /// The agent's own network.
    #[serde(rename = "host")]
    Host,
}

/// The `ipAddress.networkName` that means bridge networking: the default of `--mesos_bridge_name`.
const BRIDGE_NAME: &str = "mesos-bridge";

impl NetworkMode {
    /// The mode of a word in any case; Marathon's default `container` for any other word.
    #[must_use]
    pub fn of_word(word: &str) -> Self {
        let modes = [Self::Host, Self::ContainerBridge];
        modes.into_iter().find(|mode| mode.word().eq_ignore_ascii_case(word)).unwrap_or(Self::Container)
    }

    /// Marathon's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::ContainerBridge => "container/bridge",
            Self::Host => "host",
        }
    }

    /// The mode that Marathon 1.5 and later derive from `container.docker.network` (in capitals) and
    /// `ipAddress.networkName`, at least one of which is given (`AppNormalization.forDeprecated`); `None` for NONE,
    /// which they cannot convert.
    ///
    /// The name is kept with mode `container` only, the labels of `ipAddress` with every mode but `host`.
    #[must_use]
    pub fn of_deprecated(docker_network: Option<&str>, network_name: Option<&str>) -> Option<Self> {
        match docker_network {
            Some("HOST") => Some(Self::Host),
            Some("BRIDGE") => Some(Self::ContainerBridge),
            None if network_name == Some(BRIDGE_NAME) => Some(Self::ContainerBridge),
            Some("USER") | None => Some(Self::Container),
            Some(_) => None,
        }
    }
}

/// An IP address for each instance of an app. Deprecated since Marathon 1.5: use `networks`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IpAddress {
    /// The name of the network. Default: the server's setting.
    ///
    /// Unlike the name in `networks` it may be any text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub network_name: Option<String>,

    /// The ports to announce. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discovery: Option<IpDiscovery>,

    /// Network isolation groups. Accepted and ignored. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = [], "x-set" = true))]
    pub groups: Option<Vec<String>>,

    /// Free key-value pairs for the network's plugin. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}))]
    pub labels: Option<Labels>,
}

/// The ports that service discovery announces for an IP address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IpDiscovery {
    /// The ports. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = []))]
    pub ports: Option<Vec<IpDiscoveryPort>>,
}

/// A port that service discovery announces.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IpDiscoveryPort {
    /// The port number inside the container. Default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 0))]
    pub number: Option<AnyPort>,

    /// The name of the port.
    pub name: LegacyName,

    /// The protocol. Default `tcp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "tcp"))]
    pub protocol: Option<NetworkProtocol>,

    /// Free key-value pairs. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}))]
    pub labels: Option<Labels>,
}
